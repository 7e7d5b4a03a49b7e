// Two projects: `unit` is the inner loop (`npm run check`); `full` holds what needs a toolchain, an emulator or minutes.
import { defineConfig } from "vitest/config";

const folders = "{src,simulator,test,tools}";

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      { test: { name: "unit", include: [`${folders}/**/*.test.ts`], exclude: ["**/*.full.test.ts"] } },
      {
        test: {
          name: "full",
          include: [`${folders}/**/*.full.test.ts`],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
