// `npm start`: from a fresh clone to the first verdict. Sets up, builds what is stale, and runs the demo.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setup } from "./setup.mjs";
import { npmCommand, root, run } from "./steps.mjs";

setup({ full: false });
const built = await run(npmCommand("run", "--silent", "build"));
if (built !== 0) process.exit(built);
const demo = existsSync(join(root, "dist/src/cli/commands/demo.js")) ? ["demo"] : [];
process.exit(await run([process.execPath, "dist/src/cli/main.js", ...demo, ...process.argv.slice(2)]));
