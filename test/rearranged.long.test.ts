// Lines and files that are not only damaged but put together wrongly: frames or stretches that are missing, come twice, late or in another's place, on a
// line that also loses. Every claim about every random moment holds the truth.
import { expect, test } from "vitest";
import { openModel } from "../src/heap/model.ts";
import { openRecording, type Recording } from "../src/recording/open.ts";
import { bytesSource } from "../src/recording/random-access.ts";
import { damaged, holdClaims, randomNumbers, recordingOf, streamOf } from "./bounds.ts";
import { atLength, covered } from "./length.ts";

/** Each of 100 moments. */
const runs = atLength({ short: 1, long: 60 });

type Random = () => number;
const below = (random: Random, limit: number): number => Math.floor(random() * limit);

/** The first three frames say whose stream it is. */
const frameWays: Readonly<Record<string, (frames: readonly Uint8Array[], random: Random) => readonly Uint8Array[]>> = {
  "single frames missing": (frames, random) => frames.filter((_, i) => i < 3 || random() > 0.05),
  "a stretch of frames missing": (frames, random) => {
    const from = 3 + below(random, frames.length - 3);
    return [...frames.slice(0, from), ...frames.slice(from + below(random, 20))];
  },
  "frames that come twice": (frames, random) => frames.flatMap((frame) => (random() < 0.05 ? [frame, frame] : [frame])),
  "a stretch that comes again": (frames, random) => {
    const from = 3 + below(random, frames.length - 3);
    const to = from + 1 + below(random, 15);
    return [...frames.slice(0, to), ...frames.slice(from)];
  },
  "neighbours that changed places": (frames, random) => {
    const list = [...frames];
    for (let i = 3; i < list.length - 1; i++) if (random() < 0.03) list.splice(i, 2, ...list.slice(i, i + 2).reverse());
    return list;
  },
  "bytes missing": (frames, random) => {
    const all = Buffer.concat(frames);
    const kept: Uint8Array[] = [];
    let at = 0;
    while (at < all.length) {
      const end = at + below(random, 3000);
      kept.push(all.subarray(at, end));
      at = end + below(random, 40);
    }
    return kept;
  },
  "joined in the middle": (frames, random) => frames.slice(below(random, frames.length / 2)),
};

const fileWays: Readonly<Record<string, (file: Uint8Array, random: Random) => Uint8Array>> = {
  "cut off": (file, random) => file.subarray(0, 200 + below(random, file.length - 200)),
  "a stretch of zeros": (file, random) => {
    const from = 16 + below(random, file.length - 16);
    // A Buffer's own fill() refuses an end behind its last byte.
    return Uint8Array.from(file).fill(0, from, from + below(random, 9000));
  },
  "a stretch missing": (file, random) => {
    const from = 16 + below(random, file.length - 16);
    return Buffer.concat([file.subarray(0, from), file.subarray(from + 1 + below(random, 9000))]);
  },
  "a stretch twice": (file, random) => {
    const from = 16 + below(random, file.length - 16);
    return Buffer.concat([file.subarray(0, from + below(random, 9000)), file.subarray(from)]);
  },
  "two stretches that changed places": (file, random) => {
    const length = 500 + below(random, 4000);
    const half = Math.floor(file.length / 2);
    const [first, second] = [16 + below(random, half - length - 16), half + below(random, half - length)];
    const parts = [file.subarray(0, first), file.subarray(second, second + length)];
    parts.push(file.subarray(first + length, second), file.subarray(first, first + length));
    return Buffer.concat([...parts, file.subarray(second + length)]);
  },
  "another recording behind it": (file) => Buffer.concat([file, recordingOf(streamOf(500, 9).stream)]),
};

async function hold(recording: Uint8Array, seed: number): Promise<number> {
  const { truth } = streamOf(3000, seed * 101);
  let run: Recording;
  try {
    run = await openRecording(bytesSource(recording));
  } catch {
    return 0; // that nothing of it can be read is no claim
  }
  const { wrong, moments } = await holdClaims({ model: await openModel(run), truth }, 100, randomNumbers(seed));
  expect(wrong, `seed ${seed}`).toEqual([]);
  return moments;
}

const lines = [0, 1 / 2000].map((rate) => ({ rate, lossy: rate === 0 ? "whole" : "lossy" }));

test.each(Object.keys(frameWays).flatMap((way) => lines.map((line) => ({ way, ...line }))))(
  "$way on a $lossy line",
  async ({ way, rate }) => {
    let moments = 0;
    for (let seed = 1; seed <= runs; seed++) {
      const frames = frameWays[way]?.(streamOf(3000, seed * 101).frames, randomNumbers(seed * 977 + 5)) ?? [];
      moments += await hold(recordingOf(damaged(Buffer.concat(frames), rate, randomNumbers(seed * 37))), seed);
    }
    covered(`${moments} moments`);
  },
);

test.each(Object.keys(fileWays).flatMap((way) => lines.map((line) => ({ way, ...line }))))(
  "a file with $way of a $lossy line",
  async ({ way, rate }) => {
    let moments = 0;
    for (let seed = 1; seed <= runs; seed++) {
      const file = recordingOf(damaged(streamOf(3000, seed * 101).stream, rate, randomNumbers(seed * 37)));
      moments += await hold(fileWays[way]?.(file, randomNumbers(seed * 977 + 5)) ?? file, seed);
    }
    covered(`${moments} moments`);
  },
);
