/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// DHAT's JSON, version 2: for each stack how much it asked for, how long its blocks lived, and what it held at its own and at the run's peak.
import { acceptsSlot } from "../heap/blocks.ts";
import { samplingOf } from "../heap/sampling.ts";
import type { HeapVisitor, LiveColumns } from "../heap/visitor.ts";
import { caveats, refuseAge, TextSink, type Exporter, type ExportQuestion } from "./export.ts";
import { exportSites, type ExportFrame, type ExportSite } from "./stacks.ts";

/** Blocks that lived no longer than this are short-lived, in microseconds. */
const SHORT_LIFE = 500;

/** What DHAT counts of a place; the names are its own. */
interface Costs {
  readonly fs: readonly number[];
  tb: number;
  tbk: number;
  tl: number;
  mb: number;
  mbk: number;
  gb: number;
  gbk: number;
  eb: number;
  ebk: number;
}

export const dhat: Exporter = {
  format: "dhat",
  title: "totals, lifetimes, peaks: dh_view.html, profiler.firefox.com",
  extension: ".dhat.json",
  async write(question, sink) {
    refuseAge(question, "dhat");
    const { asked, window, filter, name } = question;
    const { model } = asked;
    const places = new Places(exportSites(asked));
    const { weight } = samplingOf(model.tables.boots);
    await model.scan(window, [costsVisitor(question, places, weight)]);
    const peak = await model.peak(window, filter);
    for (let row = 0; row < peak.live.length; row++) {
      const place = places.of(peak.live.site[row]!);
      const count = weight(peak.live.size[row]!);
      place.gb += peak.live.size[row]! * count;
      place.gbk += count;
    }
    const boot = model.tables.boots.at(-1);
    const text = new TextSink(sink);
    const head = {
      dhatFileVersion: 2,
      mode: "esp-heap",
      verb: "Allocated",
      bklt: true,
      bkacc: false,
      tu: "µs",
      Mtu: "s",
      tuth: SHORT_LIFE,
      cmd: [boot?.appName ?? name, ...(await caveats(question))].join("; "),
      pid: 1,
      te: Math.round(window.to - window.from),
      tg: Math.round(peak.time - window.from),
    };
    text.write(`${JSON.stringify(head).slice(0, -1)},"pps":[`);
    let first = true;
    for (const { fs, ...costs } of places.all()) {
      const rounded = Object.fromEntries(Object.entries(costs).map(([key, value]) => [key, Math.round(value)]));
      text.write(`${first ? "" : ","}\n${JSON.stringify({ ...rounded, fs })}`);
      first = false;
    }
    text.write(`],"ftbl":[`);
    for (const [index, frame] of places.frames().entries())
      text.write(`${index === 0 ? "" : ","}${JSON.stringify(frame)}`);
    text.write("]}\n");
    text.end();
  },
};

/** Two sites with the same stack are one place: the viewer refuses a stack that comes twice. */
class Places {
  private readonly siteOf: (id: number) => ExportSite;
  private readonly bySite = new Map<number, Costs>();
  private readonly byStack = new Map<string, Costs>();
  private readonly frameTexts = new Map<string, number>([["[root]", 0]]);

  constructor(siteOf: (id: number) => ExportSite) {
    this.siteOf = siteOf;
  }

  of(site: number): Costs {
    let costs = this.bySite.get(site);
    if (costs === undefined) {
      const fs = this.siteOf(site).frames.map((frame) => this.frame(frame));
      const key = fs.join();
      costs = this.byStack.get(key) ?? { fs, tb: 0, tbk: 0, tl: 0, mb: 0, mbk: 0, gb: 0, gbk: 0, eb: 0, ebk: 0 };
      this.byStack.set(key, costs);
      this.bySite.set(site, costs);
    }
    return costs;
  }

  all(): Iterable<Costs> {
    return this.byStack.values();
  }

  frames(): string[] {
    return [...this.frameTexts.keys()];
  }

  private frame({ name, file, line, address = 0 }: ExportFrame): number {
    const place = file === "" ? "in ?" : `${file}:${line}`;
    const text = `0x${address.toString(16).toUpperCase()}: ${name} (${place})`;
    const index = this.frameTexts.get(text) ?? this.frameTexts.size;
    this.frameTexts.set(text, index);
    return index;
  }
}

function costsVisitor(
  { window, filter }: ExportQuestion,
  places: Places,
  weight: (size: number) => number,
): HeapVisitor {
  const isWanted = (live: LiveColumns, slot: number): boolean =>
    filter === undefined || acceptsSlot(filter, live, slot, Infinity);
  const add = (live: LiveColumns, slot: number): void => {
    const place = places.of(live.site[slot]!);
    const count = weight(live.size[slot]!);
    const bytes = live.size[slot]! * count;
    place.tb += bytes;
    place.tbk += count;
    place.eb += bytes;
    place.ebk += count;
    if (place.eb > place.mb) {
      place.mb = place.eb;
      place.mbk = place.ebk;
    }
  };
  const lived = (live: LiveColumns, slot: number, until: number): number =>
    (until - Math.max(window.from, live.originOf(slot))) * weight(live.size[slot]!);
  return {
    begin(live, slots) {
      for (const slot of slots) if (isWanted(live, slot)) add(live, slot);
    },
    born(live, slot) {
      if (isWanted(live, slot)) add(live, slot);
    },
    died(live, slot, time) {
      if (!isWanted(live, slot)) return;
      const place = places.of(live.site[slot]!);
      const count = weight(live.size[slot]!);
      place.eb -= live.size[slot]! * count;
      place.ebk -= count;
      place.tl += lived(live, slot, time);
    },
    end(live, slots, time) {
      for (const slot of slots) if (isWanted(live, slot)) places.of(live.site[slot]!).tl += lived(live, slot, time);
    },
  };
}
