/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Columns of one answer, one behind the other in one buffer, so that it goes to another thread without being copied. Where the same question is
// asked sixty times a second, its buffers come back and are written over: fresh memory costs more than what is written into it.
import type { Bytes } from "../base/units.ts";

/** Buffers that nobody reads any more. */
export interface SpareBuffers {
  /** One of at least so many bytes, whatever is in it. */
  take(bytes: Bytes): ArrayBuffer;
}

const ALIGNMENT = 8;

/** Room for so many entries, given how many bytes each of an entry's columns takes. */
export function columnBytes(entries: number, bytesEach: readonly Bytes[]): Bytes {
  return bytesEach.reduce((sum, bytes) => sum + aligned(entries * bytes), 0);
}

/** Hands out a buffer's room; what a column holds at first is not known. */
export class Columns {
  private readonly buffer: ArrayBuffer;
  private used: Bytes = 0;

  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer;
  }

  float64(length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.buffer, this.next(length * 8), length);
  }

  uint32(length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.buffer, this.next(length * 4), length);
  }

  uint8(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, this.next(length), length);
  }

  private next(bytes: Bytes): Bytes {
    const start = this.used;
    this.used += aligned(bytes);
    return start;
  }
}

function aligned(bytes: Bytes): Bytes {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Small numbers in place of ids, in the order in which they come; returns the ids. */
export function numberInto(column: Uint32Array, ids: Uint32Array | Uint16Array): readonly number[] {
  const order: number[] = [];
  let most = 0;
  for (let i = 0; i < column.length; i++) if (ids[i]! > most) most = ids[i]!;
  /** One more than the number of each id that has one. */
  const numbers = new Uint32Array(most + 1);
  for (let i = 0; i < column.length; i++) {
    const id = ids[i]!;
    if (numbers[id] === 0) numbers[id] = order.push(id);
    column[i] = numbers[id]! - 1;
  }
  return order;
}
