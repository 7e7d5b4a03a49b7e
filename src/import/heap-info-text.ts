// Regions: the boot lines of heap_init and heap_caps_print_heap_info(). Each gives the state of the regions it names; the others
// stay as they were last told. Formats: docs/imports.md.

import { greatest } from "../base/values.ts";
import { Cap } from "../wire/caps.ts";
import type { Region } from "../wire/records.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import type { SeriesCollector } from "./log-series.ts";
import type { LogLine } from "./log-text.ts";
import { addressOf, isBlock } from "./plausible.ts";
import type { FigureMemory } from "../wire/log-records.ts";

const BOOT_REGION = /^At ([0-9a-f]{8}) len ([0-9a-f]{8}) \(\d+ KiB\): *(.*)$/i;
const SUMMARY = /Heap summary for capabilities 0x([0-9a-f]{1,8}):/i;
const REGION = /^\s*At 0x([0-9a-f]{1,8}) len (\d+) free (\d+) allocated (\d+) min_free (\d+)/i;
const REGION_DETAIL = /^\s*largest_free_block (\d+) alloc_blocks (\d+) free_blocks (\d+) total_blocks (\d+)/;
const TOTALS = /^\s*free (\d+) allocated (\d+) min_free (\d+) largest_free_block (\d+)/;
const LOOKS_LIKE_REGION = /^\s*At 0x|largest_free_block|min_free/;

/** MALLOC_CAP_* bits by the names that heap_init prints for its memory types (soc/memory_layout.c of the chips). */
const CAPS_BY_TYPE: readonly (readonly [RegExp, number])[] = [
  [/SPIRAM|PSRAM/i, 0x1406],
  [/RTC|LP/i, 0x980f],
  [/^D\/IRAM/i, 0x180f],
  [/^IRAM/i, 0x0803],
  [/TCM|SPM/i, 0x10806],
  [/RAM/i, 0x180e],
];

/** What heap_init's name of a memory type says of its caps; 0 for a name that is not known. */
function capsOfType(name: string): number {
  return CAPS_BY_TYPE.find(([pattern]) => pattern.test(name))?.[1] ?? 0;
}

function memoryOf(caps: number): FigureMemory {
  if ((caps & Cap.DMA) !== 0) return "dma";
  return (caps & Cap.INTERNAL) !== 0 ? "internal" : "any";
}

/** Where the chips map PSRAM (soc.h); some have a few KiB of RTC memory at the same place. */
const EXTERNAL: readonly (readonly [number, number])[] = [
  [0x3c000000, 0x3e000000],
  [0x3f400000, 0x3fc00000],
  [0x42000000, 0x44000000],
  [0x48000000, 0x4c000000],
  [0x50000000, 0x54000000],
];

function isExternal(start: number, end: number): boolean {
  return end - start > 0x10000 && EXTERNAL.some(([from, to]) => start >= from && start < to);
}

/** The pool that ESP-IDF reserves for DMA is a heap inside another heap's block. */
function isNested(region: Region, regions: readonly Region[]): boolean {
  return regions.some((other) => other !== region && region.start > other.start && region.start < other.end);
}

/** What a nested region has free is free in the one around it. */
function withoutNested(regions: readonly Region[]): readonly Region[] {
  const nested = regions.filter((region) => isNested(region, regions));
  return regions
    .filter((region) => !nested.includes(region))
    .map((region) => {
      const inside = nested.filter(({ start }) => start > region.start && start < region.end);
      return inside.reduce(
        (sum, { free, largestFree }) => ({
          ...sum,
          free: sum.free + free,
          largestFree: Math.max(sum.largestFree, largestFree),
        }),
        region,
      );
    });
}

interface Summary {
  readonly kind: "heap info" | "heap regions at boot";
  readonly firstLine: number;
  lastLine: number;
  readonly caps: number;
  readonly regions: Region[];
  readonly time: number | undefined;
  whole: boolean;
  ended: boolean;
}

export class HeapInfoReader implements SectionReader {
  readonly starts = [BOOT_REGION, SUMMARY];
  private readonly run: LogRun;
  private readonly series: SeriesCollector;
  private summary: Summary | undefined;

  /** @param series what the tables say, printed again and again, are series too */
  constructor(run: LogRun, series: SeriesCollector) {
    this.run = run;
    this.series = series;
  }

  line(line: LogLine): boolean {
    const { text, number } = line;
    const boot = line.tags.length === 0 || line.tags.includes("heap_init") ? BOOT_REGION.exec(text) : null;
    if (boot !== null) {
      this.bootRegion(number, Number.parseInt(boot[1] ?? "", 16), Number.parseInt(boot[2] ?? "", 16), boot[3] ?? "");
      return true;
    }
    const header = SUMMARY.exec(text);
    if (header !== null) {
      this.open("heap info", number, Number.parseInt(header[1] ?? "", 16));
      return true;
    }
    const summary = this.summary;
    if (summary?.kind === "heap regions at boot") {
      this.run.flush();
      return false;
    }
    if (summary === undefined) return false;
    if (REGION.test(text)) this.region(summary, REGION.exec(text) ?? [], number);
    else if (REGION_DETAIL.test(text)) this.detail(summary, REGION_DETAIL.exec(text) ?? [], number);
    else if (TOTALS.test(text)) this.totals(summary, TOTALS.exec(text) ?? [], number);
    else if (/^\s*Totals:$/.test(text)) summary.lastLine = number;
    else if (LOOKS_LIKE_REGION.test(text)) this.broken(summary, number, "a line of the heap summary is damaged");
    else return false;
    return true;
  }

  flush(): void {
    const summary = this.summary;
    this.summary = undefined;
    if (summary === undefined) return;
    if (summary.kind === "heap info" && !summary.ended) {
      this.broken(summary, summary.lastLine, "the heap summary breaks off before its totals");
    }
    const { kind, firstLine, lastLine, whole } = summary;
    // A region whose second line is missing has no largest block, so it is no state.
    const regions = summary.regions.filter((region) => region.largestFree >= 0);
    this.run.report.section({ kind, firstLine, lastLine, records: regions.length, whole });
    if (regions.length === 0) return;
    if (kind === "heap info") this.readings(summary, regions);
    this.run.updateRegions(withoutNested(regions));
  }

  /** The sums of a summary: of all that it lists, and of internal and external memory where it lists both. */
  private readings({ firstLine, caps, time }: Summary, regions: readonly Region[]): void {
    const line = { number: firstLine, ...(time === undefined ? {} : { time }) };
    const quote = `Heap summary for capabilities 0x${caps.toString(16).padStart(8, "0")}`;
    const external = regions.filter(({ start, end }) => isExternal(start, end));
    const internal = regions.filter((region) => !external.includes(region));
    const add = (some: readonly Region[], memory: FigureMemory, label: string): void => {
      const outer = some.filter((region) => !isNested(region, some));
      const figures = {
        free: some.reduce((sum, { free }) => sum + free, 0),
        largest: greatest(
          some.map(({ largestFree }) => largestFree),
          0,
        ),
        minimum: some.reduce((sum, { minimumFree = 0 }) => sum + minimumFree, 0),
        total: outer.reduce((sum, { start, end }) => sum + end - start, 0),
      };
      for (const quantity of ["free", "largest", "minimum", "total"] as const) {
        this.series.reading(line, `${label}: ${quantity}`, quote, { quantity, memory }, figures[quantity]);
      }
    };
    if (external.length > 0 && internal.length > 0) {
      add(internal, "internal", `${quote}, internal regions`);
      add(external, "psram", `${quote}, PSRAM regions`);
    } else add(regions, external.length > 0 ? "psram" : memoryOf(caps), quote);
  }

  private open(kind: Summary["kind"], line: number, caps: number): Summary {
    this.run.enter(this);
    this.flush();
    const time = this.run.timeBefore(line);
    this.summary = { kind, firstLine: line, lastLine: line, caps, regions: [], time, whole: true, ended: false };
    return this.summary;
  }

  private bootRegion(line: number, start: number, size: number, name: string): void {
    const open = this.summary?.kind === "heap regions at boot" ? this.summary : undefined;
    const summary = open ?? this.open("heap regions at boot", line, 0);
    summary.lastLine = line;
    const type = name.trim();
    // All of it is free but the heap's own account, which differs by version.
    summary.regions.push({
      name: type,
      start,
      end: start + size,
      caps: capsOfType(type),
      free: size,
      largestFree: size,
    });
  }

  private region(summary: Summary, match: readonly string[], line: number): void {
    const start = addressOf(match[1]);
    const [length, free, minimumFree] = [Number(match[2]), Number(match[3]), Number(match[5])];
    summary.lastLine = line;
    if (!isBlock(start, length)) {
      this.broken(summary, line, "a region cannot lie there");
      return;
    }
    if (summary.regions.some((region) => region.largestFree < 0)) {
      this.broken(summary, line, "the region before lacks its second line");
    }
    if (free > length) {
      this.broken(summary, line, "a region has more free bytes than it has bytes");
      return;
    }
    const known = this.run.regions.find((region) => start >= region.start && start < region.end);
    summary.regions.push({
      ...(known?.name === undefined ? {} : { name: known.name }),
      start: known?.start ?? start,
      end: known?.end ?? start + length,
      caps: ((known?.caps ?? 0) | summary.caps) >>> 0,
      free,
      largestFree: -1,
      minimumFree,
    });
  }

  private detail(summary: Summary, match: readonly string[], line: number): void {
    summary.lastLine = line;
    const region = summary.regions.at(-1);
    const largestFree = Number(match[1]);
    if (region === undefined || region.largestFree >= 0) {
      this.broken(summary, line, "the second line of a region without its first one");
    } else if (largestFree > region.free) {
      this.broken(summary, line, "a region's largest free block exceeds what it has free");
    } else {
      summary.regions[summary.regions.length - 1] = { ...region, largestFree };
    }
  }

  private totals(summary: Summary, match: readonly string[], line: number): void {
    summary.lastLine = line;
    summary.ended = true;
    const sum = summary.regions.reduce((free, region) => free + region.free, 0);
    if (sum !== Number(match[1])) this.broken(summary, line, "the totals do not fit the regions: lines were lost");
    this.run.flush();
  }

  private broken(summary: Summary, line: number, reason: string): void {
    summary.whole = false;
    this.run.report.damage({ line, reason });
  }
}
