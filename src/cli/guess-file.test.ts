import { expect, test } from "vitest";
import { guessFile } from "./guess-file.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const frames = Uint8Array.from([0xff, 0, 3, 1, 2, 0, 0xff, 0, 3, 1, 2, 0, 0xff, 0, 3, 1, 2, 0]);

test.each([
  ["an empty file", new Uint8Array(), "is empty", "Record again"],
  ["firmware", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2), "ELF program", "--elf x"],
  [
    "a core dump",
    Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4),
    "core dump",
    "esp-coredump",
  ],
  ["what xz packed", Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), "packed with xz", "`xz -dc x | memmap report -`"],
  ["a raw capture", frames, "as it came from the line", "memmap record x"],
  ["an armoured log", text("I (31) boot\n$MM:EQBBAA==\n"), "memmap's frames", "memmap record x"],
  ["heaptrack", text("v 10500 3\nX app\n"), "heaptrack", "memmap import x"],
  ["SystemView", text("; Version     SEGGER SystemViewer V2.42\n"), "SystemView heap trace", "memmap import x"],
  ["a log that can be imported", text("Mem alloc fail. size 9\n"), "is a console log", "memmap import x"],
  ["such a log with frames", text("Mem alloc fail. size 9\n$MM:EQBBAA==\n"), "memmap's frames", "memmap record x"],
  ["a compressed file", Uint8Array.of(0x1f, 0x8b, 8, 0), "compressed", "memmap import x"],
  ["a log", text("I (31) boot: ESP-IDF\n"), "is a console log", "memmap import x"],
  [
    "anything else",
    Uint8Array.from({ length: 256 }, (_, i) => (i * 89) & 0xff),
    "does not know",
    "memmap takes recordings",
  ],
])("%s is recognised", (_, head, seems, hint) => {
  const guess = guessFile(head, "x");
  expect(guess.seems).toContain(seems);
  expect(guess.hint).toContain(hint);
});

test("what comes through a pipe has no name to give back", () => {
  const elf = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
  expect(guessFile(elf).hint).toBe(
    "Give it with --elf, next to a recording or a log: `memmap report console.log --elf FILE`.",
  );
});
