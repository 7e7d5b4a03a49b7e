// What of a bench is kept in bench/history: ratios and counts that say the same on every machine.
import { appendFileSync } from "node:fs";

export interface Ratio {
  readonly bench: string;
  readonly name: string;
  readonly value: number;
}

/** Notes a figure for `npm run bench`, which says where; without it, nothing is kept. */
export function keep(bench: string, name: string, value: number): void {
  const path = process.env["MEMMAP_BENCH_RATIOS"];
  const ratio: Ratio = { bench, name, value: Number(value.toPrecision(4)) };
  if (path !== undefined && Number.isFinite(value)) appendFileSync(path, `${JSON.stringify(ratio)}\n`);
}
