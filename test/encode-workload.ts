// A workload as a stream, and what its parts cost.
import { cobsDecode } from "../src/wire/cobs.ts";
import { FrameType } from "../src/wire/protocol.ts";
import { StreamEncoder, type StreamEncoderOptions } from "../src/wire/stream-encoder.ts";
import { playWorkload, type PlayOptions } from "./play-workload.ts";
import type { HeapCall } from "./workload.ts";

export interface EncodedWorkload {
  /** Whole frames, wrapped. */
  readonly frames: readonly Uint8Array[];
  readonly bytes: number;
  /** Bytes on the line by frame type. */
  readonly bytesByType: ReadonlyMap<string, number>;
}

export function encodeWorkload(
  calls: readonly HeapCall[],
  options: StreamEncoderOptions & PlayOptions = {},
): EncodedWorkload {
  const frames: Uint8Array[] = [];
  const encoder = new StreamEncoder((bytes) => frames.push(bytes), options);
  playWorkload(calls, encoder, options);
  encoder.flush();
  const bytesByType = new Map<string, number>();
  let bytes = 0;
  for (const frame of frames) {
    bytes += frame.length;
    const type = frameTypeName(frame);
    bytesByType.set(type, (bytesByType.get(type) ?? 0) + frame.length);
  }
  return { frames, bytes, bytesByType };
}

function frameTypeName(wrapped: Uint8Array): string {
  const plain = new Uint8Array(wrapped.length);
  cobsDecode(wrapped, 2, wrapped.length - 1, plain);
  const type = (plain[0] ?? 0) & 0x0f;
  return Object.entries(FrameType).find(([, code]) => code === type)?.[0] ?? `type ${String(type)}`;
}
