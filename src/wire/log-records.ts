// What console logs tell beside allocations, as records: series of figures of memory, and incidents in the log's own words. Only importers
// make them; no device sends them, so they have keys in recordings and none on the wire.

import { greatest } from "../base/values.ts";
import { describe, type RecordOf } from "./fields.ts";

const oneOf = <const T extends string>(...names: readonly T[]): Readonly<Record<string, T>> =>
  Object.fromEntries(names.map((name) => [name, name]));

const SeriesQuantity = oneOf("free", "largest", "minimum", "used", "total", "fragmentation");
const SeriesMemory = oneOf("any", "internal", "dma", "psram");
const SeriesUnit = oneOf("bytes", "percent");
export const IncidentKind = oneOf(
  "failed-allocation",
  "bad-head",
  "bad-tail",
  "write-after-free",
  "heap-metadata",
  "double-free",
  "invalid-free",
  "sanitizer",
  "stack-overflow",
  "watchdog",
  "abort",
  "assert",
  "panic",
  "leak-check",
  "heap-trace",
  "restart",
);
export type FigureQuantity = Series["quantity"];
export type FigureMemory = Series["memory"];
export type IncidentKind = Incident["kind"];

export const logRecords = {
  /** A figure that the log prints now and then, in one wording. */
  series: describe({
    /** Within its boot. */
    id: { type: "count", saved: 1 },
    /** The words beside the number. */
    label: { type: "text", saved: 2 },
    /** A line that holds it, and that line's number. */
    quote: { type: "text", saved: 3 },
    line: { type: "count", saved: 4 },
    quantity: { type: { oneOf: SeriesQuantity }, saved: 5 },
    memory: { type: { oneOf: SeriesMemory, else: "any" }, saved: 6 },
    unit: { type: { oneOf: SeriesUnit, else: "bytes" }, saved: 7 },
    /** Bytes of one unit of its readings. */
    scale: { type: "count", saved: 8, default: 1 },
    /** How many the log holds; the readings may be the extremes of stretches. */
    readings: { type: "count", saved: 9 },
    /** Each reading has a time of its own; else only its line is known. */
    timed: { type: "flag", saved: 10 },
    /** The line that comes with each step down, and the first such line's number. */
    companion: { type: "text", saved: 11, optional: true },
    companionLine: { type: "count", saved: 12, optional: true },
    /** Of several boards that print into the log, whose figure it is. Key 13 is its boot (src/heap/run-records.ts). */
    board: { type: "text", saved: 14, optional: true },
    /** How often that board had started again while others of the log went on. */
    start: { type: "count", saved: 15, optional: true },
  }),

  /** Some readings of a series, in order; columns of one length. */
  readings: describe({
    series: { type: "count", saved: 1 },
    /** Readings that each pair of points stands for; 1: every reading is here. */
    stretch: { type: "count", saved: 2, default: 1 },
    /** Empty where the series has no times. */
    times: { type: "times", saved: 3 },
    lines: { type: "numbers", saved: 4 },
    /** In thousandths of the series' unit. */
    values: { type: "numbers", saved: 5 },
  }),

  /** An accident that a log tells of, in its own words; several lines of one accident are one incident. */
  incident: describe({
    kind: { type: { oneOf: IncidentKind }, saved: 1 },
    /** That of the last line before it that told one. */
    time: { type: "time", saved: 2 },
    /** The line that says it, from 1, and its words. */
    line: { type: "count", saved: 3 },
    quote: { type: "text", saved: 4 },
    /** How often the same was said, and where last. */
    count: { type: "count", saved: 5, default: 1 },
    lastLine: { type: "count", saved: 6 },
    /** Bytes asked for, and capabilities, where the line tells them. */
    size: { type: "bytes", saved: 7, optional: true },
    caps: { type: "caps", saved: 8, optional: true },
    /** What refused: the allocator's function, or the one whose assertion failed. */
    function: { type: "text", saved: 9, optional: true },
    /** Who asked or spoke: the log's tag or the wording's own. */
    component: { type: "text", saved: 10, optional: true },
    /** Key of what is known about this wording: src/detect/log/knowledge.ts. */
    known: { type: "text", saved: 11, optional: true },
    /** Free bytes then (the least and the most, where it happened several times), the largest block, the least ever free, and who told it. */
    free: { type: "bytes", saved: 12, optional: true },
    freeHighest: { type: "bytes", saved: 13, optional: true },
    freeLine: { type: "count", saved: 14, optional: true },
    largest: { type: "bytes", saved: 15, optional: true },
    largestLine: { type: "count", saved: 16, optional: true },
    minimum: { type: "bytes", saved: 17, optional: true },
    minimumLine: { type: "count", saved: 18, optional: true },
    /** The address that the message names, and what stood there instead of what. */
    address: { type: "address", saved: 19, optional: true },
    expected: { type: "word", saved: 20, optional: true },
    found: { type: "word", saved: 21, optional: true },
    /** Bytes of `found` that were printed. */
    foundBytes: { type: "count", saved: 22, optional: true },
    /** The assertion's expression, the panic's reason, the sanitizer's type. */
    detail: { type: "text", saved: 23, optional: true },
    /** The task by its name. */
    task: { type: "text", saved: 24, optional: true },
    core: { type: "count", saved: 25, optional: true },
    /** Backtrace, without the frames of the panic handler and the heap where they can be told. */
    site: { type: "site", saved: 26, optional: true },
    /** Frames that the backtrace has, and the number of the first that is neither the panic handler's nor the heap's, at which `site` begins. */
    frames: { type: "count", saved: 27, optional: true },
    ownFrame: { type: "count", saved: 28, optional: true },
    /** That frame's address as the log prints it. */
    pc: { type: "address", saved: 39, optional: true },
    /** Lowest and highest stack pointer of the backtrace. */
    stackLow: { type: "address", saved: 29, optional: true },
    stackHigh: { type: "address", saved: 30, optional: true },
    /** The block at the address, from earlier lines of the log. */
    blockAddress: { type: "address", saved: 31, optional: true },
    blockSize: { type: "bytes", saved: 32, optional: true },
    allocSite: { type: "site", saved: 33, optional: true },
    freeSite: { type: "site", saved: 34, optional: true },
    /** Further lines of the same accident, as `line: words`. */
    also: { type: "texts", saved: 35, optional: true },
    /** What the registers say: `name value`. */
    registers: { type: "texts", saved: 36, optional: true },
    /** The stack as the panic handler prints it: the address of its first word, and its words. Unwound where the ELF is known. */
    stackAt: { type: "address", saved: 41, optional: true },
    stackWords: { type: "numbers", saved: 42, optional: true },
    /** Facts that only this kind has: `name value`. */
    facts: { type: "texts", saved: 37, optional: true },
    /** Of several boards that print into the log, which one it happened to. */
    board: { type: "text", saved: 43, optional: true },
  }),
} as const;

export type Series = RecordOf<typeof logRecords.series>;
export type Readings = RecordOf<typeof logRecords.readings>;
export type Incident = RecordOf<typeof logRecords.incident>;

export type LogRecord =
  | { readonly kind: "series"; readonly value: Series }
  | { readonly kind: "readings"; readonly value: Readings }
  | { readonly kind: "incident"; readonly value: Incident };

/** The latest time that a record tells; 0 where it tells none. The clocks of several boards go forth and back. */
export function toldAt({ kind, value }: LogRecord): number {
  if (kind === "series") return 0;
  return kind === "incident" ? value.time : Math.max(0, greatest(value.times));
}
