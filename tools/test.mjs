// `npm test`: sets up what is missing, builds, runs every check and every test, and ends with one line that sums them up.
// Each check counts as one test.
import { setup } from "./setup.mjs";
import { checkSteps, packageStep, pageStep, runSteps } from "./steps.mjs";
import { finish, runTests } from "./vitest-report.mjs";

setup({ full: true });

const steps = [...checkSteps({ quick: false }), pageStep, packageStep];
let tests = Promise.resolve({ passed: 0, failed: 1, skipped: 0 });
// One by one: the tests keep every processor busy, and one more process fills the gaps in which they wait.
const failedSteps = await runSteps(steps, {
  lanes: 1,
  built: () => {
    console.log("\n── tests, and beside them the checks");
    tests = runTests();
  },
});
const { passed, failed, skipped } = await tests;
if (failedSteps.length > 0) console.log(`\nfailed checks: ${failedSteps.join(", ")}`);
finish({
  passed: steps.length - failedSteps.length + passed,
  failed: failedSteps.length + failed,
  skipped,
});
