// Regions against heaps that are asked themselves (the corpus', written apart from src): free bytes, holes and minima at every moment, and over time.
import fc from "fast-check";
import { expect, test } from "vitest";
import { TlsfRegion } from "../../test/corpus/tlsf-region.ts";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { anyShare } from "../../test/share.ts";
import type { Region } from "../wire/records.ts";
import { openModel } from "./model.ts";
import { tableBytes } from "./tlsf-sizes.ts";

interface PlainRegion {
  readonly free: number;
  readonly largestFree: number;
  readonly minimumFree: number;
  readonly holes: readonly { readonly start: number; readonly bytes: number }[];
  readonly liveBlocks: number;
  readonly occupied: number;
}

/** A region whose heap keeps its tables at its beginning. */
class Board {
  readonly heaps: readonly TlsfRegion[];
  private readonly blocks = new Map<number, number>();
  private readonly regions = [
    { name: "DRAM", start: 0x3ffb_0000, bytes: 19_200 + tableBytes(20_000), caps: 12 },
    { name: "PSRAM", start: 0x3f80_0000, bytes: 400_000 + tableBytes(400_000), caps: 1028 },
  ];
  private readonly least: number[];

  constructor() {
    this.heaps = this.regions.map(({ bytes, ...region }) => {
      const tables = tableBytes(bytes);
      return new TlsfRegion({ ...region, start: region.start + tables, bytes: bytes - tables });
    });
    this.least = this.heaps.map(({ free }) => free);
  }

  allocate(which: number, size: number): number | undefined {
    const address = this.heaps[which]?.allocate(size);
    if (address !== undefined) this.blocks.set(address, (this.heaps[which]?.blockFor(size) ?? 0) + 4);
    this.note();
    return address;
  }

  /** One of the blocks that are live. */
  some(place: number): number | undefined {
    return [...this.blocks.keys()][Math.floor(place * this.blocks.size)];
  }

  release(address: number): void {
    this.heaps[address < 0x3fc0_0000 ? 1 : 0]?.release(address);
    this.blocks.delete(address);
    this.note();
  }

  private note(): void {
    this.heaps.forEach(({ free }, i) => (this.least[i] = Math.min(this.least[i] ?? 0, free)));
  }

  told(): Region[] {
    return this.regions.map(({ bytes, ...region }, i) => {
      const { free = 0, largestFree = 0 } = this.heaps[i] ?? {};
      return { ...region, end: region.start + bytes, free, largestFree, minimumFree: this.least[i] ?? 0 };
    });
  }

  plain(): PlainRegion[] {
    return this.heaps.map((heap, i) => {
      const own = [...this.blocks]
        .filter(([address]) => address >= heap.plan.start && address < heap.end)
        .sort(([a], [b]) => a - b);
      const holes: { start: number; bytes: number }[] = [];
      let end = heap.plan.start;
      for (const [address, bytes] of [...own, [heap.end + 4, 0] as const]) {
        if (address - 4 > end) holes.push({ start: end + 4, bytes: address - 8 - end });
        end = address - 4 + bytes;
      }
      return {
        free: heap.free,
        largestFree: Math.max(0, ...holes.map(({ bytes }) => bytes)),
        minimumFree: this.least[i] ?? 0,
        holes,
        liveBlocks: own.length,
        occupied: own.reduce((sum, [, bytes]) => sum + bytes, 0),
      };
    });
  }
}

/** What no block leaves a rest of that is too small for a hole. */
const SIZES = Array.from({ length: 4000 }, (_, size) => size).filter((size) =>
  new Board().heaps.every((heap) => (heap.blockFor(size) + 4) % 16 === 0),
);

const steps = fc.array(
  fc.record({
    action: fc.constantFrom("alloc", "alloc", "alloc", "free", "free", "report"),
    which: fc.nat(1),
    size: fc.constantFrom(...SIZES),
    place: anyShare,
    // What happens at the moment of an answer counts as before it.
    wait: fc.integer({ min: 1, max: 20 }),
  }),
  { minLength: 1, maxLength: 60 },
);

test("at every moment since the device's first answer, and over time", async () => {
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(3, 16, 200), anyShare, async (list, chunkRows, place) => {
      const board = new Board();
      const states: { readonly time: number; readonly regions: readonly PlainRegion[] }[] = [];
      const reports: number[] = [];
      const run = recordRun(
        (sink) => {
          sink.record({ kind: "boot", value: testBoot });
          let time = 0;
          for (const { action, which, size, place: some, wait } of list) {
            time += wait;
            const address =
              action === "free" ? board.some(some) : action === "alloc" ? board.allocate(which, size) : undefined;
            if (action === "report") {
              sink.record({ kind: "regions", value: { time, regions: board.told() } });
              reports.push(time);
            } else if (address !== undefined && action === "alloc") sink.alloc(time, address, size, 1, 3, 0);
            else if (address !== undefined) {
              board.release(address);
              sink.free(time, address, 0, 3, 0);
            }
            states.push({ time, regions: board.plain() });
          }
        },
        { chunkRows },
      );
      const model = await openModel(run);
      const [first = Infinity] = reports;
      const plainAt = (time: number): readonly PlainRegion[] =>
        states.findLast((state) => state.time <= time)?.regions ?? new Board().plain();
      for (const time of new Set(states.map((state) => state.time))) {
        const found = await model.regionsAt(time);
        if (time < first) expect(found).toEqual([]);
        // At the moment of an answer itself it is the one that counts.
        if (time < first || reports.includes(time)) continue;
        asked++;
        expect(
          found.map(({ region: _region, reportedAt: _at, freeBlocks, ...state }) => ({ ...state, freeBlocks })),
        ).toEqual(plainAt(time).map((state) => ({ ...state, freeBlocks: state.holes.length, exact: true })));
      }
      const last = states.at(-1)?.time ?? 0;
      const window = { from: Math.floor(place * last), to: last };
      const { samples, time, free, minFree, maxFree, largestFree, exact, isPass } = await model.regionSeries(window, 4);
      if (first > last) return;
      expect([samples, isPass, time.at(-1)]).toEqual([4, true, last]);
      for (let sample = 0; sample < samples; sample++) {
        const to = time[sample] ?? NaN;
        const since = sample === 0 ? window.from - 0.5 : (time[sample - 1] ?? NaN);
        const within = [
          plainAt(since),
          ...states.filter((state) => state.time > since && state.time <= to).map(({ regions }) => regions),
        ];
        for (const which of [0, 1]) {
          const at = sample * 2 + which;
          const all = within.map((regions) => regions[which]?.free ?? NaN);
          const found = [free[at], minFree[at], maxFree[at], largestFree[at], exact[at]];
          const expected = [
            plainAt(to)[which]?.free,
            Math.min(...all),
            Math.max(...all),
            plainAt(to)[which]?.largestFree,
            1,
          ];
          if (to < first) expect(found).toEqual([NaN, NaN, NaN, NaN, 0]);
          else if (!reports.some((report) => report >= since && report <= to))
            expect({ sample, found }).toEqual({ sample, found: expected });
        }
      }
    }),
    { numRuns: 60 },
  );
  expect(asked).toBeGreaterThan(300);
});
