// What the user typed to start this program, for the commands that messages suggest: in a clone there is no `memmap` on the PATH.
import { basename, relative } from "node:path";

/** `memmap` where it is installed, else `node` and the path of the script as seen from here. */
export function ownName(script: string | undefined = process.argv[1], folder: string = process.cwd()): string {
  if (script === undefined || basename(script) === "memmap" || /[\\/]node_modules[\\/]memmap[\\/]/.test(script)) {
    return "memmap";
  }
  return `node ${relative(folder, script)}`;
}
