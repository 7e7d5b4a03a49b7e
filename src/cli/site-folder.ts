// Where the built page is: dist/site, in a clone of the project and in the package alike.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export function siteFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url)); // src/cli, or dist/src/cli where it is built
  const root = join(here, "..", "..");
  return here.endsWith(join("dist", "src", "cli")) ? join(root, "site") : join(root, "dist", "site");
}
