import { expect, test } from "vitest";
import { answerTo } from "../../test/log-answer.ts";
import { commonPrefix } from "./common-prefix.ts";

const messages = [
  "boot 3",
  "Free heap: 3000",
  "====== Trace ======",
  "",
  "  84 bytes (@ 0x3ffb8000)",
  "Wi-Fi up",
  "(done)",
];
const dressed = (dress: (line: string, i: number) => string): readonly string[] =>
  messages.map((line, i) => dress(line, i).trim());

test.for<readonly [string, (line: string, i: number) => string, string]>([
  ["a topic", (line) => `home/esp-1/log ${line}`, "home/esp-1/log "],
  ["a tool's brackets", (line, i) => `<<node 7 +${i}>> ${line}`, "<<node 7 +12>> "],
  ["a name in brackets", (line) => `[rack-2] ${line}`, "[rack-2] "],
  ["no blank", (line) => `»${line}`, "»"],
  ["line numbers", (line, i) => `${i + 1} ${line}`, "12 "],
  ["line numbers and a bar", (line, i) => `${i + 1} | ${line}`, "12 | "],
  ["with a stamp that is known behind it", (line, i) => `{rack 2} I (${i}) app: ${line}`, "{rack 2}"],
  ["with an uptime alone behind it", (line, i) => `{rack 2} [ ${i}.123456] ${line}`, "{rack 2}"],
  ["with a time of day alone behind it", (line, i) => `{rack 2} 12:34:5${i} ${line}`, "{rack 2}"],
  ["of one letter with a stamp behind it", (line, i) => `»I (${i}) app: ${line}`, "»"],
  ["before messages that begin alike", (line) => `[rack-2] f${line}`, "[rack-2] "],
  ["with a tag alone behind it", (line) => `{rack 2} [I][main] ${line}`, "{rack 2}"],
])("%s", ([, dress, prefix]) => {
  const pattern = commonPrefix(dressed(dress)) ?? /none/y;
  expect(pattern.exec(`${prefix}x`)?.[0]).toBe(prefix);
  // What stands before an empty line has lost its last blank.
  pattern.lastIndex = 0;
  expect(pattern.exec(prefix.trimEnd())?.[0]).toBe(prefix.trimEnd());
});

test.for<readonly [string, readonly string[]]>([
  ["few lines", dressed((line) => `[rack-2] ${line}`).slice(0, 4)],
  ["lines of one form", [1, 2, 3, 4, 5, 6].map((i) => `[mem] loop ${i} left ${9000 - i}`)],
  ["words alone", ["esp-aes: a", "esp-aes: b", "esp-aes: c", "esp-aes: d", "esp-aes: e"]],
  ["words of memory", ["[heap] a", "[heap] b", "[heap] c", "[heap] d", "[heap] e"]],
  ["columns of a table", ["1,boot,3", "2,wifi,4", "3,mqtt,5", "4,http,6", "5,idle,7"]],
  ["a table with a header", ["n state left", "1 boot 3", "2 wifi 4", "3 mqtt 5", "4 http 6", "5 idle 7"]],
  ["numbers that count no lines", ["3 boot", "9 wifi", "1 mqtt", "7 http", "7 idle"]],
  ["addresses", ["0x400d1234 a", "0x400d1238 b", "0x400d123c c", "0x400d1240 d", "0x400d1244 e"]],
])("none: %s", ([, lines]) => {
  expect(commonPrefix(lines)).toBeUndefined();
});

test("one of ten lines may be another's, also the first", () => {
  const others = (count: number): readonly string[] => [
    ...["--- monitor", "*** paused"].slice(0, count),
    ...dressed((line) => `[rack-2] ${line}`),
    ...dressed((line) => `[rack-2] ${line} again`).slice(0, 5 - count),
  ];
  expect([0, 1, 2].map((count) => [others(count).length, commonPrefix(others(count)) !== undefined])).toEqual([
    [12, true],
    [12, true],
    [12, false],
  ]);
});

test.for<readonly [readonly number[], boolean]>([
  [[1, 2, 3, 4, 5], true],
  [[9, 10, 11, 12, 13], true],
  // Four of five steps are enough, three of four are not.
  [[7, 8, 9, 10, 11, 13], true],
  [[5, 7, 8, 9, 10, 11], true],
  [[1, 2, 3, 4, 6], false],
  [[1, 3, 4, 5, 6], false],
  [[1, 2, 3, 4, 6, 8], false],
])("numbers %j count lines: %s", ([numbers, counts]) => {
  expect(commonPrefix(numbers.map((number, i) => `${number} ${messages[i] ?? ""}x`)) !== undefined).toBe(counts);
});

test("a heap trace behind a prefix that nobody knows is read", async () => {
  const trace = `app is up\n====== Heap Trace: 3 records (100 capacity) ======\n${[0, 1, 2].map((i) => `    84 bytes (@ 0x3ffb${(0x8000 + 256 * i).toString(16)}, Internal) allocated CPU 0 ccount 0x1000000${i} caller 0x400d3344:0x400d5566`).join("\n")}\n====== Heap Trace Summary ======\nMode: Heap Trace Leaks\n252 bytes 'leaked' in trace (3 allocations)\nrecords: 3 (100 capacity, 3 high water mark)\ntotal allocations: 8\ntotal frees: 5\n================================`;
  const plain = await answerTo(trace);
  const behind = await answerTo(trace.replaceAll(/^/gm, "rack/2/serial ~> "));
  expect(plain.texts).toHaveLength(1);
  expect(behind.texts).toEqual(plain.texts);
});
