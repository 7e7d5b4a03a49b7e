// The run that a log tells of, as its readers build it up together: clock, boots, sites, tasks, live blocks and regions.
// What goes to the sink goes through here, so that times never run back and every block keeps one identity.
/* eslint-disable max-lines -- one idea: what a log tells, put together as one run */

import type { EventSink } from "../wire/events.ts";
import { Teller } from "../wire/teller.ts";
import type { Incident, Readings, Series } from "../wire/log-records.ts";
import type { Region, Site } from "../wire/records.ts";
import type { LastLines } from "./last-lines.ts";
import { Method, SITE_UNKNOWN, TaskNumber } from "../wire/protocol.ts";
import { importedBoot } from "./identity.ts";
import type { InputDamage, ReportBuilder, Section } from "./import-report.ts";
import { BY_SITE, IncidentBook, type IncidentDraft } from "./incident-book.ts";
import { type LiveBlock, LiveBlocks } from "./live-blocks.ts";
import { DAY } from "./log-times.ts";
import { PrintedBlocks } from "./printed-blocks.ts";
import { RecentBoards } from "./recent-boards.ts";
import type { LogBoot } from "./boot-list.ts";
import { DecodedNames } from "./decoded-names.ts";
import { bootFields, type LogLine, type LogOverview } from "./log-text.ts";
import type { BootTale } from "./same-boots.ts";
import { SiteTable } from "./site-table.ts";

/** A table's stamp stands at most so many lines before it. */
const ANNOUNCING_LINES = 3;
/** Freed blocks that are remembered to explain a write after free. */
const FREED_HISTORY = 4096;

/** Reads one text format. */
export interface SectionReader {
  /** A line that it takes while it holds nothing open matches one of these, and one of what it needs as well. */
  readonly starts: readonly RegExp[];
  readonly alsoNeeds?: readonly RegExp[];
  /** Asked of a line with the words of one of these: false if it is surely none of its own. Without the line, as far as its words tell. */
  mayTake?(line?: LogLine): boolean;
  /** It notes accidents and nothing else: it is asked in brief boots as well. */
  readonly notesAccidents?: true;
  /** True if the line is one of its own. */
  line(line: LogLine): boolean;
  /** Asked instead of `line` while it holds something open, of a line with which nothing begins. */
  goesOn?(line: LogLine): boolean;
  /** Asked before that: true if the line's bytes alone tell that it is one of its own. */
  goesOnInBytes?(bytes: Uint8Array, start: number, end: number, number: number): boolean;
  /** Hands on what is open: other events follow, or the log ends. */
  flush(): void;
}

export class LogRun {
  readonly report: ReportBuilder;
  readonly live = new LiveBlocks();
  readonly printed = new PrintedBlocks();
  private readonly sink: Teller;
  private readonly boots: Iterator<LogBoot, undefined>;
  private readonly names: DecodedNames;
  private readonly contentNumber: number;
  private sites: SiteTable;
  private tasks = new Map<string, number>();
  private regionByStart = new Map<number, Region>();
  private freed: { readonly block: LiveBlock; readonly site: number }[] = [];
  private currentBoot: LogBoot;
  private nextBoot: LogBoot | undefined;
  private bootCount = 0;
  private bootTold = false;
  private attachedLate = false;
  /** Time of the latest line that tells one. */
  private clock = 0;
  private stampedLine = -Infinity;
  /** Time of the line that is being read, where it tells one. */
  private lineTime: number | undefined;
  /** Where a brief boot's time zero lies on the axis of the boot that it is told within. */
  private zero = 0;
  /** What a wall clock showed at the boot's time zero. */
  private clockZero: number | undefined;
  private incidents: IncidentBook;
  private readonly heard = new RecentBoards();
  private refused: { readonly key: string; readonly line: number } | undefined;
  /** Time of the latest event. Records of a dump lie before the line that prints them. */
  private last = 0;
  private active: SectionReader | undefined;

  constructor(sink: EventSink, report: ReportBuilder, overview: LogOverview, contentNumber: number) {
    this.sink = new Teller(sink);
    this.report = report;
    this.incidents = new IncidentBook(report);
    this.boots = overview.boots[Symbol.iterator]();
    this.names = new DecodedNames(overview.decoded);
    this.contentNumber = contentNumber;
    this.sites = new SiteTable(this.sink, report);
    this.currentBoot = this.boots.next().value ?? { line: 1, isRiscV: false };
    this.nextBoot = this.boots.next().value;
  }

  /** Microseconds since boot: that of the latest event or log line. */
  get now(): number {
    return Math.max(this.clock, this.last);
  }

  /** When the line that is read was written, as far as the log tells. */
  get lineNow(): number {
    return this.lineTime ?? this.now;
  }

  /** The reader that holds something open: each line may belong to it. */
  get reading(): SectionReader | undefined {
    return this.active;
  }

  get boot(): LogBoot {
    return this.currentBoot;
  }

  /** How many lines the boot has. */
  get bootLines(): number {
    return (this.nextBoot?.line ?? Infinity) - this.currentBoot.line;
  }

  /** Of the boot under way, where it is kept. */
  tale: BootTale | undefined;

  /** At which the boot began, or the last start of one of several boards. */
  startLine = 1;

  /** True once the log has shown a time of this boot. */
  clockKnown = false;

  get regions(): readonly Region[] {
    return [...this.regionByStart.values()].sort((a, b) => a.start - b.start);
  }

  /** Starts a line. Where a boot begins with it, what readers remember of the one before is void. */
  beginLine(line: LogLine): void {
    this.heard.tell(line);
    const boot = this.nextBoot;
    if (boot?.line === line.number) {
      // Accidents of a brief boot are told with those of the boots around it.
      if (boot.isBrief === true && this.currentBoot.isBrief === true) this.flush();
      else this.endBoot();
      this.bootCount++;
      this.currentBoot = boot;
      this.startLine = boot.line;
      this.nextBoot = this.boots.next().value;
      this.forget();
    }
    this.tellBoot();
  }

  /** True if a boot begins at this line. */
  startsBoot(number: number): boolean {
    return this.nextBoot?.line === number;
  }

  /** Hands on what the boot's readers still hold. */
  endBoot(): void {
    this.flush();
    this.beforeIncidents?.();
    for (const incident of this.incidents.inOrder()) {
      const value = { ...incident, time: Math.min(incident.time, Math.max(this.now, this.clock)) };
      this.sink.record({ kind: "incident", value });
      // A call site's share of a trace is told with the trace.
      if (value.detail === BY_SITE) continue;
      this.report.incident(value);
      if (value.kind !== "restart") this.report.events++;
    }
    this.incidents = new IncidentBook(this.report);
  }

  /** What the program said last. */
  lastLines: LastLines | undefined;
  /** An accident was told in the boot under way, or in the one before until its readers have asked. */
  hasDied = false;
  nameAt(address: number): string | undefined {
    return this.names.at(address);
  }

  /** The last line that told of a task's stack. */
  stackTold: ((task: string) => { readonly line: number; readonly quote: string } | undefined) | undefined;
  /** Called before a boot's incidents are handed on. */
  beforeIncidents: (() => void) | undefined;

  /** The line that is read now was written at this time. */
  atTime(time: number | undefined): void {
    this.lineTime = time;
  }

  /** When a line was written, on this boot's axis; undefined where it does not say. */
  timeOf({ uptime, clock }: Pick<LogLine, "uptime" | "clock">): number | undefined {
    if (uptime !== undefined) {
      const time = this.zero + uptime;
      if (clock !== undefined) this.clockZero ??= clock - time;
      return time;
    }
    if (clock === undefined) return undefined;
    // Where the first stamp is a wall clock's, the boot begins with it.
    this.clockZero ??= clock - this.now;
    let time = clock - this.clockZero;
    // A time of day begins again at midnight.
    if (clock < DAY && time < this.clock - DAY / 2) {
      this.clockZero -= DAY;
      time += DAY;
    }
    return Math.max(0, time);
  }

  /** Ends a line: only now does the clock advance, so that what the line has closed keeps its own time. */
  endLine(time: number | undefined, { number, uptime }: Pick<LogLine, "number" | "uptime">): void {
    this.lineTime = undefined;
    if (time === undefined) return;
    this.stampedLine = number;
    this.clock = Math.max(this.clock, time);
    // A wall clock does not tell when the boot began.
    if (uptime !== undefined) this.clockKnown = true;
  }

  /** The time of what stands without one, as a table below the line that announces it: that of the last line which tells one, if it stands near. */
  timeBefore(line: number, within = ANNOUNCING_LINES): number | undefined {
    return line - this.stampedLine <= within ? this.clock : undefined;
  }

  /** To be called by a reader before it takes a line: what other readers hold open comes first. */
  enter(reader: SectionReader): void {
    if (this.active !== reader) this.flush();
    this.active = reader;
  }

  /** At the end of the log. */
  finish(): void {
    this.flush();
    this.sink.flush();
  }

  flush(): void {
    const active = this.active;
    this.active = undefined;
    active?.flush();
  }

  /** Number of a site; frames are named as far as the log decodes addresses. */
  site(site: Omit<Site, "id">): number {
    const named = this.names.named(site);
    return named === undefined ? SITE_UNKNOWN : this.sites.id(named);
  }

  /** The site of an accident; undefined for a new one where no further accidents are told apart. */
  place(callers: readonly number[]): number | undefined {
    const site = { method: Method.UNKNOWN, caps: 0, callers };
    const named = this.incidents.isFull ? this.names.named(site) : undefined;
    return named === undefined ? this.site(site) : this.sites.known(named);
  }

  task(name: string, deleted = false): number {
    const key = `${name}${deleted ? " (deleted)" : ""}`;
    const known = this.tasks.get(key);
    if (known !== undefined) return known;
    // What runs before the scheduler has a number of its own.
    const id = name === "Pre-scheduler" ? TaskNumber.STARTUP : TaskNumber.FIRST + this.tasks.size;
    this.tasks.set(key, id);
    this.sink.record({ kind: "task", value: { id, name, handle: 0, ...(deleted ? { deleted } : {}) } });
    return id;
  }

  /** A traced allocation. What the log last knew at its place must have been freed before. */
  alloc(time: number, block: LiveBlock, core: number): void {
    this.attach();
    for (const old of this.live.overlapping(block.address, block.size))
      this.free(time, old.address, SITE_UNKNOWN, core);
    this.live.add(block);
    this.sink.alloc(this.advance(time), block.address, block.size, block.site, block.task, core);
    this.report.events++;
  }

  free(time: number, address: number, site: number, core: number): void {
    const block = this.live.remove(address);
    if (block !== undefined) {
      this.freed.push({ block, site });
      if (this.freed.length > FREED_HISTORY) this.freed.shift();
    }
    const at = this.advance(time);
    const task = TaskNumber.OTHER;
    if (block !== undefined) this.sink.free(at, address, site, task, core);
    else this.sink.record({ kind: "unknownFree", value: { time: at, address, site, task, core } });
    this.report.events++;
  }

  /** The blocks that are live at `time`, for all the log knows. */
  snapshot(blocks: readonly LiveBlock[], at = this.now): void {
    const time = this.advance(at);
    this.sink.record({ kind: "snapshotBegin", value: { time } });
    this.live.clear();
    for (const block of blocks) {
      this.live.add(block);
      this.sink.record({
        kind: "live",
        value: { address: block.address, size: block.size, site: block.site, task: block.task, moving: false },
      });
    }
    this.sink.record({ kind: "snapshotEnd", value: { time, records: blocks.length } });
    this.report.events += blocks.length;
  }

  /** New states of some regions; the others stay as they were. */
  updateRegions(regions: readonly Region[], at = this.now): void {
    for (const region of regions) this.regionByStart.set(region.start, region);
    this.sink.record({ kind: "regions", value: { time: this.advance(at), regions: this.regions } });
    this.report.events += regions.length;
  }

  regionAt(address: number): Region | undefined {
    return this.regions.find((region) => address >= region.start && address < region.end);
  }

  /** The block that was freed last and held the address. */
  freedAt(address: number): LiveBlock | undefined {
    return this.freed.findLast(({ block }) => address >= block.address && address < block.address + block.size)?.block;
  }

  /** Where a block was freed, where the log tells. */
  freeSiteOf(block: LiveBlock): number | undefined {
    const site = this.freed.findLast((one) => one.block === block)?.site;
    return site === SITE_UNKNOWN ? undefined : site;
  }

  /**
   * Notes an incident; the same one again only counts.
   * @param details what else is kept of it the first time
   * @returns its key, for `alsoSaid`
   */
  incident(draft: IncidentDraft, time = this.lineNow, details?: () => Partial<IncidentDraft>): string {
    const key = this.incidents.note(this.heard.named(draft), time, details);
    this.tale?.incidents.push({ key, line: draft.line });
    if (draft.kind === "failed-allocation") this.refused = { key, line: draft.line };
    return key;
  }

  /** Key of the request that was refused within so many lines before. */
  refusedBefore(line: number, within: number): string | undefined {
    const { refused } = this;
    return refused !== undefined && line - refused.line <= within ? refused.key : undefined;
  }

  /** Who made a request that was noted, unless the same one was made by another before. */
  askedBy(key: string, place: Pick<IncidentDraft, "site" | "frames" | "ownFrame" | "pc">): void {
    this.tellsMore();
    this.incidents.place(key, place);
  }

  /** A further line of an accident that was noted. */
  alsoSaid(key: string, words: string): void {
    this.tellsMore();
    this.incidents.alsoSaid(key, words);
  }

  /** What a later line adds to an accident that was noted. */
  amend(key: string, more: Partial<IncidentDraft>): void {
    this.tellsMore();
    this.incidents.amend(key, more);
  }

  section(section: Section): void {
    this.tale?.sections.push(section);
    this.report.section(section);
  }

  damage(damage: InputDamage): void {
    this.tellsMore();
    this.report.damage(damage);
  }

  /** What was told of a boot is told of another one, so many lines later. */
  tellAgain({ incidents, sections }: BootTale, shift: number): void {
    for (const { key, line } of incidents) this.incidents.again(key, line + shift);
    for (const section of sections) {
      const { firstLine, lastLine } = section;
      this.report.section({ ...section, firstLine: firstLine + shift, lastLine: lastLine + shift });
    }
  }

  private tellsMore(): void {
    if (this.tale !== undefined) this.tale.isWhole = false;
  }

  readonly refusals = (): ReturnType<IncidentBook["refusals"]> => this.incidents.refusals();

  /** The incidents of this boot so far, to be completed with what the whole boot tells. */
  completeIncidents(complete: (incident: Incident) => Partial<Incident>): void {
    this.incidents.complete(complete);
  }

  series(series: Series): void {
    this.sink.record({ kind: "series", value: series });
    this.report.series(series);
    this.report.events += series.readings;
  }

  readings(readings: Readings): void {
    this.sink.record({ kind: "readings", value: readings });
  }

  gap(reason: "dropped-on-device" | "source-incomplete", lostEvents: number | undefined): void {
    const known = lostEvents === undefined ? {} : { lostEvents };
    this.sink.record({ kind: "gap", value: { time: this.advance(this.now), reason, lostFrames: 0, ...known } });
  }

  private attach(): void {
    if (this.attachedLate) return;
    this.attachedLate = true;
    // Tracing starts when the application calls for it; what was live by then is in no trace.
    this.sink.record({ kind: "gap", value: { time: this.last, reason: "attached-late", lostFrames: 0 } });
  }

  private advance(time: number): number {
    this.last = Math.max(this.last, time);
    return this.last;
  }

  private tellBoot(): void {
    if (this.bootTold) return;
    this.bootTold = true;
    this.sink.record({
      kind: "boot",
      value: importedBoot("console log", (this.contentNumber + this.bootCount) >>> 0, bootFields(this.currentBoot)),
    });
  }

  private forget(): void {
    this.live.clear();
    this.printed.clear();
    this.freed = [];
    this.regionByStart = new Map();
    this.clockZero = undefined;
    this.refused = undefined;
    this.clockKnown = false;
    this.zero = this.now;
    if (this.currentBoot.isBrief === true) return;
    this.zero = 0;
    this.clock = 0;
    this.sites = new SiteTable(this.sink, this.report);
    this.tasks = new Map();
    this.bootTold = false;
    this.attachedLate = false;
    this.last = 0;
  }
}
