// Before any test: the command line that tests run is that of these sources, also where vitest was started by hand.
import { buildCli } from "../tools/build-cli.ts";

export async function setup(): Promise<void> {
  await buildCli();
}
