/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// A Perfetto trace: memory as counters, each block's life as a slice with its call stack, marks, findings and missing history beside them.
import { safeText } from "../base/safe-text.ts";
import type { Microseconds } from "../base/units.ts";
import { readSeries } from "../detect/log/read-series.ts";
import { detect } from "../detect/run.ts";
import { acceptsSlot } from "../heap/blocks.ts";
import { gapSpan } from "../heap/gap-span.ts";
import { regionName } from "../heap/regions.ts";
import type { Window } from "../heap/types.ts";
import type { HeapVisitor, LiveColumns } from "../heap/visitor.ts";
import { doubtfulSpans } from "../report/doubt.ts";
import { viewFindings } from "../report/finding-view.ts";
import { caveats, refuseAge, type ByteSink, type Exporter, type ExportQuestion } from "./export.ts";
import { ProtoWriter } from "./proto.ts";
import { exportSites, type ExportSite } from "./stacks.ts";

// Field numbers of Perfetto's published schema (protos/perfetto/trace).
const Trace = { PACKET: 1 } as const;
const Packet = { TIMESTAMP: 8, SEQUENCE_ID: 10, TRACK_EVENT: 11, SEQUENCE_FLAGS: 13, TRACK_DESCRIPTOR: 60 } as const;
const Track = { UUID: 1, NAME: 2, PROCESS: 3, THREAD: 4, PARENT: 5, COUNTER: 8 } as const;
const Process = { PID: 1, NAME: 6 } as const;
const Thread = { PID: 1, TID: 2, NAME: 5 } as const;
const Counter = { UNIT: 3 } as const;
const Event = {
  ANNOTATION: 4,
  TYPE: 9,
  TRACK: 11,
  CATEGORY: 22,
  NAME: 23,
  COUNTER: 30,
  CALLSTACK: 55,
  WEIGHT: 57,
} as const;
const Annotation = { UINT: 3, STRING: 6, NAME: 10 } as const;
const Frame = { FUNCTION: 1, FILE: 2, LINE: 3 } as const;
const Type = { BEGIN: 1, END: 2, INSTANT: 3, COUNTER: 4 } as const;
const SIZE_BYTES = 3;
const STATE_CLEARED = 1;

/** Moments of the counters. */
const SAMPLES = 2000;
/** Lives of a task's blocks that are drawn side by side. What finds no room is an instant without an end. */
const LANES = 64;

const PID = 1;
const PROCESS_TRACK = 1;

export const perfetto: Exporter = {
  format: "perfetto",
  title: "memory over time, block lives, findings: ui.perfetto.dev",
  extension: ".perfetto-trace",
  tellsFigures: true,
  isBinary: true,
  async write(question, sink) {
    refuseAge(question, "perfetto");
    const trace = new TraceWriter(sink);
    const { model } = question.asked;
    const name = safeText(model.tables.boots.at(-1)?.appName ?? question.name);
    trace.describe(
      new ProtoWriter()
        .uint(Track.UUID, PROCESS_TRACK)
        .message(Track.PROCESS, new ProtoWriter().uint(Process.PID, PID).string(Process.NAME, name)),
    );
    await writeNotes(question, trace);
    await writeCounters(question, trace);
    await model.scan(question.window, [livesVisitor(question, trace)]);
    trace.end();
  },
};

/** Packets, gathered into pieces. */
class TraceWriter {
  private readonly sink: ByteSink;
  private pieces = new ProtoWriter();
  private bytes = 0;
  private isFirst = true;
  private tracks = PROCESS_TRACK;

  constructor(sink: ByteSink) {
    this.sink = sink;
  }

  describe(track: ProtoWriter): void {
    this.packet(new ProtoWriter().message(Packet.TRACK_DESCRIPTOR, track));
  }

  /** A new track below the process or another track. */
  track(name: string, parent = PROCESS_TRACK): number {
    const uuid = ++this.tracks;
    this.describe(
      new ProtoWriter().uint(Track.UUID, uuid).string(Track.NAME, safeText(name)).uint(Track.PARENT, parent),
    );
    return uuid;
  }

  /** A number over time. */
  counter(name: string, isBytes = true): number {
    const uuid = ++this.tracks;
    const track = new ProtoWriter().uint(Track.UUID, uuid).string(Track.NAME, safeText(name));
    track
      .uint(Track.PARENT, PROCESS_TRACK)
      .message(Track.COUNTER, isBytes ? new ProtoWriter().uint(Counter.UNIT, SIZE_BYTES) : new ProtoWriter());
    this.describe(track);
    return uuid;
  }

  thread(name: string, tid: number): number {
    const uuid = ++this.tracks;
    const thread = new ProtoWriter().uint(Thread.PID, PID).uint(Thread.TID, tid).string(Thread.NAME, safeText(name));
    this.describe(new ProtoWriter().uint(Track.UUID, uuid).message(Track.THREAD, thread));
    return uuid;
  }

  event(time: Microseconds, event: ProtoWriter): void {
    this.packet(new ProtoWriter().uint(Packet.TIMESTAMP, Math.round(time * 1000)).message(Packet.TRACK_EVENT, event));
  }

  count(time: Microseconds, track: number, value: number): void {
    const event = new ProtoWriter().uint(Event.TYPE, Type.COUNTER).uint(Event.TRACK, track);
    this.event(time, event.uint(Event.COUNTER, Math.max(0, Math.round(value))));
  }

  instant(time: Microseconds, track: number, name: string, annotations: Readonly<Record<string, string>> = {}): void {
    const event = named(Type.INSTANT, track, name);
    for (const [key, value] of Object.entries(annotations)) event.message(Event.ANNOTATION, textAnnotation(key, value));
    this.event(time, event);
  }

  private packet(packet: ProtoWriter): void {
    packet.uint(Packet.SEQUENCE_ID, 1);
    if (this.isFirst) packet.uint(Packet.SEQUENCE_FLAGS, STATE_CLEARED);
    this.isFirst = false;
    const bytes = packet.finish();
    this.pieces.bytes(Trace.PACKET, bytes);
    this.bytes += bytes.length;
    if (this.bytes > 1 << 16) this.end();
  }

  end(): void {
    this.sink.write(this.pieces.finish());
    this.pieces = new ProtoWriter();
    this.bytes = 0;
  }
}

function named(type: number, track: number, name: string): ProtoWriter {
  return new ProtoWriter().uint(Event.TYPE, type).uint(Event.TRACK, track).string(Event.NAME, safeText(name));
}

function textAnnotation(name: string, value: string): ProtoWriter {
  return new ProtoWriter().string(Annotation.NAME, name).string(Annotation.STRING, safeText(value));
}

function numberAnnotation(name: string, value: number): ProtoWriter {
  return new ProtoWriter().string(Annotation.NAME, name).uint(Annotation.UINT, value);
}

/** What the device or memmap says of moments: how far to trust it, marks, findings, restarts, missing history. */
async function writeNotes(question: ExportQuestion, trace: TraceWriter): Promise<void> {
  const { asked, window } = question;
  const { model } = asked;
  const { marks, boots, gaps } = model.tables;
  const isInside = (time: Microseconds): boolean => window.from <= time && time <= window.to;
  const trust = trace.track("how far to trust this");
  for (const remark of await caveats(question)) trace.instant(window.from, trust, remark);
  if (gaps.length > 0) {
    const lost = gaps.map((gap) => ({
      ...gapSpan(gap),
      name: `${gap.lostEvents === undefined ? "an unknown number of events" : `${gap.lostEvents} events`} lost (${gap.reason})`,
    }));
    writeSpans(trace, "history is missing", lost, window);
    const doubtful = (await doubtfulSpans(model)).map((span) => ({ ...span, name: "numbers are in doubt" }));
    writeSpans(trace, "until the device has proven the numbers again", doubtful, window);
  }
  const marked = trace.track("marks");
  for (const { time, name } of marks) if (isInside(time)) trace.instant(time, marked, name);
  for (const { startedAt } of boots.slice(1)) if (isInside(startedAt)) trace.instant(startedAt, marked, "restart");
  const detection = await detect(model, { window, ...asked.detectOptions, ...resolverOf(question) });
  const found = trace.track("findings");
  for (const { since, until, title, rule, severity, confidence, evidence, next, site } of viewFindings(detection)) {
    const time = Math.min(Math.max(until ?? since ?? window.to, window.from), window.to);
    trace.instant(time, found, title, {
      rule,
      severity,
      confidence: String(confidence),
      ...(site !== undefined && { site: site.text }),
      evidence: evidence.join(". "),
      next,
    });
  }
}

/** Slices of one track, which do not overlap. */
function writeSpans(
  trace: TraceWriter,
  title: string,
  spans: readonly (Window & { readonly name: string })[],
  window: Window,
): void {
  const track = trace.track(title);
  let end = -Infinity;
  for (const { from, to, name } of spans) {
    if (to < window.from || from > window.to) continue;
    const begin = Math.max(from, window.from, end);
    end = Math.max(begin, Math.min(to, window.to));
    trace.event(begin, named(Type.BEGIN, track, name));
    trace.event(end, new ProtoWriter().uint(Event.TYPE, Type.END).uint(Event.TRACK, track));
  }
}

function resolverOf({ asked }: ExportQuestion): { resolver?: NonNullable<typeof asked.resolver> } {
  return asked.resolver === undefined ? {} : { resolver: asked.resolver };
}

async function writeCounters({ asked, window, filter }: ExportQuestion, trace: TraceWriter): Promise<void> {
  const { model } = asked;
  // A log of figures tells of no blocks, which is another thing than that there are none.
  if (model.rows > 0) {
    const [live, most] = [trace.counter("live bytes"), trace.counter("live bytes, highest in between")];
    const series = await model.timeline(window, SAMPLES, filter);
    for (let i = 0; i < series.length; i++) {
      trace.count(series.time[i]!, live, series.lastBytes[i]!);
      trace.count(series.time[i]!, most, series.maxBytes[i]!);
    }
  }
  for (const { label, times, values, unit } of readSeries(model.tables)) {
    if (times.length === 0) continue; // the log does not say when
    const track = trace.counter(label, unit === "bytes");
    for (let i = 0; i < times.length; i++) {
      if (times[i]! >= window.from && times[i]! <= window.to) trace.count(times[i]!, track, values[i]!);
    }
  }
  const regions = await model.regionSeries(window, SAMPLES);
  for (const [index, region] of regions.regions.entries()) {
    const name = regionName(region);
    const free = trace.counter(`${name} free`);
    const isExact = regions.exact.every((flag, at) => at % regions.regions.length !== index || flag === 1);
    const largest = trace.counter(`${name} largest free block${isExact ? "" : " (partly an estimate)"}`);
    for (let sample = 0; sample < regions.samples; sample++) {
      const at = sample * regions.regions.length + index;
      if (Number.isNaN(regions.free[at]!)) continue;
      trace.count(regions.time[sample]!, free, regions.free[at]!);
      trace.count(regions.time[sample]!, largest, regions.largestFree[at]!);
    }
  }
}

/** A task's tracks. */
interface Lanes {
  readonly thread: number;
  /** Lanes for lives, made when they are needed; those that are free now. */
  made: number;
  readonly free: number[];
}

function livesVisitor({ asked, window, filter }: ExportQuestion, trace: TraceWriter): HeapVisitor {
  const siteOf = exportSites(asked);
  const stacks = new Map<number, ProtoWriter>();
  const tasks = new Map<number, Lanes>();
  /** By slot: lane's track, and whose it is. */
  const lanes = new Map<number, { readonly track: number; readonly task: Lanes }>();
  const isWanted = (live: LiveColumns, slot: number): boolean =>
    filter === undefined || acceptsSlot(filter, live, slot, Infinity);
  const tasksLanes = (id: number): Lanes => {
    let task = tasks.get(id);
    if (task === undefined) {
      task = { thread: trace.thread(asked.names.task(id), id + 1), made: 0, free: [] };
      tasks.set(id, task);
    }
    return task;
  };
  const laneOf = (task: Lanes): number | undefined => {
    const free = task.free.pop();
    if (free !== undefined || task.made === LANES) return free;
    task.made++;
    return trace.track("blocks", task.thread);
  };
  const begin = (live: LiveColumns, slot: number, time: Microseconds): void => {
    if (!isWanted(live, slot)) return;
    const [site, size, context] = [live.site[slot]!, live.size[slot]!, live.context[slot]!];
    const task = tasksLanes(context >>> 2);
    const track = laneOf(task);
    if (track !== undefined) lanes.set(slot, { track, task });
    const event = named(track === undefined ? Type.INSTANT : Type.BEGIN, track ?? task.thread, siteOf(site).text)
      .string(Event.CATEGORY, "heap")
      .message(Event.ANNOTATION, numberAnnotation("bytes", size))
      .message(Event.ANNOTATION, textAnnotation("address", `0x${live.address[slot]!.toString(16)}`))
      .message(Event.ANNOTATION, numberAnnotation("core", context & 3));
    let stack = stacks.get(site);
    if (stack === undefined) stacks.set(site, (stack = callstackOf(siteOf(site))));
    trace.event(time, event.message(Event.CALLSTACK, stack).double(Event.WEIGHT, size));
  };
  return {
    begin(live, slots) {
      for (const slot of slots) begin(live, slot, window.from);
    },
    born: begin,
    died(_live, slot, time) {
      const lane = lanes.get(slot);
      if (lane === undefined) return;
      lanes.delete(slot);
      lane.task.free.push(lane.track);
      trace.event(time, new ProtoWriter().uint(Event.TYPE, Type.END).uint(Event.TRACK, lane.track));
    },
  };
}

/** Outermost first, as the schema has it. */
function callstackOf({ frames }: ExportSite): ProtoWriter {
  const stack = new ProtoWriter();
  for (const { name, file, line } of [...frames].reverse()) {
    const frame = new ProtoWriter().string(Frame.FUNCTION, name);
    if (file !== "") frame.string(Frame.FILE, file).uint(Frame.LINE, line);
    stack.message(1, frame);
  }
  return stack;
}
