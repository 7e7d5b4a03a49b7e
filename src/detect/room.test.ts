// Who would have to go for a request: against every run of neighbours, on made-up regions.
import fc from "fast-check";
import { expect, test } from "vitest";
import { tableOf } from "../../test/detect-inputs.ts";
import { madeRegion, stateOf } from "../../test/made-regions.ts";
import { blockEnd } from "../heap/regions.ts";
import { blockBytes } from "../heap/tlsf-sizes.ts";
import { cheapestRoom, largestWithout, piecesOf, type Piece } from "./room.ts";

/** First and last of each run of pieces between which nobody unknown stands. */
function runs(pieces: readonly Piece[]): (readonly Piece[])[] {
  return pieces.flatMap((_, first) =>
    pieces
      .map((__, last) => pieces.slice(first, last + 1))
      .filter((run) => run.length > 0 && run.every(({ start }, i) => i === 0 || start - (run[i - 1]?.end ?? 0) <= 20)),
  );
}

const lengthOf = (run: readonly Piece[]): number => (run.at(-1)?.end ?? 0) - (run[0]?.start ?? 0);

test("the pieces of a region are its holes, as far as the device may have them, and its blocks, none over the next", () => {
  fc.assert(
    fc.property(madeRegion, fc.constantFrom(0, 12), ({ state, live }, extra) => {
      const { region, holes, largestFree } = state;
      const all = [
        ...holes
          .filter(({ bytes }) => bytes <= (largestFree * 17) / 16 + 64)
          .map(({ start, bytes }) => ({ start, end: start + bytes, row: -1 })),
        ...Array.from(live.address, (start, row) => {
          return { start, end: blockEnd(start, live.size[row] ?? 0, extra, region.end - region.start), row };
        }).filter(({ start }) => start >= region.start && start < region.end),
      ].sort((a, b) => a.start - b.start);
      const cut = all.map(({ start, end, row }, i) => {
        const most = Math.max(start, (all[i + 1]?.start ?? Infinity) - 4);
        return { start, end: Math.min(end, most), row };
      });
      expect(piecesOf(state, live, extra)).toEqual(cut);
    }),
  );
});

test("the largest hole without some blocks is the longest run of what is free then", () => {
  fc.assert(
    fc.property(madeRegion, fc.integer({ min: 1, max: 4 }), ({ state, live }, site) => {
      const pieces = piecesOf(state, live, 0);
      const isGone = (row: number): boolean => live.site[row] === site;
      const free = runs(pieces).filter((run) => run.every(({ row }) => row < 0 || isGone(row)));
      expect(largestWithout(pieces, isGone)).toBe(Math.max(0, ...free.map(lengthOf)));
    }),
  );
});

test("room for a request is the cheapest of the shortest runs that have it", () => {
  fc.assert(
    fc.property(
      madeRegion,
      fc.integer({ min: 1, max: 500 }),
      fc.constantFrom(0, 12),
      ({ state, live }, request, extra) => {
        const need = blockBytes(request + extra, state.region.end - state.region.start);
        const pieces = piecesOf(state, live, extra);
        const wide = runs(pieces).filter((run) => lengthOf(run) >= need);
        const plans = pieces.flatMap((last) => {
          const shortest = wide.filter((run) => run.at(-1) === last).at(-1) ?? [];
          const rows = shortest.map(({ row }) => row).filter((row) => row >= 0);
          const cost = rows.reduce((sum, row) => sum + (live.size[row] ?? 0), 0);
          return rows.length === 0
            ? []
            : [{ region: state, rows, cost, bytes: lengthOf(shortest), isSure: state.exact }];
        });
        const least = Math.min(...plans.map(({ cost }) => cost));
        expect(cheapestRoom(state, live, request, extra)).toEqual(plans.find(({ cost }) => cost === least));
      },
    ),
  );
});

test("a hole of a sixteenth and 64 bytes more than the device's largest is one, a larger is none", () => {
  const pieces = (bytes: number): readonly Piece[] => piecesOf(stateOf([bytes], { largestFree: 1600 }), tableOf([]), 0);
  expect([1764, 1765].map((bytes) => pieces(bytes).length)).toEqual([1, 0]);
});
