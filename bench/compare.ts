// `npm run bench:compare [-- COMMIT [COMMIT]]`: two saved runs side by side. Without commits, the last two; with one, that and the last.
import { history, type Run } from "./history.ts";

const runs = history();
const wanted = process.argv.slice(2);

function find(commit: string): Run {
  const found = runs.findLast((run) => run.commit.startsWith(commit) || commit.startsWith(run.commit));
  if (found !== undefined) return found;
  const known = runs.map((run) => run.commit).join(", ");
  console.error(`No saved run of ${commit}; saved are ${known === "" ? "none" : known}.`);
  process.exit(2);
}

const before = wanted[0] === undefined ? runs.at(-2) : find(wanted[0]);
const after = wanted[1] === undefined ? runs.at(-1) : find(wanted[1]);
if (before === undefined || after === undefined) {
  console.error("Fewer than two runs are saved: npm run bench -- --save");
  process.exit(2);
}
const names = [...new Set([...Object.keys(before.ratios), ...Object.keys(after.ratios)])];
const width = Math.max(...names.map((name) => name.length));
console.log(`${"".padEnd(width)}  ${before.commit.padStart(12)}  ${after.commit.padStart(12)}`);
for (const name of names) {
  const [from, to] = [before.ratios[name], after.ratios[name]];
  const change =
    from !== undefined && to !== undefined && from !== 0 ? `${((100 * to) / from - 100).toFixed(1)} %` : "";
  const cells = [from, to].map((value) => String(value ?? "-").padStart(12)).join("  ");
  console.log(`${name.padEnd(width)}  ${cells}  ${change.padStart(8)}`);
}
