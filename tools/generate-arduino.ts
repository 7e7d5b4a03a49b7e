// Writes what Arduino needs in firmware/memmap/src, the only folder that it compiles and searches for headers: a file for each of the port's and the
// transports' sources and for each header, which includes the real one. `npm run generate` writes them; with `--check` (part of `npm run check`)
// nothing is written and a difference fails.
import { readdirSync } from "node:fs";
import { writeOrCheck } from "./generated-file.ts";

const probe = new URL("../../firmware/memmap/", import.meta.url); // this file runs as dist/tools/generate-arduino.js
const list = (folder: string, pattern: RegExp): string[] =>
  readdirSync(new URL(folder, probe)).filter((name) => pattern.test(name));

const headers = [
  ...list("include/", /^memmap.*\.(h|hpp)$/)
    .filter((name) => name !== "memmap_disabled.h") // memmap.h finds it where it lies itself
    .map((name) => `include/${name}`),
  "port/memmap_port.h",
];
const sources = [
  ...list("port/", /^port_espidf.*\.c$/).map((name) => `port/${name}`),
  ...list("transports/", /\.c$/).map((name) => `transports/${name}`),
];

for (const path of headers) {
  const text = `// For Arduino, which searches for headers in this folder only.\n#include "../${path}"\n`;
  writeOrCheck(new URL(`src/${nameOf(path)}`, probe), text, "tools/generate-arduino.ts says");
}
for (const path of sources) {
  const text = `// For Arduino, which compiles what is in this folder only.\n#if defined(ARDUINO)\n#include "../../${path}"\n#endif\n`;
  writeOrCheck(new URL(`src/arduino/${nameOf(path)}`, probe), text, "tools/generate-arduino.ts says");
}
const wanted = new Set(sources.map(nameOf));
const stray = list("src/arduino/", /./).filter((name) => !wanted.has(name));
if (stray.length > 0) {
  console.error(`firmware/memmap/src/arduino: forwards to nothing: ${stray.join(", ")}`);
  process.exitCode = 1;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
