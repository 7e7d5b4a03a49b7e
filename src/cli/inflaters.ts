// The libraries for compressed debug information, which few firmwares have: to start them takes longer than a look-up.
import { createRequire } from "node:module";
import type { Inflaters } from "../symbols/compression.ts";

const load = createRequire(import.meta.url);

export const inflaters: Inflaters = {
  zlib: () => (load("fflate") as typeof import("fflate")).Unzlib,
  zstd: () => (load("fzstd") as typeof import("fzstd")).decompress,
};
