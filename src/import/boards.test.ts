// Which board a line of several tells of, and what only looks like boards.
import { expect, test } from "vitest";
import { boardPrefix, learnBoards } from "./boards.ts";
import { logLine } from "./log-text.ts";

const encoder = new TextEncoder();
const lineOf = (text: string) => logLine(encoder.encode(text), 1);
const rounds = (line: (round: number) => string): string[] =>
  Array.from({ length: 10 }, (_, i) => line(i)).flatMap((text) => text.split("\n"));

/** The boards of a log, in their order. */
function boardsOf(lines: readonly string[]): readonly string[] | undefined {
  const parsed = lines.map(lineOf);
  const prefix = boardPrefix(parsed.map(({ text }) => text));
  if (prefix !== undefined) {
    const names = parsed.map(({ text }) => {
      prefix.pattern.lastIndex = 0;
      return prefix.short(prefix.pattern.exec(text)?.[1] ?? "");
    });
    return [...new Set(names)];
  }
  const boardOf = learnBoards(parsed);
  return boardOf === undefined ? undefined : [...new Set(parsed.flatMap((line) => boardOf(line) ?? []))];
}

test.for<readonly [string, (i: number) => string, readonly string[]]>([
  ["ports", (i) => `/dev/ttyUSB0| I (${i}) app: free heap ${180_000 - 900 * i}\n/dev/ttyUSB1| I (${i}) app: free heap ${150_000 + i}`, ["ttyUSB0", "ttyUSB1"]],
  ["hosts of syslog", (i) => `Jan  5 10:0${i}:01 attic esp: free heap ${180_000 - i}\nJan  5 10:0${i}:02 cellar esp: free heap ${150_000 + i}`, ["attic", "cellar"]],
  ["fields of JSON", (i) => `{"dev":"n-1","heap":${180_000 - i}}\n{"dev":"n-2","heap":${150_000 + i}}`, ["n-1", "n-2"]],
  ["fields that may be others, where the figures tell", (i) => `{"id":"A4CF","heap":${180_000 - i}}\n{"id":"B0B2","heap":${150_000 + i}}`, ["A4CF", "B0B2"]],
  ["tags of a metric", (i) => `esp32,host=shed heap_free=${132_000 - i}i\nesp32,host=barn heap_free=${152_000 - i}i`, ["shed", "barn"]],
  ["addresses", (i) => `192.168.1.40 heap=${180_000 - i}\n192.168.1.41 heap=${150_000 + i}`, ["192.168.1.40", "192.168.1.41"]],
  ["names with numbers", (i) => `ESP_3F2A1B: free heap ${180_000 - i}\nESP_3F2A1C: free heap ${150_000 + i}`, ["ESP_3F2A1B", "ESP_3F2A1C"]],
  ["topics", (i) => `tele/plug1/STATE {"Heap":${24 + (i % 2)},"n":1}\ntele/plug1/SENSOR {"Time":${i}}\ntele/plug2/STATE {"Heap":${31 - (i % 2)},"n":2}\ntele/plug2/SENSOR {"Time":${i}}`, ["plug1", "plug2"]],
  ["names before a log's stamps", (i) => `kitchen I (${60 * i + 900}) app: free heap ${180_000 - i}\ngarage W (${70 * i + 9000}) wifi: state ${i}`, ["kitchen", "garage"]],
  ["names in brackets before the same messages", (i) => `[hall] heap ${180_000 - i}\n[hall] sent ${i}\n[hall] got ${i}\n[roof] heap ${150_000 + i}\n[roof] sent ${i}\n[roof] got ${i}`, ["hall", "roof"]],
])("%s", ([, line, names]) => {
  expect(boardsOf(rounds(line))).toEqual(names);
}); // prettier-ignore

test.for<readonly [string, (i: number) => string]>([
  ["one board", (i) => `{"dev":"n-1","heap":${180_000 - i}}`],
  ["numbers of messages", (i) => `{"id":${100 + i},"heap":${180_000 - i}}`],
  ["one after the other, and never again", (i) => `{"dev":"n-${Math.floor(i / 4)}","heap":${180_000 - i}}`],
  ["other devices, of which one board tells", (i) => `scan mac=AA:BB:0${i % 3} heap=${180_000 - 100 * i}`],
  ["clients by turns", (i) => `client_id=${i % 2 === 0 ? "web" : "app"} heap=${180_000 - 100 * i}`],
  ["before and after", (i) => `before: heap ${180_000 - i}\nafter: heap ${160_000 - i}`],
  ["tags", (i) => `[mem] heap ${180_000 - i}\n[wifi] rssi -${60 + i}\n[mqtt] sent ${i}\n[ota] none`],
  ["cores", (i) => `core0 heap ${180_000 - i}\ncore1 heap ${160_000 - i}`],
  ["no figures", (i) => `{"dev":"n-${i % 2}","rssi":-60}`],
])("none: %s", ([, line]) => {
  expect(boardsOf(rounds(line))).toBeUndefined();
});

/** The boards of lines that each tell a figure of their own board, and go on from it. */
function inTurn(names: readonly string[], nameless = 0): readonly string[] | undefined {
  const lines = names.map((name, i) => {
    const level = 100_000 + 1000 * (name.codePointAt(0) ?? 0) + 37 * name.length;
    return `{"dev":"${name}","heap":${level + (i % 2)}}`;
  });
  return boardsOf([...lines, ...Array.from({ length: nameless }, () => '{"heap":90000}')]);
}

test("boards are heard three times each on average, and in turn", () => {
  const letters = (text: string): readonly string[] | undefined => inTurn([...text]);
  expect([letters("ababa"), letters("ababab")]).toEqual([undefined, ["a", "b"]]);
  expect([letters("aaabbb"), letters("aabbaa")]).toEqual([undefined, ["a", "b"]]);
  expect([letters("abcabcab"), letters("abcabcabc")]).toEqual([undefined, ["a", "b", "c"]]);
  expect([letters("aaabbbcca"), letters("aaabbccab")]).toEqual([undefined, ["a", "b", "c"]]);
});

test("more than 256 are none", () => {
  const names = (count: number): string[] => Array.from({ length: 3 * count }, (_, i) => String.fromCodePoint(0x4e00 + (i % count))); // prettier-ignore
  expect([inTurn(names(256))?.length, inTurn(names(257))]).toEqual([256, undefined]);
});

test("six of ten figures name theirs", () => {
  const names = [..."abababababab"];
  expect([inTurn(names, 8), inTurn(names, 9)]).toEqual([["a", "b"], undefined]);
});

test("before a message nine lines in ten name a board, and boards say three things alike", () => {
  const says = (messages: readonly string[], nameless: number): readonly string[] | undefined =>
    boardsOf([
      ...Array.from({ length: 6 }, () => ["hall", "roof"].flatMap((name) => messages.map((one) => `[${name}] ${one}`))).flat(),
      ...Array.from({ length: nameless }, () => "(none of them)"),
    ]); // prettier-ignore
  const three = ["sent", "got", "slept"];
  expect([says(three, 0), says(three.slice(1), 0)]).toEqual([["hall", "roof"], undefined]);
  expect([says(three, 4)?.slice(0, 2), says(three, 5)]).toEqual([["hall", "roof"], undefined]);
  // Behind the names of memory's words stand figures.
  expect(
    boardsOf(Array.from({ length: 6 }, () => ["heap", "ram"].flatMap((name) => three.map((one) => `[${name}] ${one}`))).flat()),
  ).toBeUndefined();
}); // prettier-ignore
