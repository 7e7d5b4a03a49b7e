// The linker's map file: which archive each stretch of memory came from. It is asked where there is no debug information, as for
// ESP-IDF's Wi-Fi and Bluetooth libraries, which are delivered compiled. Format: GNU ld -Map, "Linker script and memory map".
import type { Address } from "../base/units.ts";

export interface LinkerMap {
  /** Ascending. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Index into `inputs`. */
  readonly inputIndexes: Uint32Array;
  /** As the map names them: "esp-idf/heap/libheap.a(heap_caps.c.obj)". */
  readonly inputs: readonly string[];
}

/** An input section: " .text.name  0xaddress  0xsize  file", or the same without the name when that had a line of its own. */
const INPUT = /^ \S*\s+0x([0-9a-f]{1,16})\s+0x([0-9a-f]{1,16})\s+(\S.*)$/;
/** Longer lines are no input sections, and not worth a pattern's time. */
const MAX_LINE = 2000;

export function readLinkerMap(text: string): LinkerMap {
  const rows: { start: Address; end: Address; input: number }[] = [];
  const inputs: string[] = [];
  const indexes = new Map<string, number>();
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf("\n", at);
    const end = newline < 0 ? text.length : newline;
    const match = end - at <= MAX_LINE && text.charAt(at) === " " ? INPUT.exec(text.slice(at, end).trimEnd()) : null;
    at = end + 1;
    if (match === null) continue;
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
    rows.push({ start, end: start + size, input });
  }
  rows.sort((a, b) => a.start - b.start);
  return {
    starts: Float64Array.from(rows, ({ start }) => start),
    ends: Float64Array.from(rows, ({ end }) => end),
    inputIndexes: Uint32Array.from(rows, ({ input }) => input),
    inputs,
  };
}

/** The archive and object that an address was linked from. */
export function inputAt(map: LinkerMap, address: Address): string | undefined {
  let low = 0;
  let high = map.starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((map.starts[middle] ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  if (low === 0 || address >= (map.ends[low - 1] ?? 0)) return undefined;
  return map.inputs[map.inputIndexes[low - 1] ?? 0];
}
