// ESP-IDF's heap traces over SystemView (.svdat): one file per core, or one file with both cores and their offsets in its header.
// Packets of all cores are merged by time; heap events become allocations and frees with callers, task and core.

import type { EventSink } from "../wire/events.ts";
import { Method, SITE_UNKNOWN, TaskNumber } from "../wire/protocol.ts";
import { contentNumber, importedBoot } from "./identity.ts";
import { LiveBlocks } from "./live-blocks.ts";
import type { ReportBuilder } from "./import-report.ts";
import { allBytes, type Importer } from "./importer.ts";
import { SiteTable } from "./site-table.ts";
import { type PayloadReader, readPackets, SYNC_BYTES, SystemViewEvent } from "./systemview-packets.ts";
import { Teller } from "../wire/teller.ts";

export const systemView = {
  format: "systemview",
  title: "SystemView heap trace",
  takes: "SystemView heap traces (.svdat)",
  recognize: isSystemView,
  // Files of one core each are one recording.
  isPart: (bytes) => coreMarks(bytes).length === 0,
  import: async (inputs, sink) => {
    const files = [];
    for (const input of byCore(inputs)) files.push({ bytes: await allBytes(input), report: input.report });
    importSystemView(files, sink);
  },
} as const satisfies Importer;

/** Where ESP-IDF's own decoder looks for heap events when no module description names another place. */
const DEFAULT_HEAP_EVENTS = 512;

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** What one core's stream holds that matters here, in its order. */
type CoreEvent =
  | { readonly kind: "alloc"; time: number; address: number; size: number; callers: number[]; context: number }
  | { readonly kind: "free"; time: number; address: number; callers: number[]; context: number }
  | { readonly kind: "task"; time: number; id: number; name: string }
  | { readonly kind: "text"; time: number; bytes: Uint8Array }
  | { readonly kind: "gap"; time: number; packets: number; damaged: boolean };

/** Context values beside SystemView's task ids, which are unsigned. */
const IN_INTERRUPT = -1;
const NO_TASK = -2;

interface CoreStream {
  readonly core: number;
  readonly report: ReportBuilder;
  readonly events: readonly CoreEvent[];
  /** RAM base and shift that shortened the task ids. */
  readonly ramBase: number;
  readonly idShift: number;
  readonly stackDepth: number;
}

export interface SystemViewFile {
  readonly bytes: Uint8Array;
  readonly report: ReportBuilder;
}

/** True for a SystemView recording: its text header, or bare packets after a sync mark. */
export function isSystemView(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x3b) return /SystemView/i.test(textOf(bytes.subarray(0, 512)));
  // Bare packets behind a sync mark; a file of zeros is nothing.
  const isSync = bytes.length > SYNC_BYTES && bytes.subarray(0, SYNC_BYTES).every((byte) => byte === 0);
  return isSync && bytes[SYNC_BYTES] !== 0;
}

/** In order of the digits at their names' ends where all have different ones, else as given. */
function byCore<T extends { readonly report: ReportBuilder }>(inputs: readonly T[]): readonly T[] {
  const numbered = inputs.map((input) => ({ input, core: /(\d)(?:\.[a-z]+)*$/i.exec(input.report.name)?.[1] }));
  const isClear =
    numbered.every(({ core }) => core !== undefined) &&
    new Set(numbered.map(({ core }) => core)).size === inputs.length;
  if (!isClear) return inputs;
  return numbered.sort((a, b) => Number(a.core) - Number(b.core)).map(({ input }) => input);
}

/** Imports the files of one recording: each either a single core (numbered in the order given) or several cores. */
export function importSystemView(inputs: readonly SystemViewFile[], sink: EventSink): void {
  const streams: CoreStream[] = [];
  let bootId: number | undefined;
  for (const input of inputs) {
    bootId = contentNumber(input.bytes, bootId);
    for (const part of coreParts(input)) {
      streams.push(decodeCore(input, part.start, part.end, part.core ?? streams.length));
    }
  }
  emit(streams, bootId ?? 0, sink);
}

interface CorePart {
  readonly start: number;
  readonly end: number;
  /** Number that the header gives. */
  readonly core?: number;
}

/** Offsets in the header count from the first sync mark. */
function coreMarks(bytes: Uint8Array): { readonly core: number; readonly start: number }[] {
  const dataStart = headerLength(bytes);
  const header = textOf(bytes.subarray(0, dataStart));
  return [...header.matchAll(/^;\s*Offset\s+Core(\d+)\s+(\d+)\s*$/gm)]
    .map((match) => ({ core: Number(match[1]), start: dataStart + Number(match[2]) }))
    .sort((a, b) => a.start - b.start);
}

/** The parts of a file that belong to one core each. */
function coreParts({ bytes, report }: SystemViewFile): CorePart[] {
  const marks = coreMarks(bytes);
  if (marks.length === 0) return [{ start: headerLength(bytes), end: bytes.length }];
  return marks.flatMap(({ core, start }, i) => {
    if (start <= bytes.length)
      return [{ core, start, end: Math.min(marks[i + 1]?.start ?? bytes.length, bytes.length) }];
    report.damage({ offset: bytes.length, reason: `the part of core ${String(core)} lies behind the end of the file` });
    return [];
  });
}

/** Bytes of the text header: lines that begin with a semicolon. */
function headerLength(bytes: Uint8Array): number {
  let position = 0;
  while (bytes[position] === 0x3b) {
    const lineEnd = bytes.indexOf(0x0a, position);
    if (lineEnd < 0) return bytes.length;
    position = lineEnd + 1;
  }
  return position;
}

function decodeCore(input: SystemViewFile, start: number, end: number, core: number): CoreStream {
  const { bytes, report } = input;
  const heapEvents = findHeapEvents(bytes, start, end) ?? DEFAULT_HEAP_EVENTS;
  const events: CoreEvent[] = [];
  let frequency = 0;
  let ramBase = 0;
  let idShift = 0;
  let stackDepth = 0;
  let task = NO_TASK;
  let interrupts = 0;
  let dropped = 0;
  let now = 0;

  const heapEvent = (payload: PayloadReader, isAlloc: boolean): void => {
    const address = payload.number();
    const size = isAlloc ? payload.number() : 0;
    if (address === undefined || size === undefined) {
      report.damage({ offset: payload.position, reason: "a heap event is too short" });
      return;
    }
    const callers: number[] = [];
    let slots = 0;
    for (let pc = payload.number(); pc !== undefined; pc = payload.number()) {
      slots++;
      if (pc !== 0) callers.push(pc);
    }
    stackDepth = Math.max(stackDepth, slots);
    const context = interrupts > 0 ? IN_INTERRUPT : task;
    if (address === 0) return; // A request that failed, or free(NULL).
    events.push(
      isAlloc
        ? { kind: "alloc", time: now, address, size, callers, context }
        : { kind: "free", time: now, address, callers, context },
    );
  };

  readPackets(bytes, start, end, {
    packet(id, ticks, payload) {
      now = ticks; // Converted below: the frequency may come after the first packets.
      switch (id) {
        case SystemViewEvent.INIT:
          frequency = payload.number() ?? frequency;
          payload.number();
          ramBase = payload.number() ?? ramBase;
          idShift = payload.number() ?? idShift;
          break;
        case SystemViewEvent.OVERFLOW: {
          // The count runs on from the start of the trace; a smaller one is a new trace.
          const count = payload.number() ?? 0;
          const packets = count >= dropped ? count - dropped : count;
          dropped = count;
          report.dropped += packets;
          if (packets > 0) events.push({ kind: "gap", time: now, packets, damaged: false });
          break;
        }
        case SystemViewEvent.ISR_ENTER:
          interrupts++;
          break;
        case SystemViewEvent.ISR_EXIT:
        case SystemViewEvent.ISR_TO_SCHEDULER:
          if (interrupts > 0) interrupts--;
          break;
        case SystemViewEvent.TASK_START_EXEC:
          task = payload.number() ?? task;
          interrupts = 0;
          break;
        case SystemViewEvent.TASK_INFO: {
          const taskId = payload.number() ?? 0;
          payload.number();
          events.push({ kind: "task", time: now, id: taskId, name: textOf(payload.string() ?? new Uint8Array()) });
          break;
        }
        case SystemViewEvent.PRINT:
          events.push({ kind: "text", time: now, bytes: payload.string() ?? new Uint8Array() });
          break;
        case heapEvents:
          heapEvent(payload, true);
          break;
        case heapEvents + 1:
          heapEvent(payload, false);
          break;
      }
    },
    damaged(offset, reason) {
      report.damage({ offset, reason });
      interrupts = 0;
      task = NO_TASK;
      events.push({ kind: "gap", time: now, packets: 0, damaged: true });
    },
  });

  if (frequency === 0) {
    frequency = 1e6;
    report.damage({ offset: start, reason: "no start packet tells the clock's frequency; times are ticks" });
  }
  for (const event of events) event.time = (event.time * 1e6) / frequency;
  return { core, report, events, ramBase, idShift, stackDepth };
}

/** First event id of the heap module, as its description tells; descriptions may come after the first heap events. */
function findHeapEvents(bytes: Uint8Array, start: number, end: number): number | undefined {
  let found: number | undefined;
  readPackets(bytes, start, end, {
    packet(id, _ticks, payload) {
      if (id !== SystemViewEvent.MODULE_DESCRIPTION) return;
      payload.number();
      const offset = payload.number();
      if (/heap trac/i.test(textOf(payload.string() ?? new Uint8Array()))) found = offset;
    },
    damaged() {
      // Told when the stream is read for its events.
    },
  });
  return found;
}

function emit(streams: readonly CoreStream[], bootId: number, receiver: EventSink): void {
  const sink = new Teller(receiver);
  const stackDepth = Math.max(0, ...streams.map((stream) => stream.stackDepth));
  sink.record({ kind: "boot", value: importedBoot("SystemView", bootId, { stackDepth, cores: streams.length }) });
  // Recording starts when the application calls for it; what is live by then is not in the file.
  sink.record({ kind: "gap", value: { time: 0, reason: "attached-late", lostFrames: 0 } });
  const sites = new SiteTable(sink);
  const live = new LiveBlocks();
  const tasks = new TaskNames(streams, sink);

  for (const { stream, event } of byTime(streams)) {
    const { core, report } = stream;
    switch (event.kind) {
      case "alloc": {
        const { address, size, callers } = event;
        const site = callers.length === 0 ? SITE_UNKNOWN : sites.id({ method: Method.UNKNOWN, caps: 0, callers });
        const task = tasks.number(stream, event.context);
        live.add({ address, size, site, task });
        sink.alloc(event.time, address, size, site, task, core);
        report.events++;
        break;
      }
      case "free": {
        const { address, callers } = event;
        const site = callers.length === 0 ? SITE_UNKNOWN : sites.id({ method: Method.FREE, caps: 0, callers });
        const known = live.remove(address) !== undefined;
        const task = tasks.number(stream, event.context);
        if (known) sink.free(event.time, address, site, task, core);
        else sink.record({ kind: "unknownFree", value: { time: event.time, address, site, task, core } });
        report.events++;
        break;
      }
      case "task":
        tasks.name(stream, event.id, event.name);
        break;
      case "text":
        sink.text(event.bytes);
        break;
      case "gap":
        sink.record({
          kind: "gap",
          value: {
            time: event.time,
            reason: event.damaged ? "frames-lost" : "dropped-on-device",
            lostFrames: event.packets,
            // Packets of every kind were dropped; how many of them were heap events, nobody knows.
          },
        });
        break;
    }
  }
  for (const { report } of streams) {
    if (streams.every((stream) => stream.report.events === 0)) {
      report.hint(
        "the recording holds no heap events: build with CONFIG_HEAP_TRACING_TOHOST and call heap_trace_start()",
      );
    }
    if (report.dropped > 0) {
      report.hint("packets were dropped on the device: enlarge the trace buffer or record heap events only");
    }
  }
  sink.flush();
}

/** The events of all cores in order of time; at the same time in order of the cores. */
function* byTime(streams: readonly CoreStream[]): Generator<{ stream: CoreStream; event: CoreEvent }> {
  const next = streams.map(() => 0);
  for (;;) {
    let best: { stream: CoreStream; event: CoreEvent; index: number } | undefined;
    streams.forEach((stream, index) => {
      const event = stream.events[next[index] ?? 0];
      if (event !== undefined && (best === undefined || event.time < best.event.time)) best = { stream, event, index };
    });
    if (best === undefined) return;
    next[best.index] = (next[best.index] ?? 0) + 1;
    yield best;
  }
}

/** Task numbers by control block address; each is told to the sink before its first event, and again when it gets a name. */
class TaskNames {
  readonly #sink: EventSink;
  readonly #tasks = new Map<number, { readonly id: number; name: string | undefined }>();

  constructor(streams: readonly CoreStream[], sink: EventSink) {
    this.#sink = sink;
    // Names come on every core, often after the first event of the task on another one: tell those that never change first.
    for (const stream of streams) {
      for (const event of stream.events) {
        if (event.kind === "task" && this.#tasks.get(handleOf(stream, event.id))?.name === undefined) {
          this.name(stream, event.id, event.name);
        }
      }
    }
  }

  name(stream: CoreStream, systemViewId: number, name: string): void {
    const handle = handleOf(stream, systemViewId);
    const task = this.#task(handle);
    if (task.name === name) return;
    task.name = name;
    this.#sink.record({ kind: "task", value: { id: task.id, name, handle } });
  }

  number(stream: CoreStream, context: number): number {
    if (context === IN_INTERRUPT) return TaskNumber.INTERRUPT;
    if (context === NO_TASK) return TaskNumber.OTHER;
    const handle = handleOf(stream, context);
    const task = this.#task(handle);
    if (task.name === undefined) {
      task.name = `task 0x${handle.toString(16)}`;
      this.#sink.record({ kind: "task", value: { id: task.id, name: task.name, handle } });
    }
    return task.id;
  }

  #task(handle: number): { readonly id: number; name: string | undefined } {
    const known = this.#tasks.get(handle);
    if (known !== undefined) return known;
    const task = { id: TaskNumber.FIRST + this.#tasks.size, name: undefined };
    this.#tasks.set(handle, task);
    return task;
  }
}

/** Task ids on the wire are (address - base) >> shift. */
function handleOf(stream: CoreStream, systemViewId: number): number {
  return (stream.ramBase + systemViewId * 2 ** stream.idShift) >>> 0;
}
