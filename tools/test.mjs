// `npm test`: sets up what is missing, runs every check and every test, and ends with one line that sums them up.
// Each check counts as one test.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setup } from "./setup.mjs";
import { checkSteps, packageStep, root, run, runSteps, vitestCommand } from "./steps.mjs";

setup({ full: true });

const steps = [...checkSteps({ quick: false }), packageStep];
const failedSteps = await runSteps(steps);

const report = join(root, ".tmp", "vitest.json");
mkdirSync(join(root, ".tmp"), { recursive: true });
rmSync(report, { force: true });
console.log("\n── tests");
const exitCode = await run(vitestCommand("--reporter=default", "--reporter=json", `--outputFile.json=${report}`));
const tests = countTests(report, exitCode);

if (failedSteps.length > 0) console.log(`\nfailed checks: ${failedSteps.join(", ")}`);
const passed = steps.length - failedSteps.length + tests.passed;
const failed = failedSteps.length + tests.failed;
console.log(`\n${passed} passed, ${failed} failed, ${tests.skipped} skipped`);
process.exit(failed === 0 ? 0 : 1);

/** Sums up vitest's JSON report. A file that fails before its first test, or a run that breaks off, counts as one failure. */
function countTests(path, exitCode) {
  let files;
  try {
    files = JSON.parse(readFileSync(path, "utf8")).testResults;
  } catch (error) {
    console.error(`vitest left no report: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) {
    const states = file.assertionResults.map((result) => result.status);
    const failures = states.filter((state) => state === "failed").length;
    const passes = states.filter((state) => state === "passed").length;
    sum.passed += passes;
    sum.failed += failures === 0 && file.status === "failed" ? 1 : failures;
    sum.skipped += states.length - passes - failures;
  }
  if (exitCode !== 0 && sum.failed === 0) sum.failed = 1; // an error outside any test
  return sum;
}
