// Levels: the largest block against what is free, internal memory beside PSRAM, memory that was nearly or is mostly used up.

import { greatest, lastValue, smallest, valueAt } from "../../base/values.ts";
import { formatBytes, formatExactBytes, formatNumberOf } from "../../base/format.ts";
import type { Finding } from "../finding.ts";
import { firstOf, format, isGuess, isOfLvgl, type Judged, lastOf, pointsOf } from "./judged.ts";
import type { LevelRule } from "./figure-rules.ts";
import type { LogSeries } from "./read-series.ts";
import { mayBeCollected } from "./interpreters.ts";
import { trendOf } from "./trend.ts";

/** Internal memory below this serves no Wi-Fi frame, no TLS record and no task any more. */
const EXHAUSTED = 8 * 1024;
/** Beside so much free PSRAM the sum of free memory hides it. */
const PLENTY = 64 * 1024;
/** The least that was ever free came close to nothing. */
const NARROW = 4 * 1024;
/** Below this Wi-Fi drops packets and connections fail. */
const SHORT = 10 * 1024;
/** Below this the next larger request may fail: a TLS record's buffer and a task's stack. */
const SCARCE = 24 * 1024;

export function fragmentationOf(judged: readonly Judged[], hasLeak: boolean): Finding<LevelRule>[] {
  const largest = best(judged, "largest", best(judged, "free")?.series.memory);
  const free = best(judged, "free", largest?.series.memory);
  const share = best(judged, "fragmentation");
  if (largest === undefined || free === undefined) {
    return share !== undefined && share.trend.verdict === "falling"
      ? [fragmentationFinding(share, free, undefined, hasLeak)]
      : [];
  }
  const ratio = lastOf(largest) / Math.max(1, firstOf(largest));
  const freeRatio = lastOf(free) / Math.max(1, firstOf(free));
  const shrinks =
    largest.trend.verdict === "falling" ||
    (largest.series.values.length >= 3 && ratio < 0.6 && lastOf(largest) <= 1.1 * largest.trend.lowest);
  // A largest block that falls with what is free is a leak's shadow.
  const fallsAlone =
    firstOf(largest) - lastOf(largest) > 2 * Math.max(0, firstOf(free) - lastOf(free)) || freeRatio > 0.95;
  if (!shrinks || ratio > 0.85 || freeRatio < 0.6 || !fallsAlone) return [];
  return [fragmentationFinding(largest, free, share, hasLeak)];
}

function best(
  judged: readonly Judged[],
  quantity: LogSeries["quantity"],
  memory?: LogSeries["memory"],
): Judged | undefined {
  const some = judged.filter(({ series }) => series.quantity === quantity && series.memory !== "psram");
  const same = some.filter(({ series }) => series.memory === memory);
  return (same.length > 0 ? same : some).reduce<Judged | undefined>(
    (found, one) => (found === undefined || one.series.readings > found.series.readings ? one : found),
    undefined,
  );
}

function fragmentationFinding(
  main: Judged,
  free: Judged | undefined,
  share: Judged | undefined,
  hasLeak: boolean,
): Finding<LevelRule> {
  const { series } = main;
  const isShare = series.quantity === "fragmentation";
  const from = format(firstOf(main), series.unit);
  const to = format(lastOf(main), series.unit);
  const title = isShare
    ? `fragmentation grows from ${from} to ${to}`
    : `the largest free block shrinks from ${from} to ${to} while ${format(free === undefined ? 0 : lastOf(free), "bytes")} stay free: fragmentation`;
  return {
    rule: "fragmentation",
    severity: "warning",
    confidence: main.trend.verdict === "falling" ? 0.8 : 0.6,
    title,
    evidence: [
      `“${series.label}”: ${from} (line ${series.line}) to ${to} (line ${series.lastLine}) over ${formatNumberOf(series.readings, "reading")}`,
      ...(free === undefined
        ? []
        : [
            `“${free.series.label}”: ${format(firstOf(free), "bytes")} to ${format(lastOf(free), "bytes")}${hasLeak ? ", which falls as well, but far more slowly" : ": nothing is lost"}`,
          ]),
      ...(share === undefined
        ? []
        : [
            `“${share.series.label}”: ${format(firstOf(share), share.series.unit)} to ${format(lastOf(share), share.series.unit)}`,
          ]),
      ...(isShare ? [] : [`A request above ${to} fails now, whatever is free in all`]),
    ],
    next: "Allocate large buffers once at start and keep them, and look for long-lived small blocks that are allocated between short-lived large ones; memmap's probe names them",
    sites: [],
    blocks: [],
    log: { line: series.line, quote: series.quote },
    fingerprint: `fragmentation|log|${series.memory}`,
  };
}

/** Internal memory, or the part of it that DMA reaches, which is gone beside other memory that is not. */
export function exhaustedOf(judged: readonly Judged[]): Finding<LevelRule>[] {
  const short = (["internal", "dma"] as const)
    .flatMap((memory) => latest(judged, [memory], "free") ?? [])
    .filter((one) => lastOf(one) < EXHAUSTED)
    .sort((a, b) => lastOf(a) - lastOf(b))[0];
  if (short === undefined) return [];
  const isDma = short.series.memory === "dma";
  const beside = [["psram"], ["any"], isDma ? ["internal"] : []]
    .flatMap((memories) => latest(judged, memories, "free") ?? [])
    .find((one) => lastOf(one) >= PLENTY);
  if (beside === undefined) return [];
  const left = lastOf(short);
  const name = isDma ? "DMA-capable memory" : "internal memory";
  const largest = latest(judged, isDma ? ["dma", "internal"] : ["internal", "dma"], "largest");
  return [
    {
      rule: "internal-exhausted",
      severity: "error",
      confidence: 0.9,
      title: `${name} is exhausted: ${formatBytes(left)} are free there, beside ${formatBytes(lastOf(beside))} ${besideName(beside.series.memory)}`,
      evidence: [
        `“${short.series.label}”: ${formatBytes(left)} (line ${short.series.lastLine})${largest === undefined ? "" : `, largest block ${formatBytes(lastOf(largest))}`}`,
        `“${beside.series.label}”: ${formatBytes(lastOf(beside))} (line ${beside.series.lastLine})`,
        isDma
          ? "Every request for DMA-capable memory (Wi-Fi, SPI, displays, SD cards) fails now, although the sum of free memory looks large"
          : "Every request for internal or DMA-capable memory and for a task's stack fails now, although the sum of free memory looks large",
      ],
      next: "Move large buffers to PSRAM (heap_caps_malloc with MALLOC_CAP_SPIRAM, CONFIG_SPIRAM_MALLOC_ALWAYSINTERNAL lower, mbedTLS, Wi-Fi and LwIP into PSRAM), and watch heap_caps_get_free_size(MALLOC_CAP_INTERNAL) instead of the sum",
      sites: [],
      blocks: [],
      log: { line: short.series.line, quote: short.series.quote },
      bytes: left,
      fingerprint: "internal-exhausted|log",
    },
  ];
}

function besideName(memory: LogSeries["memory"]): string {
  return { psram: "of free PSRAM", any: "that are free in all", internal: "of free internal memory", dma: "" }[memory];
}

function latest(
  judged: readonly Judged[],
  memories: readonly string[],
  quantity: LogSeries["quantity"],
): Judged | undefined {
  return judged
    .filter(
      ({ series }) =>
        series.quantity === quantity &&
        series.unit === "bytes" &&
        memories.includes(series.memory) &&
        !isOfLvgl(series),
    )
    .reduce<Judged | undefined>(
      (found, one) => (found === undefined || one.series.lastLine > found.series.lastLine ? one : found),
      undefined,
    );
}

/** What was least free ever came close to nothing. */
export function narrowOf(judged: readonly Judged[]): Finding<LevelRule>[] {
  const minimum = latest(judged, ["internal", "any", "dma"], "minimum");
  const same = minimum === undefined ? undefined : latest(judged, [minimum.series.memory], "free");
  const free = same ?? latest(judged, ["internal", "any", "dma"], "free");
  // In units of KiB, a few of them are all that some chips have.
  const least = minimum === undefined ? undefined : lastOf(minimum);
  const left = free === undefined ? undefined : lastOf(free);
  if (least !== undefined && least < NARROW && minimum !== undefined && (left === undefined || left > least)) {
    return [levelFinding(minimum, `memory was nearly exhausted once: only ${formatBytes(least)} were free at the lowest`, [
      `“${minimum.series.label}”: ${formatBytes(least)} (line ${minimum.series.lastLine})${left === undefined ? "" : `; now ${formatBytes(left)} are free`}`,
      "A request that does not fit at that moment fails, and no later reading shows it",
    ])]; // prettier-ignore
  }
  if (minimum !== undefined && free !== undefined && free.series.memory === minimum.series.memory) {
    const { values, lines } = minimum.series;
    const low = lastValue(values);
    const dip = values.findIndex((value) => value < 2 * low);
    // Only a peak between two readings is so far below all of them.
    if (dip > 0 && low < SCARCE && smallest(free.series.values) > 3 * low)
      return [
        levelFinding(
          minimum,
          `memory was short for a moment: only ${formatBytes(low)} were free at the lowest, where the readings show ${formatBytes(smallest(free.series.values))} and more`,
          [
            `“${minimum.series.label}”: ${formatBytes(valueAt(values, dip - 1))} (line ${valueAt(lines, dip - 1)}), then ${formatBytes(valueAt(values, dip))} (line ${valueAt(lines, dip)}): between these lines something took much and gave it back`,
          ],
          "note",
        ),
      ];
  }
  const dip = free === undefined || left === undefined ? undefined : dipOf(free.series);
  if (free !== undefined && left !== undefined && dip !== undefined) {
    const low = formatBytes(valueAt(free.series.values, dip));
    return [
      levelFinding(
        free,
        `memory is short at times: down to ${low}`,
        [
          `“${free.series.label}”: ${low} (line ${valueAt(free.series.lines, dip)}), and ${formatBytes(left)} at the end: what happens there takes much and gives it back`,
        ],
        "note",
      ),
    ];
  }
  // No program runs on and on with so little: where its words do not say that it is free, it counts something else.
  const isGuessed =
    free !== undefined && isGuess(free.series) && free.series.readings >= 12 && greatest(free.series.values) < NARROW;
  if (free !== undefined && left !== undefined && left < NARROW && !isGuessed) {
    return [
      levelFinding(free, `memory is nearly exhausted: ${formatBytes(left)} are free`, [
        `“${free.series.label}”: ${formatBytes(left)} (line ${free.series.lastLine})`,
      ]),
    ];
  }
  return [];
}

/** The lowest reading, where little was free then, and far more before and at the end. */
function dipOf(series: LogSeries): number | undefined {
  const { values, readings } = series;
  const low = smallest(values);
  const at = values.indexOf(low);
  const isDip = low < SHORT && lastValue(values) > 3 * low && values.slice(0, at).some((value) => value > 3 * low);
  // A collector's heap is low before each collection.
  return isDip && readings >= 4 && !mayBeCollected(series) ? at : undefined;
}

function levelFinding(
  { series }: Judged,
  title: string,
  evidence: readonly string[],
  severity: "warning" | "note" = "warning",
): Finding<LevelRule> {
  return {
    rule: "low-memory",
    severity,
    confidence: 0.8,
    title,
    evidence,
    next: "Print heap_caps_get_largest_free_block() and heap_caps_get_minimum_free_size() with what the program does at that time, and find what takes it",
    sites: [],
    blocks: [],
    log: { line: series.line, quote: series.quote },
    bytes: lastOf({ series, trend: trendOf(pointsOf(series)) }),
    fingerprint: `low-memory|log|${series.memory}`,
  };
}

/** A heap of which most is used. */
export function fullOf(all: readonly LogSeries[], judged: readonly Judged[]): Finding<LevelRule>[] {
  const free = latest(judged, ["any", "internal"], "free");
  const total = all
    .filter(
      ({ quantity, memory, label }) =>
        quantity === "total" && memory === free?.series.memory && sameTable(label, free.series.label),
    )
    .at(-1);
  // What an interpreter has not collected yet fills its heap, and it takes more where that is not enough.
  if (free === undefined || total === undefined || mayBeCollected(free.series)) return [];
  const size = lastValue(total.values);
  const left = lastOf(free);
  const used = size === 0 ? 0 : 1 - left / size;
  if (used < 0.85 || left > size) return [];
  const largest = latest(judged, [free.series.memory], "largest");
  const minimum = latest(judged, [free.series.memory], "minimum");
  const share = largest === undefined || left === 0 ? undefined : lastOf(largest) / left;
  // A block larger than all that is free is of another moment, or of another heap.
  if (share !== undefined && share > 1) return [];
  return [
    {
      rule: "low-memory",
      severity: used >= 0.97 ? "warning" : "note",
      confidence: 0.9,
      title: `the heap is ${Math.round(used * 100)} % full: ${formatExactBytes(left)} of ${formatExactBytes(size)} are free`,
      evidence: [
        ...(largest === undefined || share === undefined
          ? []
          : [
              `The largest free block has ${formatExactBytes(lastOf(largest))}, ${Math.round(share * 100)} % of what is free: ` +
                (share >= 0.7 ? "it is not fragmented" : "the rest is in smaller pieces or other regions"),
              `Requests above ${formatExactBytes(lastOf(largest))} fail`,
            ]),
        ...(minimum === undefined ? [] : [`The least that was ever free: ${formatExactBytes(lastOf(minimum))}`]),
      ],
      next: "Print it again later: one table is a state, several show whether it grows",
      sites: [],
      blocks: [],
      log: { line: free.series.line, quote: free.series.quote },
      bytes: left,
      fingerprint: `low-memory|log|${free.series.memory}`,
    },
  ];
}

function sameTable(a: string, b: string): boolean {
  return a.replace(/: \w+$/, "") === b.replace(/: \w+$/, "") || !a.startsWith("Heap summary");
}
