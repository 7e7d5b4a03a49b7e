// What is lost by which callers, until when, and by whose tasks: at the borders between one finding and another.
import { expect, test } from "vitest";
import { told } from "../../test/finding-text.ts";
import { recordRun, testBoot } from "../../test/heap-text.ts";
import { openModel } from "../heap/model.ts";
import { FailureReason, Method } from "../wire/protocol.ts";
import type { Boot, Region } from "../wire/records.ts";
import type { Teller } from "../wire/teller.ts";
import type { Finding } from "./finding.ts";
import { detect, type DetectOptions } from "./run.ts";

const SECOND = 1e6;
const DATA = 0x3ffb_0000;

/** Times in seconds; `to` is missing where it is never freed. */
interface Block {
  readonly from: number;
  readonly to?: number;
  readonly site?: number;
  readonly size?: number;
  readonly task?: number;
  readonly freedBy?: number;
  /** The site that frees it. */
  readonly freedAt?: number;
}

interface Told {
  readonly time: number;
  readonly play: (sink: Teller, time: number) => void;
}

interface Circumstances {
  readonly length?: number;
  /** Outermost first: "loop>fetch". */
  readonly stacks?: readonly string[];
  readonly more?: readonly Told[];
  readonly boot?: Partial<Boot>;
  readonly options?: DetectOptions;
}

async function found(
  blocks: readonly Block[],
  { length = 1000, stacks = ["loop>fetch"], more = [], boot = {}, options = {} }: Circumstances = {},
): Promise<readonly Finding[]> {
  const calls = blocks.flatMap(({ from, to, site = 1, size = 64, task = 3, freedBy = task, freedAt = site }, i): Told[] => [
    { time: from, play: (sink, time) => sink.alloc(time, DATA + 512 * i, size, site, task, 0) },
    ...(to === undefined ? [] : [{ time: to, play: (sink: Teller, time: number) => sink.free(time, DATA + 512 * i, freedAt, freedBy, 0) }]),
  ]);
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: { ...testBoot, ...boot } });
    for (const id of [3, 4, 5, 6, 7]) sink.record({ kind: "task", value: { id, name: `task_${id}`, handle: id } });
    for (const [i, stack] of stacks.entries()) {
      const frames = stack.split(">").reverse().map((name) => ({ function: name }));
      sink.record({ kind: "site", value: { id: i + 1, method: Method.MALLOC, caps: 4, frames } });
    }
    for (const { time, play } of [...calls, ...more].sort((a, b) => a.time - b.time)) play(sink, Math.round(time * SECOND));
    sink.record({ kind: "mark", value: { time: length * SECOND, name: "end", task: 3, core: 0 } });
  });
  return (await detect(await openModel(run), { group: "leaks", ...options })).findings;
} // prettier-ignore

/** A block each `every` seconds. */
function each(every: number, from: number, to: number, more: Partial<Block> & { life?: number } = {}): Block[] {
  const { life, ...rest } = more;
  return Array.from({ length: Math.floor((to - from) / every) }, (_, i) => {
    const at = from + (i + 0.5) * every;
    return { ...rest, from: at, ...(life !== undefined && { to: at + life }) };
  });
}

const region = (free: number, start = DATA): Region => {
  return { name: "DRAM", start, end: start + 0x4_0000, caps: 4, free, largestFree: free };
};

test("what grew until memory was used up is judged by that", async () => {
  const refused = (time: number, ...free: readonly number[]): Told => {
    const regions = free.map((bytes, i) => region(bytes, DATA + 0x10_0000 * i));
    const value = { number: 1 + time, reason: FailureReason.NO_MEMORY, size: 1000, caps: 4, regions };
    return { time, play: (sink, now) => sink.record({ kind: "failure", value: { ...value, time: now } }) };
  };
  const of = (until: number, ...more: readonly Told[]): Promise<readonly Finding[]> =>
    found(each(4, 0, until), { more });
  const since = (from: number, epochs: number): Promise<readonly Finding[]> => {
    const until = from + (epochs * 0.98 * (1000 - from)) / 48;
    const options = { window: { from: from * SECOND, to: 1000 * SECOND } };
    return found(each(4, 0, until), { more: [refused(until, 10)], options });
  };
  const epoch = 980 / 48;
  await expect(
    told({
      "no request is refused": await of(500),
      "less than twice the request is free": await of(500, refused(500, 1999)),
      "twice the request is free": await of(500, refused(500, 2000)),
      "little is free in two regions": await of(500, refused(500, 1999, 10)),
      "enough is free in one of two regions": await of(500, refused(500, 10, 2000)),
      "what was free is not told": await of(500, refused(500)),
      "one was refused at once": await of(500, refused(0, 10), refused(500, 10)),
      "one was refused at the end": await of(500, refused(1000, 10)),
      "after ten stretches of the run": await of(10 * epoch, refused(10.5 * epoch, 10)),
      "in the tenth stretch of the run": await of(9.5 * epoch, refused(9.9 * epoch, 10)),
      "after ten stretches of a window": await since(100, 10.5),
      "in the tenth stretch of a window": await since(100, 9.9),
      "less than three minutes after a window began": await since(200, 10.5),
      "it goes on all the same": await of(1000, refused(500, 10)),
    }),
  ).toMatchFileSnapshot("../../test/answers/leaks-used-up.txt");
});

test("callers that lose nothing are left out", async () => {
  const stacks = ["a>fetch", "b>fetch", "c>fetch", "d>fetch", "e>fetch", "f>fetch", "g>fetch"];
  // Three callers, each of which loses too little to say so alone.
  const little = [1, 2, 3].flatMap((site) => each(220, 20 + 30 * site, 1000, { site }));
  const with4 = (...blocks: readonly Block[]): Promise<readonly Finding[]> => found([...little, ...blocks], { stacks });
  const used = (count: number, freed: number, from = 100, to = 900): Block[] =>
    each((to - from) / count, from, to, { site: 4 }).map((one, i) => (i < freed ? { ...one, to: one.from + 1 } : one));
  const clear = (...sites: readonly number[]): Block[] => sites.flatMap((site) => each(20, site, 1000, { site }));
  await expect(
    told({
      "nobody else calls": await with4(),
      "one that frees more than three in ten": await with4(...used(10, 4)),
      "one that frees three in ten": await with4(...used(10, 3)),
      "one that frees nothing, and took all in the first half": await with4(...used(10, 0, 100, 400)),
      "one of eight that took all in the first half": await with4(...used(8, 0, 100, 400)),
      "one of seven that took all in the first half": await with4(...used(7, 0, 100, 400)),
      "one that frees all": await with4(...used(30, 30)),
      "one that loses clearly": await found([...clear(1), ...used(10, 10)], { stacks }),
      "four that lose clearly": await found(clear(1, 2, 3, 4), { stacks }),
      "five that lose clearly": await found(clear(1, 2, 3, 4, 5), { stacks }),
      "five that lose clearly, and one that does not": await found([...clear(1, 2, 3, 4, 5), ...each(30, 0, 1000, { site: 6, life: 1 })], { stacks }),
      "four that do not, of different names": await found([...clear(1), ...[2, 3, 4, 5].flatMap((site) => each(30, 0, 1000, { site, life: 1 }))], { stacks }),
      "three that do not": await found([...clear(1), ...[2, 3, 4].flatMap((site) => each(30, 0, 1000, { site, life: 1 }))], { stacks }),
      "each of seven calls once": await found(stacks.map((_, i) => ({ from: 100 + 100 * i, site: i + 1 })), { stacks }),
      "each of seven calls twice": await found(stacks.flatMap((_, i) => [{ from: 100 + 100 * i, site: i + 1 }, { from: 150 + 100 * i, site: i + 1 }]), { stacks }),
      "the way forks further out": await found([...clear(1), ...each(30, 0, 1000, { site: 2, life: 1 })], { stacks: ["x>a>fetch", "y>a>fetch"] }),
      "the way forks further out, beside another": await found([...clear(1, 3), ...each(30, 0, 1000, { site: 2, life: 1 })], { stacks: ["x>a>fetch", "y>a>fetch", "b>fetch"] }),
      "a caller is the last that is known": await found([...clear(1), ...each(30, 0, 1000, { site: 2, life: 1 })], { stacks: ["a>fetch", "fetch"] }),
      "sites without a name": await found(clear(1, 2), { stacks: ["", ""] }),
    }),
  ).toMatchFileSnapshot("../../test/answers/leaks-callers.txt");
}); // prettier-ignore

test("what a caller has taken before the time that is looked at is no part of what others lose in it", async () => {
  const stacks = ["a>fetch", "b>fetch", "c>fetch", "d>fetch"];
  const little = [1, 2, 3].flatMap((site) => each(220, 220 + 30 * site, 1000, { site }));
  const blamed = async (from: number): Promise<readonly (readonly [number | undefined, readonly number[]])[]> => {
    const options = { window: { from: 200 * SECOND, to: 1000 * SECOND } };
    const findings = await found([...little, { from, site: 4 }], { stacks, options });
    return findings.filter(({ rule }) => rule === "leak").map(({ blockCount, sites }) => [blockCount, sites.map(({ site }) => site)]);
  };
  expect(await blamed(100)).toEqual([[little.length, [1, 2, 3]]]);
  expect(await blamed(300)).toEqual([[little.length + 1, [1, 2, 3, 4]]]);
}); // prettier-ignore

test("while parts of a program still begin, what is never freed is no leak", async () => {
  const stacks = Array.from({ length: 20 }, (_, i) => `part_${i}`);
  const isFound = async (late: number, all: number, from = 50, length = 100): Promise<boolean> => {
    const early = Array.from({ length: all - late - 1 }, (_, i) => ({ from: 1, site: 2 + i }));
    const later = Array.from({ length: late }, (_, i) => ({ from, site: 20 - i }));
    const findings = await found([...each(2, 0, length), ...early, ...later], { stacks, length });
    return findings.some(({ rule }) => rule === "leak");
  };
  const isLeak = await Promise.all([
    isFound(3, 15, 50.1), isFound(2, 10, 50.1), isFound(3, 16, 50.1), isFound(3, 15, 50), isFound(3, 15, 120, 180),
  ]); // prettier-ignore
  expect(isLeak).toEqual([false, true, true, true, true]);
});

test("blocks that outlive their task", async () => {
  const ends = (id: number, time: number, name = `task_${id}`): Told => ({
    time,
    play: (sink) => sink.record({ kind: "task", value: { id, name, handle: id, deleted: true } }),
  });
  const held = (...tasks: readonly number[]): Block[] => tasks.map((task, i) => ({ from: 10 + i, task, size: 40 + i }));
  // A site that frees, some by another task.
  const busy = (count: number, foreign: number): Block[] =>
    each(1, 100, 100 + count, { life: 0.5 }).map((one, i) => (i < foreign ? { ...one, freedBy: 4 } : one));
  await expect(
    told({
      "of one task": await found(held(5, 5), { more: [ends(5, 100)] }),
      "of three tasks": await found(held(5, 6, 7), { more: [5, 6, 7].map((id) => ends(id, 100)) }),
      "of two tasks": await found(held(5, 6), { more: [5, 6].map((id) => ends(id, 100)) }),
      "of a task that lives": await found(held(5, 6), { more: [ends(6, 100)] }),
      "of the main task": await found(held(5), { more: [ends(5, 100, "main")] }),
      "of a task that ended just before the last tenth": await found([...held(5), { from: 899.9, to: 899.95 }], { more: [ends(5, 899.99)] }),
      "of a task that ended in the last tenth": await found([...held(5), { from: 900, to: 900.5 }], { more: [ends(5, 901)] }),
      "one free in ten by another task": await found([...held(5), ...busy(20, 2)], { more: [ends(5, 50)] }),
      "more than one free in ten by another task": await found([...held(5), ...busy(20, 3)], { more: [ends(5, 50)] }),
      "by two ways": await found([...held(5, 6), ...held(5, 7).map((one) => ({ ...one, site: 2 }))], { stacks: ["a>fetch", "b>fetch"], more: [5, 6, 7].map((id) => ends(id, 100)) }),
      "of what leaks anyway": await found(each(10, 0, 1000, { task: 5 }).map((one) => ({ ...one, task: one.from < 500 ? 5 : 3 })), { more: [ends(5, 600)] }),
    }),
  ).toMatchFileSnapshot("../../test/answers/leaks-orphans.txt");
}); // prettier-ignore

test("what a leak is known by", async () => {
  const leak = each(10, 0, 1000);
  const gap = (time: number): Told => ({
    time,
    play: (sink, now) => sink.record({ kind: "gap", value: { time: now, reason: "frames-lost", lostFrames: 1 } }),
  });
  const some = (share: number): Block[] => each(5, 0, 1000).map((one, i) => (i % share === 0 ? one : { ...one, to: one.from + 1 }));
  const tasks = (first: number): Block[] => leak.map((one, i) => ({ ...one, task: i < first ? 4 : i < 2 * first ? 5 : i % 2 === 0 ? 6 : 7 }));
  const owners = ["loop>fetch", "done", "failed"];
  await expect(
    told({
      "plainly": await found(leak),
      "of a sample": await found(leak, { boot: { sampleInterval: 16 } }),
      "some of many": await found(some(10)),
      "some of many, of a sample": await found(some(10), { boot: { sampleInterval: 16 } }),
      "a tenth may have been freed meanwhile": await found(leak, { more: [gap(101)] }),
      "more may have been freed meanwhile": await found(leak, { more: [gap(121)] }),
      "half of it by one task": await found(tasks(50)),
      "less than half of it by one task": await found(tasks(49)),
      "freed by another task, half of the time": await found(some(10).map((one, i) => ({ ...one, freedBy: i % 2 === 0 ? 4 : 3 }))),
      "freed by another task, mostly": await found(some(10).map((one, i) => ({ ...one, freedBy: i % 4 === 0 ? 3 : 4 }))),
      "expected": await found(leak, { stacks: owners, options: { suppressions: [{ pattern: "^fetch$", reason: "a pool", source: "mine", atMost: Infinity, matches: ({ text }) => text.includes("fetch") }] } }),
      "lost in a spell": await found([...each(5, 0, 1000, { life: 1 }), ...each(8, 200, 300)]),
      "lost in a spell that has just ended": await found([...each(5, 0, 1000, { life: 1 }), ...each(30, 200, 900)]),
      "freed by several": await found(some(5).map((one, i) => ({ ...one, freedAt: i % 3 === 0 ? 2 : 3 })), { stacks: owners }),
      "of two requests at one place, one of which came before the window": await found([...leak, { from: 100, site: 2 }], { stacks: ["loop>fetch", "loop>fetch"], options: { window: { from: 200 * SECOND, to: 1000 * SECOND } } }),
      "in a short window": await found(each(6, 0, 1000), { options: { window: { from: 200 * SECOND, to: 300 * SECOND } } }),
      "of two requests at one place, one of which was freed": await found([...leak, { from: 100, to: 101, site: 2 }], { stacks: ["loop>fetch", "loop>fetch"] }),
      "freed at shutdown": await found(leak.map((one) => ({ ...one, to: 985 + one.from / 1000 }))),
      "in a window": await found(leak, { options: { window: { from: 200 * SECOND, to: 800 * SECOND } } }),
    }),
  ).toMatchFileSnapshot("../../test/answers/leaks-evidence.txt");
}); // prettier-ignore
