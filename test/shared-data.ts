// Real data that is too large, or not ours, to be committed: recordings, core dumps, other tools' files. It is looked for in
// $MEMMAP_REAL_DATA, else next to the checkout in ../shared/data. Tests that need it are skipped where it is absent.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The path of a file or folder of the shared data, or undefined where it is absent; without `path`, the data's root. */
export function sharedData(path = "."): string | undefined {
  const root = process.env["MEMMAP_REAL_DATA"] ?? fileURLToPath(new URL("../../shared/data", import.meta.url));
  const found = join(root, path);
  return existsSync(found) ? found : undefined;
}
