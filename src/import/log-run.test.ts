// The run of a log: its clock, its boots, what it knows of blocks, and which block an address belongs to.
import { describe, expect, test } from "vitest";
import { Told } from "../../test/told.ts";
import { blockAt, blockOf } from "./crash-blocks.ts";
import { ReportBuilder } from "./import-report.ts";
import { LogRun } from "./log-run.ts";
import { logLine, type LogOverview, OverviewReader } from "./log-text.ts";

const DAY = 86_400e6;
const SECOND = 1e6;

function runOf(overview: LogOverview = new OverviewReader().overview): { readonly run: LogRun; readonly told: Told } {
  const told = new Told(false);
  return { run: new LogRun(told, new ReportBuilder("a.log", "log"), overview, 1), told };
}

describe("the clock", () => {
  test("of a wall begins with its first stamp, goes on at midnight, and never runs back beyond the beginning", () => {
    const { run } = runOf();
    const times = [86_390, 86_399, 5, 4, 86_395, 7].map((second, i) => {
      const time = run.timeOf({ clock: second * SECOND });
      run.endLine(time, { number: i + 1 });
      return (time ?? 0) / SECOND;
    });
    expect(times).toEqual([0, 9, 15, 14, 86_405, 86_417]);
    expect(run.now).toBe(86_417 * SECOND);
    expect(run.clockKnown).toBe(false);
  });

  test("that goes back by half a day has gone on, and one with a date has not", () => {
    const { run } = runOf();
    run.endLine(run.timeOf({ clock: 0.75 * DAY }), { number: 1 });
    run.endLine(run.timeOf({ clock: DAY - 1 }), { number: 2 });
    expect(run.timeOf({ clock: 0.5 * DAY })).toBe(0);
    expect(run.timeOf({ clock: 0.5 * DAY - 2 })).toBe(0.75 * DAY - 2);
    const dated = runOf().run;
    dated.endLine(dated.timeOf({ clock: 20_000 * DAY }), { number: 1 });
    dated.endLine(dated.timeOf({ clock: 20_001 * DAY }), { number: 2 });
    expect(dated.timeOf({ clock: 20_000 * DAY + 5 })).toBe(5);
  });

  test("of the device counts before one on a wall, whose zero it tells", () => {
    const { run } = runOf();
    expect(run.timeOf({})).toBeUndefined();
    expect(run.timeOf({ uptime: 5 * SECOND, clock: 100 * SECOND })).toBe(5 * SECOND);
    expect(run.timeOf({ clock: 102 * SECOND })).toBe(7 * SECOND);
    run.endLine(5 * SECOND, { number: 1, uptime: 5 * SECOND });
    expect(run.clockKnown).toBe(true);
    run.endLine(4 * SECOND, { number: 2, uptime: 4 * SECOND });
    expect(run.now).toBe(5 * SECOND);
    expect([run.timeBefore(5), run.timeBefore(6), run.timeBefore(18, 16), run.timeBefore(19, 16)]).toEqual([5 * SECOND, undefined, 5 * SECOND, undefined]); // prettier-ignore
  });

  test("begins anew with each boot, and so does all that was known", () => {
    const overview = new OverviewReader();
    ["x", "ESP-ROM:esp32c3-1", "y", "ESP-ROM:esp32-1"].forEach((text, i) => overview.line(logLine(new TextEncoder().encode(text), i + 1))); // prettier-ignore
    const { run, told } = runOf(overview.overview);
    const line = (number: number): void => run.beginLine({ number, text: "", tags: [] });
    expect([1, 2, 3, 4].map((number) => run.startsBoot(number))).toEqual([false, true, false, false]);
    line(1);
    run.endLine(9 * SECOND, { number: 1, uptime: 9 * SECOND });
    run.alloc(9 * SECOND, { address: 0x3ffb0000, size: 8, site: 0, task: run.task("net") }, 0);
    run.updateRegions([{ start: 0x3ffb0000, end: 0x3ffc0000, caps: 0, free: 1, largestFree: 1 }]);
    line(2);
    expect([run.now, run.clockKnown, run.regions, run.live.all, run.boot.isRiscV]).toEqual([0, false, [], [], true]);
    expect([3, 4].map((number) => run.startsBoot(number))).toEqual([false, true]);
    run.alloc(0, { address: 0x3ffb0000, size: 8, site: 0, task: run.task("ui") }, 0);
    [3, 4].forEach(line);
    expect(run.startsBoot(5)).toBe(false);
    run.finish();
    expect(told.lines.map((one) => one.replace(/ (?:lostFrames|core|stackDepth)=\S+/g, ""))).toEqual([
      'boot origin="console log"',
      "task id=3 name=net handle=0x0",
      "gap time=0 reason=attached-late",
      "alloc time=9000000 address=0x3ffb0000 size=8 site=0 task=3",
      "regions time=9000000 regions=[{start=1073414144 end=1073479680 caps=0x0 free=1 largestFree=1}]".replace("start=1073414144 end=1073479680", "start=0x3ffb0000 end=0x3ffc0000"),
      'boot origin="console log" chip=esp32c3',
      "task id=3 name=ui handle=0x0",
      "gap time=0 reason=attached-late",
      "alloc time=0 address=0x3ffb0000 size=8 site=0 task=3",
      'boot origin="console log" chip=esp32',
    ]); // prettier-ignore
  });
});

test("tasks are numbered as they come; a deleted one is another, and what runs before the scheduler has its own number", () => {
  const { run } = runOf();
  const known = [["net"], ["net", true], ["Pre-scheduler"], ["ui"], ["net"]] as const;
  expect(known.map(([name, deleted]) => run.task(name, deleted))).toEqual([3, 4, 0, 6, 3]);
});

test("a block lies where another one lay: that one was freed before", () => {
  const { run, told } = runOf();
  run.alloc(5, { address: 0x100, size: 16, site: 0, task: 2 }, 1);
  run.alloc(4, { address: 0x10f, size: 4, site: 0, task: 2 }, 0);
  run.free(9, 0x200, 0, 1);
  run.finish();
  expect(told.lines.slice(1)).toEqual([
    "alloc time=5 address=0x100 size=16 site=0 task=2 core=1",
    "free time=5 address=0x100 size=0 site=0 task=2 core=0",
    "alloc time=5 address=0x10f size=4 site=0 task=2 core=0",
    "unknownFree time=9 address=0x200 site=0 task=2 core=1",
  ]);
  expect(run.report.finish().events).toBe(4);
});

describe("the block of a damaged word", () => {
  const [HEAD, TAIL] = ["bad-head", "bad-tail"] as const;
  const USER = 0x3ffb0010;
  const live = (): LogRun => {
    const { run } = runOf();
    run.alloc(0, { address: USER, size: 32, site: 4, task: 2 }, 0);
    return run;
  };
  const its = { blockAddress: USER, blockSize: 32, allocSite: 4 };

  test.for<readonly [string, "bad-head" | "bad-tail" | "write-after-free", number, object]>([
    ["a head eight bytes before it", HEAD, USER - 8, its],
    ["a head with the owner's word behind it", HEAD, USER - 12, its],
    ["a head elsewhere", HEAD, USER - 4, {}],
    ["a head elsewhere still", HEAD, USER - 13, {}],
    ["a tail behind it", TAIL, USER + 32, its],
    ["a tail within it", TAIL, USER + 28, { ...its, blockSize: 28 }],
    ["a tail at its first byte", TAIL, USER, {}],
    ["a tail one byte on", TAIL, USER + 1, { ...its, blockSize: 1 }],
    ["a tail beyond it", TAIL, USER + 33, {}],
    ["a write to its first byte", "write-after-free", USER, its],
    ["a write to its last byte", "write-after-free", USER + 31, its],
    ["a write beyond it", "write-after-free", USER + 32, {}],
    ["a write before it", "write-after-free", USER - 1, {}],
  ])("%s", ([, kind, address, told]) => {
    expect(blockOf(live(), kind, address)).toEqual(told);
  });

  test("that was freed is told with where it was freed, until another one lies there", () => {
    const run = live();
    run.free(1, USER, 7, 0);
    expect(blockAt(run, USER + 16)).toEqual({ ...its, freeSite: 7 });
    run.alloc(2, { address: USER + 16, size: 8, site: 0, task: 2 }, 0);
    expect(blockOf(run, HEAD, USER - 8)).toEqual({ ...its, freeSite: 7 });
    expect(blockAt(run, USER + 15)).toEqual({ ...its, freeSite: 7 });
    expect(blockAt(run, USER + 16)).toEqual({ blockAddress: USER + 16, blockSize: 8 });
    expect([run.freedAt(USER + 31)?.address, run.freedAt(USER + 32), run.freedAt(USER - 1)]).toEqual([USER, undefined, undefined]); // prettier-ignore
    run.free(3, USER + 16, 0, 0);
    expect(blockAt(run, USER + 16)).toEqual({ blockAddress: USER + 16, blockSize: 8 });
    expect(blockOf(run, HEAD, USER + 8)).toEqual({ blockAddress: USER + 16, blockSize: 8 });
  });

  test("is remembered for the last 4096 frees", () => {
    const run = live();
    run.free(0, USER, 7, 0);
    const more = (count: number): void => {
      for (let i = 0; i < count; i++) {
        run.alloc(0, { address: 0x100, size: 8, site: 0, task: 2 }, 0);
        run.free(0, 0x100, 0, 0);
      }
    };
    more(4095);
    expect(run.freedAt(USER)?.address).toBe(USER);
    more(1);
    expect(run.freedAt(USER)).toBeUndefined();
  });
});

test("a region holds its first byte and not the one behind it", () => {
  const { run } = runOf();
  const region = { start: 0x1000, end: 0x2000, caps: 1, free: 9, largestFree: 8 };
  run.updateRegions([region, { ...region, start: 0x800, end: 0x900 }]);
  run.updateRegions([{ ...region, free: 5 }]);
  expect([0xfff, 0x1000, 0x1fff, 0x2000].map((address) => run.regionAt(address)?.free)).toEqual([undefined, 5, 5, undefined]); // prettier-ignore
  expect(run.regions.map(({ start }) => start)).toEqual([0x800, 0x1000]);
});
