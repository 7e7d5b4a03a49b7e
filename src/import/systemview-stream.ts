// Reads the packets of one SystemView stream into what matters of a heap trace: allocations and frees with the task or interrupt and the
// core that made them, names of tasks, text, and gaps.

import type { ReportBuilder } from "./import-report.ts";
import { isHeapBlock } from "./plausible.ts";
import {
  FIRST_MODULE_EVENT,
  type PayloadReader,
  readPackets,
  type StreamKind,
  SystemViewEvent,
} from "./systemview-packets.ts";

/** Events of one module that its description leaves unsaid. */
const MAX_MODULE_EVENTS = 64;

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** What a stream holds that matters here, in its order. */
export type StreamEvent = { time: number; readonly core: number } & (
  | { readonly kind: "alloc"; address: number; size: number; callers: number[]; context: number }
  | { readonly kind: "free"; address: number; callers: number[]; context: number }
  /** A request that the heap refused. */
  | { readonly kind: "refused"; size: number; callers: number[]; context: number }
  | { readonly kind: "task"; id: number; name: string }
  | { readonly kind: "text"; bytes: Uint8Array }
  | { readonly kind: "gap"; packets: number; damaged: boolean }
);

/** Context values beside SystemView's task ids, which are unsigned. */
export const IN_INTERRUPT = -1;
export const NO_TASK = -2;

/** Of one core, or of all of them. */
export interface Stream {
  readonly cores: number;
  readonly report: ReportBuilder;
  readonly events: readonly StreamEvent[];
  /** RAM base and shift that shortened the task ids. */
  readonly ramBase: number;
  readonly idShift: number;
  readonly stackDepth: number;
}

export interface SystemViewFile {
  readonly bytes: Uint8Array;
  readonly report: ReportBuilder;
}

export interface CorePart {
  readonly start: number;
  readonly end: number;
  /** Number that the header gives. */
  readonly core?: number;
}

interface Running {
  readonly core: number;
  task: number;
  interrupts: number;
  /** The last heap event, where it was refused: the caller may ask another kind of memory at once. */
  refused: (StreamEvent & { readonly kind: "refused" }) | undefined;
}

/**
 * @param fileCore the core that the part is of, where its ids do not tell
 * @param isExtended the header says that they do
 */
export function decodeStream(
  input: SystemViewFile,
  part: CorePart,
  { fileCore, isExtended }: { readonly fileCore: number; readonly isExtended: boolean },
): Stream {
  const { bytes, report } = input;
  const { kind, heapEvents } = kindOf(bytes, part, isExtended);
  const events: StreamEvent[] = [];
  let frequency = 0;
  let ramBase = 0;
  let idShift = 0;
  let stackDepth = 0;
  let dropped = 0;
  let now = 0;
  let cores = 1;
  /** What each core is at; all of a stream of one core is at the first. */
  const running = [0, 1].map((core): Running => ({ core: kind.coreInIds ? core : fileCore, task: NO_TASK, interrupts: 0, refused: undefined })); // prettier-ignore
  let [at] = running as [Running, Running];

  const damaged = (offset: number, reason: string): void => {
    report.damage({ offset, reason });
    events.push({ kind: "gap", time: now, core: at.core, packets: 0, damaged: true });
  };
  const heapEvent = (payload: PayloadReader, isAlloc: boolean): void => {
    const offset = payload.position;
    const address = payload.number();
    const size = isAlloc ? payload.number() : 0;
    if (address === undefined || size === undefined) {
      damaged(offset, "a heap event is too short");
      return;
    }
    const callers: number[] = [];
    let slots = 0;
    for (let pc = payload.number(); pc !== undefined; pc = payload.number()) {
      slots++;
      if (pc !== 0) callers.push(pc);
    }
    stackDepth = Math.max(stackDepth, slots);
    const context = at.interrupts > 0 ? IN_INTERRUPT : at.task;
    const { core } = at;
    const again = at.refused?.size === size && at.refused.context === context ? at.refused : undefined;
    at.refused = undefined;
    if (address === 0) {
      // free(NULL) and malloc(0) do nothing; so do refused requests that are tried again, up to the last.
      if (!isAlloc || size === 0) return;
      at.refused = again ?? { kind: "refused", time: now, core, size, callers, context };
      if (again === undefined) events.push(at.refused);
      return;
    }
    if (!isHeapBlock(address, size)) {
      damaged(offset, "a heap event that cannot be");
      return;
    }
    if (isAlloc && again !== undefined) events.splice(events.lastIndexOf(again), 1);
    events.push(
      isAlloc
        ? { kind: "alloc", time: now, core, address, size, callers, context }
        : { kind: "free", time: now, core, address, callers, context },
    );
  };

  readPackets(bytes, part, kind, {
    packet(id, ticks, payload, core) {
      now = ticks; // Converted below: the frequency may come after the first packets.
      cores = Math.max(cores, core + 1);
      at = running[core] ?? at;
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
          report.droppedRecords += packets;
          if (packets > 0) events.push({ kind: "gap", time: now, core: at.core, packets, damaged: false });
          break;
        }
        case SystemViewEvent.ISR_ENTER:
          at.interrupts++;
          break;
        case SystemViewEvent.ISR_EXIT:
        case SystemViewEvent.ISR_TO_SCHEDULER:
          if (at.interrupts > 0) at.interrupts--;
          break;
        case SystemViewEvent.TASK_START_EXEC:
          at.task = payload.number() ?? at.task;
          at.interrupts = 0;
          break;
        case SystemViewEvent.IDLE:
          at.task = NO_TASK;
          at.interrupts = 0;
          break;
        case SystemViewEvent.TASK_INFO: {
          const taskId = payload.number() ?? 0;
          payload.number();
          events.push({
            kind: "task",
            time: now,
            core: at.core,
            id: taskId,
            name: textOf(payload.string() ?? new Uint8Array()),
          });
          break;
        }
        case SystemViewEvent.PRINT:
          events.push({ kind: "text", time: now, core: at.core, bytes: payload.string() ?? new Uint8Array() });
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
      damaged(offset, reason);
      for (const one of running) Object.assign(one, { task: NO_TASK, interrupts: 0 });
    },
  });

  if (frequency === 0) {
    frequency = 1e6;
    report.damage({ offset: part.start, reason: "no start packet tells the clock's frequency; times are ticks" });
  }
  for (const event of events) event.time = (event.time * 1e6) / frequency;
  return { cores, report, events, ramBase, idShift, stackDepth };
}

/** What the packets of a stream look like, found by reading it once: descriptions may come after the first events that they describe. */
function kindOf(
  bytes: Uint8Array,
  part: CorePart,
  isExtended: boolean,
): { readonly kind: StreamKind; readonly heapEvents: number } {
  const plain = describe(bytes, part, false);
  if (part.core !== undefined) return plain;
  if (!isExtended && plain.damaged === 0) return plain;
  const extended = describe(bytes, part, true);
  // Whatever became of the header, what is read with less damage is what was written.
  return isExtended || extended.damaged < plain.damaged ? extended : plain;
}

function describe(
  bytes: Uint8Array,
  part: CorePart,
  coreInIds: boolean,
): { readonly kind: StreamKind; readonly heapEvents: number; readonly damaged: number } {
  const modules: number[] = [];
  let named: number | undefined;
  let damaged = 0;
  const anything: StreamKind = { coreInIds, moduleEvent: () => "?" };
  readPackets(bytes, part, anything, {
    packet(id, _ticks, payload) {
      if (id !== SystemViewEvent.MODULE_DESCRIPTION) return;
      payload.number();
      const offset = payload.number();
      if (offset === undefined) return;
      modules.push(offset);
      if (/heap trac/i.test(textOf(payload.string() ?? new Uint8Array()))) named = offset;
    },
    damaged() {
      damaged++; // Where it is, is told when the stream is read for its events.
    },
  });
  // Where ESP-IDF's own decoder looks for heap events when no module description names another place.
  const heapEvents = named ?? FIRST_MODULE_EVENT;
  if (named === undefined) modules.push(heapEvents);
  const isSent = (id: number): boolean => modules.some((offset) => id >= offset && id < offset + MAX_MODULE_EVENTS);
  const moduleEvent = (id: number): string | undefined => {
    if (id === heapEvents) return "uu*";
    if (id === heapEvents + 1) return "u*";
    return isSent(id) ? "?" : undefined;
  };
  return { kind: { coreInIds, moduleEvent }, heapEvents, damaged };
}
