// Compressed sections in each form, what their headers may claim, and what is kept of damaged ones.
import { Unzlib, zlibSync } from "fflate";
import { describe, expect, test } from "vitest";
import { u32 } from "../../test/symbols/made-elf.ts";
import { inflateSection } from "./compression.ts";
import { ProblemList } from "./problems.ts";

const content = Uint8Array.from({ length: 20_000 }, (_, i) => (i * i) >> 7);
const deflated = [...zlibSync(content)];
/** A Zstandard frame of one stored block each 100 bytes. */
function zstd(bytes: Uint8Array): readonly number[] {
  const blocks: number[] = [];
  for (let at = 0; at < bytes.length; at += 100) {
    const block = bytes.subarray(at, at + 100);
    const head = (block.length << 3) | (at + 100 >= bytes.length ? 1 : 0);
    blocks.push(head & 255, (head >> 8) & 255, head >> 16, ...block);
  }
  return [...u32(0xfd2f_b528), 0x00, 0x58, ...blocks];
}

function read(
  bytes: readonly number[],
  name = ".debug_info",
): { readonly out: Uint8Array; readonly problems: readonly string[] } {
  const problems = new ProblemList();
  const out = inflateSection(Uint8Array.from(bytes), name, { zlib: () => Unzlib }, problems);
  for (const { code } of problems.list()) expect(code).toBe("section-compression");
  return { out, problems: problems.list().map(({ message }) => message) };
}

const header = (kind: number, size: number): readonly number[] => [...u32(kind), ...u32(size), ...u32(1)];
const gnu = (size: number): readonly number[] => [0x5a, 0x4c, 0x49, 0x42, 0, 0, 0, 0, ...u32(size).reverse()];
const whole = { out: content, problems: [] };

test("zlib, zstd, and zlib as GNU tools wrote it before", () => {
  expect(read([...header(1, content.length), ...deflated])).toEqual(whole);
  expect(read([...header(2, content.length), ...zstd(content)])).toEqual(whole);
  expect(read([...gnu(content.length), ...deflated], ".zdebug_info")).toEqual(whole);
});

describe("a header that is none", () => {
  const unknown = (name = ".debug_info"): unknown => ({
    out: new Uint8Array(0),
    problems: [`section ${name} is compressed in a way that is not known`],
  });

  test("of another kind, or cut", () => {
    for (const kind of [0, 3, 0x100]) expect(read([...header(kind, content.length), ...deflated])).toEqual(unknown());
    for (const length of [0, 4, 7, 8, 11]) expect(read(header(1, 4).slice(0, length))).toEqual(unknown());
    const old = [...gnu(content.length), ...deflated];
    expect(read([0x5b, ...old.slice(1)], ".zdebug_info")).toEqual(unknown(".zdebug_info"));
    for (const length of [0, 3, 4, 11])
      expect(read(old.slice(0, length), ".zdebug_info")).toEqual(unknown(".zdebug_info"));
  });

  test("with a size that cannot be: 32 times what is there, or more than 16 KiB of anything", () => {
    const claimed = (size: number, payload: number): string =>
      read([...header(1, size), ...deflated.slice(0, payload)]).problems.join();
    const impossible = (size: number, payload: number): string =>
      `section .debug_info claims to hold ${size} bytes in ${payload}, which cannot be`;
    for (const [size, payload] of [
      [16_385, 10],
      [32 * 1000 + 1, 1000],
    ] as const)
      expect(claimed(size, payload)).toBe(impossible(size, payload));
    for (const [size, payload] of [
      [16_384, 10],
      [32 * 1000, 1000],
    ] as const)
      expect(claimed(size, payload)).toContain("is damaged");
    expect(read([...header(1, 16_385), ...deflated.slice(0, 10)]).out.length).toBe(0);
  });
});

describe("what is damaged", () => {
  test.each([
    ["zlib", header(1, content.length), deflated],
    ["zstd", header(2, content.length), zstd(content)],
  ] as const)("%s that is cut gives what came out, and zeros", (_, head, packed) => {
    const { out, problems } = read([...head, ...packed.slice(0, packed.length >> 1)]);
    expect(out.length).toBe(content.length);
    const [, count] = /(\d+) of 20000 bytes came out$/.exec(problems.join()) ?? [];
    const kept = Number(count);
    expect(kept).toBeGreaterThan(1000);
    expect(out.subarray(0, kept)).toEqual(content.subarray(0, kept));
    expect(out.subarray(kept)).toEqual(new Uint8Array(content.length - kept));
  });

  test("nothing that comes out is nothing", () => {
    expect(read([...header(1, 100), 0xff, 0xff, 0xff, 0xff])).toEqual({
      out: new Uint8Array(0),
      problems: ["section .debug_info is damaged: 0 of 100 bytes came out"],
    });
    expect(read(header(2, 100))).toEqual({
      out: new Uint8Array(0),
      problems: ["section .debug_info is damaged: 0 of 100 bytes came out"],
    });
  });

  test("more than is claimed is not kept", () => {
    expect(read([...header(1, 19_000), ...deflated])).toEqual({ out: content.slice(0, 19_000), problems: [] });
    expect(read([...header(2, 150), ...zstd(content)])).toEqual({ out: content.slice(0, 150), problems: [] });
    expect(read([...header(1, 20_001), ...deflated]).problems).toEqual([
      "section .debug_info is damaged: 20000 of 20001 bytes came out",
    ]);
  });
});
