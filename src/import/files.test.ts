// Files as they are opened: what they are packed with, in which slices they are read, what is refused and in which words.
import { gzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { Told } from "../../test/told.ts";
import { MemmapError } from "../base/errors.ts";
import { PROTOCOL_VERSION } from "../wire/protocol.ts";
import { contentNumber, importedBoot } from "./identity.ts";
import { ReportBuilder } from "./import-report.ts";
import { allBytes } from "./importer.ts";
import { importers } from "./importers.ts";
import { isText } from "./is-text.ts";
import { addressOf, isBlock, isCore, MOST_BYTES } from "./plausible.ts";
import { HEAD_BYTES, type ImportInput, importFile, importTakes } from "./recognize.ts";
import { howToUnpack, packingOf, unpack } from "./unpack.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

async function refused(...inputs: readonly ImportInput[]): Promise<unknown> {
  const error = await importFile(inputs, new Told(true)).catch((reason: unknown) => reason);
  return error instanceof MemmapError ? [error.code, error.message, error.hint] : error;
}

describe("packings", () => {
  test.for<readonly [string, readonly number[]]>([
    ["gz", [0x1f, 0x8b]],
    ["none", [0x1f, 0x8c]],
    ["none", [0x1f]],
    ["zst", [0x28, 0xb5, 0x2f, 0xfd]],
    ["none", [0x28, 0xb5, 0x2f, 0xfe]],
    ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
    ["none", [0xfd, 0x37, 0x7a, 0x58, 0x5b]],
    ["bz2", [0x42, 0x5a, 0x68, 0x31]],
    ["bz2", [0x42, 0x5a, 0x68, 0x39]],
    ["none", [0x42, 0x5a, 0x68, 0x30]],
    ["none", [0x42, 0x5a, 0x68, 0x3a]],
    ["none", [0x42, 0x5a, 0x68]],
    ["zip", [0x50, 0x4b, 3, 4]],
    ["none", [0x50, 0x4b, 3, 5]],
    ["none", []],
  ])("%s: %j", ([packing, bytes]) => {
    expect(packingOf(Uint8Array.from(bytes))).toBe(packing);
  });

  test("that are not read, with what reads them", async () => {
    const hint = (unpacker: string): string =>
      `Unpack it on the way: \`${unpacker} a.log | memmap report -\`. gz and zst are read as they are.`;
    expect(["xz", "bz2", "zip", "gz", "zst", "none"].map((one) => howToUnpack(one as "xz", "a.log"))).toEqual([
      hint("xz -dc"), hint("bzip2 -dc"), hint("unzip -p"), undefined, undefined, undefined,
    ]); // prettier-ignore
    expect(await refused({ name: "a.log", bytes: Uint8Array.of(0x42, 0x5a, 0x68, 0x31) })).toEqual([
      "import-packed",
      "a.log is packed with bz2, which memmap does not unpack",
      hint("bzip2 -dc"),
    ]);
  });
});

describe("unpacking", () => {
  async function read(bytes: Uint8Array, pieces: number): Promise<readonly [string, string | undefined]> {
    const slices = Array.from({ length: Math.ceil(bytes.length / pieces) }, (_, i) => bytes.slice(i * pieces, (i + 1) * pieces)); // prettier-ignore
    const { chunks, problem } = unpack("a.gz", packingOf(bytes), () => slices);
    let text = "";
    for await (const chunk of chunks()) text += new TextDecoder().decode(chunk);
    return [text, problem()];
  }
  const text = Array.from(
    { length: 3000 },
    (_, i) => `I (${i * 137}) mem: free ${200_000 - ((i * 7919) % 977)}\n`,
  ).join("");
  const packed = gzipSync(utf8(text));

  test("gives the same in pieces of any length, and of what is cut as much as there is", async () => {
    for (const pieces of [97, 4095, 4096, 1 << 20]) expect(await read(packed, pieces)).toEqual([text, undefined]);
    const [part, problem] = await read(packed.slice(0, -100), 1 << 20);
    expect(text.startsWith(part) && part.length > text.length / 2).toBe(true);
    expect(problem).toBe("the gz data breaks off");
    expect((await read(packed.slice(0, -8), 100))[1]).toBe("the gz data breaks off");
  });

  test("of members behind each other compares the last one's checksum and length", async () => {
    const two = Uint8Array.from([...gzipSync(utf8("one")), ...gzipSync(utf8("three"))]);
    expect(await read(two, 5)).toEqual(["onethree", undefined]);
    const wrong = (at: number): Uint8Array => two.map((byte, i) => (i === two.length + at ? byte ^ 1 : byte));
    expect(await read(wrong(-4), 5)).toEqual(["onethree", "the gz data breaks off"]);
    expect(await read(wrong(-8), 5)).toEqual(["onethree", "the gz data is damaged: its checksum does not fit"]);
    expect((await read(wrong(-1), 5))[1]).toBe("the gz data breaks off");
    expect((await read(wrong(-5), 5))[1]).toBe("the gz data is damaged: its checksum does not fit");
  });

  test("goes on below sixty-four MiB or a thousand times its size, and says by how much it is too much", async () => {
    /** So many times 128 KiB out of so many bytes: a frame that is passed over, then one of blocks that repeat a byte. */
    const bomb = (blocks: number, length: number): Uint8Array => {
      const bytes = new Uint8Array(length);
      const start = length - 6 - 4 * blocks;
      bytes.set([0x50, 0x2a, 0x4d, 0x18]);
      new DataView(bytes.buffer).setUint32(4, start - 8, true);
      bytes.set([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38], start);
      for (let i = 0; i < blocks; i++) {
        const header = (i === blocks - 1 ? 1 : 0) | (1 << 1) | (0x20000 << 3);
        bytes.set([header & 0xff, (header >> 8) & 0xff, header >> 16, 0x0a], start + 6 + 4 * i);
      }
      return bytes;
    };
    const size = async (bytes: Uint8Array): Promise<number> => {
      let length = 0;
      for await (const chunk of unpack("a.zst", "zst", () => [bytes]).chunks()) length += chunk.length;
      return length;
    };
    expect(await size(bomb(512, 3000))).toBe(1 << 26);
    const error: unknown = await size(bomb(513, 3000)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "import-bomb",
      message: "a.zst unpacks to 22413 times its size: 64 MiB and more",
    });
    expect((error as MemmapError).hint).toContain("stops at 1000 times");
    const produced = 513 << 17;
    expect(await size(bomb(513, Math.ceil(produced / 1000)))).toBe(produced);
    await expect(size(bomb(513, Math.floor(produced / 1000)))).rejects.toMatchObject({ code: "import-bomb" });
    await expect(size(bomb(513, Math.ceil(produced / 1001)))).rejects.toMatchObject({ code: "import-bomb" });
  });
});

describe("what is refused", () => {
  test("says what it takes", async () => {
    expect(importTakes()).toBe(`${importers.map(({ takes }) => takes).join("; ")}; gz and zst as well`);
    expect(await refused({ name: "cat.jpg", bytes: Uint8Array.of(0xff, 0xd8, 0) })).toEqual([
      "import-unknown-format",
      "cat.jpg is nothing that can be imported",
      `import takes ${importTakes()}`,
    ]);
  });

  test("text that tells of nothing, with the lines it has and what may be named", async () => {
    expect(await refused({ name: "a.log", bytes: utf8("said\nmore\n") })).toMatchInlineSnapshot(`
      [
        "import-unknown-format",
        "a.log is text, and nothing in its 2 lines tells of memory",
        "A figure in words of its own can be named: --series 'free=WORDS BEFORE THE NUMBER'. Best is to print free memory and the largest block now and then, as docs/logs.md shows; what was looked at, \`memmap import --explain\` tells",
      ]
    `);
    const table = Array.from({ length: 6 }, (_, i) => `17120${10000 + 60 * i},${90_000 - 40 * i},-61\n`).join("");
    expect(await refused({ name: "a.csv", bytes: utf8(table) })).toContainEqual(expect.stringContaining("put a line with them before it")); // prettier-ignore
    const level = [6000, 5900, 5800, 5850, 5700].map((value) => `pool level ${value}, ${value * 2} of x\n`).join("");
    expect(await refused({ name: "a.log", bytes: utf8(level) })).toMatchInlineSnapshot(`
      [
        "import-unknown-format",
        "a.log is text, and nothing in its 5 lines tells of memory",
        "If one of these is free memory, name it: “pool level” (line 1: 6000 … 5700 in 5 lines): --series 'free=pool level'; the number that stands alone (line 1: 12000 … 11400 in 5 lines): --series 'free='. Best is to print free memory and the largest block now and then, as docs/logs.md shows; what was looked at, \`memmap import --explain\` tells",
      ]
    `);
  });

  test("recordings without an event, and where they are damaged", async () => {
    expect(await refused({ name: "a", bytes: utf8("v 10400 3\nX demo\n") })).toMatchInlineSnapshot(`
      [
        "import-no-events",
        "a is a heaptrack recording without one allocation or free that can be read",
        "Is it all of the file? Record again, and let the program end or detach from it.",
      ]
    `);
    expect(await refused({ name: "a", bytes: utf8("v 10400 3\n?\n+\n") })).toMatchInlineSnapshot(`
      [
        "import-no-events",
        "a is a heaptrack recording without one allocation or free that can be read; it is damaged from line 2 on: the line is no whole heaptrack line",
        "Is it all of the file? Record again, and let the program end or detach from it.",
      ]
    `);
    const bare = [...new Array<number>(10).fill(0), 10, 5];
    expect(await refused({ name: "a", bytes: Uint8Array.from([...bare, 1, 0x80]) })).toMatchInlineSnapshot(`
      [
        "import-no-events",
        "a is a SystemView heap trace without one allocation or free that can be read; it is damaged from byte 12 on: the file ends inside a packet",
        "Build with CONFIG_HEAP_TRACING_TOHOST, call heap_trace_init_tohost() and heap_trace_start(HEAP_TRACE_ALL), and record while the program allocates.",
      ]
    `);
    // Of two cores one is enough.
    const call = [0x80, 4, 7, 0x80, 0x80, 0xec, 0xff, 3, 7, 0, 1];
    const inputs = [bare, [...bare, ...call]].map((bytes, i) => ({ name: `a${i}`, bytes: Uint8Array.from(bytes) }));
    expect((await importFile(inputs, new Told(true))).events).toBe(1);
  });
});

test("what a file is, its first 64 KiB tell, in whatever pieces they come; the same file is the same boot", async () => {
  expect(HEAD_BYTES).toBe(65_536);
  const log = utf8(`${"I (1) app: said\n".repeat(5000)}I (9) app: free heap: 100000\n`);
  const told = async (bytes: ImportInput["bytes"]): Promise<string> => {
    const sink = new Told(false);
    const report = await importFile([{ name: "a.log", bytes }], sink);
    return `${sink.lines.join("\n")}\n${report.events}`;
  };
  const whole = await told(log);
  expect(whole).toContain("values=[100000000]");
  const pieces = (length: number) => function* () {
    for (let at = 0; at < log.length; at += length) yield log.subarray(at, at + length);
  }; // prettier-ignore
  for (const length of [1000, 65_535, 65_536, 65_537]) expect(await told(pieces(length))).toBe(whole);
  expect(await told(gzipSync(log))).toBe(whole);
});

test("all bytes of a file, from one piece or many", async () => {
  const input = (...parts: number[][]): Parameters<typeof allBytes>[0] => ({
    report: new ReportBuilder("a", "log"),
    async *chunks() {
      for (const part of parts) yield await Promise.resolve(Uint8Array.from(part));
    },
    problem: () => undefined,
    contentNumber: () => Promise.resolve(0),
    options: {},
  });
  expect([...(await allBytes(input([1, 2, 3], [4], [], [5, 6])))]).toEqual([1, 2, 3, 4, 5, 6]);
  expect([...(await allBytes(input([1, 2])))]).toEqual([1, 2]);
  expect([...(await allBytes(input()))]).toEqual([]);
});

test("a file's number is FNV-1a's of its bytes, in pieces or not", () => {
  // The vectors of its authors.
  expect(["", "a", "foobar"].map((text) => contentNumber(utf8(text)))).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  expect(contentNumber(utf8("bar"), contentNumber(utf8("foo")))).toBe(0xbf9cf968);
  expect(importedBoot("x", 5, { chip: "esp32" })).toEqual({
    bootId: 5, origin: "x", chip: "esp32", configuration: 0, tableCapacity: 0, sampleInterval: 1, stackDepth: 0, protocolVersion: PROTOCOL_VERSION,
  }); // prettier-ignore
});

describe("what no chip prints", () => {
  test("addresses have eight digits, blocks end with the address space, cores are two", () => {
    expect([addressOf("3ffb0000"), addressOf("3FFB00"), addressOf("03ffb0000"), addressOf(undefined)]).toEqual([0x3ffb0000, undefined, undefined, undefined]); // prettier-ignore
    expect(MOST_BYTES).toBe(0x10000000);
    expect([isBlock(0, MOST_BYTES), isBlock(0, MOST_BYTES + 1), isBlock(undefined, 1)]).toEqual([true, false, false]);
    expect([isBlock(0xffff0000, 0x10000), isBlock(0xffff0000, 0x10001)]).toEqual([true, false]);
    expect([isCore(0), isCore(1), isCore(2)]).toEqual([true, true, false]);
  });
});

describe("text", () => {
  const is = (...bytes: number[]): boolean => isText(Uint8Array.from(bytes));
  const some = (count: number, byte: number, of = 100): boolean => is(...Array.from({ length: of }, (_, i) => (i < count ? byte : 0x61))); // prettier-ignore

  test("has letters, and of other bytes no more than one in twenty", () => {
    expect([is(), is(0x61), is(9, 10, 13, 27), is(0)]).toEqual([false, true, true, false]);
    expect([some(5, 1), some(6, 1), some(5, 31), some(6, 31), some(6, 127), some(6, 126), some(6, 32)]).toEqual([true, false, true, false, false, true, true]); // prettier-ignore
    expect([some(6, 9), some(6, 10), some(6, 13), some(6, 27), some(6, 8), some(6, 11), some(6, 14), some(6, 28)]).toEqual([true, true, true, true, false, false, false, false]); // prettier-ignore
  });

  test("may have holes of zero bytes, also at its beginning, but is not nothing else", () => {
    expect([some(88, 0), some(100, 0), some(60_000, 0, 60_100)]).toEqual([true, false, true]);
    expect(is(...utf8(`ab${"\0".repeat(16)}c`))).toBe(true);
    expect([some(15, 0), some(16, 0), is(...utf8(`ab${"\0".repeat(15)}c`))]).toEqual([true, true, false]);
    expect([is(0, 0, 0, 1, 2, 3), is(...utf8("\0\0I (1) app: begins\n\0\0I (2) app: goes on\n"))]).toEqual([
      false,
      true,
    ]);
  });

  test("of Latin-1 has three such letters in ten, of UTF-8 as many as there are", () => {
    expect([some(30, 0xe9), some(31, 0xe9), some(31, 0x80), some(31, 0x7e)]).toEqual([true, false, false, true]);
    expect(isText(utf8("свободно памяти: это всё по-русски"))).toBe(true);
    expect(isText(utf8("свободно").slice(0, -1))).toBe(true);
  });
});
