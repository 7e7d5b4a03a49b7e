// What firmware says of itself, in small ELF files that are made here.
import { expect, test } from "vitest";
import { elf, u32 } from "../../test/symbols/made-elf.ts";
import type { AppDescription } from "./chip.ts";
import { openSymbols } from "./index.ts";

const MAGIC = 0xabcd5432;

/** `esp_app_desc_t`, each field filled to its end or ended by a zero. */
function described(
  magic: number,
  fill: (letter: string, size: number) => string,
  size = 256,
): AppDescription | undefined {
  const field = (letter: string, length: number): number[] => [
    ...Buffer.from(fill(letter, length).padEnd(length, "\0"), "latin1"),
  ];
  const bytes = [
    ...u32(magic),
    ...u32(0),
    ...u32(0),
    ...u32(0),
    ...field("v", 32),
    ...field("p", 32),
    ...field("t", 16),
    ...field("d", 16),
    ...field("i", 32),
    ...new Array<number>(112).fill(0x78),
  ];
  const section = { name: ".flash.appdesc", flags: 2, address: 0x3c00_0020, bytes: bytes.slice(0, size) };
  return openSymbols(elf([section])).app;
}

test("each field of the application's description ends where the next one begins", () => {
  expect(described(MAGIC, (letter, size) => letter.repeat(size))).toEqual({
    version: "v".repeat(32),
    project: "p".repeat(32),
    built: `${"d".repeat(16)} ${"t".repeat(16)}`,
    idfVersion: "i".repeat(32),
  });
  expect(described(MAGIC, (letter) => letter)).toEqual({ version: "v", project: "p", built: "d t", idfVersion: "i" });
  expect(described(MAGIC, () => "")).toEqual({ version: "", project: "", built: "", idfVersion: "" });
});

test("without its magic number, or cut, it is none", () => {
  expect(described(MAGIC + 1, (letter) => letter)).toBeUndefined();
  expect(described(MAGIC, (letter) => letter, 143)).toBeUndefined();
  expect(described(MAGIC, (letter) => letter, 144)).toBeDefined();
});
