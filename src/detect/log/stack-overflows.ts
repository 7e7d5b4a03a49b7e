// Stacks that overflowed: whose, by how much, in a recursion or not, and what sets their size.

import { formatAddress, formatBytes } from "../../base/format.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import { stackSetting } from "./knowledge.ts";
import { factOf, quoteOf } from "./places.ts";
import type { Reading } from "./reading.ts";

export function stackOverflow(incident: RunIncident, before: readonly RunIncident[]): Reading {
  const { task, detail = "", quote } = incident;
  const isSmash = /smashing/i.test(`${detail} ${quote}`);
  const who = task === undefined ? "" : ` of task ${task}`;
  const [pointer, low, high] = ["pointer", "low", "high"].map((name) => Number(factOf(incident, `stack ${name}`)));
  if (pointer !== undefined && low !== undefined && high !== undefined && pointer >= low && pointer <= high) {
    return {
      rule: "stack-overflow",
      severity: "error",
      confidence: 0.5,
      title: `the stack guard${who} struck, and its stack pointer lies within its stack`,
      evidence: [
        `The stack pointer, ${formatAddress(pointer)}, has ${formatBytes(pointer - low)} below it in a stack of ${formatBytes(high - low)} (${formatAddress(low)} to ${formatAddress(high)}): nothing has overflowed where it stopped`,
        "The guard of RISC-V chips looks at each value that the stack pointer gets, so code that loads it from memory (longjmp, exceptions, an interpreter's own) can set it off without an overflow (esp-idf#14456)",
      ],
      next: "Unwind it with the ELF (`--elf build/APP.elf`) and look whether the first calls jump between stacks; print uxTaskGetStackHighWaterMark(): where it says that much was left, set CONFIG_ESP_SYSTEM_HW_STACK_GUARD=n and see",
    };
  }
  const isRecursion = factOf(incident, "recursion") !== undefined;
  return {
    rule: "stack-overflow",
    severity: "error",
    confidence: 1,
    title: isSmash ? "a function wrote past an array on its stack" : `the stack${who} overflowed`,
    evidence: isSmash
      ? [
          "The compiler's canary between a function's variables and its return address was overwritten: an overrun of a local array, no fault of the heap",
        ]
      : [
          ...(pointer !== undefined && low !== undefined && pointer < low
            ? [
                `The stack pointer, ${formatAddress(pointer)}, lies ${formatBytes(low - pointer)} below the stack's end (${formatAddress(low)})`,
              ]
            : []),
          ...markSentence(incident),
          ...refusedSentence(task, before),
          "A stack is a block of the heap: what lies below it was overwritten, and later heap faults may come from that",
        ],
    next: isSmash
      ? "Look at the arrays of the first function of yours in the backtrace"
      : isRecursion
        ? "Look at what should end the recursion, and let it give up at a depth; a larger stack only makes it longer"
        : sayNext(task),
  };
}

/** What the program had printed of that stack. */
function markSentence(incident: RunIncident): string[] {
  const mark = quoteOf(incident, "stack told");
  return mark === undefined
    ? []
    : [`The last that the program told of this stack, in line ${mark.line}: “${mark.quote}”`];
}

/** The task could not be created at first: for a larger stack there may be no memory. */
function refusedSentence(task: string | undefined, before: readonly RunIncident[]): string[] {
  const refused = before.findLast(({ known, quote }) => known === "task" && task !== undefined && quote.includes(task));
  return refused === undefined
    ? []
    : [
        `This task could not be created in line ${refused.line}, for lack of memory: see what takes it, as a larger stack needs more in one piece`,
      ];
}

/** FreeRTOS looks when it switches tasks; a watchpoint is hit by whatever writes there, an interrupt as well. */
export function overflowWithoutPlace({ quote, detail = "" }: RunIncident): string {
  return /watchpoint/i.test(`${quote} ${detail}`)
    ? "The stack was hit at its end by the scheduler or an interrupt, which stores registers there: no frame of what has filled it is in this backtrace"
    : "It was found when tasks were switched, after the fact: no frame of the culprit is in this backtrace; CONFIG_FREERTOS_WATCHPOINT_END_OF_STACK stops at the write itself";
}

function sayNext(task: string | undefined): string {
  const setting = task === undefined ? undefined : stackSetting(task);
  if (setting === undefined)
    return `Give the task a larger stack, print uxTaskGetStackHighWaterMark(), and look for large local arrays${task === undefined ? "" : ` in ${task}`}`;
  return `Give the task a larger stack (${setting.by}), print uxTaskGetStackHighWaterMark(), or do less in it: ${setting.runs}`;
}
