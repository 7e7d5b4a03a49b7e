// Before any test: old objects are forgotten, and the command line that tests run is that of these sources, also where vitest was started by hand.
import { forgetOldObjects } from "../tools/build-c.ts";
import { buildCli } from "../tools/build-cli.ts";

export async function setup(): Promise<void> {
  forgetOldObjects();
  await buildCli();
}
