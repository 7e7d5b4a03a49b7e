// The package that this program is part of, in a clone of the project and where it is installed: its manifest, and the files that come with it.
import { dirname, join } from "node:path";

/** Made when it is asked for: few commands need it, and it starts Node's loader of modules. */
function ownRequire(): NodeJS.Require {
  return process.getBuiltinModule("node:module").createRequire(import.meta.url);
}

/** What package.json says; read anew each time. */
export function manifest(): { readonly version: string; readonly engines: { readonly node: string } } {
  return ownRequire()("memmap/package.json") as ReturnType<typeof manifest>;
}

/** The path of one of its files or folders; whether it is there is another question. */
export function packagePath(...parts: readonly string[]): string {
  return join(dirname(ownRequire().resolve("memmap/package.json")), ...parts);
}
