// Runs tests and sums up what they came to, for `npm test` and `npm run test:long`.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative, sep } from "node:path";
import { root, run, vitestCommand } from "./steps.mjs";

/**
 * Runs vitest with these arguments; resolves to the counts and to what tests say they have covered. A file that fails before its first test,
 * or a run that breaks off, counts as one failure.
 */
export async function runTests(...args) {
  const path = join(root, ".tmp", "vitest.json");
  mkdirSync(join(root, ".tmp"), { recursive: true });
  rmSync(path, { force: true });
  const exitCode = await run(
    // By itself vitest leaves one processor free, which on two is half of them. One more than there are: tests that wait for programs leave theirs idle.
    vitestCommand(
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${path}`,
      `--maxWorkers=${availableParallelism() + 1}`,
      ...args,
    ),
  );
  let files;
  try {
    files = JSON.parse(readFileSync(path, "utf8")).testResults;
  } catch (error) {
    console.error(`vitest left no report: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0, covered: [] };
  }
  const sum = { passed: 0, failed: 0, skipped: 0, covered: [] };
  for (const file of files) {
    const states = file.assertionResults.map((result) => result.status);
    const failures = states.filter((state) => state === "failed").length;
    const passes = states.filter((state) => state === "passed").length;
    sum.passed += passes;
    sum.failed += failures === 0 && file.status === "failed" ? 1 : failures;
    sum.skipped += states.length - passes - failures;
    sum.covered.push({
      file: relative(root, file.name).split(sep).join("/"),
      what: file.assertionResults.flatMap((result) => result.meta?.covered ?? []),
    });
  }
  if (exitCode !== 0 && sum.failed === 0) sum.failed = 1; // an error outside any test
  return sum;
}

/** The last line of either run, which tools read, and the exit code. */
export function finish({ passed, failed, skipped }) {
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exit(failed === 0 ? 0 : 1);
}
