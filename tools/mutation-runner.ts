// The process below tools/mutate.ts: keeps one vitest with its module graph and, for each message with the paths of changed files, runs the
// tests that import them, nearest first, until one fails. A process of its own, because a change can make a loop endless.
import { basename, dirname, join, relative } from "node:path";
import { createVitest, type TestModule, type TestSpecification, type Vitest } from "vitest/node";

export interface Question {
  /** The changed files, relative to the project. */
  readonly paths: readonly string[];
  /** Only these files of tests, not all that import the changed ones. */
  readonly only?: readonly string[];
  /** Files of tests that say nothing, because they fail anyway. */
  readonly without: readonly string[];
  /** Run them all, whatever fails. */
  readonly toTheEnd?: boolean;
}

export interface Verdict {
  /** The first test that failed, or undefined where all passed. */
  readonly failed: string | undefined;
  /** Its file. */
  readonly file?: string;
  /** The files that could not be run, where all were to be. */
  readonly notRun?: readonly string[];
}

const root = process.cwd();
const [, , vitestFolder = "", isolation] = process.argv;
let stopsAtFailure = true;
const vitest: Vitest = await createVitest(
  "test",
  {
    root,
    watch: false,
    project: ["unit", "integration"],
    // What a file of tests comes to, it comes to whatever ran before it.
    ...(isolation === "isolate" ? { isolate: true } : {}),
    reporters: [
      {
        onTestCaseResult: (test): void => {
          if (stopsAtFailure && test.result().state === "failed") void vitest.cancelCurrentRun("test-failure");
        },
      },
    ],
    silent: true,
    testTimeout: 60_000,
    cache: false,
  },
  { cacheDir: vitestFolder },
);
// The set-up of all tests builds the command line: from what is not changed yet.
await vitest.runTestSpecifications([]);

let known: readonly string[] = [];
process.on("message", (question: Question) => {
  // What was changed before is as it was again, and has to be read again too.
  for (const path of [...known, ...question.paths]) vitest.invalidateFile(join(root, path));
  known = question.paths;
  stopsAtFailure = question.toTheEnd !== true;
  void answer(vitest, question).then((verdict) => process.send?.(verdict));
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

async function answer(runner: Vitest, { paths, only, without, toTheEnd }: Question): Promise<Verdict> {
  runner.config.related = paths.map((path) => join(root, path));
  const all = await runner.getRelevantTestSpecifications();
  const specifications = all.filter(({ moduleId }) => {
    const file = relative(root, moduleId);
    return !without.includes(file) && only?.includes(file) !== false;
  });
  if (toTheEnd === true) {
    let left: readonly TestSpecification[] = specifications;
    // On a machine that is busy with something else a worker may not start in time: its file has not been run then, and is once more.
    for (let tries = 0; tries < 3 && left.length > 0; tries++) {
      const { testModules } = await runner.runTestSpecifications([...left]);
      const ran = new Set(testModules.filter(hasRun).map(({ moduleId }) => moduleId));
      left = left.filter(({ moduleId }) => !ran.has(moduleId));
    }
    return { failed: undefined, notRun: left.map(({ moduleId }) => relative(root, moduleId)) };
  }
  for (const group of nearestFirst(join(root, paths[0] ?? ""), specifications)) {
    const { testModules, unhandledErrors } = await runner.runTestSpecifications(group);
    // The result has also what failed in runs before.
    const asked = new Set(group.map(({ moduleId }) => moduleId));
    const failed = testModules.find((module) => asked.has(module.moduleId) && hasFailed(module));
    if (failed !== undefined) return { failed: nameOf(failed), file: relative(root, failed.moduleId) };
    if (unhandledErrors.length > 0) return { failed: "an error outside of any test" };
  }
  return { failed: undefined };
}

function hasRun(module: TestModule): boolean {
  return ["passed", "failed", "skipped"].includes(module.state()) && module.errors().length === 0;
}

/** A run that was stopped at its first failure may leave the file itself "pending". */
function hasFailed(module: TestModule): boolean {
  return !module.ok() || module.children.allTests("failed").next().done !== true;
}

function nameOf(module: TestModule): string {
  const file = relative(root, module.moduleId);
  for (const test of module.children.allTests("failed")) {
    const message = test.result().errors?.[0]?.message ?? "";
    return `${file}: ${test.fullName}${/timed out/.test(message) ? " (timed out)" : ""}`;
  }
  return file;
}

/** The file's own test, the rest of its folder, then everything else in groups that keep all cores busy. */
function nearestFirst(file: string, specifications: readonly TestSpecification[]): TestSpecification[][] {
  const own = basename(file, ".ts");
  const distance = ({ moduleId }: TestSpecification): number => {
    if (dirname(moduleId) !== dirname(file)) return 2;
    return basename(moduleId).startsWith(`${own}.`) ? 0 : 1;
  };
  const near = [0, 1].map((wanted) => specifications.filter((one) => distance(one) === wanted));
  const far = specifications.filter((one) => distance(one) === 2);
  const groups = Array.from({ length: Math.ceil(far.length / 8) }, (_, i) => far.slice(i * 8, i * 8 + 8));
  return [...near, ...groups].filter((group) => group.length > 0);
}
