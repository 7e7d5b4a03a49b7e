import { expect, test } from "vitest";
import { crc32 } from "../base/crc32.ts";
import { wrapFrame } from "../wire/framing.ts";
import { guessFile } from "./guess-file.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const letters = (content: string): Uint8Array => Uint8Array.from(content, (letter) => letter.charCodeAt(0));
const content = letters("memmap's frame");
const checksum = new DataView(new ArrayBuffer(4));
checksum.setUint32(0, crc32(content, 0, content.length), true);
const frames = wrapFrame(Uint8Array.of(...content, ...new Uint8Array(checksum.buffer)));

test.each<readonly [string, Uint8Array, string, string]>([
  ["an empty file", new Uint8Array(), "is empty", "Record again"],
  ["firmware", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2), "ELF program", "--elf x"],
  [
    "a core dump",
    Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4),
    "core dump",
    "esp-coredump",
  ],
  [
    "a core dump of the flash",
    letters("\xb4\x24\0\0\x02\x01\0\0" + "\0".repeat(16) + "\x7fELF"),
    "core dump",
    "-t raw -c x",
  ],
  ["one of ESP-IDF 6", letters("\xb4\x24\0\0\x04\x01\x0d\0" + "\0".repeat(4) + "\x7fELF"), "core dump", "-t raw -c x"],
  [
    "a core dump as text",
    text("====== CORE DUMP START ======\r\ntCQAAAIBAAA=\r\nf0VMRgEBAQAA\r\n"),
    "core dump",
    "-t b64",
  ],
  [
    "a log with such a dump",
    text(
      `free heap: 12345\nfree heap: 12344\nfree heap: 12343\nRebooting...\n===== CORE DUMP START =====\nf0VMRgEBAQAA\n`,
    ),
    "is a console log",
    "memmap import x",
  ],
  [
    "a tar archive",
    letters("log.txt" + "\0".repeat(250) + "ustar\x0000" + "\0".repeat(247) + "free heap: 1\n"),
    "tar archive",
    "`tar -xOf x | memmap report -`",
  ],
  ["a picture", letters("\x89PNG\r\n\x1a\n" + "\xff\0\xff\0\xff\0\xff\0"), "a picture (PNG)", "save the log"],
  ["a database", letters("SQLite format 3\0\xff\0\xff\0\xff\0"), "SQLite database", "save the log"],
  ["what lzma packed", letters("\x5d\0\0\x80\0\xff\xff"), "packed with lzma", "`xz -dc x | memmap report -`"],
  ["what 7z packed", letters("7z\xbc\xaf\x27\x1c"), "packed with 7z", "`7z x -so x | memmap report -`"],
  ["what lz4 packed", letters("\x04\x22\x4d\x18"), "packed with lz4", "`lz4 -dc x | memmap report -`"],
  ["what compress packed", letters("\x1f\x9d\x90"), "packed with compress", "`gzip -dc x | memmap report -`"],
  ["a log with holes", letters("\0".repeat(5000) + "I (31) boot: ESP-IDF\n"), "is a console log", "memmap import x"],
  ["bytes among zeros", letters("a\0\0\0b\0\0c\0".repeat(500)), "does not know", "memmap takes"],
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
