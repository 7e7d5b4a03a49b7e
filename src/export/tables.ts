/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// A run as tables: events, blocks, sites, samples, regions. CSV and Parquet write the same ones; each yields its rows in batches.
import { likely, type Quantity } from "../base/quantity.ts";
import { readSeries } from "../detect/log/read-series.ts";
import { acceptsSlot } from "../heap/blocks.ts";
import { regionName } from "../heap/regions.ts";
import { samplingOf } from "../heap/sampling.ts";
import { BlockFlag } from "../heap/types.ts";
import { Cause, type CauseCode, type LiveColumns } from "../heap/visitor.ts";
import { doubtfulSpans } from "../report/doubt.ts";
import { viewSites } from "../report/top-sites.ts";
import { refuseAge, type ExportQuestion, type TableName } from "./export.ts";
import { exportSites } from "./stacks.ts";

/** `integer` goes up to 2^53. */
export type ColumnType = "integer" | "text" | "flag";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export type Cell = number | string | boolean | undefined;

export interface Table {
  readonly columns: readonly Column[];
  /** Calls `take` with each row, in order; a row has a cell for each column. */
  rows(question: ExportQuestion, take: (row: readonly Cell[]) => void): Promise<void>;
}

const integer = (name: string): Column => ({ name, type: "integer" });
const text = (name: string): Column => ({ name, type: "text" });
const flag = (name: string): Column => ({ name, type: "flag" });

const place = [text("site"), text("function"), text("file"), integer("line"), text("component"), text("stack")];

/** Cells of `place`. */
function placer(question: ExportQuestion): (site: number) => readonly Cell[] {
  const siteOf = exportSites(question.asked);
  const cells = new Map<number, readonly Cell[]>();
  return (id) => {
    let known = cells.get(id);
    if (known === undefined) {
      const { frames, text: called, component } = siteOf(id);
      const { name, file, line } = frames[0]!;
      const stack = [...frames].reverse().map((frame) => frame.name.replaceAll(";", ":"));
      const where = file === "" ? [undefined, undefined] : [file, line];
      known = [called, name, ...where, component, stack.join(";")];
      cells.set(id, known);
    }
    return known;
  };
}

const births: Readonly<Record<CauseCode, string>> = {
  [Cause.CALL]: "alloc",
  [Cause.REALLOC]: "realloc",
  [Cause.INFERRED]: "found",
  [Cause.RESET]: "restart",
};
const deaths: Readonly<Record<CauseCode, string>> = {
  [Cause.CALL]: "free",
  [Cause.REALLOC]: "realloc-from",
  [Cause.INFERRED]: "gone",
  [Cause.RESET]: "restart",
};

const events: Table = {
  columns: [
    integer("time_us"),
    text("kind"),
    integer("address"),
    integer("size"),
    text("task"),
    integer("core"),
    ...place,
  ],
  async rows(question, take) {
    refuseAge(question, "the table of events");
    const { asked, window, filter } = question;
    const placeOf = placer(question);
    const isWanted = (live: LiveColumns, slot: number): boolean =>
      filter === undefined || acceptsSlot(filter, live, slot, Infinity);
    const tell = (live: LiveColumns, slot: number, time: number, kind: string, context: number): void => {
      const who = [asked.names.task(context >>> 2), context & 3];
      take([time, kind, live.address[slot]!, live.size[slot]!, ...who, ...placeOf(live.site[slot]!)]);
    };
    await asked.model.scan(window, [
      {
        begin(live, slots, time) {
          for (const slot of slots) if (isWanted(live, slot)) tell(live, slot, time, "live", live.context[slot]!);
        },
        born(live, slot, time, cause) {
          if (isWanted(live, slot)) tell(live, slot, time, births[cause], live.context[slot]!);
        },
        died(live, slot, time, cause, context) {
          if (isWanted(live, slot)) tell(live, slot, time, deaths[cause], context);
        },
        gap(_live, time) {
          take([time, "gap", ...Array<undefined>(4 + place.length)]);
        },
      },
    ]);
  },
};

/** Blocks that lived in the window: those that ended when they did, then those that live on. */
const blocks: Table = {
  columns: [
    ...[integer("address"), integer("size"), integer("born_us"), integer("freed_us"), text("end"), text("task")],
    ...[integer("core"), text("caps"), integer("reallocs"), flag("uncertain"), flag("born_earlier"), text("freed_at")],
    ...place,
  ],
  async rows(question, take) {
    const { asked, window, filter } = question;
    const placeOf = placer(question);
    const siteOf = exportSites(asked);
    const tell = (live: LiveColumns, slot: number, freed: number | undefined, end: string, site: number): void => {
      if (filter !== undefined && !acceptsSlot(filter, live, slot, freed ?? window.to)) return;
      const [context, flags] = [live.context[slot]!, live.flags(slot)];
      take([
        ...[live.address[slot]!, live.size[slot]!, live.originOf(slot), freed, end],
        ...[asked.names.task(context >>> 2), context & 3, siteOf(live.site[slot]!).caps, live.reallocs[slot]!],
        ...[(flags & BlockFlag.UNCERTAIN) !== 0, (flags & BlockFlag.FOUND) !== 0],
        site === 0 ? undefined : siteOf(site).text,
        ...placeOf(live.site[slot]!),
      ]);
    };
    await asked.model.scan(window, [
      {
        // A realloc goes on with the same life.
        died(live, slot, time, cause, _context, site) {
          if (cause !== Cause.REALLOC) tell(live, slot, time, deaths[cause], site);
        },
        end(live, slots) {
          for (const slot of slots) tell(live, slot, undefined, "live", 0);
        },
      },
    ]);
  },
};

const quantity = (name: string): Column[] => [
  integer(name),
  integer(`${name}_lowest`),
  integer(`${name}_highest`),
  text(`${name}_certainty`),
];

function quantityCells(value: Quantity): Cell[] {
  if (value.certainty === "unknown") return [undefined, undefined, undefined, "unknown"];
  const whole = Math.round(value.value);
  if (value.certainty !== "bounded") {
    const bound = value.certainty === "exact" ? whole : undefined;
    return [whole, bound, bound, value.certainty];
  }
  return [whole, value.lowest, value.highest, "bounded"];
}

const sites: Table = {
  columns: [
    ...[text("site"), text("function"), text("file"), integer("line"), text("component")],
    ...quantity("live_bytes"),
    ...quantity("live_blocks"),
    ...quantity("allocations"),
    ...quantity("allocated_bytes"),
    ...quantity("frees"),
    ...[integer("bytes_at_peak"), integer("peak_bytes"), integer("temporary_allocations"), integer("oldest_age_us")],
  ],
  async rows({ asked, window, filter }, take) {
    const view = await viewSites(asked.model, asked.names, window, { order: "live", filter });
    for (const row of view.sites) {
      const { site } = row;
      take([
        ...[site.text, site.function, site.file, site.line, site.component],
        ...[row.liveBytes, row.liveBlocks, row.allocations, row.allocatedBytes, row.frees].flatMap(quantityCells),
        ...[row.bytesAtPeak, row.peakBytes, row.temporaryAllocations].map((one) => Math.round(likely(one))),
        row.oldestAge,
      ]);
    }
  },
};

/** Moments of the tables over time. */
const SAMPLES = 1000;

const samples: Table = {
  columns: [
    ...["time_us", "live_bytes", "live_bytes_min", "live_bytes_max", "live_blocks", "allocations", "frees"].map(
      integer,
    ),
    ...[integer("allocated_bytes"), text("certainty")],
  ],
  async rows({ asked, window, filter }, take) {
    const certaintyAt = await certainty(asked.model);
    const series = await asked.model.timeline(window, SAMPLES, filter);
    for (let i = 0; i < series.length; i++) {
      const columns = [series.lastBytes, series.minBytes, series.maxBytes, series.lastBlocks];
      const counts = [series.allocations, series.frees, series.allocatedBytes];
      const time = series.time[i]!;
      take([time, ...[...columns, ...counts].map((column) => Math.round(column[i]!)), certaintyAt(time)]);
    }
  },
};

const regions: Table = {
  columns: [
    ...[integer("time_us"), text("region"), integer("start"), integer("end"), integer("free"), integer("free_min")],
    ...[integer("free_max"), integer("largest_free"), flag("largest_free_exact"), text("certainty")],
  ],
  async rows({ asked, window }, take) {
    const certaintyAt = await certainty(asked.model);
    const series = await asked.model.regionSeries(window, SAMPLES);
    for (let sample = 0; sample < series.samples; sample++) {
      for (const [index, region] of series.regions.entries()) {
        const at = sample * series.regions.length + index;
        if (Number.isNaN(series.free[at]!)) continue;
        const time = series.time[sample]!;
        take([
          ...[time, regionName(region), region.start, region.end],
          ...[series.free[at]!, series.minFree[at]!, series.maxFree[at]!, series.largestFree[at]!],
          ...[series.exact[at] === 1, certaintyAt(time)],
        ]);
      }
    }
  },
};

/** Of numbers at a moment: exact, an estimate of a sample, or in doubt from a gap on until the device has proven the reconstruction again. */
async function certainty(model: ExportQuestion["asked"]["model"]): Promise<(time: number) => string> {
  if (samplingOf(model.tables.boots).sentence !== undefined) return () => "estimated";
  const spans = await doubtfulSpans(model);
  return (time) => (spans.some(({ from, to }) => from <= time && time <= to) ? "in doubt" : "exact");
}

/** Figures that a console log prints. */
const readings: Table = {
  columns: [
    text("series"),
    integer("time_us"),
    integer("line"),
    integer("value"),
    text("unit"),
    text("memory"),
    integer("boot"),
  ],
  async rows({ asked, window }, take) {
    for (const series of readSeries(asked.model.tables)) {
      for (let i = 0; i < series.values.length; i++) {
        const time = series.times[i];
        if (time !== undefined && (time < window.from || time > window.to)) continue;
        take([
          series.label,
          time,
          series.lines[i],
          Math.round(series.values[i]!),
          series.unit,
          series.memory,
          series.boot,
        ]);
      }
    }
    return Promise.resolve();
  },
};

export const tables: Readonly<Record<TableName, Table>> = { events, blocks, sites, samples, regions, readings };
