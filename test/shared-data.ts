// Real data that is too large, or not ours, to be committed: recordings, core dumps, other tools' files. It is looked for in
// $MEMMAP_REAL_DATA, else next to the checkout in ../shared/data. Tests that need it are skipped where it is absent.
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The path of a file or folder of the shared data, or undefined where it is absent; without `path`, the data's root. */
export function sharedData(path = "."): string | undefined {
  // Tests and benches run in the project's root, benches from dist/.
  const found = join(process.env["MEMMAP_REAL_DATA"] ?? "../shared/data", path);
  return existsSync(found) ? found : undefined;
}
