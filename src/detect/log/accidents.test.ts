// What is read from each accident of a log, word by word in test/answers, and the borders between one reading and another.

import { expect, test } from "vitest";
import type { Finding } from "../finding.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import { told } from "../../../test/finding-text.ts";
import { incident, namesOf } from "../../../test/incidents.ts";
import { accidentFinding } from "./accidents.ts";
import { leakCheck } from "./checkers.ts";
import { FREED, FRESH, HEAD, STACK_FILL, TAIL } from "./reading.ts";

const names = namesOf([
  ["app_main", "main_task"],
  ["malloc", "make_packet"],
  ["panic_abort", "abort", "operator new", "std::__throw_bad_alloc", "load_image"],
  ["panic_abort", "abort", "std::terminate", "run"],
  [
    "tlsf_free",
    "multi_heap_free",
    "heap_caps_free",
    "free",
    { function: "close_socket", file: "src/net/socket.c", line: 31 },
  ],
  ["0x40081234", "abort"],
  ["free", "one", "two", "three", "tlsf_free"],
  ["tlsf_free", "one"],
  ["one", "two", "three", "tlsf_free"],
  [
    { function: "malloc" },
    { function: "lwip_select", file: "/home/me/esp-idf/components/lwip/sockets.c", line: 5 },
    { function: "poll", file: "/home/me/app/main/poll.c", line: 7 },
  ],
  [{ function: "malloc" }, { function: "lwip_select", file: "/home/me/esp-idf/components/lwip/sockets.c", line: 5 }],
  ["Session::reply(int)", "run"],
  ["one", "two", "three", "four", "five", "six", "seven", "tlsf_free"],
  ["one", "two", "three", "four", "five", "six", "seven", "eight", "tlsf_free"],
  ["panic_abort", "__cxa_throw", "run"],
]);

const at = { address: 0x3ffb_1234 };
const block = { blockAddress: 0x3ffb_1200, blockSize: 52 };

/** A word from its bytes as they lie in memory. */
function bytes(...four: readonly number[]): number {
  return four.reduce((word, byte, i) => word + byte * 2 ** (8 * i), 0);
}

const said = (one: RunIncident, before: readonly RunIncident[] = []): Finding | undefined =>
  accidentFinding(one, before, names);

test("damaged canaries and fills", async () => {
  const tail = (found: number, more: Partial<RunIncident> = {}): Finding | undefined =>
    said(incident("bad-tail", { ...at, expected: TAIL, found, ...more }));
  const [t0, t1, t2, t3] = [0x78, 0x56, 0xad, 0xba] as const;
  const head = (found: number, more: Partial<RunIncident> = {}): Finding | undefined =>
    said(incident("bad-head", { ...at, found, ...more }));
  const after = (found: number, more: Partial<RunIncident> = {}): Finding | undefined =>
    said(incident("write-after-free", { ...at, found, ...more }));
  const checked = { facts: ["checked 1"] };
  const umm = { expected: 0xa5a5_a5a5 };
  await expect(
    told({
      "a byte of zero behind the end": tail(bytes(0, t1, t2, t3)),
      "a byte of one behind the end of a block that is known": tail(bytes(1, t1, t2, t3), block),
      "a byte of zero behind the end of a block of which only the size is known": tail(bytes(0, t1, t2, t3), {
        blockSize: 52,
      }),
      "a zero that is not the first byte": tail(bytes(t0, 0, t2, t3), { address: 0x3ffb_1235 }),
      "two bytes that are text": tail(bytes(0x61, 0x7a, t2, t3), { address: 0x3ffb_1236 }),
      "two bytes that are no text": tail(bytes(0x61, 0x1f, t2, t3), { address: 0x3ffb_1237 }),
      "a letter and its NUL": tail(bytes(0x61, 0, t2, t3)),
      "three bytes, one of them as it was": tail(bytes(0x20, t1, 0x7e, t3)),
      "four bytes with a line's end": tail(bytes(0x6f, 0x6b, 0x0d, 0x0a)),
      "three letters and a tab": tail(bytes(0x61, 0x62, 0x63, 0x09)),
      "three letters and what is no letter": tail(bytes(0x61, 0x62, 0x63, 0x7f)),
      "a blank and a letter": tail(bytes(0x20, 0x41, t2, t3)),
      "what is no letter any more": tail(bytes(0x61, 0x62, 0x7f, t3)),
      "three letters and a line's end": tail(bytes(0x61, 0x62, 0x63, 0x0a)),
      "three letters and a carriage return": tail(bytes(0x61, 0x62, 0x63, 0x0d)),
      "the second and the last byte": tail(bytes(t0, 0x41, t2, 0x42)),
      "the last byte only": tail(bytes(t0, t1, t2, 0x41)),
      "the fill of freed memory": tail(FREED),
      "the canary as it should be": tail(TAIL, block),
      "nothing of it told": said(incident("bad-tail")),
      "another heap's canary": tail(bytes(0xa5, 0xa5, 0, 0xa5), umm),
      "a head of the fill of freed memory": head(FREED),
      "the same of a block that is known": head(FREED, { ...block, allocSite: 2 }),
      "a head with a pointer": head(0x3ffb_4000),
      "a head of a block that the trace saw freed": head(0x1234, { ...block, allocSite: 2, freeSite: 5 }),
      "the same with a pointer, and who allocated it not told": head(0x3ffb_4000, { freeSite: 5, blockSize: 52 }),
      "a head of zeros": head(0),
      "a head with the fill of new memory": head(FRESH),
      "a head that is as it should be": head(HEAD),
      "a head with the canary of a tail": head(TAIL),
      "a head with text": head(bytes(0x61, 0x62, 0x63, 0)),
      "a head with nothing that is known": head(0x1234_5679, { allocSite: 2 }),
      "a head that a check complains of": head(0x1234_5679, checked),
      "a head that a check complains of, with a pointer, of a block that is known": head(0x3ffb_4000, {
        ...{ ...block, ...checked },
        allocSite: 2,
      }),
      "a head that a check complains of, with text": head(bytes(0x61, 0x62, 0x63, 0), checked),
      "a head that a check complains of, of the fill of freed memory": head(FREED, checked),
      "a head that a check complains of, of a block that the trace saw freed": head(0x1234, {
        ...{ ...block, ...checked },
        ...{ allocSite: 2, freeSite: 5 },
      }),
      "a tail that a check complains of, which ran on": tail(0xffff_ffff, {
        ...checked,
        also: ["9: CORRUPT HEAP: Invalid data at 0x3ffb1250. Expected 0xfefefefe got 0xffffffff"],
      }),
      "a head of another heap": head(0x1234, umm),
      "a head of another heap with text": head(bytes(0x61, 0x62, 0x63, 0x64), umm),
      "nothing but another heap told": said(incident("bad-head", umm)),
      "nothing of the head told": said(incident("bad-head")),
      "a word written after the free": after(0x1234_5678),
      "a pointer written after the free into a block that is known": after(0x3ffb_4000, { ...block, allocSite: 2 }),
      "a byte of text written after the free": after(0x61, { foundBytes: 1, expected: 0xfe }),
      "text written after the free": after(bytes(0x61, 0x62, 0x63, 0x64), { blockSize: 52, freeSite: 5 }),
      "two bytes of which all four are told": after(bytes(0x61, 0x62, 0x63, 0x64), { foundBytes: 2 }),
      "a word written into new memory": after(0x1234, { expected: FRESH }),
      "a byte written into new memory": after(0x1_0034, { expected: 0xce, foundBytes: 1 }),
      "nothing told of the write": said(incident("write-after-free")),
    }),
  ).toMatchFileSnapshot("../../../test/answers/log-damage.txt");
});

test("an overrun goes on into the free memory behind the next header, word by word", () => {
  const length = (...words: readonly number[]): string | undefined => {
    const also = words.map((behind, i) => {
      const place = (at.address + behind).toString(16);
      return `${10 + i}: CORRUPT HEAP: Invalid data at 0x${place}. Expected 0xfefefefe got 0x12345678`;
    });
    const title = said(incident("bad-tail", { ...at, expected: TAIL, found: 0xffff_ffff, also }))?.title;
    return /by at least (.*)$/.exec(title ?? "")?.[1];
  };
  const alone = "4 bytes";
  expect([length(), length(-4), length(0), length(3)]).toEqual([alone, alone, alone, alone]);
  expect([length(4), length(5), length(28), length(29), length(32)]).toEqual(["8 B", "9 B", "32 B", alone, alone]);
  expect([length(28, 32), length(28, 32, 36), length(28, 33, 34), length(28, 36), length(28, 24)]).toEqual(
    ["36 B", "40 B", "32 B", "32 B", "32 B"],
  ); // prettier-ignore
  // Where not all of the canary was written, what lies behind it is another's.
  const partly = { ...at, expected: TAIL, found: bytes(0, 0x56, 0xad, 0xba) };
  const also = [`10: CORRUPT HEAP: Invalid data at 0x3ffb1238. Expected 0xfefefefe got 0x12345678`];
  expect(said(incident("bad-tail", { ...partly, also }))?.title).toContain("exactly one byte");
});

/** Where a heap may lie on any of the chips: external and internal memory of the ESP32, S2, S3, C3, C6, H2, P4 and C5. */
const HEAPS = [
  [0x2f00_0000, 0x2f08_0000],
  [0x3c00_0000, 0x3e00_0000],
  [0x3f50_0000, 0x3fc0_0000],
  [0x3fc8_0000, 0x3fd0_0000],
  [0x3ff9_0000, 0x4000_0000],
  [0x4080_0000, 0x4089_0000],
  [0x4800_0000, 0x4c00_0000],
  [0x4ff0_0000, 0x4ffc_0000],
] as const;

test.each(HEAPS)("a head in whose place stands a pointer from 0x%x to 0x%x was freed before", (from, to) => {
  const rule = (found: number): string | undefined => accidentFinding(incident("bad-head", { found }), [], names)?.rule;
  const isSaid = (found: number): boolean =>
    accidentFinding(incident("write-after-free", { found }), [], names)?.evidence.some((text) =>
      text.startsWith("The value is a pointer into the heap"),
    ) === true;
  expect([from, to - 4, from + 1, from + 2, from - 4, to].map(rule)).toEqual(
    ["double-free", "double-free", "overflow", "overflow", "overflow", "overflow"],
  ); // prettier-ignore
  expect([from, to - 4, from + 1, from - 4, to].map(isSaid)).toEqual([true, true, false, false, false]);
});

test("assertions, sanitizers, stacks and watchdogs", async () => {
  const metadata = { stackLow: 0x3ffb_2000, stackHigh: 0x3ffb_3000, function: "block_next" };
  await expect(
    told({
      "a double free by its assertion": said(incident("double-free", {
        detail: '!block_is_free(block) && "block already marked as free"', function: "tlsf_free", site: 5 })),
      "a double free in words that are not known": said(incident("double-free", { detail: "freed twice" })),
      "a free of what is in no heap": said(incident("invalid-free", {
        detail: "heap != NULL && \"free() target pointer is outside heap areas\"" })),
      "a realloc of what is in no heap": said(incident("invalid-free", { detail: "heap_caps_realloc of a stranger" })),
      "the heap's data, and nothing else": said(incident("heap-metadata")),
      "the heap's data by its check": said(incident("heap-metadata", { address: 0x3ffb_0000, detail: "multi_heap.c:432 detected at 0x3ffb0000" })),
      "the heap's data, a size": said(incident("heap-metadata", { address: 0x3ffb_0000, detail: "Size at 0x3ffb0000" })),
      "the heap's data just below the stack": said(incident("heap-metadata", { ...metadata, address: 0x3ffb_2000 - 1024 })),
      "the heap's data too far below the stack": said(incident("heap-metadata", { ...metadata, address: 0x3ffb_2000 - 1025 })),
      "the heap's data just above the stack": said(incident("heap-metadata", { ...metadata, address: 0x3ffb_3000 + 1024 })),
      "the heap's data too far above the stack": said(incident("heap-metadata", { ...metadata, address: 0x3ffb_3000 + 1025 })),
      "the heap's data where half of the stack is told": said(incident("heap-metadata", { address: 0x3ffb_3000, stackLow: 0x3ffb_2000 })),
      "the heap's data where the other half is told": said(
        incident("heap-metadata", { address: 0x3ffb_3000, stackHigh: 0x3ffb_4000 }),
      ),
      "the heap's data where only the stack is told": said(incident("heap-metadata", metadata)),
      "an assertion of a queue": said(incident("assert", { detail: "pxQueue", function: "xQueueGenericSend" })),
      "an assertion whose function is known": said(incident("assert", { detail: "0", function: "lock_init_generic" })),
      "an assertion of the program's own": said(incident("assert", { detail: "size > 0" })),
      "a sanitizer's write behind a block": said(incident("sanitizer", { ...at, ...block, detail: "heap-buffer-overflow", function: "WRITE", size: 4 })),
      "a sanitizer's read before a block": said(incident("sanitizer", { ...at, detail: "heap-buffer-underflow", function: "READ", size: 1, blockSize: 8 })),
      "a sanitizer's read of freed memory": said(incident("sanitizer", { ...at, detail: "use-after-free", function: "READ", size: 2 })),
      "a sanitizer's write to freed memory": said(incident("sanitizer", { ...at, detail: "use-after-free", function: "WRITE", size: 2 })),
      "a sanitizer that says nothing": said(incident("sanitizer")),
      "a task's stack": said(incident("stack-overflow", { task: "wifi" })),
      "a stack whose task is not told": said(incident("stack-overflow")),
      "an array on the stack": said(incident("stack-overflow", { quote: "Stack smashing protect failure!" })),
      "a watchdog": said(incident("watchdog", { detail: "Task watchdog got triggered", task: "loop" })),
      "a recursion": said(incident("stack-overflow", { task: "wifi", facts: ["recursion 40 96 0x40081234 parse(int)"] })),
      "a recursion whose stack is not told": said(incident("stack-overflow", { task: "wifi", facts: ["recursion 40 0 0x40081234"] })),
      "a watchdog without a task": said(incident("watchdog")),
      "a test that leaks": leakCheck(incident("leak-check", { size: 84, component: "unity", function: "opens twice", detail: "critical" }), namesOf([])),
      "a test without a name": leakCheck(incident("leak-check"), namesOf([])),
      "what others say": (["leak-check", "heap-trace", "failed-allocation", "restart"] as const).map((kind) => said(incident(kind))).filter((one) => one !== undefined),
    }), // prettier-ignore
  ).toMatchFileSnapshot("../../../test/answers/log-accidents.txt");
});

test("crashes and aborts", async () => {
  const panic = (registers: readonly string[], more: Partial<RunIncident> = {}, before: readonly RunIncident[] = []): Finding | undefined =>
    said(incident("panic", { detail: "LoadProhibited", registers, ...more }), before); // prettier-ignore
  const near = (value: number): string => `A2 0x${value.toString(16)}`;
  const failed = (line: number, boot: number): RunIncident => incident("failed-allocation", { line, boot });
  await expect(
    told({
      "nothing but a crash": said(incident("panic")),
      "an access of NULL": panic(["PC 0x40081234", "EXCVADDR 0x0"], { core: 1 }),
      "a field of NULL, written": panic(["MEPC 0x42001234", "MTVAL 0x18", "MCAUSE 0x7"]),
      "the last field of NULL": panic(["epc1 0x40201234", "excvaddr 0xfff"], { detail: "StoreProhibited" }),
      "an exception by its number": panic(["excvaddr 0x4"], { detail: "exception 29" }),
      "no field of NULL any more": panic(["EXCVADDR 0x1000"]),
      "NULL after requests that failed": panic(["EXCVADDR 0x4"], { line: 30 }, [
        failed(20, 0),
        failed(24, 0),
        failed(26, 1),
      ]),
      "NULL after one that failed in another boot": panic(["EXCVADDR 0x4"], {}, [failed(20, 1)]),
      "NULL inside the heap": panic(["EXCVADDR 0x4"], { function: "tlsf_malloc" }),
      "inside the heap by its frames": panic([], { site: 5, frames: 5, ownFrame: 5 }),
      "the heap innermost": panic([], { site: 8 }),
      "the heap at the fourth frame": panic([], { site: 9 }),
      "the heap too far out": panic([], { site: 7 }),
      "freed memory": panic([near(FREED)]),
      "freed memory by the address": panic(["EXCVADDR 0xfefefefe"], { detail: "" }),
      "a field of freed memory": panic([near(FREED + 255)]),
      "too far above the fill": panic([near(FREED + 256)]),
      "below the fill": panic([near(FREED - 1)]),
      "freed memory by the address, after a register of new memory": panic(["A2 0xfefefefe", "EXCVADDR 0xfefeff00"]),
      "freed memory, and a string over a pointer": panic([near(FREED), "EXCVADDR 0x64636261"]),
      "freed memory with a reason that is known": panic([near(FREED)], { detail: "LoadStoreError" }),
      "inside the heap with a reason that is known": panic([], { detail: "LoadStoreError", function: "tlsf_free" }),
      "new memory": panic(["PC 0x40081234", near(FRESH + 8)], { core: 0 }),
      "a head's canary": panic([near(HEAD)]),
      "a tail's canary": panic([near(TAIL)]),
      "the fill of stacks": panic([near(STACK_FILL)]),
      "a string over a pointer": panic(["EXCVADDR 0x64636261"]),
      "a string that ends in a capital": panic(["EXCVADDR 0x44636261"]),
      "flash during a write": panic([], { detail: "Cache disabled but cached memory region accessed" }),
      "a brownout": panic([], { detail: "Brownout detector was triggered" }),
      "little free before": panic([], { free: 16 * 1024 - 1, freeLine: 7 }),
      "little free before, in a line that is not told": panic([], { free: 0 }),
      "enough free before": panic([], { free: 16 * 1024, freeLine: 7 }),
      "an abort": said(incident("abort", { registers: ["PC 0x40081234"], core: 1 })),
      "an abort of new": said(incident("abort", { site: 3, frames: 5, ownFrame: 5 })),
      "an abort of terminate": said(incident("abort", { site: 4 })),
      "an abort of an exception as it is thrown": said(incident("abort", { site: 15 })),
      "an abort of an assertion": said(incident("abort", { facts: ["asserted xTaskGenericNotify"] })),
      "an abort whose place is told": said(
        incident("abort", { quote: "abort() was called at PC 0x400d1234 on core 0", registers: ["MEPC 0x40384444"] }),
      ),
      "an abort whose place is told without 0x": said(
        incident("abort", { quote: "abort() was called at PC 400d1234 on core 0" }),
      ),
      "an abort with the heap at the eighth frame": said(incident("abort", { site: 13 })),
      "an abort with the heap at the ninth frame": said(incident("abort", { site: 14 })),
      "a method": panic(["EXCVADDR 0x8"], { site: 12 }),
      "a method after a request that failed": panic(["EXCVADDR 0x8"], { site: 12, line: 30 }, [failed(20, 0)]),
      "a call through NULL": panic(["PC 0x0", "EXCVADDR 0x0"], { detail: "InstrFetchProhibited" }),
      "a call through NULL, with an offset": panic(["MEPC 0xffc", "MTVAL 0xffc"], {
        detail: "Instruction access fault",
        site: 1,
      }),
      "a call to no code": panic(["PC 0x1000", "EXCVADDR 0x1000"], { detail: "InstrFetchProhibited" }),
      "a call through freed memory": panic(["PC 0x0", near(FREED)], { detail: "InstrFetchProhibited" }),
      "an access whose kind has no address": panic(["EXCVADDR 0x4"], { detail: "IllegalInstruction" }),
      "a watchpoint": panic(["PC 0x40081234"], { detail: "Watchpoint 0 triggered", site: 8 }),
      Rust: panic([], { known: "rust", component: "src/main.rs:12", detail: "index out of bounds" }),
      "Rust at a place that is not told": panic([], { known: "rust", detail: "index out of bounds" }),
      "an empty flash": panic([], { known: "no-program", detail: "invalid header: 0xffffffff" }),
      "another header": panic([], { known: "no-program", detail: "invalid header: 0x0a3c1b00" }),
      "no image of this chip": panic([], { known: "no-program", detail: "Invalid image block, can't boot" }),
      "a wrong check sum": panic([], { known: "no-program", detail: "csum err:0xef!=0xad" }),
      "no partition": panic([], { known: "no-program", detail: "No bootable app partitions in the partition table" }),
      "a component that is no place of Rust's": panic([], { component: "wifi" }),
      "an error that was checked": said(incident("abort", { known: "error-check", detail: "ESP_ERR_NO_MEM" })),
      "just above NULL's fields": panic(["EXCVADDR 0x1004"]),
      "the last address of a buffer of NULL": panic(["EXCVADDR 0xfffff"], { site: 1 }),
      "the first address behind it": panic(["EXCVADDR 0x100000"], { site: 1 }),
      "the last address below all memory": panic(["EXCVADDR 0x1fffffff"]),
      "the first address of memory": panic(["EXCVADDR 0x20000000"]),
      "the last address of peripherals": panic(["EXCVADDR 0x6fffffff"]),
      "the first address above": panic(["EXCVADDR 0x70000000"]),
      "no memory, from text over a pointer, by exception": panic(["excvaddr 0x64636261"], { detail: "exception 28" }),
      "text of which a letter lies below the others": panic(["EXCVADDR 0x7f636261"]),
      "flash that reads as erased": panic(["EXCVADDR 0x40201000"], {
        detail: "IllegalInstruction",
        facts: ["memory ffffffff ffffffff ffffffff"],
      }),
      "flash that does not": panic([], { detail: "IllegalInstruction", facts: ["memory ffffffff 00000000"] }),
      "a reason that is known, where frames have names": panic([], { detail: "IllegalInstruction", site: 1 }),
      "a reason that is known, where they have none": panic([], { detail: "IllegalInstruction" }),
      "a brownout, with names": panic([], { detail: "Brownout detector was triggered", site: 1 }),
      "little free, told in the same line": panic([], { free: 100, freeLine: 10 }),
      "little free, told afterwards": panic([], { free: 100, freeLine: 11 }),
      "in a task": panic(["PC 0x40081234"], { task: "wifi", core: 0 }),
    }),
  ).toMatchFileSnapshot("../../../test/answers/log-crashes.txt");
});

test("where it happened, what else was said, and how often", async () => {
  const resolver = {
    frames: () => [],
    pointee: () => undefined,
    mismatch: () => undefined,
    unwind: (_registers: ReadonlyMap<string, number>, _at: number, words: readonly number[]) =>
      words.map((word) => ({ function: `f${word}`, file: `src/f${word}.c`, line: word })),
  };
  const many = Array.from({ length: 9 }, (_, i) => i + 1);
  const unwound = (stackWords: readonly number[]): Finding | undefined =>
    accidentFinding(incident("abort", { stackAt: 0x3ffb_0000, stackWords, site: 1 }), [], namesOf([["abort"]], resolver));
  const frames = (more: Partial<RunIncident>): Finding | undefined => said(incident("double-free", { site: 6, ...more }));
  await expect(
    told({
      "one call unwound": unwound(many.slice(0, 1)),
      "an own frame and no site": said(incident("double-free", { ownFrame: 3, frames: 4, pc: 0x4008_1234 })),
      "a place that called a library": said(incident("double-free", { site: 10, frames: 3, ownFrame: 3 })),
      "a library only": said(incident("double-free", { site: 11, frames: 2, ownFrame: 2 })),
      "told twice, after a microsecond": said(incident("double-free", { site: 1, time: 1, count: 2, lastLine: 12 })),
      "eight calls unwound": unwound(many.slice(0, 8)),
      "nine calls unwound": unwound(many),
      "frames of the system only": frames({ frames: 1 }),
      "an own frame without a name": frames({ frames: 6, ownFrame: 4, pc: 0x4008_1234 }),
      "an own frame at the end": frames({ frames: 4, ownFrame: 4, pc: 0x4008_1234 }),
      "the second frame is the own one": frames({ frames: 4, ownFrame: 2 }),
      "the first frame is the own one": frames({ frames: 4, ownFrame: 1, pc: 0x4008_1234 }),
      "a panic's own frame": said(incident("panic", { site: 6, frames: 4, ownFrame: 3, pc: 0x4008_1234 })),
      "a frame with a name": said(incident("double-free", { site: 5, frames: 5, ownFrame: 5, time: 5e6 })),
      "a frame with a name, of an overflow": said(incident("bad-tail", { found: 0, site: 1 })),
      "sites that are not known": frames({ site: 0, frames: 3, allocSite: 0, freeSite: 0, blockAddress: 0x3ffb_0000, blockSize: 0 }),
      "a block and who had it": frames({ site: 0, allocSite: 2, freeSite: 5, ...block }),
      "a block and nobody": frames({ site: 0, ...block }),
      "an address without a size": frames({ site: 0, blockAddress: 0x3ffb_0000 }),
      "further lines, and again": frames({ site: 0, also: ["12: abort() was called", "at the end"], count: 1200, lastLine: 99 }),
    }),
  ).toMatchFileSnapshot("../../../test/answers/log-places.txt");
}); // prettier-ignore
