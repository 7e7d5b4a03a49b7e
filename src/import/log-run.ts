// The run that a log tells of, as its readers build it up together: clock, boots, sites, tasks, live blocks and regions.
// What goes to the sink goes through here, so that times never run back and every block keeps one identity.

import type { EventSink } from "../wire/events.ts";
import { Teller } from "../wire/teller.ts";
import type { Failure, Fault, Region, Site } from "../wire/records.ts";
import type { NamedFrame } from "../wire/fields.ts";
import { FailureReason, SITE_UNKNOWN, TaskNumber } from "../wire/protocol.ts";
import { importedBoot } from "./identity.ts";
import type { ReportBuilder } from "./import-report.ts";
import { type LiveBlock, LiveBlocks } from "./live-blocks.ts";
import { bootFields, type LogBoot, type LogLine, type LogOverview } from "./log-text.ts";
import { SiteTable } from "./site-table.ts";

/** Freed blocks that are remembered to explain a write after free. */
const FREED_HISTORY = 4096;

/** Reads one text format. */
export interface SectionReader {
  /** True if the line is one of its own. */
  line(line: LogLine): boolean;
  /** Hands on what is open: other events follow, or the log ends. */
  flush(): void;
}

export class LogRun {
  readonly report: ReportBuilder;
  readonly live = new LiveBlocks();
  readonly #sink: Teller;
  readonly #overview: LogOverview;
  readonly #contentNumber: number;
  #sites: SiteTable;
  #tasks = new Map<string, number>();
  #regions = new Map<number, Region>();
  #freed: LiveBlock[] = [];
  #boot: LogBoot;
  #bootCount = 0;
  #bootTold = false;
  #attachedLate = false;
  /** Time of the latest ESP_LOG line. */
  #clock = 0;
  /** Time of the latest event. Records of a dump lie before the line that prints them. */
  #last = 0;
  #faults = 0;
  #failures = 0;
  #active: SectionReader | undefined;

  constructor(sink: EventSink, report: ReportBuilder, overview: LogOverview, contentNumber: number) {
    this.#sink = new Teller(sink);
    this.report = report;
    this.#overview = overview;
    this.#contentNumber = contentNumber;
    this.#sites = new SiteTable(this.#sink);
    this.#boot = overview.boots[0] ?? { line: 1, isRiscV: false };
  }

  /** Microseconds since boot: that of the latest event or log line. */
  get now(): number {
    return Math.max(this.#clock, this.#last);
  }

  get boot(): LogBoot {
    return this.#boot;
  }

  /** True once the log has shown a time of this boot. */
  clockKnown = false;

  get regions(): readonly Region[] {
    return [...this.#regions.values()].sort((a, b) => a.start - b.start);
  }

  /**
   * Starts a line: its text is passed through.
   * @returns true where a new boot begins
   */
  beginLine(line: LogLine): boolean {
    const boot = this.#overview.boots[this.#bootCount + 1];
    const isNewBoot = boot?.line === line.number;
    if (isNewBoot) {
      this.flush();
      this.#bootCount++;
      this.#boot = boot;
      this.#forget();
    }
    this.#tellBoot();
    this.#sink.text(line.bytes);
    return isNewBoot;
  }

  /** Ends a line: only now does the clock advance, so that what the line has closed keeps its own time. */
  endLine(line: LogLine): void {
    if (line.milliseconds === undefined) return;
    this.#clock = Math.max(this.#clock, line.milliseconds * 1000);
    this.clockKnown = true;
  }

  /** To be called by a reader before it takes a line: what other readers hold open comes first. */
  enter(reader: SectionReader): void {
    if (this.#active !== reader) this.flush();
    this.#active = reader;
  }

  /** At the end of the log. */
  finish(): void {
    this.flush();
    this.#sink.flush();
  }

  flush(): void {
    const active = this.#active;
    this.#active = undefined;
    active?.flush();
  }

  /** Number of a site; frames are named as far as the log decodes addresses. */
  site(site: Omit<Site, "id" | "frames">): number {
    const { callers = [], ...rest } = site;
    if (callers.length === 0 && site.file === undefined && site.function === undefined && site.caps === 0) {
      return SITE_UNKNOWN;
    }
    const frames = this.#framesOf(callers);
    return this.#sites.id({
      ...rest,
      ...(callers.length === 0 ? {} : { callers }),
      ...(frames === undefined ? {} : { frames }),
    });
  }

  task(name: string, deleted = false): number {
    const key = `${name}${deleted ? " (deleted)" : ""}`;
    const known = this.#tasks.get(key);
    if (known !== undefined) return known;
    // What runs before the scheduler has a number of its own.
    const id = name === "Pre-scheduler" ? TaskNumber.STARTUP : TaskNumber.FIRST + this.#tasks.size;
    this.#tasks.set(key, id);
    this.#sink.record({ kind: "task", value: { id, name, handle: 0, ...(deleted ? { deleted } : {}) } });
    return id;
  }

  /** A traced allocation. What the log last knew at its place must have been freed before. */
  alloc(time: number, block: LiveBlock, core: number): void {
    this.#attach();
    for (const old of this.live.overlapping(block.address, block.size))
      this.free(time, old.address, SITE_UNKNOWN, core);
    this.live.add(block);
    this.#sink.alloc(this.#advance(time), block.address, block.size, block.site, block.task, core);
    this.report.events++;
  }

  free(time: number, address: number, site: number, core: number): void {
    const block = this.live.remove(address);
    if (block !== undefined) {
      this.#freed.push(block);
      if (this.#freed.length > FREED_HISTORY) this.#freed.shift();
    }
    const at = this.#advance(time);
    const task = TaskNumber.OTHER;
    if (block !== undefined) this.#sink.free(at, address, site, task, core);
    else this.#sink.record({ kind: "unknownFree", value: { time: at, address, site, task, core } });
    this.report.events++;
  }

  /** The blocks that are live at `time`, for all the log knows. */
  snapshot(blocks: readonly LiveBlock[], at = this.now): void {
    const time = this.#advance(at);
    this.#sink.record({ kind: "snapshotBegin", value: { time } });
    this.live.clear();
    for (const block of blocks) {
      this.live.add(block);
      this.#sink.record({
        kind: "live",
        value: { address: block.address, size: block.size, site: block.site, task: block.task, moving: false },
      });
    }
    this.#sink.record({ kind: "snapshotEnd", value: { time, records: blocks.length } });
    this.report.events += blocks.length;
  }

  /** New states of some regions; the others stay as they were. */
  updateRegions(regions: readonly Region[], at = this.now): void {
    for (const region of regions) this.#regions.set(region.start, region);
    this.#sink.record({ kind: "regions", value: { time: this.#advance(at), regions: this.regions } });
    this.report.events += regions.length;
  }

  regionAt(address: number): Region | undefined {
    return this.regions.find((region) => address >= region.start && address < region.end);
  }

  /** The block that was freed last and held the address. */
  freedAt(address: number): LiveBlock | undefined {
    return this.#freed.findLast((block) => address >= block.address && address < block.address + block.size);
  }

  /** @returns the fault's number */
  fault(fault: Omit<Fault, "number" | "time">): number {
    this.#sink.record({ kind: "fault", value: { number: ++this.#faults, time: this.#advance(this.now), ...fault } });
    this.report.events++;
    return this.#faults;
  }

  failure(failure: Pick<Failure, "size" | "caps" | "site"> & Partial<Pick<Failure, "count" | "reason">>): void {
    const { regions } = this;
    this.#sink.record({
      kind: "failure",
      value: {
        number: ++this.#failures,
        reason: FailureReason.NO_MEMORY,
        time: this.#advance(this.now),
        regions: regions.filter((region) => (region.caps & failure.caps) >>> 0 === failure.caps >>> 0),
        ...failure,
      },
    });
    this.report.events++;
  }

  gap(reason: "dropped-on-device" | "source-incomplete", lostEvents: number | undefined): void {
    const known = lostEvents === undefined ? {} : { lostEvents };
    this.#sink.record({ kind: "gap", value: { time: this.#advance(this.now), reason, lostFrames: 0, ...known } });
  }

  #attach(): void {
    if (this.#attachedLate) return;
    this.#attachedLate = true;
    // Tracing starts when the application calls for it; what was live by then is in no trace.
    this.#sink.record({ kind: "gap", value: { time: this.#last, reason: "attached-late", lostFrames: 0 } });
  }

  #advance(time: number): number {
    this.#last = Math.max(this.#last, time);
    return this.#last;
  }

  #tellBoot(): void {
    if (this.#bootTold) return;
    this.#bootTold = true;
    this.#sink.record({
      kind: "boot",
      value: importedBoot("console log", (this.#contentNumber + this.#bootCount) >>> 0, bootFields(this.#boot)),
    });
  }

  #forget(): void {
    this.live.clear();
    this.#freed = [];
    this.#sites = new SiteTable(this.#sink);
    this.#tasks = new Map();
    this.#regions = new Map();
    this.#bootTold = false;
    this.#attachedLate = false;
    this.#clock = 0;
    this.#last = 0;
    this.#faults = 0;
    this.#failures = 0;
    this.clockKnown = false;
  }

  /** Frames of a stack, or undefined where the log decodes none of its addresses. */
  #framesOf(callers: readonly number[]): NamedFrame[] | undefined {
    const { decoded } = this.#overview;
    if (!callers.some((address) => decoded.has(address))) return undefined;
    return callers.flatMap(
      (address) => decoded.get(address) ?? [{ function: `0x${address.toString(16).padStart(8, "0")}`, address }],
    );
  }
}
