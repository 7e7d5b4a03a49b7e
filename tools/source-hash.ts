// A hash of sources, by which a built thing knows whether it is still theirs.
import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./build-c.ts";

/** Of the files in these folders whose name matches, of the packages in use, and of the script that builds. */
export function hashOfSources(folders: readonly string[], names: RegExp, script: string): Hash {
  const hash = createHash("sha256");
  for (const folder of folders) {
    const paths = readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" }).sort();
    for (const path of paths) {
      if (names.test(path)) hash.update(path).update(readFileSync(join(projectRoot, folder, path)));
    }
  }
  for (const path of [script, "package-lock.json"]) hash.update(readFileSync(join(projectRoot, path)));
  return hash;
}
