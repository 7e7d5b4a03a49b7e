// The library for compressed debug information, which few firmwares have: to start it takes longer than a look-up.
import type { Inflaters } from "../symbols/compression.ts";

export const inflaters: Inflaters = {
  zlib: () => {
    const load = process.getBuiltinModule("node:module").createRequire(import.meta.url);
    return (load("fflate") as { Unzlib: ReturnType<Inflaters["zlib"]> }).Unzlib;
  },
};
