// `npm run bench [-- NAME …] [--save]`: runs the benches that have figures to keep, one after the other; --save appends the figures with the
// commit to bench/history/ratios.jsonl, a line a run.
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Run, HISTORY } from "./history.ts";
import type { Ratio } from "./ratio.ts";

const benches: Readonly<Record<string, string>> = {
  wire: "wire",
  heap: "heap",
  probe: "probe",
  heaptrack: "heaptrack-peer",
  bounds: "bounds",
  log: "log",
};

const { values, positionals } = parseArgs({ options: { save: { type: "boolean" } }, allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(benches);
const folder = mkdtempSync(join(tmpdir(), "memmap-bench-"));
const file = join(folder, "ratios");
for (const name of names) {
  const script = benches[name];
  if (script === undefined) throw new Error(`there is no bench ${name}; there are ${Object.keys(benches).join(", ")}`);
  console.log(`\n── ${name}`);
  const env = { ...process.env, MEMMAP_BENCH_RATIOS: file };
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${script}.js`)], {
    env,
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}
const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
rmSync(folder, { recursive: true });
const kept = lines.map((line) => JSON.parse(line) as Ratio);

if (values.save === true && kept.length > 0) {
  const git = (...args: string[]): string => execFileSync("git", args, { encoding: "utf8" }).trim();
  const run: Run = {
    commit: git("rev-parse", "--short=12", "HEAD") + (git("status", "--porcelain") === "" ? "" : " and changes"),
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    ratios: Object.fromEntries(kept.map(({ bench, name, value }) => [`${bench}: ${name}`, value])),
  };
  appendFileSync(HISTORY, `${JSON.stringify(run)}\n`);
  console.log(`\nsaved ${kept.length} figures of ${run.commit} in bench/history/ratios.jsonl`);
}
