// Certain and exact mean it, in short: of runs with losses on the line, with restarts, and with damage in the file, every claim about every moment
// holds the truth. bounds.long.test.ts asks the same of long ones.
import fc from "fast-check";
import { expect, test } from "vitest";
import { openModel } from "../src/heap/model.ts";
import type { HeapModel } from "../src/heap/model-api.ts";
import { Cause, type LiveColumns } from "../src/heap/visitor.ts";
import { BlockFlag, type Bounded } from "../src/heap/types.ts";
import {
  CHUNK_MAGIC,
  FILE_HEADER_BYTES,
  readChunkHeader,
  SectionId,
  type FoundChunk,
} from "../src/recording/chunk-format.ts";
import { openRecording } from "../src/recording/open.ts";
import { bytesSource } from "../src/recording/random-access.ts";
import { RecordingWriter } from "../src/recording/writer.ts";
import { testBoot } from "./heap-text.ts";
import { LossyLine } from "./lossy-line.ts";
import { anyShare } from "./share.ts";
import { stateUntil } from "./plain-answers.ts";
import { bytesOf, SOUND, ToldHistory, toldSteps, type ToldStep } from "./told-history.ts";

interface Recorded {
  readonly bytes: Uint8Array;
  readonly history: ToldHistory;
}

/** That a block is being moved, or not any more, no heartbeat tells. */
const NEVER_LOST = ["begin", "end", "fail"];

function recorded(steps: readonly LineStep[], chunkRows: number): Recorded {
  const parts: Uint8Array[] = [];
  const writer = new RecordingWriter((bytes) => parts.push(bytes), { chunkRows });
  const line = new LossyLine(writer);
  const history = new ToldHistory(line, testBoot);
  for (const step of steps) {
    if (step.isLost && !NEVER_LOST.includes(step.action)) line.lose();
    else if (line.isLosing) {
      // At the very microsecond at which it began to lose it is not whole again.
      history.wait(1 + step.wait);
      line.recover(history.bootTime, step.pick % 3 > 0);
    }
    history.play([step]);
  }
  line.recover(history.bootTime, true);
  writer.finish();
  return { bytes: Uint8Array.from(Buffer.concat(parts)), history };
}

/** The chunks of a file that is whole. */
function chunksOf(bytes: Uint8Array): FoundChunk[] {
  const found: FoundChunk[] = [];
  const view = new DataView(bytes.buffer);
  for (let offset = FILE_HEADER_BYTES; view.getUint32(offset, true) === CHUNK_MAGIC;) {
    const header = readChunkHeader(bytes.subarray(offset));
    if (header === undefined) throw new Error("a chunk is damaged");
    found.push({ offset, header });
    offset += header.length;
  }
  return found;
}

/** The file with a byte changed in each of these sections of a chunk, as far as the chunk has them. */
function withHit(bytes: Uint8Array, chunk: FoundChunk | undefined, ids: readonly number[]): Uint8Array {
  const changed = bytes.slice();
  const { offset = 0, header } = chunk ?? {};
  const places = header?.sections.filter(({ id }) => ids.includes(id)) ?? [];
  for (const section of places) changed[offset + section.offset] = ~(bytes[offset + section.offset] ?? 0);
  return changed;
}

async function opened(bytes: Uint8Array): Promise<HeapModel> {
  return openModel(await openRecording(bytesSource(bytes)));
}

/** Asks about every moment at which something happened, and the next. */
async function expectTrue({ history }: Recorded, model: HeapModel): Promise<void> {
  for (const time of new Set(history.states.flatMap((state) => [state.time, state.time + 1]))) {
    // Of what lies behind the last chunk that is left nothing is known, not even that it was.
    if (model.rows === 0 || time >= model.span.to) continue;
    const { live } = stateUntil(history, time);
    const claimed = await model.totalsAt(time);
    expectHeld({ time, what: "bytes", truth: bytesOf(live) }, claimed.bytes);
    expectHeld({ time, what: "blocks", truth: live.length }, claimed.blocks);
    const { address, size, flags } = await model.liveAt(time);
    const isTrue = (row: number): boolean =>
      live.some((block) => block.address === address[row] && block.size === size[row]);
    const wrong = [...address].filter((_, row) => ((flags[row] ?? 0) & BlockFlag.UNCERTAIN) === 0 && !isTrue(row));
    if (wrong.length > 0) expect({ time, wrong }).toEqual({ time, wrong: [] });
  }
}

function expectHeld(
  asked: { readonly time: number; readonly what: string; readonly truth: number },
  claim: Bounded,
): void {
  const { value, lowest, highest } = claim;
  const holds = lowest <= asked.truth && asked.truth <= highest && lowest <= value && value <= highest;
  if (!holds) expect({ ...asked, claim }).toBe("held");
}

interface LineStep extends ToldStep {
  readonly isLost: boolean;
}

function lineSteps(actions: typeof SOUND, lossesInHundred: number): fc.Arbitrary<LineStep[]> {
  const losses = fc.array(fc.nat(99), { minLength: 50, maxLength: 50 });
  return fc
    .tuple(toldSteps(50, actions), losses)
    .map(([steps, chances]) => steps.map((step, i) => ({ ...step, isLost: (chances[i] ?? 0) < lossesInHundred })));
}

const chunkRows = fc.constantFrom(2, 3, 5, 16);
const withoutRestarts = SOUND.filter((action) => action !== "boot");

/** Of a line that loses nothing. */
function step(action: LineStep["action"], size = 0, wait = 0, pick = 0): LineStep {
  return { action, pick, size, wait, isLost: false };
}

/** Two alike stand at one address, of which one is being moved, and what told of both is lost. */
const twoAlikeLost: LineStep[] = [
  ...(["alloc", "begin", "alloc", "alloc", "fail"] as const).map((action) => ({ ...step(action), isLost: true })),
  step("snapshot", 0, 1),
];

test("of lines that lose", async () => {
  await fc.assert(
    fc.asyncProperty(lineSteps(withoutRestarts, 12), chunkRows, async (steps, rows) => {
      const run = recorded(steps, rows);
      await expectTrue(run, await opened(run.bytes));
    }),
    { numRuns: 40, examples: [[twoAlikeLost, 2]] },
  );
});

/** A damaged file's sections, by what they hold. */
const sections = fc.constantFrom(
  [SectionId.ROWS],
  [SectionId.ROWS, SectionId.KEY_FRAME],
  [SectionId.NOTES, SectionId.NOTES_COPY],
  [SectionId.KEY_FRAME],
);

/** The first HELLO cannot be read, so that the second is the first that can. */
const firstHelloLost: LineStep[] = [
  ...Array.from({ length: 3 }, () => step("alloc")),
  step("alloc", 0, 1),
  step("alloc"),
  step("boot"),
  step("alloc", 0, 1),
];

/** More was live than ever since the restart of which the file does not tell. */
const restartLost: LineStep[] = [
  step("alloc"),
  step("alloc", 2),
  step("alloc"),
  step("alloc", 0, 1),
  step("boot"),
  step("alloc"),
  step("alloc", 1),
  step("beat"),
];

test("of files that are damaged", async () => {
  const hits = fc.array(fc.tuple(anyShare, sections), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(lineSteps(SOUND, 0), lineSteps(withoutRestarts, 5)),
      chunkRows,
      hits,
      async (steps, rows, places) => {
        const run = recorded(steps, rows);
        const chunks = chunksOf(run.bytes);
        const bytes = places.reduce(
          (file, [place, ids]) => withHit(file, chunks[Math.floor(place * chunks.length)], ids),
          run.bytes,
        );
        await expectTrue(run, await opened(bytes));
      },
    ),
    {
      numRuns: 40,
      examples: [
        [
          firstHelloLost,
          2,
          [
            [0.5, [SectionId.ROWS]],
            [0, [SectionId.NOTES, SectionId.NOTES_COPY]],
            [0.75, [SectionId.ROWS]],
          ],
        ],
      ],
    },
  );
});

test("of files of which stretches are missing", async () => {
  const cuts = fc.array(fc.tuple(anyShare, fc.nat(800)), { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(lineSteps(SOUND, 0), chunkRows, cuts, async (steps, rows, places) => {
      const run = recorded(steps, rows);
      const bytes = run.bytes.slice();
      for (const [place, length] of places) {
        const start = Math.max(FILE_HEADER_BYTES, Math.floor(place * bytes.length));
        bytes.fill(0, start, start + length);
      }
      await expectTrue(run, await opened(bytes));
    }),
    { numRuns: 40, examples: [[restartLost, 3, [[0, 523]]]] },
  );
});

/** Whether a block dies after `from` and not after `to` of which it may be unknown what it was: one that was born at `doubtfulUntil` or before. */
function isDoubtful(
  { changes }: ToldHistory,
  from: number,
  to: number,
  doubtfulUntil: number,
  by: "row" | "time",
): boolean {
  return changes.some((death) => {
    if (death.isBirth || death[by] <= from || death[by] > to) return false;
    const birth = changes.find((change) => change.isBirth && change.block === death.block);
    return birth !== undefined && birth[by] <= doubtfulUntil;
  });
}

test("where rows are damaged the header of their chunk limits what was live, and all is exact again behind it", async () => {
  const hits = fc.array(anyShare, { minLength: 1, maxLength: 2 });
  let [inside, behind] = [0, 0];
  await fc.assert(
    fc.asyncProperty(lineSteps(withoutRestarts, 0), chunkRows, hits, async (steps, rows, places) => {
      const { history, bytes } = recorded(steps, rows);
      const chunks = chunksOf(bytes);
      const summaries = chunks.map(({ header }) => header.summary);
      const lost = new Set(places.map((place) => Math.floor(place * chunks.length)));
      const model = await opened(
        [...lost].reduce((file, at) => withHit(file, chunks[at], [SectionId.ROWS, SectionId.KEY_FRAME]), bytes),
      );
      for (const time of new Set(history.states.map((state) => state.time))) {
        const { row, live } = stateUntil(history, time);
        const at = summaries.findIndex(({ firstRow, rows: count }) => firstRow < row && row <= firstRow + count);
        const summary = summaries[at];
        if (summary === undefined) continue;
        const claimed = await model.totalsAt(time);
        if (lost.has(at) && time < summary.endTime) {
          inside++;
          const { minBytes, maxBytes, lastBlocks, allocations, frees } = summary;
          expectWithin(claimed.bytes, minBytes, maxBytes);
          expectWithin(claimed.blocks, lastBlocks - allocations, lastBlocks + frees);
          continue;
        }
        const before = summaries.filter((_, chunk) => lost.has(chunk) && chunk < at).at(-1);
        if (before !== undefined) behind++;
        expect({ time, blocks: claimed.blocks }).toEqual({ time, blocks: exactly(live.length) });
        // What a header tells holds back to what was lost and on to the next one, but for blocks of a size that nobody knows.
        const end = summary.firstRow + summary.rows;
        const lastLost = before === undefined ? 0 : before.firstRow + before.rows;
        if (
          isDoubtful(history, summary.firstRow, row, lastLost, "row") &&
          isDoubtful(history, row, end, lastLost, "row")
        )
          continue;
        expect({ time, bytes: claimed.bytes }).toEqual({ time, bytes: exactly(bytesOf(live)) });
      }
    }),
    { numRuns: 80 },
  );
  expect(inside).toBeGreaterThan(40);
  expect(behind).toBeGreaterThan(40);
});

test("from a loss on the line to the next, one heartbeat makes the number of blocks exact, and their bytes where their sizes are known", async () => {
  let [asked, known] = [0, 0];
  await fc.assert(
    fc.asyncProperty(lineSteps([...withoutRestarts, "beat", "beat"], 5), chunkRows, async (steps, rows) => {
      const { history, bytes } = recorded(steps, rows);
      const model = await opened(bytes);
      const gaps = model.tables.gaps.map(({ since = 0, time }) => ({ since, time }));
      const beats = (await model.heartbeats()).map(({ time }) => time);
      for (const time of new Set(history.states.map((state) => state.time))) {
        const from = Math.max(-Infinity, ...gaps.map((gap) => gap.time).filter((end) => end <= time));
        const to = gaps.find((gap) => gap.since > time)?.since ?? Infinity;
        const within = gaps.some((gap) => gap.since <= time && time < gap.time);
        const near = beats.filter((beat) => beat > from && beat < to);
        if (within || near.length === 0) continue;
        asked++;
        const { live } = stateUntil(history, time);
        const claimed = await model.totalsAt(time);
        expect({ time, blocks: claimed.blocks }).toEqual({ time, blocks: exactly(live.length) });
        const isKnown = near.some((beat) => {
          const [first, last] = [Math.min(beat, time), Math.max(beat, time)];
          return !isDoubtful(history, first - 1, last, from, "time");
        });
        if (!isKnown) continue;
        known++;
        expect({ time, bytes: claimed.bytes }).toEqual({ time, bytes: exactly(bytesOf(live)) });
      }
    }),
    { numRuns: 80 },
  );
  expect(asked).toBeGreaterThan(100);
  expect(known).toBeGreaterThan(100);
});

/** By address; of one address in any order. */
function sorted(blocks: Iterable<string>): string[] {
  return [...blocks].sort();
}

/** Two blocks of one size are being moved from one address, and what told of both is lost. */
const twoMovesAlike = (
  ["alloc", "alloc", "begin", "alloc", "alloc", "realloc", "alloc", "alloc", "begin", "alloc", "alloc"] as const
).map((action, i) => step(action, 0, 0, [0, 5, 2287, 5][i]));

/** Two blocks are being moved from one address, one by the task that allocated the other. */
const moverAllocatedOther: LineStep[] = [
  ...Array.from({ length: 5 }, () => step("alloc")),
  step("begin", 0, 0, 6),
  step("free"),
  step("alloc"),
  step("free"),
  step("free"),
  step("alloc", 1),
  step("realloc", 0, 0, 2),
];

test("a pass over a damaged file sees one unbroken history, which a key frame behind the damage puts right", async () => {
  let corrected = 0;
  const hits = fc.array(anyShare, { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(
      lineSteps([...withoutRestarts, "alloc", "alloc"], 0),
      chunkRows,
      hits,
      async (steps, rows, places) => {
        const { history, bytes } = recorded(steps, rows);
        const chunks = chunksOf(bytes);
        const summaries = chunks.map(({ header }) => header.summary);
        const lost = places.map((place) => Math.floor(place * chunks.length));
        const model = await opened(lost.reduce((file, at) => withHit(file, chunks[at], [SectionId.ROWS]), bytes));
        const live = new Map<number, string>();
        const seen: string[][] = [];
        const told = (columns: LiveColumns, slot: number): string =>
          ["address", "size", "site", "born"].map((name) => columns[name as "size"][slot]).join();
        const gone: boolean[] = [];
        await model.scan(undefined, [
          {
            begin: (columns, slots) => {
              for (const slot of slots) live.set(slot, told(columns, slot));
            },
            born: (columns, slot, _time, cause) => {
              if (cause === Cause.INFERRED) corrected++;
              gone.push(!live.has(slot));
              live.set(slot, told(columns, slot));
            },
            died: (columns, slot) => {
              gone.push(live.get(slot) === told(columns, slot));
              live.delete(slot);
            },
            end: (columns, slots) =>
              seen.push(sorted(live.values()), sorted([...slots].map((slot) => told(columns, slot)))),
          },
        ]);
        expect(gone).not.toContain(false);
        expect(seen[0]).toEqual(seen[1]);
        // Blocks that are found have the time at which they are.
        const healed = summaries.findLastIndex(({ hasKeyFrame, rows: count }) => hasKeyFrame && count > 0);
        if (lost.every((chunk) => chunk < healed)) {
          const placeOf = (block: { readonly address: number; readonly size: number }): string =>
            `${block.address},${block.size}`;
          const expected = sorted((history.states.at(-1)?.live ?? []).map(placeOf));
          expect(sorted([...live.values()].map((one) => one.split(",").slice(0, 2).join()))).toEqual(expected);
        }
        const { bytes: most, live: atPeak } = await model.peak();
        expect(most).toBe(atPeak.size.reduce((sum, size) => sum + size, 0));
      },
    ),
    {
      numRuns: 90,
      examples: [
        [twoMovesAlike, 3, [0]],
        [moverAllocatedOther, 3, [0]],
      ],
    },
  );
  expect(corrected).toBeGreaterThan(0);
});

function exactly(value: number): Bounded {
  return { value, lowest: value, highest: value };
}

function expectWithin({ lowest, highest }: Bounded, least: number, most: number): void {
  expect(lowest).toBeGreaterThanOrEqual(least);
  expect(highest).toBeLessThanOrEqual(most);
}
