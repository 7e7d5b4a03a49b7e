// Beside the zstd command: what it packs at any level comes out the same, and what it refuses is refused.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import xxhash from "xxhash-wasm";
import { expect, test } from "vitest";
import { atLength, covered } from "../../../test/length.ts";
import { needsCommands } from "../../../test/toolchain.ts";
import { ZstdStream } from "./stream.ts";

const hashes = await xxhash();

function zstd(args: readonly string[], input: Uint8Array): { readonly bytes: Buffer; readonly isWhole: boolean } {
  const { stdout, status } = spawnSync("zstd", ["-q", "-c", ...args], { input, maxBuffer: 1 << 28 });
  return { bytes: stdout, isWhole: status === 0 };
}

function ours(packed: Uint8Array): { readonly bytes: Buffer; readonly isWhole: boolean } {
  const parts: Uint8Array[] = [];
  const stream = new ZstdStream((chunk) => parts.push(chunk.slice()), { newHash: () => hashes.create64() });
  let isWhole = false;
  try {
    for (let at = 0; at < packed.length; at += 1000) stream.push(packed.subarray(at, at + 1000));
    isWhole = stream.isAtEnd;
  } catch {
    // Damaged: what came before it counts.
  }
  return { bytes: Buffer.concat(parts), isWhole };
}

function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let i = 0; i < length; i++) bytes[i] = (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
  return bytes;
}

const source = readFileSync(new URL("./sequences.ts", import.meta.url));
const inputs: Readonly<Record<string, Buffer>> = {
  nothing: Buffer.alloc(0),
  "one byte": Buffer.from("a"),
  text: source,
  "text beyond one block": Buffer.concat(Array.from({ length: 20 }, (_, i) => Buffer.from(`${i}${source.toString()}`))),
  "one byte again and again": Buffer.alloc(1_000_000, 7),
  noise: noise(400_000),
  "what the window has lost": Buffer.concat([noise(2_000_000), noise(2_000_000), source]),
  "a program": readFileSync(process.execPath).subarray(0, 600_000),
};

const levels = atLength({
  short: ["-1", "-7", "--fast=7", "--no-check -4"],
  long: ["-1", "-3", "-7", "-19", "--ultra -20", "--fast=7", "--no-check -4", "--long=20 -16"],
});

test.for(levels)("zstd %s comes out as it went in", { timeout: 120_000 }, (level, context) => {
  needsCommands(context, "zstd");
  for (const [what, input] of Object.entries(inputs)) {
    const { bytes, isWhole } = ours(zstd(level.split(" "), input).bytes);
    expect({ what, isWhole, same: bytes.equals(input) }).toEqual({ what, isWhole: true, same: true });
  }
  covered(`${Object.keys(inputs).length} inputs at ${level}`);
});

test("what zstd refuses is refused, and what is not comes out the same", { timeout: 300_000 }, (context) => {
  needsCommands(context, "zstd");
  const packed = zstd(["-9", "--no-check"], source).bytes;
  const asked = { damaged: 0, whole: 0 };
  fc.assert(
    fc.property(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const bytes = Uint8Array.from(packed);
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      const theirs = zstd(["-d"], bytes);
      const got = ours(bytes);
      asked.damaged++;
      if (got.isWhole) asked.whole++;
      // zstd lets some literals pass whose bits are not used up, which the specification calls corrupted.
      if (got.isWhole) expect({ at, flip, ...got }).toEqual({ at, flip, ...theirs });
    }),
    { numRuns: atLength({ short: 30, long: 300 }), examples: [[0, 1]] },
  );
  covered(`${asked.damaged} files with a damaged byte, ${asked.whole} of them whole all the same`);
});
