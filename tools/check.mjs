// `npm run check`, the inner loop: types, format, lint, import directions and the tests beside the code, in under a minute.
import { checkSteps, runSteps, vitestCommand } from "./steps.mjs";

const failed = await runSteps([
  ...checkSteps({ quick: true }),
  { name: "unit tests", command: vitestCommand("--project", "unit", "--reporter", "dot", "--maxWorkers=100%") },
]);
if (failed.length > 0) {
  console.error(`\nfailed: ${failed.join(", ")}`);
  process.exit(1);
}
