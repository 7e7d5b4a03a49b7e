import { join } from "node:path";
import { expect, test } from "vitest";
import { ownName } from "./own-name.ts";

test("an installed memmap is called by its name, a clone's by its path", () => {
  expect(ownName("/usr/local/bin/memmap", "/home")).toBe("memmap");
  expect(ownName("/home/a/node_modules/memmap/dist/memmap.cjs", "/home/a")).toBe("memmap");
  const main = join("/home/clone", "dist", "memmap.cjs");
  expect(ownName(main, "/home/clone")).toBe(`node ${join("dist", "memmap.cjs")}`);
});
