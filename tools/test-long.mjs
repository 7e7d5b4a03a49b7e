// `npm run test:long [-- NAME …]`: what proves the last digit, in hours where need be. A NAME is part of a test file's path
// (`npm run test:long -- differential`). Ends with what each part has covered and the line that sums up.
import { setup } from "./setup.mjs";
import { checkSteps, pageStep, runSteps } from "./steps.mjs";
import { finish, runTests } from "./vitest-report.mjs";

setup({ full: true });
const needed = ["types", "command line", "simulator"];
// Two tests that find no page would build it at once.
const steps = [...checkSteps({ quick: true }).filter(({ name }) => needed.includes(name)), pageStep];
if ((await runSteps(steps)).length > 0) finish({ passed: 0, failed: 1, skipped: 0 });

process.env["MEMMAP_LONG"] = "1";
const names = process.argv.slice(2);
const tests = await runTests(...names);
if (tests.covered.length === 0) {
  console.error(`No *.long.test.ts has ${names.join(" or ")} in its path.`);
  finish({ passed: 0, failed: 1, skipped: 0 });
}
console.log("\ncovered:");
for (const { file, what } of tests.covered) {
  console.log(`  ${file}`);
  for (const line of what) console.log(`    ${line}`);
}
finish(tests);
