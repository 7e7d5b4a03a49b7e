// Frames as encoders write them and as nobody would: whatever the bytes say, decoding ends, and no block gives more than 128 KiB.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import xxhash from "xxhash-wasm";
import { describe, expect, test } from "vitest";
import { ZstdStream } from "./stream.ts";

const hashes = await xxhash();
const whole = readFileSync(new URL("../../../test/fixtures/import/heaptrack-v3.zst", import.meta.url));

interface Outcome {
  readonly bytes: Buffer;
  readonly problem: string | undefined;
}

function unpacked(packed: Uint8Array, pieces: readonly number[] = []): Outcome {
  const parts: Uint8Array[] = [];
  const stream = new ZstdStream((chunk) => parts.push(chunk.slice()), { newHash: () => hashes.create64() });
  let problem: string | undefined;
  try {
    let at = 0;
    for (const piece of pieces) stream.push(packed.subarray(at, (at += piece)));
    stream.push(packed.subarray(at));
    if (!stream.isAtEnd) problem = "it breaks off";
  } catch (error) {
    problem = error instanceof Error && error.name === "DamagedZstd" ? error.message : `thrown: ${String(error)}`;
  }
  return { bytes: Buffer.concat(parts), problem };
}

/** One frame without checksum or size, its window 128 KiB, of blocks whose kinds are 0 plain, 1 a byte again and again, 2 compressed. */
function frame(
  ...blocks: readonly { readonly kind: number; readonly bytes: readonly number[]; readonly size?: number }[]
) {
  const all = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x38];
  for (const [i, { kind, bytes, size = bytes.length }] of blocks.entries()) {
    const header = (i === blocks.length - 1 ? 1 : 0) | (kind << 1) | (size << 3);
    all.push(header & 0xff, (header >> 8) & 0xff, header >> 16, ...bytes);
  }
  return Uint8Array.from(all);
}

/** Literals of Huffman codes in one stream. */
function literals(count: number, packed: readonly number[]): number[] {
  const head = 2 | (count << 4) | (packed.length << 14);
  return [head & 0xff, (head >> 8) & 0xff, head >> 16, ...packed];
}

const MIB = 1 << 20;

describe("what is whole", () => {
  test("a file of zstd's own comes out the same in any chunks", () => {
    const { bytes, problem } = unpacked(whole);
    expect(problem).toBeUndefined();
    expect(bytes.toString("latin1")).toMatch(/^v 1\d+ 3\n/);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: whole.length })), (pieces) => {
        expect(unpacked(whole, pieces).bytes.equals(bytes)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("frames follow each other, with others between that are skipped", () => {
    const skipped = Uint8Array.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3, 0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
    const hello = frame({ kind: 0, bytes: [...Buffer.from("hello ")] }, { kind: 1, bytes: [0x21], size: 3 });
    expect(unpacked(Buffer.concat([skipped, hello, skipped, hello]))).toEqual({
      bytes: Buffer.from("hello !!!hello !!!"),
      problem: undefined,
    });
    expect(unpacked(hello.subarray(0, -1)).problem).toBe("it breaks off");
    expect(unpacked(Buffer.concat([hello, Buffer.from("more")])).problem).toMatch("no frame where one should begin");
  });
});

describe("what means harm", () => {
  test("states of a Huffman table that take no bits end", () => {
    // Accuracy 5, all 32 states of one symbol: the next state follows from no bits at all, for ever.
    const block = [...literals(4, [4, 0xf0, 0x03, 0, 0x80, 0xff]), 0];
    expect(unpacked(frame({ kind: 2, bytes: block })).problem).toBe("a Huffman table has too many symbols");
  });

  test("65,536 copies of 65,539 bytes do not fit into a block", () => {
    // One literal; then sequences of which each is: no literals, the offset before, the longest match.
    const count = 0xffff - 0x7f00;
    const sequences = [255, count & 0xff, count >> 8, 0x54, 0, 0, 52, ...Array<number>(200_000 / 2).fill(0xff)];
    const { bytes, problem } = unpacked(frame({ kind: 2, bytes: [1 << 3, 0x61, ...sequences] }));
    expect(problem).toBe("a block holds more than it may");
    expect(bytes.length).toBe(0);
  });

  test("blocks and windows beyond what any encoder writes are refused", () => {
    expect(unpacked(frame({ kind: 1, bytes: [0], size: 0x20001 })).problem).toBe("a block is larger than allowed");
    const wide = frame({ kind: 0, bytes: [1] });
    wide[5] = 0xff;
    expect(unpacked(wide).problem).toBe("its window is larger than 128 MiB");
    expect(unpacked(frame({ kind: 3, bytes: [] })).problem).toBe("a block is of no known kind");
    expect(unpacked(frame({ kind: 2, bytes: [] })).problem).toBe("a block breaks off");
  });

  test("damage anywhere ends in an error or in the very same bytes", () => {
    const meant = unpacked(whole).bytes;
    const damage = fc.array(
      fc.record({
        // Tables stand at the beginnings of blocks: the first bytes are hit as often as all others.
        at: fc.oneof(fc.nat(60), fc.nat(whole.length - 1)),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(damage, fc.nat(40), (changes, cut) => {
        const bytes = Uint8Array.from(whole);
        for (const change of changes) bytes.set(change.bytes.subarray(0, bytes.length - change.at), change.at);
        const { problem, bytes: got } = unpacked(bytes.subarray(0, bytes.length - (cut > 20 ? cut : 0)));
        if (problem === undefined) return;
        expect(problem).not.toMatch(/^thrown/);
        expect(got.length).toBeLessThanOrEqual(meant.length + MIB);
      }),
      { numRuns: 500 },
    );
  });

  test("any bytes as a block end, and give no more than a block", () => {
    const block = fc.tuple(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 400 }));
    fc.assert(
      fc.property(block, fc.nat(3), ([head, rest], format) => {
        // Literals of Huffman codes first, as whose tables most goes wrong.
        const told = literals(1 + (rest[0] ?? 0), [...head, ...rest.subarray(0, 100)]);
        told[0] = ((told[0] ?? 0) & 0xf3) | (format << 2);
        const { problem, bytes } = unpacked(frame({ kind: 2, bytes: [...told, ...rest] }));
        expect(problem ?? "").not.toMatch(/^thrown/);
        expect(bytes.length).toBeLessThanOrEqual(1 << 17);
      }),
      { numRuns: 1000 },
    );
  });
});
