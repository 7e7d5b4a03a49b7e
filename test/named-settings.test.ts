// Advice names settings of the probe's; a setting that does not exist sends its reader searching.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("every CONFIG_MEMMAP_… that src/ names is a setting in the component's Kconfig", () => {
  const kconfig = readFileSync("firmware/memmap/Kconfig", "utf8");
  const settings = new Set([...kconfig.matchAll(/^\s*(?:menu)?config (MEMMAP_\w+)$/gm)].map(([, name]) => name));
  expect(settings.size).toBeGreaterThan(20);
  const named = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((path) => /\.tsx?$/.test(path))
    .flatMap((path) =>
      [...readFileSync(`src/${path}`, "utf8").matchAll(/CONFIG_(MEMMAP_\w+)/g)].map(([, name]) => ({ path, name })),
    );
  expect(named.length).toBeGreaterThan(0);
  // What ends in "_" is how several begin.
  const exists = (name = ""): boolean =>
    name.endsWith("_") ? [...settings].some((setting) => setting?.startsWith(name)) : settings.has(name);
  expect(named.filter(({ name }) => !exists(name))).toEqual([]);
});
