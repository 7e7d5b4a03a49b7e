/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// massif's text: what was live at some moments, at every tenth of them and at the peak as a tree of callers.
import { fileName } from "../base/paths.ts";
import { safeText } from "../base/safe-text.ts";
import { acceptsSlot } from "../heap/blocks.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { blockEnd } from "../heap/regions.ts";
import { samplingOf } from "../heap/sampling.ts";
import type { BlockTable } from "../heap/types.ts";
import type { HeapVisitor, LiveColumns } from "../heap/visitor.ts";
import { caveats, refuseAge, TextSink, type Exporter } from "./export.ts";
import { exportSites, type ExportFrame, type ExportSite } from "./stacks.ts";

/** ms_print draws 72 columns, massif keeps at most 100 snapshots. */
const SNAPSHOTS = 72;
const DETAILED_EVERY = 8;
/** Parts of less than this of the whole are told as one line, as massif does. */
const THRESHOLD = 0.01;
/** The heap's word in front of a block. */
const HEADER_BYTES = 4;

export const massif: Exporter = {
  format: "massif",
  title: "live bytes over time, call trees: ms_print, massif-visualizer",
  extension: ".massif",
  async write(question, sink) {
    refuseAge(question, "massif");
    const { asked, window, filter, name } = question;
    const { model } = asked;
    const { from, to } = window;
    const peak = await model.peak(window, filter);
    const text = new TextSink(sink);
    text.write(`desc: ${(await caveats(question)).map(safeText).join("; ")}\n`);
    text.write(`cmd: ${safeText(model.tables.boots.at(-1)?.appName ?? name)}\ntime_unit: ms\n`);
    const even = Array.from({ length: SNAPSHOTS + 1 }, (_, i) => from + ((to - from) * i) / SNAPSHOTS);
    // A peak within the microsecond of another moment, such as the end, stands before what was live after all of it.
    const moments = [{ time: peak.time, isPeak: true }, ...[...new Set(even)].map((time) => ({ time, isPeak: false }))];
    moments.sort((a, b) => a.time - b.time); // stable
    const sums = new Sums(model);
    const siteOf = exportSites(asked);
    let number = 0;
    const snapshot = ({ time, isPeak }: { readonly time: number; readonly isPeak: boolean }): void => {
      const shown = isPeak ? Sums.of(model, peak.live) : sums;
      const isDetailed = isPeak || number % DETAILED_EVERY === 0 || time === to;
      text.write(`#-----------\nsnapshot=${number++}\n#-----------\ntime=${Math.round((time - from) / 1000)}\n`);
      text.write(`mem_heap_B=${shown.total}\nmem_heap_extra_B=${Math.round(shown.extra)}\nmem_stacks_B=0\n`);
      text.write(`heap_tree=${!isDetailed ? "empty" : isPeak ? "peak" : "detailed"}\n`);
      if (isDetailed) writeTree(text, treeOf(shown.bytes, siteOf), shown.total);
    };
    let next = 0;
    const goTo = (time: number): void => {
      while (next < moments.length && moments[next]!.time < time) snapshot(moments[next++]!);
    };
    const isWanted = (live: LiveColumns, slot: number): boolean =>
      filter === undefined || acceptsSlot(filter, live, slot, Infinity);
    const change = (live: LiveColumns, slot: number, sign: 1 | -1): void => {
      if (isWanted(live, slot)) sums.add(live.address[slot]!, live.size[slot]!, live.site[slot]!, sign);
    };
    const visitor: HeapVisitor = {
      begin(live, slots) {
        for (const slot of slots) change(live, slot, 1);
      },
      born(live, slot, time) {
        goTo(time);
        change(live, slot, 1);
      },
      died(live, slot, time) {
        goTo(time);
        change(live, slot, -1);
      },
    };
    await model.scan(window, [visitor]);
    goTo(Infinity);
    text.end();
  },
};

/** Live bytes by site, and what the heap needs beside them: headers, rounding, red zones. */
class Sums {
  readonly bytes: number[] = [];
  extra = 0;
  private readonly redZone: number;
  private readonly weight: (size: number) => number;

  constructor({ tables }: HeapModel) {
    this.redZone = tables.boots.at(-1)?.redZoneBytes ?? 0;
    this.weight = samplingOf(tables.boots).weight;
  }

  static of(model: HeapModel, live: BlockTable): Sums {
    const sums = new Sums(model);
    for (let row = 0; row < live.length; row++) sums.add(live.address[row]!, live.size[row]!, live.site[row]!, 1);
    return sums;
  }

  add(address: number, size: number, site: number, sign: 1 | -1): void {
    const count = sign * this.weight(size);
    this.bytes[site] = (this.bytes[site] ?? 0) + size * count;
    this.extra += (blockEnd(address, size, this.redZone) - address - size + HEADER_BYTES) * count;
  }

  get total(): number {
    return Math.round(this.bytes.reduce((sum, one) => sum + one, 0));
  }
}

interface Node {
  readonly label: string;
  bytes: number;
  readonly children: Map<string, Node>;
}

/** Callers below what they called, as massif has it. */
function treeOf(bytes: readonly number[], siteOf: (id: number) => ExportSite): Node {
  const root: Node = {
    label: "(heap allocation functions) malloc, new, heap_caps_malloc",
    bytes: 0,
    children: new Map(),
  };
  bytes.forEach((sum, id) => {
    if (sum <= 0) return;
    let node = root;
    node.bytes += sum;
    for (const frame of siteOf(id).frames) {
      const label = labelOf(frame);
      let child = node.children.get(label);
      if (child === undefined) node.children.set(label, (child = { label, bytes: 0, children: new Map() }));
      node = child;
      node.bytes += sum;
    }
  });
  return root;
}

function labelOf({ name, file, line, address = 0 }: ExportFrame): string {
  const place = file === "" ? "in ?" : `${fileName(file)}:${line}`;
  return `0x${address.toString(16).toUpperCase()}: ${name} (${place})`;
}

function writeTree(text: TextSink, root: Node, total: number): void {
  const open: { readonly node: Node; readonly depth: number }[] = [{ node: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    const indent = " ".repeat(depth);
    const children = [...node.children.values()].sort((a, b) => b.bytes - a.bytes);
    const large = children.filter(({ bytes }) => bytes >= total * THRESHOLD);
    const small = children.slice(large.length);
    const lines = large.length + (small.length > 0 ? 1 : 0);
    text.write(`${indent}n${lines}: ${Math.round(node.bytes)} ${node.label}\n`);
    // Depth first; the sum of the small ones comes last.
    if (small.length > 0) {
      const rest = small.reduce((sum, { bytes }) => sum + bytes, 0);
      const label = `in ${small.length} place${small.length === 1 ? "" : "s"}, all below massif's threshold (1.00%)`;
      open.push({ node: { label, bytes: rest, children: new Map() }, depth: depth + 1 });
    }
    for (const child of large.reverse()) open.push({ node: child, depth: depth + 1 });
  }
}
