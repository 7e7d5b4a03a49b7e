// The process below tools/mutate.ts: keeps one vitest with its module graph and, for each message with the path of a changed file, runs the
// unit tests that import it, nearest first, until one fails. A process of its own, because a change can make a loop endless.
import { basename, dirname, join, relative } from "node:path";
import { createVitest, type TestModule, type TestSpecification, type Vitest } from "vitest/node";

export interface Question {
  /** The changed file, relative to the project. */
  readonly path: string;
  /** Only this file of tests, not all that import the changed one. */
  readonly only?: string;
  /** Files of tests that say nothing, because they fail anyway. */
  readonly without: readonly string[];
}

export interface Verdict {
  /** The first test that failed, or undefined where all passed. */
  readonly failed: string | undefined;
  /** Its file. */
  readonly file?: string;
}

const root = process.cwd();
const [, , vitestFolder = ""] = process.argv;
const vitest = await createVitest(
  "test",
  { root, watch: false, project: ["unit"], reporters: [{}], silent: true, testTimeout: 60_000, cache: false },
  { cacheDir: vitestFolder },
);

let known: string | undefined;
process.on("message", (question: Question) => {
  // What was changed before is as it was again, and has to be read again too.
  for (const path of [known, question.path]) if (path !== undefined) vitest.invalidateFile(join(root, path));
  known = question.path;
  void answer(vitest, question).then((verdict) => process.send?.(verdict));
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

async function answer(runner: Vitest, { path, only, without }: Question): Promise<Verdict> {
  runner.config.related = [join(root, path)];
  const all = await runner.getRelevantTestSpecifications();
  const isAsked = (file: string): boolean => (only === undefined ? !without.includes(file) : file === only);
  const specifications = all.filter(({ moduleId }) => isAsked(relative(root, moduleId)));
  for (const group of nearestFirst(join(root, path), specifications)) {
    const { testModules, unhandledErrors } = await runner.runTestSpecifications(group);
    // The result has also what failed in runs before.
    const asked = new Set(group.map(({ moduleId }) => moduleId));
    const failed = testModules.find((module) => asked.has(module.moduleId) && !module.ok());
    if (failed !== undefined) return { failed: nameOf(failed), file: relative(root, failed.moduleId) };
    if (unhandledErrors.length > 0) return { failed: "an error outside of any test" };
  }
  return { failed: undefined };
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
