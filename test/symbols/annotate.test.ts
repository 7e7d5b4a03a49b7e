// Addresses in logs: each form that ESP-IDF prints them in.
import { expect, test } from "vitest";
import { describeFrame, LogAnnotator, openSymbols, type Symbols } from "../../src/symbols/index.ts";
import { fixture, type FixtureName } from "./fixtures.ts";

function open(name: FixtureName): {
  symbols: Symbols;
  annotator: LogAnnotator;
  at: (name: string, offset: number) => string;
} {
  const symbols = openSymbols(fixture(name));
  const at = (symbol: string, offset: number): string =>
    `0x${((symbols.find(symbol)[0]?.address ?? 0) + offset).toString(16).padStart(8, "0")}`;
  return { symbols, annotator: new LogAnnotator(symbols), at };
}

/** What the annotations of a line say, in short: "RA: app_main:72". */
function says(annotator: LogAnnotator, line: string): string[] {
  annotator.flush();
  annotator.line(line);
  return annotator.flush().flatMap((note) => {
    if (note.kind !== "address") return [];
    const [frame] = note.frames;
    return [`${note.what}: ${frame?.function ?? "??"}:${frame?.line ?? "?"}`];
  });
}

test("a backtrace of Xtensa: the addresses are call sites already", () => {
  const { annotator, at } = open("xtensa");
  const line = `Backtrace: ${at("reading_create", 0x0b)}:0x3ffb5740 ${at("poll_sensor", 6)}:0x3ffb5760 0x40008ffb:0x3ffb5780 |<-CORRUPTED`;
  expect(says(annotator, line)).toEqual(["backtrace: reading_create:50", "backtrace: poll_sensor:66"]);
});

test("a register dump of Xtensa: A0 carries window bits and is a return address", () => {
  const { annotator, at } = open("xtensa");
  const returnAddress = (Number(at("app_main", 0x0c)) & 0x3fffffff) | 0x80000000;
  const line = `PC      : ${at("poll_sensor", 6)}  PS      : 0x00060e30  A0      : 0x${(returnAddress >>> 0).toString(16)}  A1      : 0x3ffb5740`;
  expect(says(annotator, line)).toEqual(["PC: poll_sensor:66", "A0: app_main:71"]);
});

test("a register dump of RISC-V, and the return addresses in its stack memory", () => {
  const { annotator, at } = open("riscv");
  const line = `MEPC    : ${at("sensor_sum", 0)}  RA      : ${at("app_main", 0x18)}  SP      : 0x3fc8ea70  GP      : ${at("_start", 0)}`;
  expect(says(annotator, line)).toEqual(["MEPC: sensor_sum:22", "RA: app_main:72"]);
  expect(says(annotator, "Stack memory:")).toEqual([]);
  // Behind the call in app_main; in the middle of a function; data.
  const row = `3fc8ea70: ${at("app_main", 0x18)} ${at("malloc", 6)} 0x3fc80000 0x00000000`;
  expect(says(annotator, row)).toEqual([]);
  const [stack] = annotator.line("ELF file SHA256: 0123456789abcdef");
  // sensor_sum stopped at its first instruction; app_main's own return address stands where the row has 0.
  expect(stack).toMatchObject({ kind: "stack", end: "complete", possible: [], stale: 1 });
  expect(stack?.kind === "stack" ? stack.calls.map(({ frames }) => frames.at(-1)?.function) : []).toEqual([
    "sensor_sum",
    "app_main",
  ]);
  expect(says(annotator, `a line of the log with ${at("malloc", 6)}`)).toEqual(["address: malloc:48"]);
});

test("an address in a line of text is a place of its own, and a return address only among the rows of a stack dump", () => {
  const { annotator, at, symbols } = open("riscv");
  const address = Number(at("app_main", 0x18));
  const lineOf = (place: number): number | undefined => symbols.symbolize(place)[0]?.line;
  expect(lineOf(address)).not.toBe(lineOf(symbols.callSite(address)));
  const text = `a line of the log with ${at("app_main", 0x18)}`;
  expect(says(annotator, text)).toEqual([`address: app_main:${lineOf(address)}`]);
  annotator.line(`MEPC    : ${at("sensor_sum", 0)}  RA      : ${at("app_main", 0x18)}  SP      : 0x3fc8ea70`);
  expect(says(annotator, text)).toEqual([`address: app_main:${lineOf(symbols.callSite(address))}`]);
});

test("callers of a heap trace are return addresses", () => {
  const { annotator, at } = open("xtensa");
  const line = `    20 bytes (@ 0x3ffb68a0, Internal) allocated CPU 0 ccount 0x0161d3f0 caller ${at("reading_create", 0x0b)}:${at("poll_sensor", 0x10)}`;
  expect(says(annotator, line)).toEqual(["caller: reading_create:49", "caller: poll_sensor:66"]);
});

test("the device says which ELF it runs: a wrong one is said", () => {
  const { annotator, symbols } = open("riscv");
  annotator.line(`ELF file SHA256: ${symbols.sha256.slice(0, 9)}`);
  expect(annotator.line("ELF file SHA256: 0123456789abcdef")).toEqual([{ kind: "elf", match: { kind: "same" } }]);
  const message = expect.stringContaining("0123456789ab") as string;
  expect(annotator.flush()).toEqual([{ kind: "elf", match: { kind: "different", message } }]);
});

test("numbers that are no code stay alone", () => {
  const { annotator } = open("riscv");
  expect(says(annotator, "I (252) heap_init: At 3FFAE6E0 len 00001920 (6 KiB): DRAM 0x3ffae6e0")).toEqual([]);
});

test("a frame is one line: function, place, component", () => {
  const { symbols } = open("riscv");
  const [main] = symbols.find("app_main");
  const { frames } = symbols.attribute(symbols.symbolize(main?.address ?? 0));
  expect(frames.map(describeFrame)).toEqual(["app_main at main/app.c:70:1 [main]"]);
});

test("a backtrace of RISC-V: where it stopped, then return addresses as they stand on the stack", () => {
  const { annotator, at } = open("riscv");
  const line = `Backtrace: ${at("sensor_sum", 0)}:0x3fc8ea70 ${at("app_main", 0x18)}:0x3fc8ea90`;
  expect(says(annotator, line)).toEqual(["backtrace: sensor_sum:22", "backtrace: app_main:72"]);
});

test("asked to, every address is taken for a return address", () => {
  const { symbols, at } = open("xtensa");
  const annotator = new LogAnnotator(symbols, { returned: true });
  const address = at("reading_create", 0x0b);
  expect(says(annotator, `Backtrace: ${address}:0x3ffb5740`)).toEqual(["backtrace: reading_create:49"]);
  expect(says(annotator, `wdt: ${address}`)).toEqual(["address: reading_create:49"]);
});

test("a line that does not say what its addresses are: what follows a call is a return address", () => {
  const { annotator, at, symbols } = open("riscv");
  const back = at("app_main", 0x18);
  expect(symbols.followsCall(Number(back))).toBe(true);
  expect(says(annotator, `[E][crash:042]: BT1: ${back}`)).toEqual(["backtrace, a return address: app_main:72"]);
  expect(says(annotator, `[E][crash:042]: BT0: ${at("sensor_sum", 0)}`)).toEqual(["backtrace: sensor_sum:22"]);
});

test.each([
  [
    "another task's line in the middle",
    (x: string, y: string) => [`Backtrace: ${x}:0x3ffb5740 I (5123) wifi: x ${y}:0x3ffb5760`],
  ],
  ["missing spaces", (x: string, y: string) => [`Backtrace:${x}:0x3ffb5740${y}:0x3ffb5760`]],
  ["wrapped after a colon", (x: string, y: string) => [`Backtrace: ${x}:`, `0x3ffb5740 ${y}:0x3ffb5760`]],
  ["wrapped between pairs", (x: string, y: string) => [`Backtrace: ${x}:0x3ffb5740`, `  ${y}:0x3ffb5760 |<-CORRUPTED`]],
  ["behind a stamp", (x: string, y: string) => [`[12:01:59.123] Backtrace: ${x}:0x3ffb5740 ${y}:0x3ffb5760`]],
])("a broken backtrace gives all that is still there: %s", (_, lines) => {
  const { annotator, at } = open("xtensa");
  const all = lines(at("reading_create", 0x0b), at("poll_sensor", 6)).flatMap((line) => says(annotator, line));
  expect(all).toEqual(["backtrace: reading_create:50", "backtrace: poll_sensor:66"]);
});

test("what a monitor has decoded already is not said again; a contradiction is", () => {
  const { annotator, at } = open("xtensa");
  const [site, other] = [at("reading_create", 0x0b), at("poll_sensor", 6)];
  expect(annotator.line(`Backtrace: ${site}:0x3ffb5740 ${other}:0x3ffb5760`)).toEqual([]);
  expect(annotator.line(`--- ${site}: reading_create at /home/me/project/main/app.c:50`)).toEqual([]);
  expect(annotator.line("--- (inlined by) record at /home/me/project/main/app.c:60")).toEqual([]);
  expect(annotator.line(`--- ${other}: wifi_start at /home/me/project/main/wifi.c:7`)).toEqual([]);
  expect(annotator.line("Rebooting...")).toMatchObject([
    { kind: "contradiction", address: Number(other), monitor: "wifi_start" },
  ]);
});

test("a stack dump begins with its registers, however many lines come before its rows, and ends with its first line of no row", () => {
  const { annotator, at } = open("riscv");
  const registers = `MEPC    : ${at("sensor_sum", 0)}  RA      : ${at("app_main", 0x18)}  SP      : 0x3fc8ea70`;
  const row = (...words: readonly string[]): string => `3fc8ea70: ${words.join(" ")}`;
  const zero = "0x00000000";
  for (const end of ["", "ELF file SHA256: 0123456789abcdef", "Rebooting..."]) {
    for (const words of [[zero], [zero, zero], [zero, zero, zero, zero]]) {
      annotator.end();
      const before = [registers, "", "", "Stack memory:", "", row(...words)].flatMap((line) => annotator.line(line));
      expect(before.filter(({ kind }) => kind === "stack")).toEqual([]);
      const notes = annotator.line(end).filter(({ kind }) => kind === "stack");
      expect(notes.map((note) => note.kind === "stack" && note.calls.length)).toEqual([2]);
      expect(annotator.end().filter(({ kind }) => kind === "stack")).toEqual([]);
    }
  }
});

test("a stack dump behind any prefix, with other tasks' lines between its rows", () => {
  const { annotator, at } = open("riscv");
  const prefix = "10:01:02.345 > ";
  annotator.line(`${prefix}MEPC    : ${at("sensor_sum", 0)}  RA      : ${at("app_main", 0x18)}  SP      : 0x3fc8ea70`);
  annotator.line(`${prefix}Stack memory:`);
  annotator.line(`${prefix}3fc8ea60: 0x00000000 0x00000000 0x00000000 0x00000000`);
  annotator.line(`${prefix}I (5123) wifi: connected`);
  annotator.line(`${prefix}3fc8ea70: 0x00000000 0x00000000 0x00000000 0x00000000`);
  const [note] = [...annotator.flush(), ...annotator.end()].filter(({ kind }) => kind === "stack");
  expect(note?.kind === "stack" ? note.calls.length : 0).toBe(2);
});

test("eight lines of other tasks in a row do not end a stack dump, nine do", () => {
  const callsAfter = (lines: number): number => {
    const { annotator, at } = open("riscv");
    annotator.line(`MEPC    : ${at("sensor_sum", 0)}  RA      : ${at("app_main", 0x18)}  SP      : 0x3fc8ea70`);
    annotator.line("Stack memory:");
    const notes = ["3fc8ea60", "3fc8ea70", "3fc8ea80"].flatMap((row) => [
      ...annotator.line(`${row}: 0x00000000 0x00000000 0x00000000 0x00000000`),
      ...Array.from({ length: lines }, (_, i) => annotator.line(`I (${i}) wifi: connected`)).flat(),
    ]);
    return notes.filter(({ kind }) => kind === "stack").length;
  };
  expect([callsAfter(8), callsAfter(9)]).toEqual([0, 1]);
});

test("Zephyr on RISC-V: registers without 0x, a call trace", () => {
  const { annotator, at } = open("riscv");
  const bare = (symbol: string, offset: number): string => at(symbol, offset).slice(2);
  const prefix = "[00:00:00.312,000] <err> os:";
  expect(says(annotator, `${prefix}      a0: 00000000    t0: ${bare("app_main", 0x18)}`)).toEqual(["T0: app_main:72"]);
  expect(says(annotator, `${prefix}      ra: ${bare("app_main", 0x18)}`)).toEqual(["RA: app_main:72"]);
  expect(says(annotator, `${prefix}    mepc: ${bare("malloc", 0)}`)).toEqual(["MEPC: malloc:48"]);
  expect(says(annotator, `${prefix}       0: sp: 3fc8fff0 ra: ${bare("app_main", 0x18)}`)).toEqual([
    "caller: app_main:72",
  ]);
  expect(says(annotator, `${prefix} t0: ${bare("app_main", 0x18)} minutes`)).toEqual([]);
});

test("ESP8266: calls among the words of a stack dump may be under way or over", () => {
  const { annotator, at } = open("xtensa");
  const words = [at("app_main", 0x12), at("malloc", 1), "0x3ffe8500", at("main_task", 8)].map((word) => word.slice(2));
  for (const row of [`3fffff50:  ${words.join(" ")}  `, `14:02:01.123 > 3fffff50:  ${words.join(" ")} <`]) {
    expect(says(annotator, row)).toEqual([
      "stack, possibly a call: app_main:72",
      expect.stringMatching(/^stack, possibly a call: main_task:/),
    ]);
  }
});

test("a row of the stack dump into which another task has printed still gives return addresses", () => {
  const { annotator, at } = open("riscv");
  annotator.line(`MEPC    : ${at("sensor_sum", 0)}  RA      : ${at("app_main", 0x18)}`);
  annotator.line("Stack memory:");
  expect(says(annotator, `3fc8ea70: ${at("app_main", 0x18)} 0x3fc8I (99) wifi: x`)).toEqual(["address: app_main:72"]);
});

test("what ESPHome's monitor has decoded is not said again; where it says otherwise, that is told behind its lines", () => {
  const { annotator, at } = open("xtensa");
  const [place, other] = [at("malloc", 4), at("app_main", 0x12)];
  annotator.line(`[E][esp32.crash:126]:   BT0: ${place}`);
  expect(annotator.line(`WARNING Decoded ${place}: malloc at heap_caps.c:48`)).toEqual([]);
  expect(annotator.flush()).toEqual([]);
  expect(annotator.line(`\u001b[0;33mWARNING Decoded ${other}: main_task at /x/app.c:70`)).toEqual([]);
  expect(annotator.line(" (inlined by) x at y.c:1")).toEqual([]);
  expect(annotator.line("next")).toMatchObject([
    { kind: "contradiction", monitor: "main_task", address: Number(other) },
  ]);
});

test("what a decoder has put below a crash is known in every form, with colours and arguments", () => {
  const { annotator, at } = open("xtensa");
  const [place, other] = [at("malloc", 4), at("app_main", 0x12)];
  for (const said of [
    `#0  ${place}:0x3ffb5740 in malloc at heap_caps.c:48`,
    `#0  ${place} in malloc (size=16) at heap_caps.c:48`,
    `\u001b[1;33m--- ${place}: malloc at heap_caps.c:48\u001b[0m`,
    `${place} is in malloc (heap_caps.c:48).`,
  ]) {
    annotator.line(`Backtrace: ${place}:0x3ffb5740`);
    expect(annotator.line(said), said).toEqual([]);
    expect(annotator.line("\u001b[1;33m--- (inlined by) x at y.c:1\u001b[0m")).toEqual([]);
    expect(annotator.flush(), said).toEqual([]);
  }
  expect(annotator.line(`#1  ${other}:0x3ffb5760 in main_task at app.c:70`)).toEqual([]);
  expect(annotator.flush()).toMatchObject([{ kind: "contradiction", monitor: "main_task" }]);
  // A number with words behind it says nothing of a place.
  annotator.line("x");
  expect(says(annotator, `${place}: 12 blocks`)).toEqual(["address: malloc:47"]);
});
