// The golden vectors: what a frame's bytes mean, and which bytes a sender makes. The probe's C tests replay the same files.
import { describe, expect, test } from "vitest";
import { encodeText } from "../src/base/bytes.ts";
import { crc32 } from "../src/base/crc32.ts";
import { Decoder } from "../src/wire/decoder.ts";
import { armourFrame, wrapFrame } from "../src/wire/framing.ts";
import { blockHash, Control, Extended, FrameType, Op } from "../src/wire/protocol.ts";
import { EVENT_RECORDS, recordFrames } from "../src/wire/records.ts";
import { encodeVector } from "./encode-vector.ts";
import { bytesOf, callsOf, fieldsOf, hexOf, lineOf, linesOf, readVectors, type Vector } from "./vectors.ts";
import { LineSink, parseLine } from "./wire-lines.ts";

const frames = [...readVectors("events.txt"), ...readVectors("reports.txt")];
const commands = readVectors("commands.txt");
const streams = readVectors("streams.txt");
const isDecodeOnly = (vector: Vector): boolean => vector.lines.includes("decode-only");

function decode(stream: Uint8Array, chunkLength = stream.length): readonly string[] {
  const sink = new LineSink();
  const decoder = new Decoder(sink);
  for (let start = 0; start < stream.length; start += chunkLength) {
    decoder.push(stream.subarray(start, start + chunkLength));
  }
  decoder.end();
  return sink.finish();
}

/** What a frame says, without what its being alone means. */
function decodeFrame(bytes: Uint8Array): string[] {
  return decode(bytes).filter((line) => !line.endsWith("provisional=1") && !line.startsWith("gap"));
}

describe("frames", () => {
  test.each(frames.map((vector) => [vector.name, vector] as const))("%s is decoded", (_name, vector) => {
    expect(decodeFrame(bytesOf(lineOf(vector, "binary")))).toEqual(callsOf(vector));
    expect(decodeFrame(encodeText(lineOf(vector, "armour")))).toEqual(callsOf(vector));
  });

  test.each(
    [...frames, ...commands].filter((vector) => !isDecodeOnly(vector)).map((vector) => [vector.name, vector] as const),
  )("%s is encoded", (_name, vector) => {
    const plain = encodeVector(vector);
    const lines = {
      plain: hexOf(plain),
      binary: hexOf(wrapFrame(plain)),
      armour: Buffer.from(armourFrame(plain)).toString(),
    };
    expect(lines).toEqual({
      plain: lineOf(vector, "plain"),
      binary: lineOf(vector, "binary"),
      armour: `${lineOf(vector, "armour")}\n`,
    });
  });

  test("cover every frame type and every record kind", () => {
    const types = new Set([...frames, ...commands].map((vector) => fieldsOf(vector, "frame")["type"]));
    expect([...types].sort()).toEqual(Object.values(FrameType).sort());
    const calls = new Set(frames.flatMap((vector) => callsOf(vector).map((line) => parseLine(line).name)));
    // An unknown free is a "free" there, a region a line of its own.
    const inEvents = EVENT_RECORDS.filter((kind) => kind !== "unknownFree");
    const inFrames = recordFrames.map(({ kind }) => kind);
    expect(calls).toEqual(new Set(["alloc", "free", "boot", "site", "region", ...inEvents, ...inFrames]));
    // Whoever adds an operation, a control code or an extended record adds vectors, and then these numbers.
    expect([Op, Control, Extended].map((codes) => Object.keys(codes).length)).toEqual([4, 4, 4]);
  });
});

test.each(streams.map((vector) => [vector.name, vector] as const))("stream: %s", (_name, vector) => {
  const stream = bytesOf(lineOf(vector, "hex"));
  const expected = vector.lines.filter((line) => !line.startsWith("hex "));
  for (const chunkLength of [stream.length, 1, 3, 17]) expect(decode(stream, chunkLength)).toEqual(expected);
});

test("hashes", () => {
  const [vector] = readVectors("hash.txt");
  const hashes = vector === undefined ? [] : linesOf(vector, "hash").map((line) => parseLine(`hash ${line}`).fields);
  expect(hashes.length).toBeGreaterThan(5);
  for (const { address, size, site, value } of hashes) {
    expect(blockHash(Number(address), Number(size), Number(site))).toBe(value);
  }
  for (const line of vector === undefined ? [] : linesOf(vector, "crc")) {
    const { text, value } = parseLine(`crc ${line}`).fields;
    expect(crc32(encodeText(String(text as string)))).toBe(value);
  }
});
