// Damage and crashes that a log tells of, read as someone does who knows multi_heap_poisoning.c, TLSF and the panic handler: what the words
// prove, what they do not, and which setting finds the culprit next time. docs/detectors/log.md.

import { formatAddress, formatBytes, formatCount, formatExactBytes, formatNumberOf } from "../../base/format.ts";
import { capital } from "../../base/text.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import type { Finding, FindingSite } from "../finding.ts";
import type { Names } from "../names.ts";
import { afterFree, asText, bytesOf, head, isHeapPointer, tail } from "./canaries.ts";
import { sanitizer } from "./checkers.ts";
import { crash, wantOfMemory } from "./crashes.ts";
import { errorBefore, factOf, ownFrameOf, ownName, placeName, placeOf, quoteOf } from "./places.ts";
import { readableName } from "../../symbols/whose-code.ts";
import { noProgram } from "./no-program.ts";
import { ownCheck } from "./own-checks.ts";
import { knownAssertions } from "./knowledge.ts";
import { type AccidentRule, FIND_WRITER, type Reading } from "./reading.ts";
import { overflowWithoutPlace, stackOverflow } from "./stack-overflows.ts";
import { toldRestart } from "./told-restarts.ts";
import { isOfIdle, watchdog } from "./watchdogs.ts";
import { uncaught } from "./uncaught.ts";

export function accidentFinding(
  incident: RunIncident,
  before: readonly RunIncident[],
  names: Names,
): Finding<AccidentRule> | undefined {
  const reading = readingOf(incident, before, names);
  if (reading === undefined) return undefined;
  const { also = [], count, allocSite, freeSite, blockAddress, blockSize } = incident;
  const sites: FindingSite[] = [
    ...(allocSite !== undefined && allocSite !== 0 ? [{ role: "allocated" as const, site: allocSite }] : []),
    ...(freeSite !== undefined && freeSite !== 0 ? [{ role: "freed" as const, site: freeSite }] : []),
    ...ownSite(incident, reading.rule, names),
  ];
  return {
    ...reading,
    evidence: [
      ...reading.evidence,
      ...printedSentence(incident),
      ...errorSentence(incident, before),
      ...recursionSentence(incident),
      ...checkSentence(incident),
      ...also.map((line) => `The same accident goes on in line ${line.replace(/^(\d+): /, "$1: “")}”`),
      ...backtraceSentence(incident, names),
      ...keptSentence(incident, names),
      ...(count > 1 ? [`Told ${formatCount(count)} times, last in line ${incident.lastLine}`] : []),
    ],
    sites,
    blocks:
      blockAddress === undefined || blockSize === undefined || blockSize === 0
        ? []
        : [{ address: blockAddress, size: blockSize, site: allocSite ?? 0 }],
    log: { line: incident.line, quote: incident.quote },
    ...(incident.time > 0 && { since: incident.time }),
    fingerprint: `${reading.rule}|log|${incident.detail ?? incident.kind}`,
  };
}

function printedSentence(incident: RunIncident): string[] {
  const told = quoteOf(incident, "block line");
  return told === undefined ? [] : [`The program itself tells of that block in line ${told.line}: “${told.quote}”`];
}

function errorSentence(incident: RunIncident, before: readonly RunIncident[]): string[] {
  const error = errorBefore(incident, before);
  if (error === undefined) return [];
  const first = quoteOf(incident, "first error before");
  return [
    `The last error that the program told before it, in line ${error.line}: “${error.quote}”${first === undefined ? "" : `; the first of that moment, in line ${first.line}: “${first.quote}”`}`,
  ];
}

function recursionSentence(incident: RunIncident): string[] {
  const [rounds, bytes, address, ...name] = factOf(incident, "recursion")?.split(" ") ?? [];
  if (rounds === undefined) return [];
  const who = name.length === 0 ? (address ?? "") : `${readableName(name.join(" "))} (${address ?? ""})`;
  const each = bytes === undefined || bytes === "0" ? "" : `, each time with ${formatBytes(Number(bytes))} of stack`;
  return [`The same call, ${who}, stands ${rounds} times in its calls${each}: a recursion that does not end`];
}

const DAMAGED_BLOCK = /Bad (?:head|tail) at (0x[0-9a-f]{8})\. Expected \S+ got (0x[0-9a-f]{8})/i;

function checkSentence({ also = [], ...incident }: RunIncident): string[] {
  const places = also.flatMap((line) => DAMAGED_BLOCK.exec(line)?.[1] ?? []);
  const words = [incident.quote, ...also].flatMap((line) => DAMAGED_BLOCK.exec(line)?.[2]?.toLowerCase() ?? []);
  const most = [...new Set(words)].map((one) => [one, words.filter((other) => other === one).length] as const).sort(([, a], [, b]) => b - a)[0]; // prettier-ignore
  const isSame = most !== undefined && most[1] > 2;
  const more = factOf(incident, "more");
  const passed = factOf(incident, "own check") === undefined ? quoteOf(incident, "passed") : undefined;
  return [
    ...(passed === undefined
      ? []
      : [
          `A check before it found nothing, in line ${passed.line}, “${passed.quote}”: the write happened between these two lines`,
        ]),
    ...(places.length === 0
      ? []
      : [
          `The same check complains of ${formatNumberOf(places.length, "more canary", "more canaries")}${isSame ? `; in ${most[1]} of all stands the same, ${most[0]}: the same code writes it` : ": of one cause, or of a program that has gone on for long after the first write"}`,
        ]),
    ...(more === undefined
      ? []
      : [`${formatNumberOf(Number(more), "more line")} of the same accident are not told here`]),
  ];
}

function keptSentence(incident: RunIncident, names: Names): string[] {
  const isUnwound = names.stackOf(incident).length > 0;
  return [
    ...(factOf(incident, "kept") === undefined
      ? []
      : ["The program told it after the restart: it happened in the boot before, ahead of the lines above it"]),
    ...(factOf(incident, "stack scan") === undefined ||
    isUnwound ||
    incident.site === undefined ||
    (incident.frames ?? 0) < 2
      ? []
      : ["Its calls are what looks like a return address on the stack: some may be left over from earlier calls"]),
  ];
}

/** A check that walks the heap frees nothing. */
function roleOf(rule: string, incident: RunIncident): FindingSite["role"] {
  return rule === "double-free" && factOf(incident, "checked") === undefined ? "freed again" : "detected";
}

/** Where it happened in the program: not where the panic handler or the heap stands. */
function ownSite(incident: RunIncident, rule: string, names: Names): FindingSite[] {
  const { site = 0, time, ownFrame } = incident;
  if (site === 0 || isOfIdle(incident, names)) return [];
  const named = ownName(names, incident);
  if (ownFrame === undefined && named === undefined) return [];
  const otherwise = placeName(names, incident);
  const frame = names.stackOf(incident).length > 0 ? undefined : ownFrameOf(names, incident);
  return [
    {
      role: roleOf(rule, incident),
      site,
      ...(time > 0 && { time }),
      ...(otherwise !== undefined && { otherwise }),
      ...(frame !== undefined && { frame }),
    },
  ];
}

/** Calls of an unwound stack that are told. */
const TOLD_CALLS = 8;

function backtraceSentence(incident: RunIncident, names: Names): string[] {
  const { frames, ownFrame, pc, kind } = incident;
  const unwound = names.stackOf(incident);
  if (unwound.length > 0) {
    const calls = unwound.slice(0, TOLD_CALLS).map(placeOf).join(" ← ");
    return [
      `The calls, unwound from the registers and the stack: ${calls}${unwound.length > TOLD_CALLS ? " ← …" : ""}`,
    ];
  }
  if (frames === undefined && incident.stackAt !== undefined && ownName(names, incident) === undefined)
    return [
      "RISC-V chips print registers and stack memory and no backtrace: `--elf build/APP.elf` unwinds the calls from them",
    ];
  if (frames === undefined || ownName(names, incident) !== undefined) return [];
  if (kind === "stack-overflow" && ownFrame === undefined) return [overflowWithoutPlace(incident)];
  if (ownFrame === undefined && frames === 1) return [];
  if (ownFrame === undefined)
    return [
      `The backtrace has ${formatNumberOf(frames, "frame")}, and all look like the panic handler's, the heap's and the C library's own; the caller is one of the last: decode them`,
    ];
  if (ownFrame === 1 || kind === "panic") return [];
  const from = Math.max(1, ownFrame - 2);
  return [
    `The caller is most likely frame ${ownFrame} of ${frames}, ${formatAddress(pc ?? 0)}: those before it are the panic handler's and the heap's own. Decode frames ${from} to ${Math.min(frames, ownFrame + 1)}`,
  ];
}

function readingOf(incident: RunIncident, before: readonly RunIncident[], names: Names): Reading | undefined {
  const told = toldRestart(incident) ?? noProgram(incident) ?? ownCheck(incident);
  if (told !== undefined) return told;
  switch (incident.kind) {
    case "bad-tail":
      return tail(incident, names);
    case "bad-head":
      return head(incident, names);
    case "write-after-free":
      return afterFree(incident);
    case "double-free":
    case "invalid-free":
    case "heap-metadata":
    case "assert":
      return assertion(incident, names);
    case "sanitizer":
      return sanitizer(incident);
    case "stack-overflow":
      return stackOverflow(incident, before);
    case "watchdog":
      return watchdog(incident, names);
    case "abort":
      return uncaught(incident, names) ?? crash(incident, before, names);
    case "panic":
      return crash(incident, before, names);
    case "leak-check":
    case "heap-trace":
    case "failed-allocation":
    case "restart":
      return undefined;
  }
}

/** Bytes that a block lies from the stack pointers of a backtrace, and is suspected to have been overrun by that stack. */
const BESIDE_STACK = 1024;

function assertion(incident: RunIncident, names: Names): Reading {
  const { kind, detail = "", function: name, address, stackLow = Infinity, stackHigh = -Infinity, task } = incident;
  const whole = `${name ?? ""} ${detail}`;
  const known =
    knownAssertions.find(({ pattern }) => pattern.test(detail)) ??
    knownAssertions.find(({ pattern }) => pattern.test(whole));
  const where = name === undefined ? "" : ` in ${name}()`;
  if (kind === "double-free") {
    return {
      rule: "double-free",
      severity: "error",
      confidence: 0.98,
      title: `double free: the heap found the block marked as free already${where}`,
      evidence: [
        `The assertion proves it: ${known?.proves ?? detail}`,
        ...(address === undefined
          ? []
          : [`The block is at ${formatAddress(address)}${task === undefined ? "" : `; ${task} frees it again`}`]),
      ],
      next: capital(known?.next ?? FIND_WRITER),
    };
  }
  if (kind === "invalid-free") {
    const isRealloc = /realloc/.test(detail);
    return {
      rule: "wild-free",
      severity: "error",
      confidence: 1,
      title: `${isRealloc ? "realloc" : "free"} of a pointer that lies in no heap`,
      evidence: [capital(known?.proves ?? "the pointer that was freed lies in no heap")],
      next: capital(known?.next ?? ""),
    };
  }
  if (kind === "heap-metadata") {
    const near = address !== undefined && address >= stackLow - BESIDE_STACK && address <= stackHigh + BESIDE_STACK;
    const isLink = address !== undefined && !isHeapPointer(address) && /detected at/.test(detail);
    const text = isLink ? asText(bytesOf(address)) : undefined;
    const at = address === undefined ? "" : isLink ? "" : ` at ${formatAddress(address)}`;
    const isChecked = /multi_heap\.c:\d+ detected/.test(detail);
    const size = /^Size at/.test(detail);
    return {
      rule: "heap-corruption",
      severity: "error",
      confidence: 1,
      title: `the heap's own data${at} were overwritten${text === undefined ? "" : ` with text, “${text}”`}${where}`,
      evidence: [
        ...(isLink
          ? [
              `The heap's list led to ${formatAddress(address)}, where no memory is${text === undefined ? "" : `: as text it reads “${text}”`}; a link or a size of a block was overwritten with it`,
            ]
          : []),
        capital(
          known?.proves ??
            (size
              ? "the size in a block's head is impossible: an overflow of the block before it"
              : "a block's header or the free list is damaged: nearly always an overflow of the block before it"),
        ),
        ...(isChecked
          ? ["This message comes from a heap without poisoning: no canary tells which block was overrun"]
          : []),
        ...(near
          ? [
              `The address lies ${address < stackLow ? "right below" : address > stackHigh ? "right above" : "among"} the stack pointers of the backtrace (${formatAddress(stackLow)} to ${formatAddress(stackHigh)}): the damaged block is next to the running task's own stack, so suspect an overflow of that stack first`,
            ]
          : []),
        "It was noticed by the heap call in the backtrace, which is the victim and not the culprit",
      ],
      next: near
        ? "Enlarge that task's stack and print uxTaskGetStackHighWaterMark(); then set CONFIG_HEAP_POISONING_COMPREHENSIVE, whose canaries name the block"
        : capital(known?.next ?? FIND_WRITER),
    };
  }
  const isHandle = known !== undefined;
  const low = wantOfMemory(incident);
  const [, asked, size, request] = /^(\d+) (\d+) (.*)$/.exec(factOf(incident, "asked") ?? "") ?? [];
  return {
    rule: "crash",
    severity: "error",
    confidence: 0.6,
    title: `an assertion failed${where}: ${detail}`,
    evidence: [
      ...(isHandle ? [capital(known.proves)] : low === undefined ? ["Nothing here proves a fault of the heap"] : []),
      ...(asked === undefined
        ? []
        : [
            `Right before it, in line ${asked}, ${formatExactBytes(Number(size))} were asked for (“${request}”): most likely what it checks is the block that it was given`,
          ]),
      ...(low === undefined ? [] : [low]),
    ],
    next: isHandle
      ? capital(known.next)
      : incident.frames === undefined && incident.site === undefined
        ? "Look at the assertion's own condition in its source, and print a backtrace there: who calls it is not in the log"
        : ownName(names, incident) === undefined
          ? "Decode the backtrace (`--elf build/APP.elf`) and look at the assertion's own condition"
          : "Look at the assertion's own condition, where the first frame has it",
  };
}
