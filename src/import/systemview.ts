// ESP-IDF's heap traces over SystemView (.svdat): one file per core, one file with both cores and their offsets in its header, or one
// stream of both with the core in the packets' ids (before 5.5; "ESP_Extension" in the header).
// Packets of all cores are merged by time; heap events become allocations and frees with callers, task and core.

import { formatNumberOf } from "../base/format.ts";
import { greatest } from "../base/values.ts";
import type { EventSink } from "../wire/events.ts";
import { FailureReason, Method, SITE_UNKNOWN, TaskNumber } from "../wire/protocol.ts";
import { contentNumber, importedBoot } from "./identity.ts";
import { LiveBlocks } from "./live-blocks.ts";
import type { ReportBuilder } from "./import-report.ts";
import { allBytes, type Importer } from "./importer.ts";
import { SiteTable } from "./site-table.ts";
import { SYNC_BYTES } from "./systemview-packets.ts";
import {
  type CorePart,
  decodeStream,
  IN_INTERRUPT,
  NO_TASK,
  type Stream,
  type StreamEvent,
  type SystemViewFile,
  textOf,
} from "./systemview-stream.ts";
import { Teller } from "../wire/teller.ts";

export const systemView = {
  format: "systemview",
  title: "SystemView heap trace",
  takes: "SystemView heap traces (.svdat)",
  recognize: isSystemView,
  // Files of one core each are one recording.
  isPart: (bytes) => coreMarks(bytes).length === 0 && !isExtended(bytes),
  whereEmpty:
    "Build with CONFIG_HEAP_TRACING_TOHOST, call heap_trace_init_tohost() and heap_trace_start(HEAP_TRACE_ALL), and record while the program allocates.",
  import: async (inputs, sink) => {
    const files = [];
    for (const input of byCore(inputs)) files.push({ bytes: await allBytes(input), report: input.report });
    importSystemView(files, sink);
  },
} as const satisfies Importer;

/** True for a SystemView recording: its text header, or bare packets after a sync mark. */
export function isSystemView(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x3b) return /SystemView/i.test(textOf(bytes.subarray(0, 512)));
  // Bare packets behind a sync mark; a file of zeros is nothing.
  const isSync = bytes.length > SYNC_BYTES && bytes.subarray(0, SYNC_BYTES).every((byte) => byte === 0);
  return isSync && bytes[SYNC_BYTES] !== 0;
}

/** In order of the digits at their names' ends where all have different ones, else as given. */
function byCore<T extends { readonly report: ReportBuilder }>(inputs: readonly T[]): readonly T[] {
  const numbered = inputs.map((input) => ({ input, core: /(\d)(?:\.[a-z]+)*$/i.exec(input.report.path)?.[1] }));
  const isClear =
    numbered.every(({ core }) => core !== undefined) &&
    new Set(numbered.map(({ core }) => core)).size === inputs.length;
  if (!isClear) return inputs;
  return numbered.sort((a, b) => Number(a.core) - Number(b.core)).map(({ input }) => input);
}

/** Imports the files of one recording: each either a single core (numbered in the order given) or several cores. */
export function importSystemView(inputs: readonly SystemViewFile[], sink: EventSink): void {
  const streams: Stream[] = [];
  let bootId: number | undefined;
  for (const input of inputs) {
    bootId = contentNumber(input.bytes, bootId);
    for (const part of coreParts(input)) {
      streams.push(
        decodeStream(input, part, { fileCore: part.core ?? streams.length, isExtended: isExtended(input.bytes) }),
      );
    }
  }
  emit(streams, bootId ?? 0, sink);
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

/** True where the header says that ids tell the core. */
function isExtended(bytes: Uint8Array): boolean {
  return /^;\s*ESP_Extension\s*$/m.test(textOf(bytes.subarray(0, headerLength(bytes))));
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

function emit(streams: readonly Stream[], bootId: number, receiver: EventSink): void {
  const sink = new Teller(receiver);
  const stackDepth = greatest(
    streams.map((stream) => stream.stackDepth),
    0,
  );
  sink.record({
    kind: "boot",
    value: importedBoot("SystemView", bootId, {
      stackDepth,
      cores: streams.reduce((sum, stream) => sum + stream.cores, 0),
    }),
  });
  // Recording starts when the application calls for it; what is live by then is not in the file.
  sink.record({ kind: "gap", value: { time: 0, reason: "attached-late", lostFrames: 0 } });
  const sites = new SiteTable(sink);
  const live = new LiveBlocks();
  const tasks = new TaskNames(streams, sink);
  /** Frees without which an allocation could not have been where another block was live. */
  const missing = new Map<Stream, number>();
  let refused = 0;

  for (const { stream, event } of byTime(streams)) {
    const { report } = stream;
    const { core } = event;
    switch (event.kind) {
      case "alloc": {
        const { address, size, callers } = event;
        const site = callers.length === 0 ? SITE_UNKNOWN : sites.id({ method: Method.UNKNOWN, caps: 0, callers });
        const task = tasks.number(stream, event.context);
        const displaced = live.overlapping(address, size);
        for (const old of displaced) {
          live.remove(old.address);
          sink.free(event.time, old.address, SITE_UNKNOWN, TaskNumber.OTHER, core);
        }
        if (displaced.length > 0) {
          missing.set(stream, (missing.get(stream) ?? 0) + displaced.length);
          sink.record({ kind: "gap", value: { time: event.time, reason: "source-incomplete", lostFrames: 0, lostEvents: displaced.length } }); // prettier-ignore
        }
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
      case "refused": {
        const { size, callers } = event;
        const site = callers.length === 0 ? SITE_UNKNOWN : sites.id({ method: Method.UNKNOWN, caps: 0, callers });
        const task = tasks.number(stream, event.context);
        sink.record({
          kind: "failure",
          value: { number: ++refused, reason: FailureReason.NO_MEMORY, time: event.time, task, core, size, caps: 0, site, regions: [] },
        }); // prettier-ignore
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
  for (const [{ report }, count] of missing) {
    report.damage({ reason: `${formatNumberOf(count, "free")} of blocks whose memory was given out again ${count === 1 ? "is" : "are"} missing` });
    if (streams.length === 1 && streams[0]?.cores === 1) report.hint("of a chip with two cores memmap takes the files of both: memmap import 0.svdat 1.svdat");
  } // prettier-ignore
  for (const { report } of streams) {
    if (report.droppedRecords > 0) {
      report.hint("packets were dropped on the device: enlarge the trace buffer or record heap events only");
    }
  }
  sink.flush();
}

/** The events of all cores in order of time; at the same time in order of the cores. */
function* byTime(streams: readonly Stream[]): Generator<{ stream: Stream; event: StreamEvent }> {
  const next = streams.map(() => 0);
  for (;;) {
    let best: { stream: Stream; event: StreamEvent; index: number } | undefined;
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
  private readonly sink: EventSink;
  private readonly tasks = new Map<number, { readonly id: number; name: string | undefined }>();

  constructor(streams: readonly Stream[], sink: EventSink) {
    this.sink = sink;
    // Names come on every core, often after the first event of the task on another one: tell those that never change first.
    for (const stream of streams) {
      for (const event of stream.events) {
        if (event.kind === "task" && this.tasks.get(handleOf(stream, event.id))?.name === undefined) {
          this.name(stream, event.id, event.name);
        }
      }
    }
  }

  name(stream: Stream, systemViewId: number, name: string): void {
    const handle = handleOf(stream, systemViewId);
    const task = this.task(handle);
    if (task.name === name) return;
    task.name = name;
    this.sink.record({ kind: "task", value: { id: task.id, name, handle } });
  }

  number(stream: Stream, context: number): number {
    if (context === IN_INTERRUPT) return TaskNumber.INTERRUPT;
    if (context === NO_TASK) return TaskNumber.OTHER;
    const handle = handleOf(stream, context);
    const task = this.task(handle);
    if (task.name === undefined) {
      task.name = `task 0x${handle.toString(16)}`;
      this.sink.record({ kind: "task", value: { id: task.id, name: task.name, handle } });
    }
    return task.id;
  }

  private task(handle: number): { readonly id: number; name: string | undefined } {
    const known = this.tasks.get(handle);
    if (known !== undefined) return known;
    const task = { id: TaskNumber.FIRST + this.tasks.size, name: undefined };
    this.tasks.set(handle, task);
    return task;
  }
}

/** Task ids on the wire are (address - base) >> shift. */
function handleOf(stream: Stream, systemViewId: number): number {
  return (stream.ramBase + systemViewId * 2 ** stream.idShift) >>> 0;
}
