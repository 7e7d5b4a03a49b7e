// Two recordings of heaptrack, compared at their peaks here and by heaptrack_print.
import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DiffView } from "../../src/report/diff.ts";
import { likely } from "../../src/base/quantity.ts";
import { needsCommands } from "../toolchain.ts";
import { runCli, scratchFolder } from "./run-cli.ts";

const folder = scratchFolder();

/** Functions that each hold their own share; with an argument other than 0 some hold more, some less, one the same. */
const program = `#include <stdlib.h>
static void *held[4096];
static int count;
${[0, 1, 2, 3, 4, 5].map((f) => `__attribute__((noinline)) void f${f}(int blocks) { for (int i = 0; i < blocks; i++) held[count++] = malloc(${1000 + 500 * f}); }`).join("\n")}
int main(int argc, char **argv) {
  int more = atoi(argv[argc - 1]);
${[0, 1, 2, 3, 4, 5].map((f) => `  f${f}(100 + ${f} + more * ${[40, -30, 0, 7, -1, 90][f]});`).join("\n")}
  free(malloc(50000 + more * 25000));
  while (count > 0) free(held[--count]);
  return 0;
}
`;

/** By function, the bytes that more or fewer are held at the peak. */
function theirs(before: string, after: string): ReadonlyMap<string, number> {
  const text = execFileSync("heaptrack_print", ["-d", before, "-f", after, "-n", "100", "-s", "0"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }); // prettier-ignore
  const consumers = /PEAK MEMORY CONSUMERS\n([^]*?)\n\n\n/.exec(text)?.[1] ?? "";
  const found = [...consumers.matchAll(/^(-?[\d.]+)([BKM]) peak memory consumed over -?\d+ calls from\n(\w+)\n/gm)];
  return new Map(found.map(([, size, unit = "", name = ""]) => [name, Number(size) * 1000 ** "BKM".indexOf(unit)]));
}

test("the difference of two peaks, site by site", async (context) => {
  needsCommands(context, "heaptrack", "heaptrack_print", "gcc");
  writeFileSync(join(folder, "held.c"), program);
  execFileSync("gcc", ["-g", "-O0", "held.c", "-o", "held"], { cwd: folder });
  const record = (argument: string): string => {
    execFileSync("heaptrack", ["-o", join(folder, `run${argument}`), join(folder, "held"), argument], {
      stdio: "pipe",
    });
    return join(folder, readdirSync(folder).find((name) => name.startsWith(`run${argument}.`)) ?? "");
  };
  const [before, after] = [record("0"), record("1")];
  const { out, exitCode } = await runCli(["diff", "--to", "peak", "--limit", "all", "--json", before, after], folder);
  expect(exitCode).toBe(0);
  const { sites } = JSON.parse(out) as DiffView;
  const ours = new Map(sites.map(({ site, change }) => [site.function, likely(change.liveBytes)]));
  const other = theirs(before, after);
  expect(other.size).toBeGreaterThanOrEqual(6);
  expect([...ours.keys()].sort()).toEqual([...other.keys()].sort());
  // heaptrack_print rounds to hundredths of its unit.
  for (const [name, bytes] of other)
    expect(Math.abs((ours.get(name) ?? NaN) - bytes)).toBeLessThanOrEqual(5 + Math.abs(bytes) / 1e4);
});
