// Three projects: `unit`, the tests beside the code, is the inner loop (`npm run check`); `integration` is what crosses folders, in test/; `full` holds
// what needs a toolchain, an emulator or minutes. A `*.long.test.ts` has two lengths (test/length.ts): the short one runs in `full`, the long one in
// `npm run test:long`, which sets MEMMAP_LONG and sees nothing else.
import { relative, sep } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const beside = "{src,simulator,tools}";
const folders = "{src,simulator,test,tools}";
/** Of a test that hangs; how long one takes is not judged. */
const minutes = (count: number): { testTimeout: number; hookTimeout: number } => ({
  testTimeout: count * 60_000,
  hookTimeout: count * 60_000,
});
/** Files share a process and what they import: to start a process for each took as long as the tests. So a test leaves nothing behind. */
const isolate = false;
const setupFiles = "test/properties.ts";

const exclude = [`${folders}/**/*.{full,long}.test.ts`];
const unit = { name: "unit", include: [`${beside}/**/*.test.ts`], exclude, isolate, setupFiles, ...minutes(1) };
const integration = {
  name: "integration",
  include: ["test/**/*.test.ts"],
  exclude,
  isolate,
  setupFiles,
  ...minutes(1),
};
const full = { name: "full", include: [`${folders}/**/*.{full,long}.test.ts`], isolate, setupFiles, ...minutes(2) };
const long = { name: "long", include: [`${folders}/**/*.long.test.ts`], setupFiles, ...minutes(60) };

/** Where the longest tests are, the longest first. */
const longest = ["test/browser/", "test/firmware/", "test/symbols/", "test/qemu/", "test/cli/"];

/**
 * What takes long comes first, so that at the end no processor waits for another; a project's files stay together, because the next project starts new
 * processes. Otherwise in Vitest's own order: as long as it took the last time, else as large as the file is.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification): number => {
      const path = relative(import.meta.dirname, moduleId)
        .split(sep)
        .join("/");
      const at = longest.findIndex((folder) => path.startsWith(folder));
      return 100 * [full.name, integration.name, unit.name].indexOf(project.name) + (at < 0 ? longest.length : at);
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    globalSetup: "test/built.ts",
    passWithNoTests: true,
    projects: (process.env["MEMMAP_LONG"] === undefined ? [unit, integration, full] : [long]).map((test) => ({ test })),
  },
});
