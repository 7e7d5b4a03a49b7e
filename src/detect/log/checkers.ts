// What checkers have found that stop at the access itself or count what is left: KASAN on the chip, sanitizers and Valgrind in a host's build, Unity.

import { formatAddress, formatBytes, formatCount, formatExactBytes, formatNumberOf } from "../../base/format.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import type { Finding } from "../finding.ts";
import type { Names } from "../names.ts";
import type { FigureRule } from "./figure-rules.ts";
import { SETUP_TASKS } from "../orphans.ts";
import { factOf } from "./places.ts";
import type { Reading } from "./reading.ts";

export function sanitizer(incident: RunIncident): Reading {
  const { detail = "", function: access, size = 0, address, blockSize, blockAddress } = incident;
  const tool = factOf(incident, "tool") ?? "KASAN";
  const place = factOf(incident, "place");
  const verb = access === "WRITE" ? "write" : "read";
  const rule = detail === "stack-overflow" ? "stack-overflow" : detail.includes("double-free") ? "double-free" : /invalid free|not malloc/.test(detail) ? "wild-free"
    : detail.includes("use-after-free") ? (verb === "write" ? "write-after-free" : "read-after-free")
    : detail.includes("underflow") ? "underflow" : detail.includes("overflow") ? "overflow" : "sanitizer";
  const at = address === undefined ? "" : ` at ${formatAddress(address)}`;
  const what = access === undefined && address === undefined ? "" : `a ${verb}${size === 0 ? "" : ` of ${formatBytes(size)}`}${at}: `;
  const block = blockSize === undefined ? "" : `${blockAddress === undefined ? "a" : "the"} block of ${formatBytes(blockSize)}${blockAddress === undefined ? "" : ` at ${formatAddress(blockAddress)}`}`;
  return {
    rule, severity: "error", confidence: 1,
    title: `${tool === "KASAN" ? "the sanitizer" : tool} caught ${what}${detail === "" ? "what the log does not tell" : detail}`,
    evidence: [
      `${tool} ${tool === "Valgrind" ? "sees" : "stops at"} the access itself: the backtrace is the culprit, not a victim${block === "" || place !== undefined ? "" : `; it is of ${block}`}`,
      ...(place === undefined ? [] : [`It is ${place.replace(/^0 bytes (?=behind|before)/, "right ").replace(/^0 bytes into/, "the beginning of")} ${block}`]),
    ],
    next: "Look at the first frame of the backtrace that is yours",
  };
} // prettier-ignore

/** A check for leaks that found none. */
export function hasPassed(incident: RunIncident): boolean {
  return incident.kind === "leak-check" && factOf(incident, "passed") === "1";
}

/** Of a log that tells nothing else of leaks. */
export function passedChecks(incidents: readonly RunIncident[]): readonly Finding<FigureRule>[] {
  const [first, ...more] = incidents.filter(hasPassed);
  if (first === undefined) return [];
  const count = [first, ...more].reduce((sum, one) => sum + one.count, 0);
  return [
    {
      rule: "log-readings",
      severity: "note",
      confidence: 0.9,
      title: `memory was checked for leaks ${count === 1 ? "once" : `${formatCount(count)} times`}, and no more was lost than is allowed`,
      evidence: [],
      next: "Nothing to do; what a test does not come to it does not check",
      sites: [],
      blocks: [],
      log: { line: first.line, quote: first.quote },
      fingerprint: "log-readings|checks",
    },
  ];
}

/** What a checker has found to be left at the end. */
export function leakCheck(incident: RunIncident, names: Names): Finding<"leak"> {
  const tool = factOf(incident, "tool");
  if (factOf(incident, "ended tasks") !== undefined) return leakOfTask(incident);
  return tool === undefined ? leakOfTest(incident) : leakAtExit(incident, tool, names);
}

/** What one task leaves once may be what it has handed on. Bytes. */
const MUCH_OF_ONE_TASK = 1024;

/** What tasks hold that were deleted. */
function leakOfTask(incident: RunIncident): Finding<"leak"> {
  const { size = 0, task = "", line, quote } = incident;
  const count = Number(factOf(incident, "ended tasks"));
  const isMuch = count > 1 || size >= MUCH_OF_ONE_TASK;
  return {
    rule: "leak",
    severity: isMuch ? "warning" : "note",
    confidence: isMuch ? 0.7 : 0.5,
    title: `${count === 1 ? `task ${task} was deleted and still holds` : `${formatCount(count)} tasks by the name of ${task} were deleted and still hold`} ${formatExactBytes(size)}`,
    evidence: [
      "vTaskDelete() gives back the task's stack and its control block and nothing that the task has allocated: what it does not free itself, and has handed to no other task, is lost",
    ],
    next: `Free what ${task} allocates before it ends, or ask it to end instead of deleting it; what it has handed on to others is none of it`,
    sites: [],
    blocks: [],
    log: { line, quote },
    bytes: size,
    fingerprint: `leak|log|deleted task|${task}`,
  };
}

/** Of several prints of one table the last one tells how it stands. */
export function isTaskOfOlderTable(incident: RunIncident, after: readonly RunIncident[]): boolean {
  const isOf = ({ kind, task, facts = [] }: RunIncident): boolean =>
    kind === "leak-check" && task === incident.task && facts.some((fact) => fact.startsWith("ended tasks "));
  return isOf(incident) && (SETUP_TASKS.has(incident.task ?? "") || after.some(isOf));
}

/** Blocks that nothing frees when a program of the host ends. */
function leakAtExit(incident: RunIncident, tool: string, names: Names): Finding<"leak"> {
  const { size = 0, site = 0, line, quote } = incident;
  const count = (name: string): number => Number(factOf(incident, name) ?? 0);
  const blocks = count("blocks");
  const place = names.site(site);
  const isPossible = count("possible") === 1;
  const indirect = count("indirect blocks");
  const further = count("further");
  return {
    rule: "leak",
    severity: isPossible ? "note" : "warning",
    confidence: isPossible ? 0.5 : 0.9,
    title: `${tool} found ${formatExactBytes(size)} in ${formatNumberOf(blocks, "block")} that ${isPossible ? "may be" : blocks === 1 ? "was" : "were"} lost when the program ended${site === 0 ? "" : `, from ${place.text}`}`,
    evidence: [
      ...(indirect === 0 ? [] : [`${formatExactBytes(count("indirect bytes"))} in ${formatNumberOf(indirect, "more block")} are reached by nothing but lost blocks: they go with those`]),
      ...(further === 0 ? [] : [`${formatNumberOf(further, "smaller leak")} of the report are not told`]),
      "It is the firmware's code in a program of the host: what is lost there at the end a board loses each time it comes by",
    ],
    next: site === 0 ? "Build it with -g, so that the report names who asked" : `Free what ${place.text} allocates, or keep a pointer to it to the end`,
    sites: site === 0 ? [] : [{ role: "allocated", site }],
    blocks: [],
    log: { line, quote },
    bytes: size,
    blockCount: blocks,
    fingerprint: `leak|log|${tool}|${site === 0 ? quote.replace(/\d+/g, "#") : place.text}`,
  };
} // prettier-ignore

/** A leak that ESP-IDF's Unity tests have measured. */
function leakOfTest(incident: RunIncident): Finding<"leak"> {
  const { size = 0, component = "", function: test, detail = "", line, quote } = incident;
  const where = test === undefined ? "" : ` in “${test}”`;
  return {
    rule: "leak",
    severity: "warning",
    confidence: 0.8,
    title: `a test leaked ${formatBytes(size)} of ${component}${where}`,
    evidence: [
      `Unity compared free memory before and after the test${detail === "critical" ? ": a critical leak" : ""}`,
      "The first test of a kind also pays for what the system allocates once (locks, buffers of stdio)",
    ],
    next: "Run the test twice: what is lost again is the leak; bracket it with heap_trace_start(HEAP_TRACE_LEAKS), or record it with memmap's probe",
    sites: [],
    blocks: [],
    log: { line, quote },
    bytes: size,
    fingerprint: `leak|log|${component}|${test ?? ""}`,
  };
}
