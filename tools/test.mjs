// `npm test`: sets up what is missing, builds, runs every check and every test, and ends with one line that sums them up.
// Each check counts as one test.
import { setup } from "./setup.mjs";
import { checkSteps, packageStep, runSteps } from "./steps.mjs";
import { finish, runTests } from "./vitest-report.mjs";

setup({ full: true });

const steps = [...checkSteps({ quick: false }), packageStep];
const isBuild = ({ builds }) => builds === true;
const failedSteps = await runSteps(steps.filter(isBuild));
console.log("\n── tests, and beside them the checks");
const [failedChecks, tests] = await Promise.all([
  // One by one: the tests keep every processor busy, and one more process fills the gaps in which they wait.
  runSteps(
    steps.filter((step) => !isBuild(step)),
    1,
  ),
  runTests(),
]);
failedSteps.push(...failedChecks);
if (failedSteps.length > 0) console.log(`\nfailed checks: ${failedSteps.join(", ")}`);
finish({
  passed: steps.length - failedSteps.length + tests.passed,
  failed: failedSteps.length + tests.failed,
  skipped: tests.skipped,
});
