// How wide the bounds of live bytes and blocks are where history is missing, against those of an oracle: it knows which frames or chunks were lost and
// what was in them, but not when within the hole each event was. Within a hole its bounds are the least and the most that was ever live in it,
// elsewhere it knows all. Nobody who has not seen what was lost can be narrower, but where a heartbeat or a chunk's header tells of the hole itself.
import { openModel } from "../src/heap/model.ts";
import type { HeapModel } from "../src/heap/model-api.ts";
import type { Bounded, Window } from "../src/heap/types.ts";
import { openRecording } from "../src/recording/open.ts";
import { bytesSource } from "../src/recording/random-access.ts";
import { damaged, holesOf, randomNumbers, recordingOf, streamOf } from "../test/bounds.ts";
import type { ReferenceHeap, TrueTotals } from "../test/reference-heap.ts";
import { keep } from "./ratio.ts";

const CALLS = 6000;
const RUNS = 20;
const MOMENTS = 250;

interface Case {
  readonly model: HeapModel;
  readonly truth: ReferenceHeap;
  /** Stretches of which nothing is known. */
  readonly holes: readonly Window[];
}

/** One number's bounds at all moments. */
class Widths {
  private moments = 0;
  private exact = 0;
  private unlimited = 0;
  private ours = 0;
  private oracles = 0;
  private wrong = 0;

  add({ lowest, highest }: Bounded, least: number, most: number, truth: number): void {
    this.moments++;
    if (truth < lowest || truth > highest) this.wrong++;
    if (lowest === highest) this.exact++;
    if (highest === Infinity) this.unlimited++;
    else {
      this.ours += highest - lowest;
      this.oracles += most - least;
    }
  }

  get ratio(): number {
    return this.ours / this.oracles;
  }

  toString(): string {
    if (this.unlimited === this.moments) return "nothing is left of which to know anything";
    const share = (count: number): string => `${((100 * count) / this.moments).toFixed(1)} %`;
    const mean = (sum: number): string => (sum / (this.moments - this.unlimited)).toFixed(1);
    return [
      `${mean(this.ours)} wide on average, the oracle's ${mean(this.oracles)}: ${this.ratio.toFixed(1)} times`,
      `exact at ${share(this.exact)}`,
      `without a limit at ${share(this.unlimited)}`,
      `wrong ${this.wrong} of ${this.moments}`,
    ].join(", ");
  }
}

async function lineCase(seed: number, rate: number): Promise<Case> {
  const { stream, truth, frames } = streamOf(CALLS, seed);
  const bytes = damaged(stream, rate, randomNumbers(seed));
  const model = await openModel(await openRecording(bytesSource(recordingOf(bytes))));
  return { model, truth, holes: holesOf(frames, bytes) };
}

async function fileCase(seed: number, rate: number): Promise<Case> {
  const { stream, truth } = streamOf(CALLS, seed);
  const whole = recordingOf(stream);
  const bytes = damaged(whole, rate, randomNumbers(seed));
  bytes.set(whole.subarray(0, 16));
  const run = await openRecording(bytesSource(bytes));
  const holes: Window[] = [];
  let row = 0;
  let from = 0;
  const { to } = (await openModel(run)).span;
  for (const [index, { firstRow, rows }] of run.chunks.entries()) {
    const loaded = await run.rows(index);
    if (loaded.length < rows || rows === 0) continue;
    const timeOf = (i: number): number => loaded.baseTime + (loaded.time[i] ?? 0);
    if (firstRow > row) holes.push({ from, to: timeOf(0) });
    row = firstRow + rows;
    from = timeOf(rows - 1);
  }
  if (from < to) holes.push({ from, to: Infinity });
  return { model: await openModel(run), truth, holes };
}

for (const [what, make] of [
  ["line", lineCase],
  ["file", fileCase],
] as const) {
  for (const rate of [1 / 10_000, 1 / 1000, 1 / 100]) {
    const bytes = new Widths();
    const blocks = new Widths();
    for (let seed = 1; seed <= RUNS; seed++) {
      const { model, truth, holes } = await make(seed * 7919, rate);
      const random = randomNumbers(seed);
      const { from, to } = model.span;
      for (let i = 0; i < MOMENTS; i++) {
        const time = from + random() * (to - from);
        const totals = await model.totalsAt(time);
        const real = truth.at(time);
        const hole = holes.find((one) => one.from <= time && time < one.to);
        const within: readonly TrueTotals[] = hole === undefined ? [real] : truth.within(hole);
        const range = (of: (one: TrueTotals) => number): [number, number] => [
          Math.min(...within.map(of)),
          Math.max(...within.map(of)),
        ];
        bytes.add(totals.bytes, ...range((one) => one.bytes), real.bytes);
        blocks.add(totals.blocks, ...range((one) => one.blocks), real.blocks);
      }
    }
    const name = `1/${Math.round(1 / rate)} of the ${what}'s bytes damaged`;
    console.log(`${name}\n  bytes: ${bytes.toString()}\n  blocks: ${blocks.toString()}`);
    keep("bounds", `${name}, width of bytes / oracle`, bytes.ratio);
    keep("bounds", `${name}, width of blocks / oracle`, blocks.ratio);
  }
}
