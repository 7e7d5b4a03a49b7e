// Recordings of lines on which bytes are damaged, and what the model claims of random moments of them, held against the reference.
import { openModel } from "../src/heap/model.ts";
import type { HeapModel } from "../src/heap/model-api.ts";
import { BlockFlag, type Window } from "../src/heap/types.ts";
import { openRecording } from "../src/recording/open.ts";
import { bytesSource } from "../src/recording/random-access.ts";
import { RecordingWriter } from "../src/recording/writer.ts";
import { Decoder } from "../src/wire/decoder.ts";
import { FrameSplitter } from "../src/wire/framing.ts";
import { StreamEncoder } from "../src/wire/stream-encoder.ts";
import { playWorkload } from "./play-workload.ts";
import { ReferenceHeap } from "./reference-heap.ts";
import { generateWorkload } from "./workload.ts";

/** Numbers from 0 to 1, the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

/** Every byte changes with this probability. */
export function damaged(bytes: Uint8Array, rate: number, random: () => number): Uint8Array {
  return bytes.map((byte) => (random() < rate ? byte ^ (1 + Math.floor(random() * 255)) : byte));
}

export interface DamagedRun {
  readonly model: HeapModel;
  readonly truth: ReferenceHeap;
  readonly recording: Uint8Array;
}

export interface TrueStream {
  readonly stream: Uint8Array;
  readonly truth: ReferenceHeap;
  readonly frames: readonly Uint8Array[];
}

export function streamOf(calls: number, seed: number): TrueStream {
  const workload = generateWorkload(calls, seed);
  const parts: Uint8Array[] = [];
  const encoder = new StreamEncoder((bytes) => parts.push(bytes), { frameBytes: 480 });
  playWorkload(workload, encoder, { heartbeatEvery: 150, snapshotEvery: 1500, regionsEvery: 400 });
  encoder.flush();
  return { stream: Buffer.concat(parts), truth: new ReferenceHeap(workload), frames: parts };
}

/** From the last event before each loss of frames to the first one after it; nothing where only frames without events were lost. */
export function holesOf(frames: readonly Uint8Array[], damagedStream: Uint8Array): readonly Window[] {
  const arrived = new Set<number>();
  const splitter = new FrameSplitter({
    frame: (room) => arrived.add(sequenceOf(room)),
    text: () => undefined,
  });
  splitter.push(damagedStream);
  splitter.end();
  const holes: Window[] = [];
  let [isOpen, from] = [false, 0];
  eventTimes(frames).forEach((times, sequence) => {
    const [first, last] = [times[0], times.at(-1)];
    if (first === undefined || last === undefined) return;
    if (!arrived.has(sequence)) {
      isOpen = true;
      return;
    }
    if (isOpen) holes.push({ from, to: first });
    isOpen = false;
    from = last;
  });
  return isOpen ? [...holes, { from, to: Infinity }] : holes;
}

/** Bytes 2 and 3 of a frame: its number, which counts from 0. */
function sequenceOf(frame: Uint8Array): number {
  return (frame[2] ?? 0) | ((frame[3] ?? 0) << 8);
}

/** When each frame's allocator events were. */
function eventTimes(frames: readonly Uint8Array[]): readonly (readonly number[])[] {
  let times: number[] = [];
  const decoder = new Decoder({
    calls: (batch) => times.push(...batch.time.subarray(0, batch.length)),
    record: ({ kind, value }) => {
      if (kind === "reallocBegin" || kind === "reallocEnd") times.push(value.time);
    },
    text: () => undefined,
  });
  return frames.map((frame) => {
    times = [];
    decoder.push(frame);
    return times;
  });
}

export function recordingOf(stream: Uint8Array, chunkRows = 512): Uint8Array {
  const parts: Uint8Array[] = [];
  const writer = new RecordingWriter((bytes) => parts.push(bytes), { chunkRows });
  const decoder = new Decoder(writer);
  decoder.push(stream);
  decoder.end();
  writer.finish();
  return Buffer.concat(parts);
}

export async function damagedRun(calls: number, seed: number, rate: number): Promise<DamagedRun> {
  const { stream, truth } = streamOf(calls, seed);
  const recording = recordingOf(damaged(stream, rate, randomNumbers(seed)));
  return { model: await openModel(await openRecording(bytesSource(recording))), truth, recording };
}

export interface Claims {
  moments: number;
  exact: number;
  /** Sentences about claims that are not true. */
  readonly wrong: string[];
}

/** Asks about random moments of a run: totals, and of every tenth also the blocks that are certain. */
export async function holdClaims(
  { model, truth }: Omit<DamagedRun, "recording">,
  moments: number,
  random: () => number,
): Promise<Claims> {
  const claims: Claims = { moments, exact: 0, wrong: [] };
  const { from, to } = model.span;
  for (let i = 0; i < moments; i++) {
    const time = from + random() * (to - from);
    const { bytes, blocks } = await model.totalsAt(time);
    const real = truth.at(time);
    if (bytes.lowest === bytes.highest && blocks.lowest === blocks.highest) claims.exact++;
    const holds = (claim: typeof bytes, value: number): boolean => claim.lowest <= value && value <= claim.highest;
    if (!holds(bytes, real.bytes))
      claims.wrong.push(`at ${time}: ${bytes.lowest} to ${bytes.highest} bytes, truth ${real.bytes}`);
    if (!holds(blocks, real.blocks))
      claims.wrong.push(`at ${time}: ${blocks.lowest} to ${blocks.highest} blocks, truth ${real.blocks}`);
    if (i % 10 > 0) continue;
    const sizes = truth.blocksAt(time);
    const { address, size, flags } = await model.liveAt(time);
    address.forEach((at, row) => {
      if (((flags[row] ?? 0) & BlockFlag.UNCERTAIN) === 0 && sizes.get(at) !== size[row])
        claims.wrong.push(`at ${time}: ${size[row]} bytes at ${at} are certain, truth ${sizes.get(at) ?? "nothing"}`);
    });
  }
  return claims;
}
