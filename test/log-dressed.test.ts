// A log means the same however it was copied: quoted, indented, stamped by a terminal, in another encoding, among other lines.

import { describe, expect, test } from "vitest";
import { answerTo } from "./log-answer.ts";

/** Retyped by hand, one of each kind. */
const logs: Readonly<Record<string, string>> = {
  "a leak": Array.from({ length: 6 }, (_, i) => `Free heap at request: ${150_000 - i * 640}`).join("\n"),
  "a failed request": "heap_caps_malloc was called but failed to allocate 2312 bytes with 0x808 capabilities.",
  "a byte too many": "CORRUPT HEAP: Bad tail at 0x3ffc1a2e. Expected 0xbaad5678 got 0xbaad5600",
  "a double free": "CORRUPT HEAP: Bad head at 0x3ffc1a20. Expected 0xabba1234 got 0xfefefefe",
  "a wild free": 'assertion "heap != NULL && "free() target pointer is outside heap areas"" failed: file "heap_caps.c", line 268, function: heap_caps_free',
  "a NULL pointer": "Guru Meditation Error: Core  1 panic'ed (StoreProhibited). Exception was unhandled.\nPC      : 0x400d2f3a  PS      : 0x00060b30\nEXCVADDR: 0x00000004",
}; // prettier-ignore

const perLine = (text: string, change: (line: string, i: number) => string): string =>
  text.split("\n").map(change).join("\n");
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function utf16(text: string, bigEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  [...text].forEach((letter, i) => new DataView(bytes.buffer).setUint16(2 * i, letter.charCodeAt(0), !bigEndian));
  return bytes;
}

const dresses: Readonly<Record<string, (text: string) => Uint8Array>> = {
  "four spaces": (text) => utf8(perLine(text, (line) => `    ${line}`)),
  "a quote": (text) => utf8(perLine(text, (line) => `> ${line}`)),
  "the kernel's stamp": (text) => utf8(perLine(text, (line, i) => `[   ${12 + i}.000001] ${line}`)),
  "syslog's stamp": (text) => utf8(perLine(text, (line, i) => `Mar  1 12:34:${10 + i} host minicom[12]: ${line}`)),
  "ESP_LOG's stamp": (text) => utf8(perLine(text, (line, i) => `I (${1000 * i}) app: ${line}`)),
  "ESPHome's stamp": (text) => utf8(perLine(text, (line, i) => `[12:34:${10 + i}][D][app:123]: ${line}`)),
  "UTF-16, little end first, without a mark": (text) => utf16(text, false),
  "UTF-16, big end first, without a mark": (text) => utf16(text, true),
  "lone carriage returns": (text) => utf8(`${text.replaceAll("\n", "\r")}\r\r`),
  "other lines in between": (text) => utf8(perLine(text, (line) => `${line}\nI am another line, of no interest`)),
}; // prettier-ignore

describe.each(Object.entries(logs))("%s", (_, text) => {
  test.each(Object.entries(dresses))("with %s", async (_name, dress) => {
    const essence = async (log: string | Uint8Array): Promise<unknown> =>
      (await answerTo(log)).verdict.findings.map(({ rule, severity, affectedBytes }) => [
        rule,
        severity,
        affectedBytes,
      ]);
    expect(await essence(dress(text))).toEqual(await essence(text));
  });
});
