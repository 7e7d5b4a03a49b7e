// The package that this program is part of, in a clone of the project and where it is installed: its manifest, and the files that come with it.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** What package.json says; read anew each time. */
export function manifest(): { readonly version: string; readonly engines: { readonly node: string } } {
  return require("memmap/package.json") as ReturnType<typeof manifest>;
}

/** The path of one of its files or folders; whether it is there is another question. */
export function packagePath(...parts: readonly string[]): string {
  return join(dirname(require.resolve("memmap/package.json")), ...parts);
}
