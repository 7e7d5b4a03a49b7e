import fc from "fast-check";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sharedData } from "../../../test/shared-data.ts";
import { ByteCensus, diagnose } from "./diagnosis.ts";

function kindOf(bytes: Uint8Array): string {
  const census = new ByteCensus();
  for (let at = 0; at < bytes.length; at += 100) census.add(bytes.subarray(at, at + 100));
  return census.kind;
}

/** What a receiver samples when it runs at `ratio` times the sender's speed (8N1). */
function sampledAt(ratio: number, text: string): Uint8Array {
  const bits: number[] = [];
  for (const byte of new TextEncoder().encode(text)) {
    bits.push(0, ...Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1), 1);
  }
  const level = (time: number): number => bits[Math.floor(time / ratio)] ?? 1;
  const bytes: number[] = [];
  for (let time = 0; time < bits.length * ratio; time++) {
    if (level(time) === 1) continue; // no start bit
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) byte |= level(time + 1.5 + bit) << bit;
    bytes.push(byte);
    time += 9;
  }
  return Uint8Array.from(bytes);
}

const bootLog = `\u001b[0;32mI (31) boot: ESP-IDF v5.3.1 2nd stage bootloader\u001b[0m\r\nI (324) main_task: Started on CPU0\r\n`;

test("log text with colours is text", () => {
  expect(kindOf(new TextEncoder().encode(bootLog.repeat(20)))).toBe("text");
});

test.each([115200 / 921600, 921600 / 115200, 115200 / 74880, 74880 / 115200, 460800 / 115200])(
  "log text received at %s times its speed is garbage",
  (ratio) => {
    expect(kindOf(sampledAt(ratio, bootLog.repeat(20)))).toBe("garbage");
  },
);

test("random bytes are garbage, printable ones never are", () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 500, maxLength: 1000 }), (bytes) => kindOf(bytes) === "garbage"));
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme-ascii", minLength: 1 }),
      (text) => kindOf(new TextEncoder().encode(text)) === "text",
    ),
  );
});

const realLog = sharedData("logs/boot-logs.txt");
test.skipIf(realLog === undefined)("a real board's log is text", () => {
  expect(kindOf(readFileSync(realLog ?? ""))).toBe("text");
});

test("each diagnosis says what to do about it", () => {
  const facts = { sourceName: "/dev/ttyUSB0 at 74880 baud", baud: 74_880, reset: true, live: true };
  expect(diagnose({ ...facts, kind: "garbage" }).hint).toContain("--baud");
  expect(diagnose({ ...facts, kind: "text" }).hint).toContain("memmap_stream_start");
  expect(diagnose({ ...facts, kind: "silence" }).hint).toContain("reset button");
});

test.each([
  "Größe der Länge überschritten",
  "Ошибка памяти: куча исчерпана",
  "ヒープの空き容量",
  "堆内存不足",
  "✔ готово 😀",
])("%s is text, in UTF-8; in UTF-16 it is named", (words) => {
  const text = `I (31) app: ${words}\r\n`.repeat(20);
  expect(kindOf(new TextEncoder().encode(text))).toBe("text");
  const wide = Uint8Array.from([...text].flatMap((_, i) => [text.charCodeAt(i) & 0xff, text.charCodeAt(i) >> 8]));
  expect(kindOf(Uint8Array.from([0xff, 0xfe, ...wide]))).toBe("wide-text");
});

test("UTF-16 without a byte order mark is named, either way round", () => {
  const text = [...bootLog.repeat(20)].map((letter) => letter.charCodeAt(0));
  expect(kindOf(Uint8Array.from(text.flatMap((letter) => [letter, 0])))).toBe("wide-text");
  expect(kindOf(Uint8Array.from(text.flatMap((letter) => [0, letter])))).toBe("wide-text");
  const { sentence } = diagnose({
    kind: "wide-text",
    sourceName: "log.txt",
    live: false,
    baud: undefined,
    reset: true,
  });
  expect(sentence).toContain("UTF-16");
});
