// heaptrack's interpreted text, version 2 of its format, which every heaptrack since 1.0 reads: each allocation and free with its stack.
// A file name that ends in .gz has it compressed.
import { safeText } from "../base/safe-text.ts";
import type { BlockFilter } from "../heap/filter.ts";
import { acceptsSlot } from "../heap/blocks.ts";
import type { HeapVisitor, LiveColumns } from "../heap/visitor.ts";
import { caveats, refuseAge, TextSink, type Exporter } from "./export.ts";
import { exportSites, type ExportFrame, type ExportSite } from "./stacks.ts";

/** heaptrack's own stamps are as far apart. */
const STAMP_MICROSECONDS = 10_000;

export const heaptrack: Exporter = {
  format: "heaptrack",
  title: "every allocation and free: heaptrack_gui, heaptrack_print",
  extension: ".heaptrack.gz",
  async write(question, sink) {
    refuseAge(question, "heaptrack");
    const { asked, window, filter, name } = question;
    const { model } = asked;
    const text = new TextSink(sink);
    text.write("v 10400 2\n");
    for (const remark of await caveats(question)) text.write(`# ${remark}\n`);
    const boot = model.tables.boots.at(-1);
    text.write(`X ${safeText(boot?.appName ?? name)}\n`);
    const memory = (await model.regionReports()).at(-1)?.regions ?? [];
    const bytes = memory.reduce((sum, { start, end }) => sum + end - start, 0);
    text.write(`I 1000 ${Math.ceil(bytes / 4096).toString(16)}\n`);
    const traces = new Traces(text, boot?.appName ?? "application");
    await model.scan(window, [eventWriter(text, traces, exportSites(asked), filter, window.from)]);
    text.end();
  },
};

/** Strings, places and stacks, told when they first come up. All count from 1. */
class Traces {
  private readonly text: TextSink;
  private readonly module: string;
  private readonly strings = new Map<string, number>();
  private readonly places = new Map<string, number>();
  private readonly nodes = new Map<string, number>();

  constructor(text: TextSink, module: string) {
    this.text = text;
    this.module = module;
  }

  /** Number of a whole stack: a tree of places, outermost first. */
  traceOf({ frames }: ExportSite): number {
    let parent = 0;
    for (const frame of [...frames].reverse()) {
      const place = this.place(frame);
      parent = this.told(this.nodes, `${place},${parent}`, () => `t ${hex(place)} ${hex(parent)}`);
    }
    return parent;
  }

  private place({ name, file, line, address = 0 }: ExportFrame): number {
    return this.told(this.places, [name, file, line, address].join("\n"), () => {
      const called = `${hex(address)} ${hex(this.string(this.module))} ${hex(this.string(name))}`;
      return file === "" ? `i ${called}` : `i ${called} ${hex(this.string(file))} ${hex(line)}`;
    });
  }

  private string(text: string): number {
    return this.told(this.strings, text, () => `s ${safeText(text)}`);
  }

  private told(known: Map<string, number>, key: string, line: () => string): number {
    let number = known.get(key);
    if (number === undefined) {
      const told = line(); // which may tell others first
      known.set(key, (number = known.size + 1));
      this.text.write(`${told}\n`);
    }
    return number;
  }
}

function eventWriter(
  text: TextSink,
  traces: Traces,
  siteOf: (id: number) => ExportSite,
  filter: BlockFilter | undefined,
  start: number,
): HeapVisitor {
  const infos = new Map<number, number>();
  let stamp = 0;
  const infoOf = (live: LiveColumns, slot: number): number => {
    const [size, site] = [live.size[slot] ?? 0, live.site[slot] ?? 0];
    const key = site * 2 ** 32 + size;
    let info = infos.get(key);
    if (info === undefined) {
      infos.set(key, (info = infos.size));
      text.write(`a ${hex(size)} ${hex(traces.traceOf(siteOf(site)))}\n`);
    }
    return info;
  };
  const isWanted = (live: LiveColumns, slot: number): boolean =>
    filter === undefined || acceptsSlot(filter, live, slot, Infinity);
  const goTo = (time: number): void => {
    if (time - start < stamp + STAMP_MICROSECONDS) return;
    stamp = time - start;
    text.write(`c ${hex(Math.floor(stamp / 1000))}\n`);
  };
  return {
    begin(live, slots) {
      for (const slot of slots) if (isWanted(live, slot)) text.write(`+ ${hex(infoOf(live, slot))}\n`);
    },
    born(live, slot, time) {
      goTo(time);
      if (isWanted(live, slot)) text.write(`+ ${hex(infoOf(live, slot))}\n`);
    },
    died(live, slot, time) {
      goTo(time);
      if (isWanted(live, slot)) text.write(`- ${hex(infoOf(live, slot))}\n`);
    },
    end(_live, _slots, time) {
      text.write(`c ${hex(Math.floor((time - start) / 1000))}\n`);
    },
  };
}

function hex(value: number): string {
  return value.toString(16);
}
