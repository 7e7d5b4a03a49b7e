// What must hold of a damaged stream, for the quick and the long property tests.
import fc from "fast-check";
import { expect } from "vitest";
import { encodeText } from "../src/base/bytes.ts";
import { Decoder } from "../src/wire/decoder.ts";
import { sealFrame } from "../src/wire/encode-frames.ts";
import { FrameSplitter, wrapFrame } from "../src/wire/framing.ts";
import { FrameType } from "../src/wire/protocol.ts";
import { StreamEncoder } from "../src/wire/stream-encoder.ts";
import { damage, edits, type Part } from "./damage.ts";
import { playWorkload } from "./play-workload.ts";
import { Follower } from "./follower.ts";
import { LineSink, parseLine } from "./wire-lines.ts";
import { generateWorkload } from "./workload.ts";

const logLines = ["I (1) app: ready\n", "W (22) wifi: beacon lost\r\n", "$ ", "€ 5\n", "no line end"].map(encodeText);

/** A short run as a probe sends it: small frames, some of them armoured, text between some of them. */
const runs = fc
  .record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    calls: fc.integer({ min: 20, max: 400 }),
    frameBytes: fc.integer({ min: 100, max: 400 }),
    armoured: fc.constantFrom("never", "always", "sometimes"),
    text: fc.array(fc.nat(30), { maxLength: 20 }),
  })
  .map(({ seed, calls, frameBytes, armoured, text }) => {
    const parts: Part[] = [];
    const write = (bytes: Uint8Array): void => {
      parts.push({ isFrame: true, bytes });
    };
    const options = { frameBytes, heartbeatEvery: 20, snapshotEvery: 60 };
    const binary = new StreamEncoder(write, { ...options, armoured: armoured === "always" });
    playWorkload(generateWorkload(calls, seed), binary, options);
    binary.flush();
    const mixed = armoured === "sometimes" ? armourSome(parts, seed) : parts;
    return mixed.flatMap((part, index) => {
      const line = logLines[(text[index] ?? -1) % logLines.length];
      return line === undefined ? [part] : [part, { isFrame: false, bytes: line }];
    });
  });

/** Every other frame or so as a line of text. */
function armourSome(parts: readonly Part[], seed: number): Part[] {
  return parts.map((part, index) => {
    if (((index * 7 + seed) & 3) < 2) return part;
    const plain: number[] = [];
    for (let at = 2; at < part.bytes.length - 1;) {
      const code = part.bytes[at] ?? 1;
      plain.push(...part.bytes.subarray(at + 1, at + code));
      at += code;
      if (code < 255 && at < part.bytes.length - 1) plain.push(0);
    }
    return { isFrame: true, bytes: encodeText(`$MM:${Buffer.from(plain).toString("base64")}\r\n`) };
  });
}

function decode(stream: Uint8Array, chunkLength = 512): { lines: readonly string[]; decoder: Decoder } {
  const sink = new LineSink();
  const decoder = new Decoder(sink);
  for (let start = 0; start < stream.length; start += chunkLength) {
    decoder.push(stream.subarray(start, start + chunkLength));
  }
  decoder.end();
  return { lines: sink.finish(), decoder };
}

const isEvent = (line: string): boolean => /^(alloc|free|realloc)/.test(line);

/** A frame that came through, as the splitter gives it. */
interface Arrived {
  readonly sequence: number;
  readonly isEvents: boolean;
  readonly hex: string;
}

function split(stream: Uint8Array): Arrived[] {
  const frames: Arrived[] = [];
  const splitter = new FrameSplitter({
    frame: (room, end) => {
      const bytes = room.subarray(0, end);
      const [first = 0, , low = 0, high = 0] = bytes;
      const hex = Buffer.from(bytes).toString("hex");
      frames.push({ sequence: low | (high << 8), isEvents: (first & 0x0f) === FrameType.EVENTS, hex });
    },
    text: () => undefined,
  });
  splitter.push(stream);
  splitter.end();
  return frames;
}

/** The events in each frame, by sequence number. */
function eventsOf(parts: readonly Part[]): string[][] {
  const sink = new LineSink();
  const decoder = new Decoder(sink);
  return parts
    .filter((part) => part.isFrame)
    .map((part) => {
      const before = sink.lines.length;
      decoder.push(part.bytes);
      return sink.lines.slice(before).filter(isEvent);
    });
}

export const anyChunking = fc.property(runs, edits(4), fc.integer({ min: 1, max: 700 }), (parts, list, chunkLength) => {
  const { stream } = damage(parts, list);
  expect(decode(stream, chunkLength).lines).toEqual(decode(stream, stream.length + 1).lines);
});

/**
 * No frame is invented, changed or out of order, and only frames that the damage touched are missing. Then the events passed on
 * are those of the frames that came through, and what is missing between them is counted exactly.
 */
export const onlyTouchedFramesAreLost = fc.property(runs, edits(6), (parts, list) => {
  const { stream, touched } = damage(parts, list);
  const sent = split(Uint8Array.from(parts.flatMap((part) => [...part.bytes])));
  expect(sent.map((frame) => frame.sequence)).toEqual(sent.map((_, index) => index));
  const arrived = split(stream);
  const sequences = arrived.map((frame) => frame.sequence);
  expect(arrived).toEqual(sent.filter((frame) => sequences.includes(frame.sequence)));
  expect(sequences).toEqual(expect.arrayContaining([...sent.keys()].filter((index) => !touched.has(index))));

  const { lines, decoder } = decode(stream);
  const events = eventsOf(parts);
  expect(lines.filter(isEvent)).toEqual(sequences.flatMap((sequence) => events[sequence] ?? []));
  // The last EVENTS frame that came tells how many events there were before it.
  const lastDated = arrived.filter((frame) => frame.isEvents).at(-1)?.sequence ?? 0;
  const eventsBefore = events.slice(0, lastDated).flat().length;
  const passedOnBefore = sequences
    .filter((sequence) => sequence < lastDated)
    .flatMap((sequence) => events[sequence] ?? []);
  const first = sequences[0] ?? 0;
  const expected = {
    lostFrames: sequences.length === 0 ? 0 : (sequences.at(-1) ?? 0) + 1 - first - sequences.length,
    lostEvents: eventsBefore - passedOnBefore.length,
  };
  expect(decoder.counters).toMatchObject(expected);
  const gaps = lines.filter((line) => line.startsWith("gap")).map((line) => parseLine(line).fields);
  const sum = (key: string): number => gaps.reduce((total, gap) => total + (Number(gap[key]) || 0), 0);
  expect({ lostFrames: sum("lostFrames"), lostEvents: sum("lostEvents") }).toEqual(expected);
});

/** Damage in the first part of a run; then a snapshot comes through, and the live set is exactly right again. */
export const snapshotRepairs = fc.property(
  fc.integer({ min: 1, max: 1_000_000 }),
  edits(8),
  fc.boolean(),
  (seed, list, armoured) => {
    const calls = generateWorkload(700, seed);
    const parts: Part[] = [];
    const write = (bytes: Uint8Array): void => {
      parts.push({ isFrame: true, bytes });
    };
    const encoder = new StreamEncoder(write, { frameBytes: 300, armoured });
    playWorkload(calls, encoder, { heartbeatEvery: 20, snapshotEvery: 200 });
    encoder.flush();
    const truth = new Follower(true);
    const intact = new Decoder(truth);
    for (const part of parts) intact.push(part.bytes);
    expect(truth).toMatchObject({ sure: true, disagreements: [] });

    const half = Math.floor(parts.length / 3);
    const { stream } = damage(parts.slice(0, half), list);
    const heap = new Follower(true);
    const decoder = new Decoder(heap);
    decoder.push(stream);
    for (const part of parts.slice(half)) decoder.push(part.bytes);
    decoder.end();
    expect(heap).toMatchObject({ sure: true, disagreements: [] });
    expect(heap.hash).toBe(truth.hash);
    expect(heap.blocks).toEqual(truth.blocks);
  },
);

/** Right checksums around bodies that make no sense, and bytes that are nothing at all: counted, never thrown at. */
export const anyBodies = fc.property(
  fc.array(
    fc.oneof(
      fc
        .tuple(fc.integer({ min: 0, max: 15 }), fc.nat(255), fc.nat(0xffff), fc.uint8Array({ maxLength: 120 }))
        .map(([type, tag, sequence, body]) => wrapFrame(sealFrame(type, tag, sequence, body))),
      fc
        .tuple(fc.constantFrom(...Object.values(FrameType)), fc.nat(2), fc.nat(20), fc.uint8Array({ maxLength: 60 }))
        .map(([type, tag, sequence, body]) => wrapFrame(sealFrame(type, tag, sequence, body))),
      fc.uint8Array({ maxLength: 60 }),
    ),
    { maxLength: 30 },
  ),
  (pieces) => {
    const { lines, decoder } = decode(Uint8Array.from(pieces.flatMap((piece) => [...piece])));
    const { counters } = decoder;
    expect(lines.filter(isEvent)).toHaveLength(counters.events);
    expect(counters.bytes).toBe(pieces.reduce((sum, piece) => sum + piece.length, 0));
    for (const line of lines.filter(isEvent)) {
      const { time = -1, address = -1, size = 0 } = parseLine(line).fields;
      expect(Number.isFinite(time) && Number(time) >= 0).toBe(true);
      expect(Number(address) >>> 0).toBe(address);
      expect(Number(size) >>> 0).toBe(size);
    }
  },
);
