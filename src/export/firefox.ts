/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
/* eslint-disable no-restricted-syntax -- null is the format's word for nothing */
// Firefox Profiler's processed profile: allocations and frees with their stacks, from which it makes retained, allocated and freed memory of any
// range, memory as a track, marks and findings as markers. Version 48 of the format, which newer profilers upgrade.
import { safeText } from "../base/safe-text.ts";
import { detect } from "../detect/run.ts";
import { acceptsSlot } from "../heap/blocks.ts";
import type { HeapVisitor, LiveColumns } from "../heap/visitor.ts";
import { viewFindings } from "../report/finding-view.ts";
import { caveats, refuseAge, TextSink, type Exporter, type ExportQuestion } from "./export.ts";
import { exportSites, type ExportFrame, type ExportSite } from "./stacks.ts";

const PROCESSED_VERSION = 48;
const GECKO_VERSION = 29;
/** Moments of the memory track. */
const SAMPLES = 2000;

export const firefox: Exporter = {
  format: "firefox",
  title: "retained, allocated, freed of any range: profiler.firefox.com",
  extension: ".profile.json",
  async write(question, sink) {
    refuseAge(question, "firefox");
    const { asked, window, filter, name } = question;
    const { model } = asked;
    const { from, to } = window;
    const siteOf = exportSites(asked);
    const stacks = new Stacks();
    const stackOf = (site: number): number => stacks.stackOf(site, siteOf);
    // A pass for each column: none of them is ever in memory as a whole.
    const text = new TextSink(sink);
    const column = async (value: Value): Promise<void> => {
      let isFirst = true;
      const take = (cell: number | undefined): void => {
        text.write(`${isFirst ? "" : ","}${cell === undefined ? "null" : cell}`);
        isFirst = false;
      };
      await model.scan(window, [columnVisitor(question, value, take)]);
    };
    const boot = model.tables.boots.at(-1);
    const product = safeText(boot?.appName ?? name);
    let count = 0;
    text.write(`{"meta":${JSON.stringify(await metaOf(question, product))},"libs":[],"pages":[],"threads":[{`);
    text.write(`"nativeAllocations":{"weightType":"bytes","time":[`);
    await column((_live, _slot, time) => {
      count++;
      return milliseconds(time - from);
    });
    text.write(`],"weight":[`);
    await column((live, slot, _time, sign) => sign * live.size[slot]!);
    text.write(`],"stack":[`);
    await column((live, slot, _time, sign, freeSite) => {
      if (sign > 0) return stackOf(live.site[slot]!);
      return freeSite === 0 ? undefined : stackOf(freeSite);
    });
    text.write(`],"memoryAddress":[`);
    await column((live, slot) => live.address[slot]!);
    text.write(`],"threadId":[`);
    await column((live, slot) => live.context[slot]! >>> 2);
    text.write(`],"length":${count}},`);
    const markers = await markersOf(question);
    const names = new Strings();
    const markerNames = markers.map(({ kind }) => names.indexOf(kind));
    const end = milliseconds(to - from);
    const thread = {
      processType: "default",
      processStartupTime: 0,
      processShutdownTime: null,
      registerTime: 0,
      unregisterTime: null,
      pausedRanges: [],
      name: "heap",
      processName: product,
      isMainThread: true,
      pid: "1",
      tid: 1,
      samples: {
        weightType: "samples",
        weight: null,
        eventDelay: [0, 0],
        stack: [null, null],
        time: [0, end],
        length: 2,
      },
      markers: {
        data: markers.map(({ words }) => ({ type: "Text", name: words })),
        name: markerNames,
        startTime: markers.map(({ time }) => milliseconds(time - from)),
        endTime: markers.map(() => null),
        phase: markers.map(() => 0),
        category: markers.map(() => 0),
        length: markers.length,
      },
      ...stacks.tables(names),
      stringArray: names.all,
    };
    text.write(`${JSON.stringify(thread).slice(1)}],"counters":[`);
    const series = await model.timeline(window, SAMPLES, filter);
    const changes = Array.from(series.lastBytes, (bytes, i) =>
      Math.round(bytes - (i === 0 ? 0 : series.lastBytes[i - 1]!)),
    );
    text.write(
      JSON.stringify({
        name: "malloc",
        category: "Memory",
        description: "Live bytes",
        pid: "1",
        mainThreadIndex: 0,
        samples: {
          time: Array.from(series.time, (time) => milliseconds(time - from)),
          count: changes,
          length: changes.length,
        },
      }),
    );
    text.write("]}\n");
    text.end();
  },
};

async function metaOf(question: ExportQuestion, product: string): Promise<object> {
  const remarks = await caveats(question);
  return {
    interval: 1,
    startTime: 0,
    processType: 0,
    product,
    importedFrom: "memmap",
    stackwalk: 1,
    debug: false,
    version: GECKO_VERSION,
    preprocessedProfileVersion: PROCESSED_VERSION,
    symbolicated: true,
    categories: [{ name: "Other", color: "grey", subcategories: ["Other"] }],
    markerSchema: [
      {
        name: "Text",
        tableLabel: "{marker.data.name}",
        tooltipLabel: "{marker.name}",
        display: ["marker-chart", "marker-table", "timeline-overview"],
        data: [{ key: "name", label: "Details", format: "string", searchable: true }],
      },
    ],
    extra: [
      {
        label: "How far to trust this",
        entries: remarks.map((value, index) => ({ label: `Note ${index + 1}`, format: "string", value })),
      },
    ],
  };
}

interface Marker {
  readonly kind: string;
  readonly time: number;
  readonly words: string;
}

async function markersOf({ asked, window }: ExportQuestion): Promise<readonly Marker[]> {
  const { model, detectOptions, resolver } = asked;
  const detection = await detect(model, { window, ...detectOptions, ...(resolver !== undefined && { resolver }) });
  const { marks, gaps, boots } = model.tables;
  const all = [
    ...marks.map(({ time, name }) => ({ kind: "mark", time, words: name })),
    ...boots.slice(1).map(({ startedAt }) => ({ kind: "restart", time: startedAt, words: "the board restarted" })),
    ...gaps.map(({ time, reason }) => ({ kind: "history is missing", time, words: reason })),
  ].filter(({ time }) => window.from <= time && time <= window.to);
  const found = viewFindings(detection).map(({ since, until, rule, title, next }) => ({
    kind: `finding: ${rule}`,
    time: Math.min(Math.max(until ?? since ?? window.to, window.from), window.to),
    words: `${title}. ${next}`,
  }));
  return [...all, ...found].map((one) => ({ ...one, words: safeText(one.words) })).sort((a, b) => a.time - b.time);
}

type Value = (live: LiveColumns, slot: number, time: number, sign: 1 | -1, freeSite: number) => number | undefined;

function columnVisitor(
  { window, filter }: ExportQuestion,
  value: Value,
  take: (cell: number | undefined) => void,
): HeapVisitor {
  const isWanted = (live: LiveColumns, slot: number): boolean =>
    filter === undefined || acceptsSlot(filter, live, slot, Infinity);
  return {
    begin(live, slots) {
      for (const slot of slots) if (isWanted(live, slot)) take(value(live, slot, window.from, 1, 0));
    },
    born(live, slot, time) {
      if (isWanted(live, slot)) take(value(live, slot, time, 1, 0));
    },
    died(live, slot, time, _cause, _context, site) {
      if (isWanted(live, slot)) take(value(live, slot, time, -1, site));
    },
  };
}

function milliseconds(microseconds: number): number {
  return Math.round(microseconds) / 1000;
}

class Strings {
  readonly all: string[] = [];
  private readonly indices = new Map<string, number>();

  indexOf(text: string): number {
    let index = this.indices.get(text);
    if (index === undefined) {
      this.indices.set(text, (index = this.all.length));
      this.all.push(text);
    }
    return index;
  }
}

/** Stacks as a tree of frames, and each frame's function. */
class Stacks {
  private readonly frames: ExportFrame[] = [];
  private readonly frameIndices = new Map<string, number>();
  private readonly nodes: { readonly frame: number; readonly prefix: number | null }[] = [];
  private readonly nodeIndices = new Map<string, number>();
  private readonly sites = new Map<number, number>();

  stackOf(site: number, siteOf: (id: number) => ExportSite): number {
    let stack = this.sites.get(site);
    if (stack === undefined) {
      let prefix: number | null = null; // the format's word for none
      for (const frame of [...siteOf(site).frames].reverse()) prefix = this.node(this.frame(frame), prefix);
      this.sites.set(site, (stack = prefix ?? 0));
    }
    return stack;
  }

  private node(frame: number, prefix: number | null): number {
    const key = `${frame},${prefix ?? ""}`;
    let node = this.nodeIndices.get(key);
    if (node === undefined) {
      this.nodeIndices.set(key, (node = this.nodes.length));
      this.nodes.push({ frame, prefix });
    }
    return node;
  }

  private frame(frame: ExportFrame): number {
    const key = [frame.name, frame.file, frame.line].join("\n");
    let index = this.frameIndices.get(key);
    if (index === undefined) {
      this.frameIndices.set(key, (index = this.frames.length));
      this.frames.push(frame);
    }
    return index;
  }

  tables(strings: Strings): object {
    const functions = new Map<string, number>();
    const listed: ExportFrame[] = [];
    const func = this.frames.map((frame) => {
      const key = `${frame.name}\n${frame.file}`;
      let index = functions.get(key);
      if (index === undefined) {
        functions.set(key, (index = listed.length));
        listed.push(frame);
      }
      return index;
    });
    const nulls = (length: number): null[] => Array<null>(length).fill(null);
    const zeros = (length: number): number[] => Array<number>(length).fill(0);
    const [frames, nodes, all] = [this.frames.length, this.nodes.length, listed.length];
    return {
      stackTable: {
        frame: this.nodes.map(({ frame }) => frame),
        prefix: this.nodes.map(({ prefix }) => prefix),
        category: zeros(nodes),
        subcategory: zeros(nodes),
        length: nodes,
      },
      frameTable: {
        address: Array<number>(frames).fill(-1),
        inlineDepth: zeros(frames),
        category: zeros(frames),
        subcategory: zeros(frames),
        func,
        nativeSymbol: nulls(frames),
        innerWindowID: zeros(frames),
        implementation: nulls(frames),
        line: this.frames.map(({ line }) => (line === 0 ? null : line)),
        column: nulls(frames),
        length: frames,
      },
      funcTable: {
        isJS: Array<boolean>(all).fill(false),
        relevantForJS: Array<boolean>(all).fill(false),
        name: listed.map(({ name }) => strings.indexOf(name)),
        resource: Array<number>(all).fill(-1),
        fileName: listed.map(({ file }) => (file === "" ? null : strings.indexOf(file))),
        lineNumber: nulls(all),
        columnNumber: nulls(all),
        length: all,
      },
      resourceTable: { lib: [], name: [], host: [], type: [], length: 0 },
      nativeSymbols: { libIndex: [], address: [], name: [], functionSize: [], length: 0 },
    };
  }
}
