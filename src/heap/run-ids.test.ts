import { expect, test } from "vitest";
import { RUN_START, type RunSiteId, type RunTime } from "../base/units.ts";
import { FaultKind, TaskNumber } from "../wire/protocol.ts";
import { records, type Site, type Task } from "../wire/records.ts";
import { LIKELY_SITES, MOST_SITES, MOST_TASKS, type NoteContent } from "./notes.ts";
import { RunIds } from "./run-ids.ts";

function newIds(): { readonly ids: RunIds; readonly notes: NoteContent[] } {
  const notes: NoteContent[] = [];
  return { ids: new RunIds((note) => notes.push(note)), notes };
}

const unknown = (id: number, deviceId: number, boot: number): NoteContent => ({
  kind: "site",
  value: { id, deviceId, boot, method: 0, caps: 0 },
});

test("sites of the first boot keep their numbers, but for absurd ones; those of later boots count on; each is told once", () => {
  const { ids, notes } = newIds();
  expect([0, 7, 7, 300, LIKELY_SITES - 1, LIKELY_SITES, 5_000_000, MOST_SITES].map((site) => ids.site(site))).toEqual([
    0,
    7,
    7,
    300,
    LIKELY_SITES - 1,
    LIKELY_SITES,
    0,
    0,
  ]);
  expect(ids.site(MOST_SITES - 1)).toBe(LIKELY_SITES + 1);
  expect(notes).toEqual([
    unknown(7, 7, -1),
    unknown(300, 300, -1),
    unknown(LIKELY_SITES - 1, LIKELY_SITES - 1, -1),
    unknown(LIKELY_SITES, LIKELY_SITES, -1),
    unknown(LIKELY_SITES + 1, MOST_SITES - 1, -1),
  ]);
  ids.boot = 0;
  expect(ids.site(8)).toBe(8);
  ids.nextBoot();
  notes.length = 0;
  expect([0, 7, 8, 7].map((site) => ids.site(site))).toEqual([0, LIKELY_SITES + 2, LIKELY_SITES + 3, LIKELY_SITES + 2]);
  expect(notes).toEqual([unknown(LIKELY_SITES + 2, 7, 1), unknown(LIKELY_SITES + 3, 8, 1)]);
  expect(
    [8, LIKELY_SITES + 2, LIKELY_SITES + 3, LIKELY_SITES + 1].map((id) => ids.deviceSite(id as RunSiteId)),
  ).toEqual([8, 7, 8, MOST_SITES - 1]);
});

test("tasks keep their numbers while these are free; the fixed ones always do", () => {
  const { ids } = newIds();
  const task = (id: number, core = 0): readonly number[] => {
    const context = ids.context(id, core);
    return [context >>> 2, context & 3];
  };
  expect([task(0), task(1, 1), task(2), task(5, 1), task(5), task(9), task(300)]).toEqual([
    [0, 0],
    [1, 1],
    [2, 0],
    [5, 1],
    [5, 0],
    [9, 0],
    [300, 0],
  ]);
  expect([task(MOST_TASKS), task(1 << 20)]).toEqual([
    [TaskNumber.OTHER, 0],
    [TaskNumber.OTHER, 0],
  ]);
  ids.nextBoot();
  expect([task(5), task(4), task(9), task(5), task(0), task(7, 3)]).toEqual([
    [301, 0],
    [4, 0],
    [302, 0],
    [301, 0],
    [0, 0],
    [7, 3],
  ]);
  ids.nextBoot();
  expect(task(MOST_TASKS - 1)).toEqual([MOST_TASKS - 1, 0]);
  // No number is left behind the highest.
  expect(task(5)).toEqual([TaskNumber.OTHER, 0]);
});

test("a site is told again where something of it is new", () => {
  const { ids, notes } = newIds();
  ids.boot = 0;
  const site: Site = {
    id: 3,
    method: 1,
    caps: 4,
    file: "a.c",
    line: 7,
    function: "f",
    variable: "v",
    callers: [1, 2],
    frames: [{ function: "f", file: "a.c", line: 7 }],
  };
  ids.describeSite({ ...site, id: 0 });
  expect(notes).toEqual([]);
  const told = (value: Site): number => {
    notes.length = 0;
    ids.describeSite(value);
    return notes.filter((note) => note.kind === "site" && note.value.method !== 0).length;
  };
  expect(told(site)).toBe(1);
  expect(notes.at(-1)).toEqual({ kind: "site", value: { ...site, deviceId: 3, boot: 0 } });
  expect(told({ ...site, callers: [1, 2], frames: [{ function: "f", file: "a.c", line: 7 }] })).toBe(0);
  const others: readonly Partial<Site>[] = [
    { method: 2 },
    { caps: 5 },
    { file: "b.c" },
    { line: 8 },
    { function: "g" },
    { variable: "w" },
    { callers: [1, 3] },
    { frames: [{ function: "g" }] },
  ];
  for (const other of others) expect([other, told({ ...site, ...other }), told(site)]).toEqual([other, 1, 1]);
});

test("a task's number that passes on ends the one that had it; being deleted has the time at which it was first said", () => {
  const { ids, notes } = newIds();
  ids.boot = 0;
  const at = (time: number): RunTime => time as RunTime;
  const task: Task = { id: 5, name: "a", handle: 16 };
  ids.describeTask({ ...task, id: 2 }, at(1));
  ids.describeTask(task, at(1));
  ids.describeTask(task, at(2));
  const own = { deviceId: 5, boot: 0 };
  expect(notes).toEqual([{ kind: "task", value: { ...task, ...own } }]);
  notes.length = 0;
  ids.describeTask({ ...task, deleted: true }, at(3));
  ids.describeTask({ ...task, deleted: true }, at(4));
  expect(notes).toEqual([{ kind: "task", value: { ...task, ...own, deleted: true, deletedAt: 3 } }]);
  notes.length = 0;
  // Another handle is another task, another name too; the one before has ended already, or ends now.
  ids.describeTask({ ...task, handle: 32 }, at(5));
  ids.describeTask({ ...task, handle: 32, name: "b" }, at(6));
  ids.describeTask({ ...task, handle: 48, name: "c", deleted: true }, at(7));
  expect(notes.map(({ value }) => value)).toEqual([
    { ...task, ...own, id: 6, handle: 32 },
    { ...task, ...own, id: 6, handle: 32, deleted: true, deletedAt: 6 },
    { ...task, ...own, id: 7, handle: 32, name: "b" },
    { ...task, ...own, id: 7, handle: 32, name: "b", deleted: true, deletedAt: 7 },
    { ...task, ...own, id: 8, handle: 48, name: "c", deleted: true, deletedAt: 7 },
  ]);
});

test("reports have run-wide ids and run time, lists of them too", () => {
  const { ids } = newIds();
  ids.site(1);
  ids.context(3, 0);
  ids.boot = 0;
  ids.nextBoot();
  const fault = {
    number: 1,
    kind: FaultKind.DOUBLE_FREE,
    time: 5,
    task: 3,
    core: 1,
    pointer: 0x3ffb0000,
    blockAddress: 0x3ffb0000,
    blockSize: 8,
    allocSite: 1,
    freeTime: 4,
    activeTasks: [3, TaskNumber.OTHER],
  } as const;
  expect(ids.translated(records.fault, fault, 100 as RunTime)).toEqual({
    ...fault,
    time: 105,
    task: 4,
    allocSite: 2,
    freeTime: 104,
    activeTasks: [4, TaskNumber.OTHER],
  });
  const readings = { series: 1, stretch: 1, times: [1, 2], lines: [7, 8], values: [3, 4] };
  expect(ids.toldNote({ kind: "readings", value: readings }, 100 as RunTime)).toEqual({
    kind: "readings",
    value: { ...readings, times: [101, 102], boot: 1 },
  });
  const incident = { kind: "abort", time: 3, line: 1, quote: "q", count: 1, lastLine: 1, site: 1 } as const;
  expect(ids.toldNote({ kind: "incident", value: incident }, RUN_START)).toEqual({
    kind: "incident",
    value: { ...incident, boot: 1, site: 2 },
  });
});
