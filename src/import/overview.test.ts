// A line without what stands around it, and what a whole log tells before its lines are read: its boots and the addresses that it decodes.
import { describe, expect, test } from "vitest";
import { bootFields, LINE_BYTES, type LogOverview, logLine, mayDecode, OverviewReader } from "./log-text.ts"; // prettier-ignore

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("a line", () => {
  test.for<readonly [string, string]>([
    ["said", "said"],
    ["\u001b[0;32msaid\u001b[0m", "said"],
    ["[0;32msaid[0m", "said"],
    ["said \t\r\u00a0\0", "said"],
    ["said\r\u000e\u0000\r", "said"],
    ["said!", "said!"],
    [" ", ""],
    ["10 %\r20 %\rsaid\r", "said"],
    ["sa\u0007i\u009fd\u007f", "said"],
    ["a\tb\u00a0c", "a\tb\u00a0c"],
    ["a[12]b", "a[12]b"],
    ["\r\r", ""],
    ["", ""],
  ])("%j says %j", ([raw, text]) => {
    expect(logLine(utf8(raw), 3)).toEqual({ number: 3, text, tags: [] });
  });

  test("of more letters than are read", () => {
    expect(logLine(utf8(`a${"x".repeat(LINE_BYTES - 1)}y`), 1).text).toBe(`a${"x".repeat(LINE_BYTES - 1)}`);
    expect(logLine(utf8(`a${"x".repeat(LINE_BYTES - 2)}y`), 1).text).toBe(`a${"x".repeat(LINE_BYTES - 2)}y`);
    expect(logLine(utf8("x".repeat(70_000)), 1).text).toHaveLength(65_536);
  });

  test("of Latin-1 has its letters, one with a control character does not", () => {
    const latin1 = (...bytes: number[]): string => logLine(Uint8Array.from([0x61, ...bytes]), 1).text;
    expect(latin1(0xe9)).toBe("aé");
    expect(latin1(0xa0, 0x62)).toBe("a\u00a0b");
    expect(latin1(0xff)).toBe("aÿ");
    expect(latin1(0x80, 0xe9)).toBe("a\ufffd\ufffd");
    expect(latin1(0x9f)).toBe("a\ufffd");
  });
});

describe("whether a line may decode its first address", () => {
  test.for<readonly [string, boolean]>([
    ["0x400d1234: f at a.c:1", true],
    ["x 0x400d1234: f", true],
    ["--- 0x400D1234: f", true],
    ["0x40abcdef:0x3ffb0000 in f", true],
    ["0x400d1234 is in f", true],
    ["0x400d1234 in f", true],
    ["0x400d1234 - f", true],
    ["0x400d1234 . f", false],
    ["0x400d1234  -", false],
    ["0x400d1234 at f", false],
    ["0x400d1234i", false],
    ["0x400d1234  i", false],
    ["0x400d123: f", false],
    ["0x400d12345: f", false],
    ["0x400d123g: f", false],
    ["0x400d123:: f", false],
    ["0x400d123/: f", false],
    ["0x40@d1234: f", false],
    ["0x40`d1234: f", false],
    ["0x09afAF09: f", true],
    ["ax400d1234: f", false],
    ["0x1, 0x400d1234: f", false],
    ["no address", false],
    ["0x", false],
    ["", false],
  ])("%j: %j", ([line, may]) => {
    const bytes = utf8(`0x400d1234: ${line} 0x400d1234: f`);
    const start = "0x400d1234: ".length;
    expect(mayDecode(bytes, start, start + utf8(line).length)).toBe(may);
  });
});

function overviewOf(log: string): LogOverview {
  const reader = new OverviewReader();
  log.split("\n").forEach((line, i) => reader.line(logLine(utf8(line), i + 1)));
  return reader.overview;
}

test("decoded addresses, in the forms of idf-monitor, PlatformIO, Arduino, GDB and addr2line", () => {
  const { decoded } = overviewOf(`--- 0x400d0001: one at /p/a.c:12 (discriminator 3)
--- (inlined by) two at /p/b.c:40
 (inlined by) three at ??:?
other line
 (inlined by) nobody at /p/b.c:41
#0  0x400d0002:0x3ffb0000 in four at a.c:0
0x400d0003: five at /p/c.cpp line 7
0x400d0004 is in six (/p/d.c:8).
#1  0x400d0005 in seven (a=1, b=(2)) at /p/e.c:9
PC: 0x400d0006: eight at ??:?
0x400d0007: nine
0x400d0008:  at ??:?
0x400d0009
ten
/p/f.c:10
eleven
/p/g.c:11 (discriminator 1)
0x400d000a
??
??:0
0x400d000b
twelve
no place
`);
  expect(Object.fromEntries([...decoded].map(([address, frames]) => [address.toString(16), frames])))
    .toMatchInlineSnapshot(`
    {
      "400d0001": [
        {
          "address": 1074593793,
          "file": "/p/a.c",
          "function": "one",
          "line": 12,
        },
        {
          "file": "/p/b.c",
          "function": "two",
          "line": 40,
        },
        {
          "function": "three",
        },
      ],
      "400d0002": [
        {
          "address": 1074593794,
          "file": "a.c",
          "function": "four",
        },
      ],
      "400d0003": [
        {
          "address": 1074593795,
          "file": "/p/c.cpp",
          "function": "five",
          "line": 7,
        },
      ],
      "400d0004": [
        {
          "address": 1074593796,
          "file": "/p/d.c",
          "function": "six",
          "line": 8,
        },
      ],
      "400d0005": [
        {
          "address": 1074593797,
          "file": "/p/e.c",
          "function": "seven",
          "line": 9,
        },
      ],
      "400d0006": [
        {
          "address": 1074593798,
          "function": "eight",
        },
      ],
      "400d0007": [
        {
          "address": 1074593799,
          "function": "nine",
        },
      ],
      "400d0009": [
        {
          "address": 1074593801,
          "file": "/p/f.c",
          "function": "ten",
          "line": 10,
        },
        {
          "file": "/p/g.c",
          "function": "eleven",
          "line": 11,
        },
      ],
    }
  `);
});

test("what follows an address alone is looked at as any other line", () => {
  expect([...overviewOf("x\n0x400d0001\nESP-ROM:esp32c3-1\ny").boots]).toEqual([
    { line: 1, isRiscV: false },
    { line: 3, isRiscV: true, chip: "esp32c3" },
  ]);
});

test("what is decoded before the ROM's first words belongs to their boot", () => {
  for (const decoded of [
    "0x400d0001: f at /p/a.c:12",
    "0x400d0001: f at /p/a.c:12\n (inlined by) g at /p/b.c:1",
    "0x400d0001 - f\n    at /p/a.c:12",
    "0x400d0001: f at\n/p/a.c:12",
    "0x400d0001\n0x400d0002",
  ]) {
    const log = `${decoded}\nESP-ROM:esp32c3-1\nx`;
    expect([...overviewOf(log).boots], decoded).toEqual([{ line: 1, isRiscV: true, chip: "esp32c3" }]);
  }
});

describe("boots", () => {
  const linesOf = (log: string): number[] => [...overviewOf(log).boots].map(({ line }) => line);

  test("begin with the ROM's words, a reset without them, or memory that is set up again", () => {
    expect(linesOf("x\nESP-ROM:esp32s3-20210327\ny\nrst:0x1 (POWERON),boot\nz")).toEqual([1, 2]);
    expect(linesOf("ESP-ROM:esp32s3-20210327\nx")).toEqual([1]);
    expect(linesOf("\n\nets Jul 29 2019 12:21:46\nx\nets Jul 29 2019 12:21:46\n\n\nrst:0x1 (POWERON)\n")).toEqual([
      1, 5,
    ]);
    expect(linesOf("ets Jul 29 2019 12:21:46\n\n\n\nrst:0x1 (POWERON)\n")).toEqual([1, 5]);
    expect(linesOf("x\nrst:0x1 (POWERON)\n")).toEqual([1, 2]);
    const init = "I (25) heap_init: Initializing. RAM\n";
    expect(linesOf(`${init}x\n${init}y\n${init}`)).toEqual([1, 3, 5]);
    expect(linesOf(`x\n${init}y\n${init}`)).toEqual([1, 4]);
    expect(linesOf(`${init}I (25) other: Initializing. RAM\nI (30) heap_init: At`)).toEqual([1]);
    expect(linesOf(`${init}x\nESP-ROM:esp32c3-1\n${init}`)).toEqual([1, 3]);
  });

  test("begin where a clock goes back to its first seconds and on from there", () => {
    const log = (...seconds: number[]): string => seconds.map((s) => `I (${s * 1000}) app: x`).join("\n");
    expect(linesOf(log(100, 1, 2, 3, 4))).toEqual([1, 2]);
    // Three lines have to confirm it.
    expect(linesOf(log(100, 1, 2, 3))).toEqual([1]);
    // What goes back further, or on from before, is none.
    expect(linesOf(log(100, 2, 3, 101, 102, 103))).toEqual([1]);
    expect(linesOf(log(100, 2, 100, 100, 100, 100))).toEqual([1]);
    expect(linesOf(log(100, 5, 3.9, 5, 6, 7))).toEqual([1, 3]);
    expect(linesOf(log(100, 5, 4, 5, 6, 7))).toEqual([1, 2]);
    // Within half of what it was, a jump of more than two seconds, and before the thirtieth second.
    expect(linesOf(log(100, 30, 31, 32, 33))).toEqual([1]);
    expect(linesOf(log(100, 29.9, 31, 32, 33))).toEqual([1, 2]);
    expect(linesOf(log(20, 10, 11, 12, 13))).toEqual([1]);
    expect(linesOf(log(20, 9.9, 11, 12, 13))).toEqual([1, 2]);
    expect(linesOf(log(2.5, 0.5, 1, 1.5, 2))).toEqual([1]);
    expect(linesOf(log(2.6, 0.5, 1, 1.5, 2))).toEqual([1, 2]);
    // What came before counts from the boot on.
    expect(linesOf(log(100, 1, 2, 3, 4, 50, 1, 2, 3, 4))).toEqual([1, 2, 7]);
    expect(linesOf(log(100, 1, 2, 3, 20, 12, 13, 14, 15))).toEqual([1, 2]);
  });

  test("begin where a program counts one more, a hundred lines behind the ROM's words", () => {
    const lines = (count: number): string => "x\n".repeat(count);
    expect(linesOf(`boot count: 1\n${lines(3)}Boot number 2\nx`)).toEqual([1, 5]);
    expect(linesOf("boot count: 1\nboot count: 1\nboot count: 3\nboot count: 2\nboot count: 3")).toEqual([1, 5]);
    expect(linesOf("boot count: 1\nother count: 2\nboot count: none")).toEqual([1]);
    const after = (count: number): number[] =>
      linesOf(`boot count: 1\nESP-ROM:esp32c3-1\n${lines(count)}boot count: 2\nx`);
    expect([after(0), after(99), after(100)]).toEqual([
      [1, 2],
      [1, 2],
      [1, 2, 103],
    ]);
  });

  test("tell their chip, project and frequency; RISC-V is known by the chip or a register, also later", () => {
    const overview = overviewOf(`ESP-ROM:esp32s3-20210327
I (1) cpu_start: Project name:     demo
I (2) app_init: App version:      1.2.3
I (3) app_init: ESP-IDF:          v5.5.1
I (4) cpu_start: ELF file SHA256:  ${"0123456789abcdef".repeat(4)}
I (5) cpu_start: cpu freq: 240000000 Hz
I (6) other: Project name:     wrong
ESP-ROM:esp32p4-eco2
I (4) cpu_start: ELF file SHA256:  0123456789abcdef...
I (5) cpu_start: cpu freq: unknown
ESP-ROM:esp32s2-1
`);
    const boots = [...overview.boots];
    expect(boots).toEqual([
      {
        line: 1, isRiscV: false, chip: "esp32s3", appName: "demo", appVersion: "1.2.3", idfVersion: "v5.5.1",
        elfSha256: "0123456789abcdef".repeat(4), cpuFrequency: 240e6,
      },
      { line: 8, isRiscV: true, chip: "esp32p4", cpuFrequency: 0 },
      { line: 11, isRiscV: true, chip: "esp32s2" },
    ]); // prettier-ignore
    const later = overviewOf("x\nESP-ROM:esp32-1\nESP-ROM:esp32-1\nMEPC    : 0x42001000\nESP-ROM:esp32-1");
    expect([...later.boots].map(({ isRiscV }) => isRiscV)).toEqual([false, false, true, true]);
    expect(bootFields(boots[0] ?? { line: 1, isRiscV: false })).toEqual({
      chip: "esp32s3", appName: "demo", appVersion: "1.2.3", idfVersion: "v5.5.1", elfSha256: "0123456789abcdef".repeat(4),
    }); // prettier-ignore
    expect(bootFields({ line: 1, isRiscV: true })).toEqual({});
    expect([...overviewOf("MEPC    : 0x42001000").boots]).toEqual([{ line: 1, isRiscV: true }]);
    expect([...overviewOf("ESP-ROM:esp32h2-1").boots][0]?.isRiscV).toBe(true);
    expect([...overviewOf("ESP-ROM:esp32-1").boots][0]?.isRiscV).toBe(false);
  });
});

test("clocks of microseconds go back at the same borders", () => {
  const boots = (...uptimes: readonly number[]): number[] => {
    const reader = new OverviewReader();
    uptimes.forEach((uptime, i) => reader.line({ number: i + 1, text: "x", tags: [], uptime }));
    return [...reader.overview.boots].map(({ line }) => line);
  };
  const on = [5e6, 6e6, 7e6];
  expect([boots(100e6, 5e6, 4e6, ...on), boots(100e6, 5e6, 4e6 - 0.5, ...on)]).toEqual([[1, 2], [1, 3]]); // prettier-ignore
  const short = [1e6, 1.1e6, 1.2e6];
  expect([boots(2.5e6, 0.5e6 - 0.5, ...short), boots(2.5e6, 0.5e6, ...short)]).toEqual([[1, 2], [1]]);
});

test("a place without a file has no line", () => {
  expect(overviewOf("0x400d000c: f at ??:12").decoded.get(0x400d000c)).toEqual([
    { function: "f", address: 0x400d000c },
  ]);
});

test("a place that stands on a line of its own is that of the function before it", () => {
  const frames = [{ function: "f", file: "/p/a.c", line: 1, address: 0x400d0001 }];
  for (const log of ["0x400d0001 - f\n    at /p/a.c:1", "0x400d0001\nf\n/p/a.c:1", "0x400d0001: f at\n/p/a.c:1"])
    expect(overviewOf(log).decoded.get(0x400d0001), log).toEqual(frames);
});

test("so many addresses are decoded and no more", () => {
  const reader = new OverviewReader();
  const line = (text: string): void => reader.line({ number: 1, text, tags: [] });
  for (let i = 0; i < 65_535; i++) line(`0x${(0x400d0000 + i).toString(16)}: f at a.c:1`);
  line("0x42000000 - f");
  line("at a.c:1");
  line("0x42000001 - f");
  line("at a.c:1");
  line("0x42000002: f at a.c:1");
  const { decoded } = reader.overview;
  expect([decoded.size, decoded.has(0x42000000)]).toEqual([65_536, true]);
});
