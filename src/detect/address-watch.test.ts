// Who shares memory with whom, and what a free of no block hit: against a list of blocks and a set of 16 bytes each, and at the borders.
import fc from "fast-check";
import { expect, test } from "vitest";
import { assertDefined } from "../base/assert.ts";
import { openModel } from "../heap/model.ts";
import type { Anomaly } from "../heap/run-records.ts";
import type { Window } from "../heap/types.ts";
import { Cause } from "../heap/visitor.ts";
import type { Teller } from "../wire/teller.ts";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { stateBefore } from "../../test/plain-answers.ts";
import { ToldHistory, toldSteps, type PlainBlock } from "../../test/told-history.ts";
import { AddressWatch, type FreedBlock, type Overlap, type UnknownFree } from "./address-watch.ts";
import type { FindingBlock } from "./finding.ts";

function blockOf({ address, size, site, task, origin }: PlainBlock): FindingBlock {
  return { address, size, site, task, born: origin };
}

/** Those in which a block begins or that it fills, but for the last. */
function granules({ address, size }: PlainBlock): number[] {
  const first = Math.floor(address / 16);
  const end = Math.floor((address + Math.max(1, size) - 1) / 16);
  return [first, ...Array.from({ length: Math.max(0, end - first - 1) }, (_, i) => first + 1 + i)];
}

class PlainWatch {
  readonly overlaps: Overlap[] = [];
  readonly unknownFrees: UnknownFree[] = [];
  private readonly marked = new Set<number>();
  private readonly blocks = new Map<number, PlainBlock>();
  private readonly freed = new Map<number, FreedBlock>();

  constructor(history: ToldHistory, { from, to }: Window, anomalies: readonly Anomaly[]) {
    const { live, moving } = stateBefore(history, from);
    for (const block of live) for (const granule of granules(block)) this.marked.add(granule);
    // Of two at one address the one that stays.
    for (const block of live.toSorted((a, b) => Number(moving.has(b)) - Number(moving.has(a))))
      if (!moving.has(block) || !this.blocks.has(block.address)) this.blocks.set(block.address, block);
    const left = [...anomalies];
    const judge = (time: number, movingNow: ReadonlySet<PlainBlock>): void => {
      while ((left[0]?.time ?? Infinity) < time) this.judge(assertDefined(left.shift(), "an anomaly"), movingNow);
    };
    let now = moving;
    for (const { row, time, isBirth, block, cause, context, site } of history.changes) {
      if (time < from || time > to) continue;
      const before = assertDefined(history.states[row - 1], "the state before it").moving;
      judge(time, before);
      if (isBirth) this.bear(block, time, cause !== Cause.INFERRED, before);
      else this.bury(block, { time, cause, context, site });
      now = assertDefined(history.states[row], "the state after it").moving;
    }
    judge(Infinity, history.states.findLast((state) => state.row === 0 || state.time <= to)?.moving ?? now);
  }

  private bear(block: PlainBlock, time: number, isCall: boolean, moving: ReadonlySet<PlainBlock>): void {
    this.freed.delete(block.address);
    this.blocks.set(block.address, block);
    const isMet = granules(block).some((granule) => this.marked.has(granule));
    for (const granule of granules(block)) this.marked.add(granule);
    if (!isMet || !isCall || this.overlaps.length >= 100) return;
    const end = block.address + block.size;
    const behind = [...this.blocks.values()]
      .filter((one) => one.address > block.address && one.address < end && !moving.has(one))
      .sort((a, b) => a.address - b.address)[0];
    const old = this.around(block.address, moving) ?? behind;
    if (old !== undefined) this.overlaps.push({ time, fresh: blockOf(block), old: blockOf(old) });
  }

  private bury(
    block: PlainBlock,
    { time, cause, context, site }: { time: number; cause: number; context: number; site: number },
  ): void {
    for (const granule of granules(block)) this.marked.delete(granule);
    if (this.blocks.get(block.address) === block) this.blocks.delete(block.address);
    this.freed.delete(block.address);
    if (cause !== Cause.CALL && cause !== Cause.REALLOC) return;
    const how = { freedAt: time, moved: cause === Cause.REALLOC, freeSite: site, freeTask: context >> 2 };
    this.freed.set(block.address, { ...blockOf(block), ...how });
  }

  private judge(anomaly: Anomaly, moving: ReadonlySet<PlainBlock>): void {
    const isMarked = this.marked.has(Math.floor(anomaly.address / 16));
    const around = isMarked ? this.around(anomaly.address, moving) : undefined;
    const before = this.freed.get(anomaly.address);
    this.unknownFrees.push({
      anomaly,
      ...(around !== undefined && around.born < anomaly.time && { inside: blockOf(around) }),
      ...(before !== undefined && before.freedAt < anomaly.time && { before }),
    });
  }

  /** The nearest that begins below, if it reaches so far. */
  private around(address: number, moving: ReadonlySet<PlainBlock>): PlainBlock | undefined {
    const below = [...this.blocks.values()].filter((one) => one.address < address && !moving.has(one));
    const nearest = below.sort((a, b) => b.address - a.address)[0];
    return nearest !== undefined && address < nearest.address + nearest.size ? nearest : undefined;
  }
}

test("as a list of blocks has it, in any window", async () => {
  await fc.assert(
    fc.asyncProperty(toldSteps(60), fc.nat(100), fc.nat(100), async (steps, a, b) => {
      let history: ToldHistory | undefined;
      const run = recordRun((sink) => {
        history = new ToldHistory(sink, testBoot);
        history.play(steps);
      });
      const model = await openModel(run);
      const at = (share: number): number => Math.round((model.span.to * share) / 100);
      const window = { from: at(Math.min(a, b)), to: at(Math.max(a, b)) };
      const anomalies = model.tables.anomalies.filter(
        ({ kind, time }) => kind === "unknown-free" && time >= window.from && time <= window.to,
      );
      const watch = new AddressWatch(anomalies);
      await model.scan(window, [watch]);
      const plain = new PlainWatch(assertDefined(history, "a history"), window, anomalies);
      expect(watch.overlaps).toEqual(plain.overlaps);
      expect(watch.unknownFrees).toEqual(plain.unknownFrees);
    }),
    { numRuns: 80 },
  );
});

const A = 0x3f80_0000;

async function watched(play: (sink: Teller) => void): Promise<AddressWatch> {
  const model = await openModel(
    recordRun((sink) => {
      sink.record({ kind: "boot", value: testBoot });
      play(sink);
    }),
  );
  const watch = new AddressWatch(model.tables.anomalies.filter(({ kind }) => kind === "unknown-free"));
  await model.scan(model.span, [watch]);
  return watch;
}

const live = (sink: Teller, address: number, size: number): void => sink.alloc(1, address, size, 1, 3, 0);

async function hit(
  address: number,
  ...blocks: readonly (readonly [address: number, size: number])[]
): Promise<unknown> {
  const { unknownFrees } = await watched((sink) => {
    for (const [start, size] of blocks) live(sink, start, size);
    sink.record({ kind: "unknownFree", value: { time: 9, address, site: 2, task: 3, core: 0 } });
  });
  return unknownFrees.map(({ inside }) => inside?.address);
}

test("a block is looked for up to a mebibyte below, and as far as addresses go", async () => {
  const MEBIBYTE = 1 << 20;
  expect(await hit(A + MEBIBYTE - 1, [A, 3 * MEBIBYTE])).toEqual([A]);
  expect(await hit(A + MEBIBYTE, [A, 3 * MEBIBYTE])).toEqual([undefined]);
  expect(await hit(0xffff_ffe8, [0xffff_ffe0, 0xffff])).toEqual([0xffff_ffe0]);
  expect(await hit(0xffff_fff8, [0xffff_ffe0, 0xffff])).toEqual([undefined]); // its last 16 bytes may be another's
  expect(await hit(A + MEBIBYTE + 4, [A + 16, MEBIBYTE - 8])).toEqual([undefined]);
  expect(await hit(24, [4, 100])).toEqual([4]);
  expect(await hit(0, [4, 100])).toEqual([undefined]);
});

test("a block that a new one covers is looked for up to a mebibyte above its beginning", async () => {
  const MEBIBYTE = 1 << 20;
  const covered = async (size: number, ...at: readonly number[]): Promise<unknown> => {
    const { overlaps } = await watched((sink) => {
      for (const address of at) live(sink, A + address, 64);
      live(sink, A, size);
    });
    return overlaps.map(({ old }) => old.address - A);
  };
  expect(await covered(2 * MEBIBYTE, MEBIBYTE - 4)).toEqual([MEBIBYTE - 4]);
  expect(await covered(2 * MEBIBYTE, MEBIBYTE)).toEqual([]);
  expect(await covered(640, 320, 128, 64)).toEqual([64]);
});

test("of overlaps a hundred are kept, and none after a loss", async () => {
  const many = await watched((sink) => {
    for (let i = 0; i < 102; i++) sink.alloc(i, A + 4 * i, 4096, 1, 3, 0);
  });
  expect(many.overlaps).toHaveLength(100);
  const lost = await watched((sink) => {
    live(sink, A, 640);
    sink.record({ kind: "gap", value: { time: 2, reason: "frames-lost", lostFrames: 1 } });
    live(sink, A + 64, 640);
  });
  expect(lost.overlaps).toEqual([]);
});

test("what was freed is not held against a free after a loss, nor where it is not known to have been the last", async () => {
  const before = async (...between: readonly ((sink: Teller) => void)[]): Promise<unknown> => {
    const { unknownFrees } = await watched((sink) => {
      live(sink, A, 64);
      for (const one of between) one(sink);
      sink.record({ kind: "unknownFree", value: { time: 9, address: A, site: 2, task: 3, core: 0 } });
    });
    return unknownFrees.map((free) => free.before?.freedAt);
  };
  const free = (sink: Teller): void => sink.free(3, A, 2, 3, 0);
  const gap = (sink: Teller): void => {
    sink.record({ kind: "gap", value: { time: 4, reason: "frames-lost", lostFrames: 1 } });
  };
  expect(await before(free)).toEqual([3]);
  expect(await before(free, gap)).toEqual([undefined]);
  expect(await before(gap, free)).toEqual([undefined]);
});

test("a block that may have been freed unseen contains nothing for sure", async () => {
  const { unknownFrees } = await watched((sink) => {
    live(sink, A, 64);
    sink.record({ kind: "gap", value: { time: 4, reason: "frames-lost", lostFrames: 1 } });
    sink.record({ kind: "unknownFree", value: { time: 9, address: A + 8, site: 2, task: 3, core: 0 } });
  });
  expect(unknownFrees.map(({ inside }) => inside)).toEqual([undefined]);
});

test("a block that is on its way elsewhere as the watch begins is seen again where it stays, and is another's where one took its place", async () => {
  const inside = async (...after: readonly ((sink: Teller) => void)[]): Promise<unknown> => {
    const model = await openModel(
      recordRun((sink) => {
        sink.record({ kind: "boot", value: testBoot });
        live(sink, A, 64);
        sink.record({ kind: "reallocBegin", value: { time: 2, address: A, task: 3, core: 0 } });
        for (const one of after) one(sink);
        sink.record({ kind: "unknownFree", value: { time: 9, address: A + 24, site: 2, task: 3, core: 0 } });
      }),
    );
    const watch = new AddressWatch(model.tables.anomalies.filter(({ kind }) => kind === "unknown-free"));
    await model.scan({ from: 5, to: 9 }, [watch]);
    return watch.unknownFrees.map(({ inside: block }) => block?.size);
  };
  const stays = (sink: Teller): void =>
    sink.record({ kind: "reallocFailed", value: { time: 6, address: A, size: 80, site: 1, task: 3, core: 0 } });
  expect(await inside()).toEqual([undefined]);
  expect(await inside(stays)).toEqual([64]);
  expect(await inside((sink) => sink.alloc(4, A, 48, 1, 4, 0))).toEqual([48]);
});
