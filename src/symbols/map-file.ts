// The linker's map file: which archive each stretch of memory came from. It is asked where there is no debug information, as for
// ESP-IDF's Wi-Fi and Bluetooth libraries, which are delivered compiled. Format: GNU ld -Map, "Linker script and memory map".
import { countUpTo } from "../base/bisect.ts";
import type { Address } from "../base/units.ts";

export interface LinkerMap {
  /** Ascending. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Index into `inputs`. */
  readonly inputIndexes: Uint32Array;
  /** As the map names them: "esp-idf/heap/libheap.a(heap_caps.c.obj)". */
  readonly inputs: readonly string[];
  /** 1 for strings of several inputs, which the linker lists as the first one's. */
  readonly merged: Uint8Array;
}

/** A stretch of memory that was linked from one input section. */
export interface LinkedInput {
  readonly file: string;
  readonly end: Address;
  readonly isMerged: boolean;
}

/** An input section: " .text.name  0xaddress  0xsize  file", or the same without the name when that had a line of its own. */
const INPUT = /^ \S*\s+0x([0-9a-f]{1,16})\s+0x([0-9a-f]{1,16})\s+(\S.*)$/;
/** Behind an input section from which the linker has taken something out, or into which it has put other inputs' strings. */
const BEFORE_RELAXING = /^\s+0x([0-9a-f]{1,16}) \(size before relaxing\)$/;
/** Longer lines are no input sections, and not worth a pattern's time. */
const MAX_LINE = 2000;

export function readLinkerMap(text: string): LinkerMap {
  const rows: { start: Address; end: Address; input: number; merged: number }[] = [];
  const inputs: string[] = [];
  const indexes = new Map<string, number>();
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    const line = end - at <= MAX_LINE && text.charAt(at) === " " ? text.slice(at, end).trimEnd() : "";
    const match = INPUT.exec(line);
    at = end + 1;
    if (match === null) {
      const own = BEFORE_RELAXING.exec(line)?.[1];
      const last = rows.at(-1);
      if (own !== undefined && last !== undefined && parseInt(own, 16) < last.end - last.start) last.merged = 1;
      continue;
    }
    const [, address = "", length = "", name = ""] = match;
    const start = parseInt(address, 16);
    const size = parseInt(length, 16);
    // What was discarded is listed at address 0.
    if (start === 0 || size === 0) continue;
    let input = indexes.get(name);
    if (input === undefined) {
      input = inputs.push(name) - 1;
      indexes.set(name, input);
    }
    rows.push({ start, end: start + size, input, merged: 0 });
  }
  rows.sort((a, b) => a.start - b.start);
  return {
    starts: Float64Array.from(rows, ({ start }) => start),
    ends: Float64Array.from(rows, ({ end }) => end),
    inputIndexes: Uint32Array.from(rows, ({ input }) => input),
    inputs,
    merged: Uint8Array.from(rows, ({ merged }) => merged),
  };
}

/** What an address was linked from. */
export function inputAt(map: LinkerMap, address: Address): LinkedInput | undefined {
  const row = countUpTo(map.starts, address) - 1;
  const end = map.ends[row] ?? 0;
  const file = map.inputs[map.inputIndexes[row] ?? -1];
  return row < 0 || address >= end || file === undefined ? undefined : { file, end, isMerged: map.merged[row] === 1 };
}
