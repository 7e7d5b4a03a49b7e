// Scripts with the code that the engine made of them before: what Node from 22.1 on does by itself, of use from the first run on and where nothing may
// be written. The engine takes no code that another version of it has made; then a script is compiled as ever.
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";

/** Where the code is that this engine has made of the scripts in a folder. */
export function codeFolder(scripts: string): string {
  return join(scripts, `v8-${process.versions.v8}-${process.arch}`);
}

/** The code of a script, by the script's path. */
export function codePath(script: string): string {
  return join(codeFolder(dirname(script)), `${basename(script)}.code`);
}

/** What Node puts around a CommonJS script. Put together as bytes: a look-up has no time for copies that the garbage collector sees. */
const HEAD = Buffer.from("(function (exports, require, module, __filename, __dirname) {");
const TAIL = Buffer.from("\n})");

type Module = { readonly exports: unknown };
type Wrapped = (
  exports: unknown,
  require: (id: string) => unknown,
  module: Module,
  filename: string,
  folder: string,
) => void;

/**
 * Runs a CommonJS script and those that it requires by a relative path, each once. They are ASCII, and import nothing.
 *
 * @param compiled called with each of them
 */
export function runCompiled(path: string, compiled: (path: string, script: Script) => void = () => undefined): unknown {
  const modules = new Map<string, Module>();
  const load = (path: string): unknown => {
    const known = modules.get(path);
    if (known !== undefined) return known.exports;
    const module: Module = { exports: {} };
    modules.set(path, module);
    const script = new Script(Buffer.concat([HEAD, readFileSync(path), TAIL]).toString("latin1"), {
      filename: path,
      cachedData: codeOf(path),
    });
    compiled(path, script);
    const folder = dirname(path);
    const require = (id: string): unknown =>
      id.startsWith(".")
        ? load(join(folder, id))
        : (process.getBuiltinModule(id) ?? process.getBuiltinModule("node:module").createRequire(path)(id));
    (script.runInThisContext() as Wrapped)(module.exports, require, module, path, folder);
    return module.exports;
  };
  return load(path);
}

function codeOf(script: string): Buffer | undefined {
  try {
    return readFileSync(codePath(script));
  } catch {
    return undefined; // of a command that is seldom called
  }
}
