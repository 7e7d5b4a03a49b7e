// `npm start`: from a fresh clone to the first verdict. Sets up, builds what is stale, and runs the demo.
import { setup } from "./setup.mjs";
import { npmCommand, run } from "./steps.mjs";

setup({ full: false });
const built = await run(npmCommand("run", "--silent", "build"));
if (built !== 0) process.exit(built);
process.exit(await run([process.execPath, "dist/memmap.cjs", "demo", ...process.argv.slice(2)]));
