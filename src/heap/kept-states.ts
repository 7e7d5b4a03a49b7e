// Live sets that seeks have left behind, at the beginnings of chunks: the moments around one that was looked at are near then. A step back in
// time reads the rows from there on, in place of all since the key frame before. For one run, where somebody looks about in it.
import type { Bytes } from "../base/units.ts";
import { LiveSet } from "./live-set.ts";

/** 20,000 blocks are about 4 MB. */
const MOST_BYTES: Bytes = 64 << 20;

/** About as many as there are from one key frame to the next. */
const NEAR_CHUNKS = 30;

export class KeptStates {
  /** By chunk; what was used last comes last. */
  private readonly kept = new Map<number, { readonly live: LiveSet; readonly bytes: Bytes }>();
  private bytes: Bytes = 0;

  /** The live set before the first row of a chunk, for the caller to go on with; undefined where none was left. */
  at(chunk: number): LiveSet | undefined {
    const found = this.kept.get(chunk);
    if (found === undefined) return undefined;
    this.kept.delete(chunk);
    this.kept.set(chunk, found);
    return copied(found.live).live;
  }

  /** Whether one was left a little behind this chunk: somebody goes back step by step. */
  isBefore(chunk: number): boolean {
    for (const kept of this.kept.keys()) if (kept > chunk && kept - chunk <= NEAR_CHUNKS) return true;
    return false;
  }

  /** Takes a copy. */
  keep(chunk: number, live: LiveSet): void {
    if (this.kept.has(chunk)) return;
    const made = copied(live);
    this.kept.set(chunk, made);
    this.bytes += made.bytes;
    for (const [oldest, { bytes }] of this.kept) {
      if (this.bytes <= MOST_BYTES || oldest === chunk) return;
      this.kept.delete(oldest);
      this.bytes -= bytes;
    }
  }
}

function copied(live: LiveSet): { readonly live: LiveSet; readonly bytes: Bytes } {
  // Made as every other one is, so that the loops over it stay quick; then all that it holds is taken over.
  const copy = new LiveSet();
  return { live: copy, bytes: take(copy, live) };
}

/** Makes an object's fields, and those of the objects that it owns, equal to another's. Returns the bytes of its columns. */
function take(into: object, from: object): Bytes {
  const fields = into as Record<string, unknown>;
  let bytes = 0;
  for (const [name, value] of Object.entries(from) as [string, unknown][]) {
    const own = fields[name];
    if (ArrayBuffer.isView(value)) {
      const column = value as Uint8Array; // or another of the typed arrays, which all are copied in the same way
      fields[name] = column.slice();
      bytes += column.byteLength;
    } else if (Array.isArray(value)) fields[name] = [...(value as unknown[])];
    else if (typeof value === "object" && value !== null && typeof own === "object" && own !== null) {
      bytes += take(own, value);
    } else fields[name] = value;
  }
  return bytes;
}
