// Why the heap refused a request, by the figures that the log tells near it: too little was free, or in too small pieces.

import { greatest, smallest } from "../../base/values.ts";
import { formatCount, formatExactBytes, formatTime } from "../../base/format.ts";
import type { Microseconds } from "../../base/units.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import { Cap } from "../../wire/caps.ts";
import type { Knowledge } from "./knowledge.ts";

/** Requests of one kind, in order of their lines. */
export type Group = [RunIncident, ...RunIncident[]];

/** When the figure of a line was told; undefined where the log does not say. */
export type TimeOfLine = (line: number) => Microseconds | undefined;

const AFTER_LONG = 1800e6;
/** Figures are a failure's own for so long. */
const MOMENT: Microseconds = 1e6;

/** In one piece. */
const MORE_THAN_INTERNAL = 400 * 1024;

/** The least ever free, where it was gone. */
const USED_UP = 2048;

/** Heaps are not split up into smaller pieces alone. */
const SMALL = 1024;

const POOL_IS_EMPTY = "So much is free of the heap: the pool is empty, and not the heap";

interface Cause {
  /** Ends the title. */
  readonly short: string;
  readonly evidence: readonly string[];
  readonly isFragmented?: true;
}

/**
 * Why: too little free, or free in too small pieces; as far as figures stand near.
 */
export function causeOf(
  group: Group,
  knowledge: Knowledge | undefined,
  timeOfLine: TimeOfLine,
  isWithoutPsram: boolean,
): Cause {
  const { isPool = false, freeIsOf, isOfOwnLine = false } = knowledge ?? {};
  const [first] = group;
  const size = greatest(group.map((one) => one.size ?? 0));
  const frees = group.flatMap(({ free, freeHighest }) => [free, freeHighest]).filter((one) => one !== undefined);
  // That of the largest request, where it tells one.
  const byLargest = [...group.filter((one) => one.size === size), ...group];
  const largest = byLargest.find((one) => one.largest !== undefined)?.largest;
  const evidence: string[] = [];
  const range = frees.length === 0 ? undefined : { low: smallest(frees), high: greatest(frees) };
  const free = range?.low;
  const told = group.find((one) => one.free !== undefined);
  const place = told?.freeLine === undefined ? `line ${told?.line ?? first.line}` : `line ${told.freeLine}`;
  const isLater = told?.freeLine !== undefined && told.freeLine > told.line && isApart(told, told.freeLine, timeOfLine);
  if (range !== undefined) {
    evidence.push(`${rangeText(range)} were free ${isLater ? "after it" : "then"} (${place})${kindOf(first.caps)}`);
  }
  if (largest !== undefined) {
    const line = byLargest.find((one) => one.largest !== undefined)?.largestLine;
    const short = size > largest ? `: ${formatExactBytes(size - largest)} too small for ${formatExactBytes(size)}` : "";
    evidence.push(
      `The largest free block had ${formatExactBytes(largest)}${line === undefined ? "" : ` (line ${line})`}${short}`,
    );
  }
  const minimum = group.find((one) => one.minimum !== undefined);
  if (minimum?.minimum !== undefined && (free === undefined || minimum.minimum < free)) {
    const { minimumLine } = minimum;
    const when = minimumLine === undefined || minimumLine <= minimum.line ? " before" : "";
    evidence.push(
      `Memory had sunk to ${formatExactBytes(minimum.minimum)} at the lowest${when}${minimumLine === undefined ? "" : ` (line ${minimumLine})`}`,
    );
  }
  if (free !== undefined && free < 8 * 1024 && first.time > AFTER_LONG) {
    evidence.push(
      `It happens ${formatTime(first.time)} after boot: memory that is gone after so long has leaked, or something has grown; print free memory every minute to see which`,
    );
  }
  if (size === 0 && free !== undefined && free >= 16 * 1024) {
    const isOwn = !isOfOwnLine || group.some(({ freeHighest }) => freeHighest !== undefined);
    const isOf = isPool ? POOL_IS_EMPTY : isOwn ? freeIsOf : undefined;
    if (isOf !== undefined) return { short: "", evidence: [...evidence, isOf] };
    if (minimum?.minimum !== undefined && minimum.minimum < USED_UP) {
      evidence.push(
        `So little was left at the lowest: most likely memory was used up ${told?.freeLine !== undefined && told.freeLine > told.line ? "for a moment and given back" : "in between"}, and the figure of ${formatExactBytes(free)} is of another moment`,
      );
      return { short: "", evidence };
    }
    const block = `either one request was larger than the largest block${largest === undefined ? "" : ` (${formatExactBytes(largest)})`}`;
    evidence.push(
      told?.freeLine !== undefined && told.freeLine > told.line
        ? `So much was free when it was next told, after the failure: ${block}, or memory was used up for a moment and given back`
        : `So much was free when it was last told, before the failure: ${block}, or memory was used up in between`,
    );
  }
  if (isPool && size > 0 && told?.freeLine !== undefined)
    return {
      short: "",
      evidence: [
        ...evidence,
        "That is free of the program's heap: where memory comes from a pool of its own, it is the pool that has no such block",
      ],
    };
  const least = smallest(group.map((one) => (one.size === undefined || one.size === 0 ? Infinity : one.size)));
  // A few bytes that cannot be had tell of a heap that is at its end.
  const isEnough =
    size > 0 &&
    free !== undefined &&
    !(size < 256 && free < 4096) &&
    (free >= 1.5 * size || (free >= size && largest !== undefined && largest < size));
  // What was free some lines before may have been used up since.
  const isOld = largest === undefined && told?.freeLine !== undefined && isApart(told, told.freeLine, timeOfLine);
  if (isEnough && isOld)
    return {
      short: `; ${formatExactBytes(free)} were free when it was ${isLater ? "next" : "last"} told`,
      evidence: [
        ...evidence,
        `Either that was in smaller pieces (fragmentation), or it was used up ${isLater ? "then and given back" : "in between"}: print the largest free block too`,
      ],
    };
  if (isEnough && largest === undefined && size < SMALL && free >= 32 * size)
    return {
      short: `, with ${formatExactBytes(free)} free`,
      evidence: [
        ...evidence,
        `That all of it lay in pieces of less than ${formatExactBytes(size)} is hardly possible: most likely other memory was asked for than that figure is of (internal, DMA-capable, PSRAM, a pool), or more than is told; print heap_caps_get_largest_free_block() with the capabilities of the request`,
      ],
    };
  if (isEnough && largest === undefined && (isFor(first.caps, Cap.DMA) || isFor(first.caps, Cap.EXEC)))
    return {
      short: `; ${formatExactBytes(free)} were free of all memory`,
      evidence: [
        ...evidence,
        "Either what is free is not of the kind that was asked for, or it lay in smaller pieces: print heap_caps_get_largest_free_block() with the capabilities of the request",
      ],
    };
  if (isEnough && (largest === undefined || largest < size))
    return {
      short: `: ${formatExactBytes(free)} were free, but in smaller pieces${largest === undefined ? "" : ` (largest ${formatExactBytes(largest)})`}`,
      evidence: [...evidence, "Enough was free in all, so memory was split up: fragmentation"],
      isFragmented: true,
    };
  if (isEnough && largest !== undefined)
    return {
      short: "",
      evidence: [
        ...evidence,
        isFor(first.caps, Cap.SPIRAM)
          ? "So large a block of PSRAM would have been enough: it was used up in between, or more was asked for than is told"
          : "So large a block of the heap would have been enough: other memory was asked for (internal, DMA-capable), or it was used up in between",
      ],
    };
  if (free !== undefined && free < size)
    return { short: free === 0 ? ": none was free" : `: only ${formatExactBytes(free)} were free`, evidence };
  if (range !== undefined && range.low < 8 * 1024)
    return {
      short: `: only ${rangeText(range)} were free`,
      evidence: [
        ...evidence,
        ...(first.known === "restarted-low"
          ? []
          : ["The heap is nearly exhausted, and what is left is in small pieces"]),
      ],
    };
  if (least !== Infinity && least < 512 && !isWithoutPsram)
    return {
      short: "",
      evidence: [
        ...evidence,
        `Even ${formatExactBytes(least)} could not be had: this memory is exhausted, not merely split up`,
      ],
    };
  if (!isPool && free === undefined && largest === undefined && size >= MORE_THAN_INTERNAL)
    return {
      short: "",
      evidence: [
        ...evidence,
        `${formatExactBytes(size)} are more than most chips have of internal memory: PSRAM alone can give that; look whether it was found at boot and is enabled in this build, or ask for less`,
      ],
    };
  if (!isPool && free === undefined && largest !== undefined && size > largest)
    return { short: `: the largest free block had ${formatExactBytes(largest)}`, evidence };
  return { short: "", evidence };
}

/** Whether the line of a figure is another moment's than the failure. */
function isApart({ line, time }: RunIncident, other: number, timeOfLine: TimeOfLine): boolean {
  return Math.abs(other - line) > 1 || Math.abs((timeOfLine(other) ?? time) - time) > MOMENT;
}

/** One figure, or two where it differed. */
function rangeText({ low, high }: { readonly low: number; readonly high: number }): string {
  return low === high ? formatExactBytes(low) : `${formatCount(low)} to ${formatExactBytes(high)}`;
}

function kindOf(caps: number | undefined): string {
  if (isFor(caps, Cap.SPIRAM)) return " in PSRAM";
  if (isFor(caps, Cap.DMA)) return ", not all of it DMA-capable perhaps";
  return isFor(caps, Cap.INTERNAL) ? "; the request was for internal memory" : "";
}

/** Whether memory of a kind was asked for. */
export function isFor(caps: number | undefined, cap: number): boolean {
  return caps !== undefined && (caps & cap) !== 0;
}
