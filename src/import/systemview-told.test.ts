// SystemView recordings written here: everything that is told of them, the limits of their numbers, and where damage is found.
import { describe, expect, test } from "vitest";
import {
  BASE,
  UI,
  WIFI,
  alloc,
  ascii,
  file,
  free,
  header,
  headerOf,
  init,
  leb,
  module,
  packet,
  starts,
  string,
  sync,
  taskInfo,
} from "../../test/made-systemview.ts";
import { toldOfFiles } from "../../test/told.ts";
import { isSystemView } from "./systemview.ts";
import { PayloadReader, readPackets, type StreamKind } from "./systemview-packets.ts";

test("one core: tasks with names and without, interrupts, the scheduler, idle time, text, frees of what was there before", async () => {
  expect(
    await toldOfFiles(
      file("a.svdat", header, sync, packet(10, 777), init, module(512), starts(WIFI), alloc(0x3ffb0000, 100, [0x400d0001, 0x400d0002]),
        taskInfo(WIFI, "wifi"), packet(2, 2, leb(31)), packet(2, 2, leb(32)), alloc(0x3ffb0100, 20, [0x400d0001]), packet(3, 2),
        free(0x3ffb0000, [0x400d0003]), packet(18, 2), alloc(0x3ffb0200, 8), packet(18, 2), free(0x3ffb9990),
        packet(26, 2, [...string("heap low"), ...leb(0), ...leb(0)]), packet(17, 2), alloc(0x3ffb0300, 4), packet(2, 2, leb(31)), starts(UI),
        alloc(0x3ffb0400, 4), alloc(0, 4), free(0), packet(11, 2), taskInfo(UI, "ui"), taskInfo(UI, "ui"), taskInfo(WIFI, "radio")),
    ),
  ).toMatchInlineSnapshot(`
    "boot stackDepth=4 origin=SystemView cores=1
    gap time=0 reason=attached-late lostFrames=0
    task id=3 name=wifi handle=0x3ffb8000
    task id=4 name=ui handle=0x3ffb9000
    site id=1 method=0 caps=0x0 callers=[0x400d0001, 0x400d0002]
    alloc time=11 address=0x3ffb0000 size=100 site=1 task=3 core=0
    site id=2 method=0 caps=0x0 callers=[0x400d0001]
    alloc time=24 address=0x3ffb0100 size=20 site=2 task=1 core=0
    site id=3 method=5 caps=0x0 callers=[0x400d0003]
    free time=35 address=0x3ffb0000 size=0 site=3 task=1 core=0
    alloc time=46 address=0x3ffb0200 size=8 site=0 task=3 core=0
    unknownFree time=57 address=0x3ffb9990 site=0 task=3 core=0
    text "heap low"
    alloc time=69 address=0x3ffb0300 size=4 site=0 task=2 core=0
    alloc time=81 address=0x3ffb0400 size=4 site=0 task=4 core=0
    failure number=1 reason=1 time=91 task=4 core=0 size=4 caps=0x0 site=0 regions=[]
    task id=3 name=radio handle=0x3ffb8000
    file a.svdat, systemview
    account events=8 omittedDamage=0 droppedRecords=0 omittedIncidents=0
    8 events"
  `);
}); // prettier-ignore

test("two files of a core each: merged by time, numbered by their names' digits, and drops of each", async () => {
  const one = file("log1.svdat", header, sync, init, starts(WIFI), alloc(0x3ffb0000, 7), packet(1, 4, leb(3)), alloc(0x3ffb0010, 7), packet(1, 4, leb(3)), packet(1, 4, leb(2))); // prettier-ignore
  const zero = file("log0.svdat", header, sync, packet(10, 9), init, taskInfo(WIFI, "wifi"), alloc(0x3ffb0100, 9), alloc(0x3ffb0110, 9)); // prettier-ignore
  expect(await toldOfFiles(one, zero)).toMatchInlineSnapshot(`
    "boot stackDepth=2 origin=SystemView cores=2
    gap time=0 reason=attached-late lostFrames=0
    task id=3 name=wifi handle=0x3ffb8000
    alloc time=11 address=0x3ffb0100 size=9 site=0 task=2 core=0
    alloc time=11 address=0x3ffb0000 size=7 site=0 task=3 core=1
    gap time=13 reason=dropped-on-device lostFrames=3
    alloc time=21 address=0x3ffb0110 size=9 site=0 task=2 core=0
    alloc time=23 address=0x3ffb0010 size=7 site=0 task=3 core=1
    gap time=27 reason=dropped-on-device lostFrames=2
    file log1.svdat, systemview
    hint packets were dropped on the device: enlarge the trace buffer or record heap events only
    account events=2 omittedDamage=0 droppedRecords=5 omittedIncidents=0
    file log0.svdat, systemview
    account events=2 omittedDamage=0 droppedRecords=0 omittedIncidents=0
    4 events"
  `);
});

test("files of a core each whose names do not tell which are taken as they are given", async () => {
  const cores = async (...names: string[]): Promise<unknown> =>
    [...(await toldOfFiles(...names.map((name, i) => file(name, header, sync, init, alloc(0x3ffb0000 + 64 * i, 10 + i))))).matchAll(/size=(\d+) .*core=(\d)/g)].map(([, size, core]) => [size, core]); // prettier-ignore
  expect(await cores("b1.svdat", "a0.svdat")).toEqual([["11", "0"], ["10", "1"]]); // prettier-ignore
  expect(await cores("b1.svdat", "a1.svdat")).toEqual([["10", "0"], ["11", "1"]]); // prettier-ignore
  expect(await cores("b1.svdat", "a.svdat")).toEqual([["10", "0"], ["11", "1"]]); // prettier-ignore
  expect(await cores("b1.sv.dat", "a0")).toEqual([["11", "0"], ["10", "1"]]); // prettier-ignore
});

test("both cores in one file, where the header tells; one that lies behind the end", async () => {
  const core0 = [sync, init, taskInfo(WIFI, "wifi"), starts(WIFI), alloc(0x3ffb0000, 7)].flat();
  const core1 = [sync, init, alloc(0x3ffb0100, 9)].flat();
  const offsets = headerOf("; Offset Core1 " + String(core0.length), "; Offset Core0 0");
  expect(await toldOfFiles(file("a.svdat", offsets, core0, core1))).toMatchInlineSnapshot(`
    "boot stackDepth=2 origin=SystemView cores=2
    gap time=0 reason=attached-late lostFrames=0
    task id=3 name=wifi handle=0x3ffb8000
    alloc time=10 address=0x3ffb0100 size=9 site=0 task=2 core=1
    alloc time=12 address=0x3ffb0000 size=7 site=0 task=3 core=0
    file a.svdat, systemview
    account events=2 omittedDamage=0 droppedRecords=0 omittedIncidents=0
    2 events"
  `);
  const behind = headerOf("; Offset Core0 0", "; Offset Core1 100000");
  expect((await toldOfFiles(file("a.svdat", behind, core0))).match(/^(?:damage|alloc).*/gm)?.join("\n"))
    .toMatchInlineSnapshot(`
    "alloc time=12 address=0x3ffb0000 size=7 site=0 task=3 core=0
    damage offset=139 reason="the part of core 1 lies behind the end of the file""
  `);
});

test("heap events stand where the module's description says; other modules' events are passed over", async () => {
  const events = async (...parts: number[][]): Promise<unknown> =>
    (await toldOfFiles(file("a.svdat", header, sync, init, ...parts, [...sync, ...alloc(0x3ffb0800, 1, [], 512), ...alloc(0x3ffb0900, 1, [], 600)]))).match(/^(?:alloc|free|gap|damage).*/gm)?.join("\n"); // prettier-ignore
  expect(await events(module(600), alloc(0x3ffb0000, 7, [], 600), free(0x3ffb0000, [], 601))).toMatchInlineSnapshot(`
    "gap time=0 reason=attached-late lostFrames=0
    alloc time=10 address=0x3ffb0000 size=7 site=0 task=2 core=0
    free time=20 address=0x3ffb0000 size=0 site=0 task=2 core=0
    gap time=20 reason=frames-lost lostFrames=0
    damage offset=147 reason="packet 512 is none that the target sends""
  `);
  expect(await events(module(600, "other"), alloc(0x3ffb0000, 7, [], 663), alloc(0x3ffb0000, 7, [], 664)))
    .toMatchInlineSnapshot(`
      "gap time=0 reason=attached-late lostFrames=0
      gap time=10 reason=frames-lost lostFrames=0
      alloc time=30 address=0x3ffb0800 size=1 site=0 task=2 core=0
      damage offset=93 reason="packet 664 is none that the target sends""
    `);
});

test("without a start packet times are ticks, and the file says so", async () => {
  expect(await toldOfFiles(file("a.svdat", header, sync, packet(10, 9), alloc(0x3ffb0000, 7)))).toMatchInlineSnapshot(`
    "boot stackDepth=2 origin=SystemView cores=1
    gap time=0 reason=attached-late lostFrames=0
    alloc time=20 address=0x3ffb0000 size=7 site=0 task=2 core=0
    file a.svdat, systemview
    damage offset=44 reason="no start packet tells the clock's frequency; times are ticks"
    account events=1 omittedDamage=0 droppedRecords=0 omittedIncidents=0
    1 events"
  `);
});

test("damage: where it is, what the tasks are behind it, and where reading goes on", async () => {
  const bad = [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
  const row = Array.from({ length: 8 }, (_, i) => alloc(0x3ffb1000 + i, 1)).flat();
  const start = [header, sync, init, taskInfo(WIFI, "wifi"), starts(WIFI), packet(2, 2, leb(31)), alloc(0x3ffb0000, 7)].flat();
  expect(await toldOfFiles(file("a.svdat", start, bad, row, alloc(0x3ffb2000, 2)))).toMatchInlineSnapshot(`
    "boot stackDepth=2 origin=SystemView cores=1
    gap time=0 reason=attached-late lostFrames=0
    task id=3 name=wifi handle=0x3ffb8000
    alloc time=13 address=0x3ffb0000 size=7 site=0 task=1 core=0
    gap time=13 reason=frames-lost lostFrames=0
    alloc time=23 address=0x3ffb1000 size=1 site=0 task=2 core=0
    alloc time=33 address=0x3ffb1001 size=1 site=0 task=2 core=0
    alloc time=43 address=0x3ffb1002 size=1 site=0 task=2 core=0
    alloc time=53 address=0x3ffb1003 size=1 site=0 task=2 core=0
    alloc time=63 address=0x3ffb1004 size=1 site=0 task=2 core=0
    alloc time=73 address=0x3ffb1005 size=1 site=0 task=2 core=0
    alloc time=83 address=0x3ffb1006 size=1 site=0 task=2 core=0
    alloc time=93 address=0x3ffb1007 size=1 site=0 task=2 core=0
    alloc time=103 address=0x3ffb2000 size=2 site=0 task=2 core=0
    file a.svdat, systemview
    damage offset=103 reason="a number has more than 32 bits"
    account events=10 omittedDamage=0 droppedRecords=0 omittedIncidents=0
    10 events"
  `);
  expect(
    (await toldOfFiles(file("a.svdat", start, bad, row.slice(0, -7)))).match(/^(?:alloc|gap|damage).*/gm)?.join("\n"),
  ).toMatchInlineSnapshot(`
    "gap time=0 reason=attached-late lostFrames=0
    alloc time=13 address=0x3ffb0000 size=7 site=0 task=1 core=0
    gap time=13 reason=frames-lost lostFrames=0
    damage offset=103 reason="a number has more than 32 bits""
  `);
}); // prettier-ignore

describe("a recording is known by its header or by a sync mark", () => {
  test.for<readonly [string, number[], boolean]>([
    ["header", ascii("; SystemView"), true],
    ["a header whose words begin in its second letter", ascii(";;ystemView; SystemVie"), false],
    ["header in other letters", ascii(";x\n; sYSTEMvIEW"), true],
    ["another header", ascii("; something"), false],
    ["a header that comes late", ascii(`;${" ".repeat(511)}SystemView`), false],
    ["one that just comes", ascii(`;${" ".repeat(501)}SystemView`), true],
    ["bare packets", [...sync, 1], true],
    ["a sync mark alone", sync, false],
    ["zeros", [...sync, 0], false],
    ["too few zeros", [...sync.slice(1), 1, 1], false],
    ["nothing", [], false],
  ])("%s", ([, bytes, is]) => {
    expect(isSystemView(Uint8Array.from(bytes))).toBe(is);
  });
});

describe("numbers and strings of a payload", () => {
  const reader = (...bytes: number[]): PayloadReader => new PayloadReader(Uint8Array.from([7, ...bytes, 8]), 1, bytes.length + 1); // prettier-ignore

  test.for<readonly [number[], number | undefined]>([
    [[0], 0],
    [[0x7f], 127],
    [[0x80, 1], 128],
    [[0xff, 0xff, 0xff, 0xff, 0x0f], 0xffffffff],
    [[0x80, 0x80, 0x80, 0x80, 0x10], undefined],
    [[0x80, 0x80, 0x80, 0x80, 0x80, 0], undefined],
    [[0x80], undefined],
    [[], undefined],
  ])("%j is %j", ([bytes, value]) => {
    expect(reader(...bytes).number()).toBe(value);
  });

  test("are read one after the other, up to the end", () => {
    const one = reader(5, 2, 0x61, 0x62, 9);
    expect([one.position, one.atEnd, one.number(), one.position]).toEqual([1, false, 5, 2]);
    expect([...(one.string() ?? [])]).toEqual([0x61, 0x62]);
    expect([one.atEnd, one.byte(), one.atEnd, one.byte(), one.position]).toEqual([false, 9, true, undefined, 6]);
  });

  test("strings: short, long, cut", () => {
    const long = Array.from({ length: 259 }, (_, i) => i & 0x7f);
    expect([...(reader(0xff, 3, 1, ...long, 5).string() ?? [])]).toEqual(long);
    expect([...(reader(0xfe, ...long).string() ?? [])]).toHaveLength(254);
    expect(reader(0).string()).toHaveLength(0);
    for (const cut of [[], [0xff], [0xff, 1], [0xff, 3, 1, ...long.slice(1)], [2, 1]]) expect(reader(...cut).string()).toBeUndefined(); // prettier-ignore
  });
});

describe("packets", () => {
  const plain: StreamKind = { coreInIds: false, moduleEvent: (id) => (id === 512 ? "uu*" : id === 513 ? "?" : undefined) }; // prettier-ignore

  /** `id@ticks payload core` and `offset: reason`. */
  function told(bytes: readonly number[], kind = plain): string[] {
    const lines: string[] = [];
    const all = Uint8Array.from([9, ...bytes, 9, 9, 9, 9]);
    readPackets(all, { start: 1, end: bytes.length + 1 }, kind, {
      packet(id, ticks, payload, core) {
        const from = payload.position;
        while (!payload.atEnd) payload.byte();
        lines.push(`${id}@${ticks} ${payload.position - from} bytes, core ${core}`);
      },
      damaged(offset, reason) {
        lines.push(`${offset - 1}: ${reason}`);
      },
    });
    return lines;
  }

  test("of all ids below 24, whose parameters carry no length", () => {
    const parameters = ["", "u", "u", "", "u", "", "u", "uu", "u", "uus", "", "", "u", "uu", "s", "u", "u", "", "", "u", "", "uuuu", "uus", "uu"]; // prettier-ignore
    const payloads = parameters.map((parts) => [...parts].flatMap((part) => (part === "u" ? leb(300) : string("abc"))));
    const all = payloads.flatMap((payload, id) => (id === 0 ? [] : packet(id, id, payload)));
    expect(told([...packet(10, 999), ...all])).toEqual([
      "10@0 0 bytes, core 0",
      ...payloads.slice(1).map(({ length }, i) => `${i + 1}@${((i + 1) * (i + 2)) / 2} ${length} bytes, core 0`),
    ]);
  });

  test("of those from 24 on, which must hold what they are known for", () => {
    expect(told([...packet(24, 1, [1, 2, 3, 4]), ...packet(25, 1, [1, 1, 65]), ...packet(26, 1, [0, 1, 2]), ...packet(27, 1, [1]), ...packet(28, 1, [1]), ...packet(29, 1, [1])])).toHaveLength(6); // prettier-ignore
    expect(told([...packet(24, 1, [1, 2, 3]), ...sync])[0]).toBe("0: packet 24 does not hold what it should");
    expect(told([...packet(24, 1, [1, 2, 3, 4, 5]), ...sync])[0]).toBe("0: packet 24 does not hold what it should");
    expect(told([...packet(512, 1, [1, 2, 3]), ...packet(512, 1, [1, 2])])).toHaveLength(2);
    expect(told([...packet(512, 1, [1]), ...sync])[0]).toBe("0: packet 512 does not hold what it should");
    expect(told([...packet(512, 1, [1, 2, 0x80]), ...sync])[0]).toBe("0: packet 512 does not hold what it should");
    expect(told([...packet(514, 1, [1]), ...sync])[0]).toBe("0: packet 514 is none that the target sends");
    expect(told(packet(511, 1, [0x80]))).toEqual(["511@0 1 bytes, core 0"]);
  });

  test("of as many bytes as a target's buffer holds, and of calls 128", () => {
    const full = (id: number, length: number): string | undefined =>
      told([...packet(id, 1, new Array<number>(length).fill(1)), ...sync])[0];
    expect([full(100, 128), full(512, 1024)]).toEqual(["100@0 128 bytes, core 0", "512@0 1024 bytes, core 0"]);
    expect([full(100, 129), full(513, 129)].map((one) => one?.split(": ")[1])).toEqual(["packet 100 is none that the target sends", "packet 513 is none that the target sends"]); // prettier-ignore
    expect(full(512, 1025)).toBe("0: packet 512 is none that the target sends");
  });

  test("that are cut say so, whatever is missing", () => {
    for (const cut of [[0x80], [1], [1, 0x80], [1, 5], [1, 5, 0x80], [24], [24, 0x80], [10], [14, 3, 65]])
      expect(told(cut)).toEqual(["0: the file ends inside a packet"]);
    expect(told([24, 5, 1, 2])).toEqual(["0: packet 24 is longer than what is left"]);
    expect(told([1, ...leb(2 ** 32), ...sync])[0]).toBe("0: a number has more than 32 bits");
    expect(told([24, ...leb(2 ** 32), ...sync])[0]).toBe("0: a length has more than 32 bits");
    expect(told([10, ...leb(2 ** 32), ...sync])[0]).toBe("0: a time has more than 32 bits");
  });

  test("sync marks are ten zeros, or as many as are left", () => {
    expect(told([...sync, ...packet(10, 1)])).toEqual(["10@0 0 bytes, core 0"]);
    expect(told([...sync, ...sync, ...packet(10, 1)])).toEqual(["10@0 0 bytes, core 0"]);
    expect(told([...packet(10, 1), 0, 0, 0])).toEqual(["10@0 0 bytes, core 0"]);
    expect(told([0, 0, 0, ...packet(10, 1), ...sync])[0]).toBe("0: 3 zero bytes that are no sync mark");
    expect(told([...sync, 0, ...packet(10, 1), ...sync])[0]).toBe("0: 11 zero bytes that are no sync mark");
  });

  test("go on behind damage where eight stand in a row, or a sync mark", () => {
    const bad = [14, 0xff, 0xff, 0xff];
    const row = (count: number): number[] => Array.from({ length: count }, () => packet(3, 1)).flat();
    expect(told([...bad, ...row(9)])).toHaveLength(10);
    expect(told([...bad, ...row(8)])).toEqual(["0: the file ends inside a packet"]);
    expect(told([...bad, ...row(2), ...sync, ...row(1)]).join("\n")).toMatchInlineSnapshot(`
      "0: the file ends inside a packet
      511@0 1 bytes, core 0
      3@1 0 bytes, core 0"
    `);
    expect(told([...bad, ...row(2), ...sync.slice(1)])).toEqual(["0: the file ends inside a packet"]);
  });

  test("tell their core in bit 6 of the id's last byte, where they do", () => {
    const both: StreamKind = { ...plain, coreInIds: true };
    const one = [...packet(10, 1), 0x40 | 3, 5, 0x80, 0x44, 2, 1, 2, 7, ...packet(512, 1, [1, 2])];
    expect(told(one, both)).toEqual(["10@0 0 bytes, core 0", "3@5 0 bytes, core 1", "512@12 2 bytes, core 1", "512@13 2 bytes, core 0"]); // prettier-ignore
    expect(told([0xc0 - 0x40 + 24, 0x40, 0, 7], both)).toEqual(["0: packet 24 does not hold what it should"]);
  });
});

test("one packet that was dropped is told, and a recording without stacks has none", async () => {
  const told = await toldOfFiles(
    file("a.svdat", header, sync, init, module(512), packet(512, 20, [...leb(0x3ffb0000), ...leb(8)]), packet(1, 2, leb(1))),
  ); // prettier-ignore
  expect(told).toContain("boot stackDepth=0 origin=SystemView cores=1");
  expect(told).toContain(
    "hint packets were dropped on the device: enlarge the trace buffer or record heap events only",
  );
  expect(told).toContain("droppedRecords=1");
});

test("a task without a name is called by its handle, of the whole address where nothing shortened it", async () => {
  const events = [starts(WIFI), alloc(0x3ffb0000, 8)];
  expect(await toldOfFiles(file("a.svdat", header, sync, init, module(512), ...events))).toContain('name="task 0x3ffb8000" handle=0x3ffb8000'); // prettier-ignore
  const plain = [packet(4, 2, leb(5)), alloc(0x3ffb0000, 8)];
  expect(await toldOfFiles(file("a.svdat", header, sync, ...plain))).toContain('name="task 0x5" handle=0x5');
});

test("where the header says that ids tell the core, they do", async () => {
  const extended = headerOf("; ESP_Extension");
  const second = [...packet(512, 20, [...leb(0x3ffb0000), ...leb(8)])];
  second[1] = (second[1] ?? 0) | 0x40;
  const told = await toldOfFiles(file("a.svdat", extended, sync, init, module(512), second));
  expect(told).toContain("cores=2");
  expect(told).toContain("alloc time=10 address=0x3ffb0000 size=8 site=0 task=2 core=1");
});

test("heap events that end inside a number are damage, frees as well", async () => {
  const whole = Array.from({ length: 10 }, (_, i) => alloc(0x3ffb0000 + 64 * i, 8));
  const cut = (id: number, payload: readonly number[]): Promise<string> =>
    toldOfFiles(file("a.svdat", header, sync, init, module(512), packet(id, 20, payload), ...whole));
  expect(await cut(513, [0x80])).toContain("damage offset=");
  expect(await cut(512, [...leb(0x3ffb0000), 0x80])).toContain("damage offset=");
  expect(await cut(514, [0x80])).not.toContain("damage offset=");
});

test("a task whose number is small is one nevertheless", async () => {
  const told = await toldOfFiles(
    file("a.svdat", header, sync, init, module(512), starts(BASE + 8), alloc(0x3ffb0000, 8)),
  );
  expect(told).toContain('name="task 0x3f400008"');
});
