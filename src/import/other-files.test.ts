// What is said of files that cannot be imported, and what is left to others.
import { expect, test } from "vitest";
import { otherFile } from "./other-files.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const seems = (head: Uint8Array | string): string | undefined =>
  otherFile(typeof head === "string" ? latin1(head) : head, "x.bin")?.seems;

test.for<readonly [string, string | undefined]>([
  ["", "is empty"],
  ["\0", "holds nothing but zeros"],
  ["\0\0\0x", undefined],
  ["\x1f\x8b", undefined],
  ["7z\xbc\xaf\x27\x1c", "is packed with 7z"],
  ["\x7fELF", "is an ELF program, such as the firmware that was built"],
  [`\x7fELF${"\x01".repeat(12)}\x02`, "is an ELF program, such as the firmware that was built"],
  [`\x7fELF${"\x01".repeat(12)}\x04`, "is an ELF core dump"],
  ["\x7fEL", undefined],
  ["\x89PNG\r\n", "is a picture (PNG)"],
  ["\x89PNG\r", undefined],
  ["\xff\xd8\xff", "is a picture (JPEG)"],
  ["GIF89a", "is a picture (GIF)"],
  ["%PDF-1.7", "is a PDF document"],
  ["SQLite format 3\0", "is an SQLite database"],
  ["\xd4\xc3\xb2\xa1", "is a capture of network packets"],
  ["\x0a\x0d\x0d\x0a", "is a capture of network packets"],
  ["MZ\x90\0", "is a Windows program"],
  ["PERFETTO", "is a recording of Perfetto or Chrome"],
  [`${"x".repeat(257)}ustar`, "is a tar archive"],
  [`${"x".repeat(256)}ustar`, undefined],
  ["I (10) app: free heap 1000", undefined],
])("%j %s", ([head, what]) => {
  expect(seems(head)).toBe(what);
});

test("an image for the flash begins with its magic, and has at most sixteen segments", () => {
  const image = (length: number, segments: number, magic = 0xe9): string | undefined => {
    return seems(Uint8Array.from({ length }, (_, i) => [magic, segments][i] ?? 2));
  };
  const is = "looks like a firmware image for the flash";
  expect([image(25, 16), image(24, 16), image(25, 17), image(25, 16, 0xe8)]).toEqual([
    ...[is, undefined],
    ...[undefined, undefined],
  ]);
});

test("a core dump in the flash has its ELF file behind the header of one of its versions", () => {
  const dump = (at: number, chip = 0): string | undefined => {
    const header = Array.from({ length: at }, (_, i) => (i === 5 ? chip : 2));
    return seems(Uint8Array.from([...header, ...latin1("\x7fELF")]));
  };
  const is = "is a core dump as it lies in the flash";
  expect([12, 20, 24, 16, 8].map((at) => dump(at))).toEqual([is, is, is, undefined, undefined]);
  expect([dump(20, 1), dump(20, 2)]).toEqual([is, undefined]);
});

test("a core dump of base64 has few other lines", () => {
  const is = "holds a core dump in base64";
  const begun = "f0VMRgEBAQAAAAAA\nAAAAAAAA==\n";
  const others = (count: number): string => `${begun}${"it said\n".repeat(count)}`;
  expect([seems(begun), seems(others(3)), seems(others(4))]).toEqual([is, is, undefined]);
  expect(seems("================= CORE DUMP START =================\r\nAAAA\r\n===== CORE DUMP END =====\r\n")).toBe(
    is,
  );
  expect([seems("AAAAAAAA\nBBBB\n"), seems("== CORE DUMP START ==\nAAAA\n")]).toEqual([undefined, undefined]);
});
