// `npm test`: sets up what is missing, runs every check and every test, and ends with one line that sums them up.
// Each check counts as one test.
import { setup } from "./setup.mjs";
import { checkSteps, packageStep, runSteps } from "./steps.mjs";
import { finish, runTests } from "./vitest-report.mjs";

setup({ full: true });

const steps = [...checkSteps({ quick: false }), packageStep];
const failedSteps = await runSteps(steps);

console.log("\n── tests");
const tests = await runTests();
if (failedSteps.length > 0) console.log(`\nfailed checks: ${failedSteps.join(", ")}`);
finish({
  passed: steps.length - failedSteps.length + tests.passed,
  failed: failedSteps.length + tests.failed,
  skipped: tests.skipped,
});
