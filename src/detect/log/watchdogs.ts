// Watchdogs: who kept the processor and where, and when nobody did.

import type { RunIncident } from "../../heap/run-records.ts";
import { isHeapFrame, isInterruptEntry } from "../../symbols/system-frames.ts";
import type { Names } from "../names.ts";
import { stackSetting } from "./knowledge.ts";
import { factOf, framesOf, ownName } from "./places.ts";
import type { Reading } from "./reading.ts";

/** Where a processor waits that has nothing to do. */
const IDLE =
  /^(?:prvIdleTask|(?:esp_)?vApplicationIdleHook|esp_cpu_wait_for_intr|cpu_ll_waiti|rv_utils_wait_for_intr|esp_pm_impl_waiti|arch_cpu_idle|k_cpu_idle)$/;

export function watchdog(incident: RunIncident, names: Names): Reading {
  const { detail = "", task, function: called, component: busy } = incident;
  const words = detail.split(". ")[0] ?? "";
  const isInterrupt = /interrupt/i.test(words);
  const culprit = busy !== undefined && !/^IDLE/i.test(busy) ? busy : undefined;
  // Every task keeps the idle ones from running; another one only if its priority is higher.
  const isStarved = culprit !== undefined && (task === undefined || /^IDLE/i.test(task));
  const who = isStarved
    ? ` (${culprit} kept the processor, so that ${task ?? "the idle task"} could not run)`
    : task === undefined
      ? ""
      : culprit === undefined || culprit === task
        ? ` (${task} did not come back in time)`
        : ` (${task} did not come back in time; ${culprit} ran on its processor)`;
  const reading = {
    rule: "crash",
    severity: "warning",
    confidence: 0.6,
    title: `a watchdog bit${who}: ${words}`,
  } as const;
  const isLow = culprit !== undefined && culprit !== task && !isStarved && LOW.test(culprit);
  if (task !== undefined && (factOf(incident, "idle") !== undefined || isLow))
    return { ...reading, ...waiting(task, isLow ? culprit : undefined) };
  const frames = framesOf(names, incident).map(({ function: name }) => name);
  const isIdle = isOfIdle(incident, names);
  const place = isIdle ? undefined : ownName(names, incident);
  const isEsp8266 = /^(?:Soft(?:ware)?|Hardware|SOFT_|HW_)? ?(?:WDT|Watchdog)\b/.test(words) && !isInterrupt;
  const hungOn = factOf(incident, "hung on");
  const heap = called ?? frames.find((name) => isHeapFrame(name));
  const interrupt = isInterrupt && frames.some((name) => isInterruptEntry(name));
  const unknown = isIdle
    ? "The backtrace is that of the idle task, which is not what kept it"
    : hungOn === undefined
      ? undefined
      : `The backtrace is another processor's; ${culprit ?? "what hung"} ran on CPU ${hungOn}`;
  const ifHigher = culprit === undefined || culprit === task || isStarved ? "" : ", if its priority is the higher one";
  return {
    ...reading,
    evidence: [
      place === undefined
        ? `${culprit ?? "A task or an interrupt"} kept the processor too long${ifHigher}; nothing here proves a fault of the heap`
        : `${interrupt ? "An interrupt" : (culprit ?? "A task or an interrupt")} kept the processor too long${ifHigher}, in ${place}${heap === undefined ? "; no heap call stands in its way: no fault of the heap" : ""}`,
      ...(unknown === undefined ? [] : [unknown]),
      ...(isEsp8266
        ? [
            "The ESP8266's watchdogs bite where neither loop() returns nor yield() or delay() is called for about 3 s (software) or 8 s (hardware)",
          ]
        : []),
      ...(called === "multi_heap_internal_lock"
        ? [
            "It waits for the heap's lock: another core or an interrupt holds it, in a heap call that walks all blocks, or the lock was never given back (a heap call from an interrupt that came in one, or a lock that was overwritten)",
          ]
        : []),
      ...((place !== undefined || unknown !== undefined || isEsp8266) && heap === undefined
        ? []
        : [
            `${heap === undefined ? "Heap calls that walk all blocks can be the reason" : `${heap} stands in its calls, and heap calls that walk all blocks can be the reason`}: heap_caps_check_integrity_all(), heap_caps_get_largest_free_block() and heap_trace_dump() with many blocks or PSRAM hold the lock for milliseconds to seconds`,
          ]),
    ],
    next:
      unknown !== undefined && culprit !== undefined
        ? `Look at loops of ${culprit} that never block: each needs vTaskDelay() or another call that does`
        : isEsp8266 && place === undefined
          ? "Decode the address and the stack with the firmware's ELF, and look for a loop without yield() or delay()"
          : place === undefined
            ? "Decode the backtrace of the core that hung; if a heap function stands in it, call it less often"
            : heap !== undefined
              ? `Call it less often, or let it look at less; see ${place}`
              : `Look at what ${place} waits for or repeats${interrupt ? ": a handler leaves long work to a task" : ": a loop needs vTaskDelay() or another call that blocks"}`,
  };
}

/** Tasks of priority 1: they give way to nearly all others. */
const LOW = /^(?:loopTask|main)$/;

/** The backtrace is of a processor that had nothing to do. */
export function isOfIdle(incident: RunIncident, names: Names): boolean {
  return incident.kind === "watchdog" && framesOf(names, incident).some(({ function: name }) => IDLE.test(name));
}

/** A task did not report, and nobody ran that could keep it from that. */
function waiting(task: string, low: string | undefined): Pick<Reading, "evidence" | "next"> {
  const runs = stackSetting(task)?.runs;
  return {
    evidence: [
      `${low === undefined ? "The processors were idle" : `${low}, which ran there, gives way to it`}: nobody kept ${task} from running. It waits longer than the watchdog allows (for a queue, a lock, a socket), or it never resets the watchdog; nothing here proves a fault of the heap`,
      ...(low === undefined ? ["The backtrace is that of the idle task and says nothing of it"] : []),
    ],
    next: `Look at what ${task} waits for: give the wait an end and call esp_task_wdt_reset() in between, or take the task off the watchdog (esp_task_wdt_delete)${runs === undefined ? "" : `; ${runs}`}`,
  };
}
