// Compilers and emulators that some tests need. `npm test` installs them where it can (tools/setup.mjs); where one is
// missing, the test is skipped and says which.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { beforeEach, type TestContext } from "vitest";

/** The commands among `commands` that are not on the PATH. */
export function missingCommands(...commands: readonly string[]): string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return commands.filter((command) => !folders.some((folder) => isExecutable(join(folder, command))));
}

/** Skips the running test, with the reason, unless all commands are on the PATH. */
export function needsCommands(context: TestContext, ...commands: readonly string[]): void {
  const missing = missingCommands(...commands);
  context.skip(missing.length > 0, `needs ${missing.join(", ")}`);
}

/** The same for every test of the block or file that this is called in. */
export function allNeedCommands(...commands: readonly string[]): void {
  beforeEach((context) => {
    needsCommands(context, ...commands);
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent or not ours to run: either way the test cannot use it
  }
}
