// The probe's layers: each file of firmware/memmap/src knows only those before it. Its header is what others may know of it; what memmap.h
// declares counts as well, for whoever defines it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../tools/build-c.ts";

const ORDER = [
  ...["state", "table", "sites", "frame", "sample"],
  ...["tasks", "events", "guard", "format", "command"],
  ...["store", "report", "sweep", "freed", "callers", "callers_cxx"],
  ...["blame", "quarantine", "check", "failure"],
  ...["track"],
  ...["api", "interpose", "hooks", "statistics", "lists", "groups", "selftest"],
  ...["retire", "kept", "compose"],
  ...["send", "stream"],
  ...["panic", "cost", "console"],
];

const folder = join(projectRoot, "firmware/memmap/src");
const files = readdirSync(folder).filter((name) => /\.[ch]$/.test(name) && !name.startsWith("memmap"));
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const layer = (file: string): number => ORDER.indexOf(file.replace(/\.[ch]$/, ""));

/** What `text` names of files that come later than layer number `own`, or of itself where it is a header. */
function tooHigh(text: string, own: number, definers: ReadonlyMap<string, number>): string[] {
  const included = [...text.matchAll(/^#include "(\w+)\.h"/gm)].map((match) => match[1] ?? "");
  const code = text.replace(/\/\/.*$/gm, "");
  const called = [...definers].filter(([name, at]) => at > own && new RegExp(`\\b${name}\\(`).test(code));
  return [...included.filter((name) => ORDER.indexOf(name) > own), ...called.map(([name]) => name)];
}

/** Functions of the public header with the number of the layer that defines them. */
function publicFunctions(): Map<string, number> {
  const header = readFileSync(join(projectRoot, "firmware/memmap/include/memmap.h"), "utf8");
  const names = [...header.matchAll(/^[a-z][\w *]*?\b(\w+)\(.*[;,]$/gm)].map((match) => match[1] ?? "");
  const found = new Map<string, number>();
  for (const file of files.filter((name) => name.endsWith(".c"))) {
    const text = read(file);
    for (const name of names) {
      if (new RegExp(`^[A-Za-z][\\w *]*\\b${name}\\(.*[^;]$`, "m").test(text)) found.set(name, layer(file));
    }
  }
  return found;
}

describe("the probe's layers", () => {
  test("every file has its place in the order, and a header belongs to a file", () => {
    const sources = files.filter((name) => name.endsWith(".c")).map((name) => name.slice(0, -2));
    expect([...sources].sort()).toEqual([...ORDER].sort());
    expect(files.filter((name) => name.endsWith(".h") && layer(name) < 0)).toEqual([]);
  });

  test.each(files)("%s knows only what comes before it", (file) => {
    expect(tooHigh(read(file), layer(file), publicFunctions())).toEqual([]);
  });

  test("a circle would be seen", () => {
    const functions = publicFunctions();
    expect(functions.size).toBeGreaterThan(25);
    expect(tooHigh('#include "state.h"\n#include "stream.h"\n', layer("table.c"), functions)).toEqual(["stream"]);
    expect(tooHigh("void f(void)\n{\n    memmap_flush();\n}\n", layer("table.c"), functions)).toEqual(["memmap_flush"]);
  });
});
