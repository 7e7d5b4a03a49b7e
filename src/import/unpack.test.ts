// Packed files that mean harm, or that were damaged on their way: limits hold, checksums are compared.
import { readFileSync } from "node:fs";
import { gzipSync } from "fflate";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packingOf, unpack } from "./unpack.ts";

async function read(bytes: Uint8Array): Promise<{ readonly length: number; readonly problem: string | undefined }> {
  const { chunks, problem } = unpack("a file", packingOf(bytes), () => [bytes]);
  let length = 0;
  for await (const chunk of chunks()) length += chunk.length;
  return { length, problem: problem() };
}

async function contents(bytes: Uint8Array): Promise<{ readonly text: string; readonly problem: string | undefined }> {
  const { chunks, problem } = unpack("a file", packingOf(bytes), () => [bytes]);
  let text = "";
  for await (const chunk of chunks()) text += new TextDecoder("latin1").decode(chunk);
  return { text, problem: problem() };
}

const MIB = 1 << 20;

/** A frame of blocks that say "128 KiB of this byte" in four bytes each. */
function zstdBomb(blocks: number): Uint8Array {
  const bytes = new Uint8Array(6 + 4 * blocks);
  // Magic; no checksum, no size; a window of 128 KiB.
  bytes.set([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38]);
  for (let i = 0; i < blocks; i++) {
    const header = (i === blocks - 1 ? 1 : 0) | (1 << 1) | (0x20000 << 3);
    bytes.set([header & 0xff, (header >> 8) & 0xff, header >> 16, 0x0a], 6 + 4 * i);
  }
  return bytes;
}

test("a zst bomb ends at the limit, whatever it would unpack to", { timeout: 60_000 }, async () => {
  // 40,000 blocks: 5 GiB out of 160 KB.
  await expect(read(zstdBomb(40_000))).rejects.toMatchObject({
    code: "import-bomb",
    message: expect.stringMatching(/^a file unpacks to \d{4,5} times its size: 6\d MiB and more$/) as string,
    hint: expect.stringContaining("stops at 1000 times") as string,
  });
  // What is small stays allowed.
  expect(await read(zstdBomb(8))).toEqual({ length: MIB, problem: undefined });
});

test("a gz bomb ends at the limit", { timeout: 60_000 }, async () => {
  const member = gzipSync(new Uint8Array(24 * MIB), { level: 9 });
  const bomb = new Uint8Array(member.length * 8);
  for (let i = 0; i < 8; i++) bomb.set(member, i * member.length);
  await expect(read(bomb)).rejects.toMatchObject({ code: "import-bomb" });
});

test("a zst file with a flipped byte is told to be damaged, or unpacks to the very same", async () => {
  const whole = readFileSync(new URL("../../test/fixtures/import/heaptrack-v3.zst", import.meta.url));
  const meant = await contents(whole);
  expect(meant.problem).toBeUndefined();
  await fc.assert(
    // The frame's magic and header say how to read it; behind them all is covered by the checksum.
    fc.asyncProperty(
      fc.integer({ min: 9, max: whole.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, flip) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const { problem, text } = await contents(bytes);
        if (problem === undefined) expect(text).toBe(meant.text);
      },
    ),
    { numRuns: 200, examples: [[15, 2]] },
  );
  // Most flips do change it.
  const bytes = Uint8Array.from(whole);
  bytes[whole.length - 12] = (bytes[whole.length - 12] ?? 0) ^ 0x55;
  expect((await contents(bytes)).problem).toMatch(/zst data is damaged/);
});

test("a gz file with a flipped byte is told to be damaged, or unpacks to the very same", async () => {
  const text = Array.from({ length: 300 }, (_, i) => `I (${i * 137}) mem: free ${200_000 - ((i * 7919) % 977)}\n`).join(
    "",
  );
  const whole = gzipSync(Buffer.from(text));
  expect(await contents(whole)).toEqual({ text, problem: undefined });
  await fc.assert(
    // Behind the header, whose time and name nothing covers.
    fc.asyncProperty(
      fc.integer({ min: 10, max: whole.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, flip) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const { problem, text: got } = await contents(bytes);
        if (problem === undefined) expect(got).toBe(text);
      },
    ),
    { numRuns: 200 },
  );
});

/** A gz member whose name takes so many bytes. */
function named(letters: number): Uint8Array {
  const member = gzipSync(Buffer.from("inside"));
  const bytes = new Uint8Array(member.length + letters + 1);
  bytes.set(member.subarray(0, 10));
  bytes[3] = 8;
  bytes.fill(0x61, 10, 10 + letters);
  bytes.set(member.subarray(10), 10 + letters + 1);
  return bytes;
}

test("a gz header of up to 128 KiB is read", async () => {
  expect(await contents(named(120 * 1024))).toEqual({ text: "inside", problem: undefined });
  expect(await contents(named(140 * 1024))).toEqual({ text: "", problem: "the gz data is damaged (a header does not end)" }); // prettier-ignore
});

test.for<readonly [string, readonly number[]]>([
  ["bz2", [0x42, 0x5a, 0x68, 0x31]],
  ["bz2", [0x42, 0x5a, 0x68, 0x39]],
  ["none", [0x42, 0x5a, 0x68, 0x30]],
  ["none", [0x42, 0x5a, 0x68, 0x3a]],
  ["none", [0x42, 0x5a, 0x68]],
  ["none", [0x42, 0x5a, 0x69, 0x31]],
  ["gz", [0x1f, 0x8b]],
  ["none", [0x1f, 0x8c]],
  ["none", [0x8b, 0x1f]],
  ["zst", [0x28, 0xb5, 0x2f, 0xfd]],
  ["none", [0x28, 0xb5, 0x2f]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["none", [0xfd, 0x37, 0x7a, 0x58]],
  ["zip", [0x50, 0x4b, 3, 4]],
  ["none", [0x50, 0x4b, 5, 6]],
])("%s begins with %j", ([packing, head]) => {
  expect(packingOf(Uint8Array.from(head))).toBe(packing);
});

test("a gz header that does not end is given up", async () => {
  const bytes = new Uint8Array(MIB).fill(0x61);
  bytes.set([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]);
  expect(await read(bytes)).toEqual({ length: 0, problem: "the gz data is damaged (a header does not end)" });
});
