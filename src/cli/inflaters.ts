// The library for compressed debug information, which few firmwares have: to start it takes longer than a look-up.
import { createRequire } from "node:module";
import type { Inflaters } from "../symbols/compression.ts";

const load = createRequire(import.meta.url);

export const inflaters: Inflaters = {
  zlib: () => (load("fflate") as { Unzlib: ReturnType<Inflaters["zlib"]> }).Unzlib,
};
