// Every question to a model, of random histories in chunks of any size, against plain answers from copies of all states.
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { withFewKeyFrames } from "../../test/few-key-frames.ts";
import { testBoot } from "../../test/heap-text.ts";
import {
  activity,
  groups,
  peak,
  rowsOfTable,
  siteTotals,
  stateBefore,
  stateUntil,
  tableOfState,
  timeline,
  totals,
  type Weight,
} from "../../test/plain-answers.ts";
import { REGIONS, ToldHistory, toldSteps, type PlainBlock, type PlainChange } from "../../test/told-history.ts";
import { anyShare } from "../../test/share.ts";
import { KeptStates } from "./kept-states.ts";
import { openModel } from "./model.ts";
import type { HeapModel } from "./model-api.ts";
import type { BlockFilter } from "./filter.ts";
import type { Run } from "./run.ts";
import { RunRecorder } from "./run-recorder.ts";
import { LIFETIME_BUCKETS, type Activity, type GroupKey, type Window } from "./types.ts";
import { BlockFlag } from "./types.ts";
import type { LiveColumns } from "./visitor.ts";

interface Told {
  readonly history: ToldHistory;
  readonly model: HeapModel;
  readonly run: Run;
}

interface Setting {
  readonly chunkRows: number;
  readonly interval: number;
  /** As a run is read: with key frames of most chunks, of few, or where states are kept. */
  readonly reading: "plain" | "few key frames" | "kept states";
}

const settings: fc.Arbitrary<Setting> = fc.record({
  chunkRows: fc.constantFrom(2, 3, 5, 16, 200),
  interval: fc.constantFrom(1, 1, 1, 3),
  reading: fc.constantFrom("plain", "few key frames", "kept states"),
});

async function told(steps: Parameters<ToldHistory["play"]>[0], setting: Setting): Promise<Told> {
  const recorder = new RunRecorder({ chunkRows: setting.chunkRows });
  const history = new ToldHistory(recorder, { ...testBoot, sampleInterval: setting.interval });
  history.play(steps);
  recorder.flush();
  const sparse = withFewKeyFrames(recorder.run);
  const run: Run =
    setting.reading === "plain"
      ? recorder.run
      : setting.reading === "few key frames"
        ? sparse
        : { ...sparse, states: new KeptStates() };
  return { history, model: await openModel(run), run };
}

/** Moments of a run: of its rows, between them, and outside. */
function momentsOf({ history }: Told, places: readonly number[]): number[] {
  const times = history.states.map(({ time }) => time);
  const last = times.at(-1) ?? 0;
  return places.flatMap((place) => {
    const time = times[Math.floor(place * times.length)] ?? 0;
    return [time, time + 1, Math.floor(place * (last + 10)) - 1];
  });
}

function windowsOf(run: Told, places: readonly number[]): Window[] {
  const moments = momentsOf(run, places);
  return moments.flatMap((one, i) => {
    const other = moments[(i + 4) % moments.length] ?? 0;
    return [{ from: Math.min(one, other), to: Math.max(one, other) }];
  });
}

const FILTERS: readonly (BlockFilter | undefined)[] = [
  undefined,
  filterOf("size", (_address, size) => size > 30),
  filterOf("site", (_address, _size, site) => site % 2 === 1),
  filterOf("context", (_address, _size, _site, context) => context % 8 > 3),
  filterOf("place", (address) => address < 0x3fff_0000 && address % 32 === 0),
  filterOf("age", (_address, _size, _site, _context, born, until) => until - born > 1_000_000),
  filterOf("birth", (_address, _size, _site, _context, born) => born > 3_000_000),
];

/** `toEqual`, which takes its time, only where there is something to show. */
function expectEqual(found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected)) expect(found).toEqual(expected);
}

function someFilter(places: readonly number[], { to }: Window): BlockFilter | undefined {
  return FILTERS[(Math.floor((places[0] ?? 0) * 1000) + to) % FILTERS.length];
}

function filterOf(query: string, accepts: BlockFilter["accepts"]): BlockFilter {
  return { query, hasAge: query === "age", remarks: [], accepts };
}

const weightOf =
  ({ interval }: Setting): Weight =>
  () =>
    interval;

/** Some runs, places in them, and what is asked. */
async function holds(
  ask: (run: Told, places: readonly number[], setting: Setting) => Promise<void>,
  numRuns: number,
): Promise<void> {
  const places = fc.array(anyShare, { minLength: 3, maxLength: 3 });
  const property = fc.asyncProperty(toldSteps(60), settings, places, async (steps, setting, where) =>
    ask(await told(steps, setting), where, setting),
  );
  await fc.assert(property, { numRuns });
}

test("what is live at a moment, with all that is known of it, and the totals", async () => {
  await holds(async (run, places, { interval }) => {
    const { history, model } = run;
    for (const time of momentsOf(run, places)) {
      const state = stateUntil(history, time);
      const filter = someFilter(places, { from: 0, to: time });
      expectEqual(rowsOfTable(await model.liveAt(time, filter)), tableOfState(state, filter, time));
      const moment = await model.momentAt(time);
      expectEqual(rowsOfTable(moment.blocks), tableOfState(state, undefined, time));
      if (interval === 1) expect(await model.totalsAt(time)).toEqual(totals(state, time));
      expectEqual(moment.totals, await model.totalsAt(time));
      expectEqual(moment.regions, await model.regionsAt(time));
    }
  }, 26);
});

test("the peak of a window and who survives it", async () => {
  await holds(async (run, places, setting) => {
    const { history, model } = run;
    for (const window of windowsOf(run, places)) {
      for (const filter of [undefined, someFilter(places, window)]) {
        const found = await model.peak(window, filter);
        expectEqual({ ...found, live: rowsOfTable(found.live) }, peak(history, window, filter, weightOf(setting)));
        const survivors = tableOfState(stateUntil(history, window.to), filter, window.to, window.from);
        expectEqual(rowsOfTable(await model.survivors(window, filter)), survivors);
      }
    }
  }, 26);
});

/** By group: what each column says of it. */
function byGroup({ window: _window, lifetimes, ...columns }: Activity, groups: number): unknown[] {
  const names = Object.keys(columns) as (keyof typeof columns)[];
  return Array.from({ length: groups }, (_, group) => ({
    ...Object.fromEntries(names.map((name) => [name, columns[name][group]])),
    lifetimes: [...lifetimes.subarray(group * LIFETIME_BUCKETS, (group + 1) * LIFETIME_BUCKETS)],
  }));
}

test("what each site and each task did in a window", async () => {
  await holds(async (run, places, setting) => {
    const { history, model } = run;
    const temporaryWithin = setting.interval === 1 ? 1 : 0;
    const plain = (
      window: Window,
      count: number,
      of: (block: PlainBlock) => number,
      filter: BlockFilter | undefined,
    ): unknown => activity(history, window, count, of, filter, weightOf(setting), temporaryWithin);
    for (const window of windowsOf(run, places).slice(0, 4)) {
      for (const filter of [undefined, someFilter(places, window)]) {
        const { sites, ...found } = await model.activity(window, filter);
        expect(sites).toBe(model.tables.sites.length);
        expectEqual(found.window, window);
        expectEqual(
          byGroup(found, sites),
          plain(window, sites, ({ site }) => site, filter),
        );
        const { keys, ...ofGroups } = await model.groupActivity("core", window, filter);
        expectEqual(
          byGroup(ofGroups, keys.length),
          plain(window, keys.length, ({ core }) => core, filter),
        );
      }
    }
  }, 18);
});

test("live bytes over time, in buckets, and each site's totals at regular moments", async () => {
  await holds(async (run, places, setting) => {
    const { history, model } = run;
    for (const window of windowsOf(run, places).slice(2, 6)) {
      for (const filter of [undefined, someFilter(places, window)]) {
        const { length, ...columns } = await model.timeline(window, 7, filter);
        const names = Object.keys(columns) as (keyof typeof columns)[];
        const found = Array.from({ length }, (_, i) =>
          Object.fromEntries(names.map((name) => [name, columns[name][i]])),
        );
        expectEqual(found, timeline(history, window, 7, filter, weightOf(setting)));
      }
      await expectSeries(run, window, 6);
    }
  }, 18);
});

async function expectSeries({ history, model, run }: Told, window: Window, wanted: number): Promise<void> {
  const { samples, sites, time, ...columns } = await model.siteSeries(window, wanted);
  const stored = run.chunks.filter(
    ({ hasTotals, startTime }) => hasTotals && startTime >= window.from && startTime <= window.to,
  );
  const evenly = Array.from({ length: wanted }, (_, i) => window.from + ((window.to - window.from) * (i + 1)) / wanted);
  const picked = evenly.map((_, i) => stored[Math.floor((i * (stored.length - 1)) / (wanted - 1))]);
  const expected =
    stored.length < wanted
      ? evenly.map((at) => ({ at, state: stateUntil(history, at) }))
      : picked.map((chunk) => ({ at: chunk?.startTime, state: history.states[chunk?.firstRow ?? 0] }));
  expectEqual([samples, sites, [...time]], [wanted, model.tables.sites.length, expected.map(({ at }) => at)]);
  expected.forEach(({ state = stateUntil(history, 0) }, sample) => {
    const found = Object.entries(columns).map(([name, column]) => [
      name,
      [...column.subarray(sample * sites, (sample + 1) * sites)],
    ]);
    expectEqual(Object.fromEntries(found), siteTotals(history, state, sites));
  });
}

test("blocks by what they have in common", async () => {
  await holds(async (run, places, setting) => {
    const { history, model } = run;
    const { sites, tasks } = model.tables;
    const regionOf = ({ address }: PlainBlock): string | undefined => {
      const region = REGIONS.find(({ start, end }) => address >= start && address < end);
      return history.reports.length === 0 || region === undefined
        ? undefined
        : `${region.name} 0x${region.start.toString(16)}`;
    };
    const keys: Partial<Record<GroupKey, (block: PlainBlock) => string>> = {
      site: ({ site }) => {
        const { file, line, function: name } = history.sites.get(site) ?? {};
        const nameless = site === 0 ? "unknown site" : `site ${sites[site]?.deviceId}`;
        return name === undefined ? nameless : `${file?.split("/").at(-1)}:${line} ${name}`;
      },
      function: ({ site }) => history.sites.get(site)?.function ?? "?",
      file: ({ site }) => history.sites.get(site)?.file ?? "?",
      component: ({ site }) => history.sites.get(site)?.file?.split("/")[1] ?? "?",
      method: ({ site }) => ["unknown", "malloc", "calloc"][history.sites.get(site)?.method ?? 0] ?? "",
      // Of tasks that nothing describes those before one that is described have a name.
      task: ({ task }) =>
        ["startup", "interrupt", "other"][task] ??
        history.taskNames.get(task) ??
        (task < tasks.length ? `task ${task}` : "?"),
      core: ({ core }) => `core ${core}`,
      region: (block) => regionOf(block) ?? "?",
      "size-class": ({ size }) => {
        if (size <= 2) return `${size} B`;
        let top = 2;
        while (top < size) top *= 2;
        return `${top / 2 + 1}–${top} B`;
      },
      generation: ({ born }) => {
        const count = history.marks.filter(({ time }) => time <= born).length;
        return count === 0 ? "before the first mark" : `${count}: ${history.marks[count - 1]?.name}`;
      },
      boot: ({ born }) => `boot ${history.boots.filter(({ startedAt }) => startedAt <= born).length}`,
    };
    for (const time of momentsOf(run, places)) {
      const { live } = stateUntil(history, time);
      const table = await model.liveAt(time);
      for (const [by, keyOf] of Object.entries(keys))
        expectEqual(model.group(table, by as GroupKey), groups(live, keyOf, weightOf(setting)));
    }
  }, 18);
});

test("a pass shows each birth and death of a window, and what lives at its edges", async () => {
  await holds(async (run, places) => {
    const { history, model } = run;
    for (const window of windowsOf(run, places)) {
      const blockOf = (live: LiveColumns, slot: number): PlainBlock => ({
        address: live.address[slot] ?? NaN,
        size: live.size[slot] ?? NaN,
        site: live.site[slot] ?? NaN,
        task: (live.context[slot] ?? NaN) >>> 2,
        core: (live.context[slot] ?? NaN) & 3,
        born: live.born[slot] ?? NaN,
        origin: live.originOf(slot),
        reallocs: live.reallocs[slot] ?? NaN,
      });
      const isMoving = (live: LiveColumns, slot: number): boolean => live.flags(slot) === BlockFlag.MOVING;
      const seen: PlainChange[] = [];
      const edges: unknown[] = [];
      const edge = (live: LiveColumns, slots: Iterable<number>, time: number): void => {
        edges.push(time, new Set([...slots].map((slot) => blockOf(live, slot))));
      };
      await model.scan(window, [
        {
          begin: edge,
          born: (live, slot, time, cause, row) =>
            seen.push({
              row,
              time,
              isBirth: true,
              block: blockOf(live, slot),
              isMoving: isMoving(live, slot),
              cause,
              context: 0,
              site: 0,
            }),
          died: (live, slot, time, cause, context, site, row) =>
            seen.push({
              row,
              time,
              isBirth: false,
              block: blockOf(live, slot),
              isMoving: isMoving(live, slot),
              cause,
              context,
              site,
            }),
          end: edge,
        },
      ]);
      const { from, to } = window;
      // Those of a restart come in no order.
      const inOrder = (changes: readonly PlainChange[]): PlainChange[] =>
        [...changes].sort(
          (a, b) =>
            a.row - b.row ||
            (a.cause === 3 && b.cause === 3 ? a.block.address - b.block.address || a.block.born - b.block.born : 0),
        );
      expectEqual(inOrder(seen), inOrder(history.changes.filter(({ time }) => time >= from && time <= to)));
      const [before, after] = [stateBefore(history, from), stateUntil(history, to)];
      expectEqual(edges, [from, new Set(before.live), to, new Set(after.live)]);
    }
  }, 18);
});

test("what is told beside the blocks: boots, sites, tasks, marks, text, heartbeats, answers on regions, oddities", async () => {
  await holds(async (run, places) => {
    const { history, model } = run;
    const { tables } = model;
    expectEqual(
      tables.boots,
      history.boots.map(({ boot, startedAt }) => ({ ...boot, startedAt })),
    );
    expectEqual(
      tables.marks.map(({ name, time }) => ({ name, time })),
      history.marks,
    );
    expectEqual(
      tables.anomalies.map(({ kind, time, address }) => ({ kind, time, address })),
      history.anomalies,
    );
    for (const [id, { id: deviceId, ...site }] of history.sites)
      expect(tables.sites[id]).toMatchObject({ id, deviceId, ...site });
    for (const [id, name] of history.taskNames) expect(tables.tasks[id]).toMatchObject({ id, name });
    expect(model.rows).toBe(history.states.length - 1);
    for (const { from, to } of windowsOf(run, places)) {
      const isWithin = ({ time }: { readonly time: number }): boolean => time >= from && time <= to;
      expectEqual(
        await model.heartbeats({ from, to }),
        history.beats.filter(isWithin).map((beat) => ({ ...beat, verdict: "verified" })),
      );
      expectEqual(
        (await model.regionReports({ from, to })).map(({ time }) => time),
        history.reports.filter(isWithin).map(({ time }) => time),
      );
      if (from > model.span.from) expect(await model.log({ from, to })).toEqual(history.texts.filter(isWithin));
    }
  }, 26);
});
