// Watchdogs: who kept the processor and where, and when nobody did.

import type { RunIncident } from "../../heap/run-records.ts";
import { isHeapFrame } from "../../symbols/system-frames.ts";
import type { Names } from "../names.ts";
import { factOf, framesOf, ownName } from "./places.ts";
import type { Reading } from "./reading.ts";

/** Handlers of interrupts are called by these. */
const INTERRUPT =
  /^(?:_xt_(?:low|med|high)int\d|_xt_coproc_exc|rtos_int_enter|_interrupt_handler|_global_interrupt_handler|shared_intr_isr)$/;

/** Where a processor waits that has nothing to do. */
const IDLE =
  /^(?:prvIdleTask|(?:esp_)?vApplicationIdleHook|esp_cpu_wait_for_intr|cpu_ll_waiti|rv_utils_wait_for_intr|esp_pm_impl_waiti|arch_cpu_idle|k_cpu_idle)$/;

export function watchdog(incident: RunIncident, names: Names): Reading {
  const { detail = "", task, function: called, component: busy } = incident;
  const words = detail.split(". ")[0] ?? "";
  const isInterrupt = /interrupt/i.test(words);
  const culprit = busy !== undefined && !/^IDLE/i.test(busy) ? busy : undefined;
  const who =
    culprit !== undefined && culprit !== task
      ? ` (${culprit} kept the processor, so that ${task ?? "the idle task"} could not run)`
      : task === undefined
        ? ""
        : ` (${task} did not come back in time)`;
  const reading = {
    rule: "crash",
    severity: "warning",
    confidence: 0.6,
    title: `a watchdog bit${who}: ${words}`,
  } as const;
  if (factOf(incident, "idle") !== undefined && task !== undefined) return { ...reading, ...waiting(task) };
  const frames = framesOf(names, incident).map(({ function: name }) => name);
  const isIdle = isOfIdle(incident, names);
  const place = isIdle ? undefined : ownName(names, incident);
  const hungOn = factOf(incident, "hung on");
  const heap = called ?? frames.find((name) => isHeapFrame(name));
  const interrupt = isInterrupt && frames.some((name) => INTERRUPT.test(name));
  const unknown = isIdle
    ? "The backtrace is that of the idle task, which is not what kept it"
    : hungOn === undefined
      ? undefined
      : `The backtrace is another processor's; ${culprit ?? "what hung"} ran on CPU ${hungOn}`;
  return {
    ...reading,
    evidence: [
      place === undefined
        ? `${culprit ?? "A task or an interrupt"} kept the processor too long; nothing here proves a fault of the heap`
        : `${interrupt ? "An interrupt" : (culprit ?? "A task or an interrupt")} kept the processor too long, in ${place}${heap === undefined ? "; no heap call stands in its way: no fault of the heap" : ""}`,
      ...(unknown === undefined ? [] : [unknown]),
      ...((place !== undefined || unknown !== undefined) && heap === undefined
        ? []
        : [
            `${heap === undefined ? "Heap calls that walk all blocks can be the reason" : `${heap} stands in its calls, and heap calls that walk all blocks can be the reason`}: heap_caps_check_integrity_all(), heap_caps_get_largest_free_block() and heap_trace_dump() with many blocks or PSRAM hold the lock for milliseconds to seconds`,
          ]),
    ],
    next:
      unknown !== undefined && culprit !== undefined
        ? `Look at loops of ${culprit} that never block: each needs vTaskDelay() or another call that does`
        : place === undefined
          ? "Decode the backtrace of the core that hung; if a heap function stands in it, call it less often"
          : heap !== undefined
            ? `Call it less often, or let it look at less; see ${place}`
            : `Look at what ${place} waits for or repeats${interrupt ? ": a handler leaves long work to a task" : ": a loop needs vTaskDelay() or another call that blocks"}`,
  };
}

/** The backtrace is of a processor that had nothing to do. */
export function isOfIdle(incident: RunIncident, names: Names): boolean {
  return incident.kind === "watchdog" && framesOf(names, incident).some(({ function: name }) => IDLE.test(name));
}

/** Nobody ran, and a task did not report. */
function waiting(task: string): Pick<Reading, "evidence" | "next"> {
  return {
    evidence: [
      `The processors were idle: nobody kept ${task} from running. It waits longer than the watchdog allows (for a queue, a lock, a socket), or it never resets the watchdog; nothing here proves a fault of the heap`,
      "The backtrace is that of the idle task and says nothing of it",
    ],
    next: `Look at what ${task} waits for: give the wait an end and call esp_task_wdt_reset() in between, or take the task off the watchdog (esp_task_wdt_delete)`,
  };
}
