// Two projects: `unit` is the inner loop (`npm run check`); `full` holds what needs a toolchain, an emulator or minutes. A
// `*.long.test.ts` has two lengths (test/length.ts): the short one runs in `full`, the long one in `npm run test:long`, which sets MEMMAP_LONG
// and sees nothing else.
import { defineConfig } from "vitest/config";

const folders = "{src,simulator,test,tools}";
/** Of a test that hangs; how long one takes is not judged. */
const minutes = (count: number): { testTimeout: number; hookTimeout: number } => ({
  testTimeout: count * 60_000,
  hookTimeout: count * 60_000,
});
/** Files share a process and what they import: to start a process for each took as long as the tests. So a test leaves nothing behind. */
const isolate = false;

const unit = {
  name: "unit",
  include: [`${folders}/**/*.test.ts`],
  exclude: [`${folders}/**/*.{full,long}.test.ts`],
  isolate,
  ...minutes(1),
};
const full = { name: "full", include: [`${folders}/**/*.{full,long}.test.ts`], isolate, ...minutes(2) };
const long = { name: "long", include: [`${folders}/**/*.long.test.ts`], ...minutes(60) };

export default defineConfig({
  test: {
    globalSetup: "test/built.ts",
    passWithNoTests: true,
    projects: (process.env["MEMMAP_LONG"] === undefined ? [unit, full] : [long]).map((test) => ({ test })),
  },
});
