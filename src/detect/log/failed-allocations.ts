// Failed requests that a log tells of: one finding for each kind of request, with what was free then, what people know about it, and what it led
// to. docs/detectors/log.md.

import { formatBytes, formatCount, formatNumberOf, formatTime } from "../../base/format.ts";
import type { Microseconds } from "../../base/units.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import { Cap, formatCaps } from "../../wire/caps.ts";
import type { Finding } from "../finding.ts";
import type { Names } from "../names.ts";
import { ownName, placeName } from "./places.ts";
import { type Knowledge, knownFailures, knownRequest } from "./knowledge.ts";

const AFTER_LONG = 1800e6;
/** A crash within so many lines after the last failure is its consequence. */
const CONSEQUENCE_LINES = 60;

/** An assertion of a bare pointer, or that it is not NULL. */
const POINTER = /^\(*[*!]?[A-Za-z_][\w.>[\]-]*\)*(?: *!= *(?:NULL|nullptr|0)\)*)?(?: \(|$)/;

/** Failures that end in an abort at the very place that asked. */
const THROWS: ReadonlySet<string> = new Set(["bad-alloc", "rust"]);

/** When the figure of a line was told; undefined where the log does not say. */
export type TimeOfLine = (line: number) => Microseconds | undefined;
/** Figures are a failure's own for so long. */
const MOMENT: Microseconds = 1e6;

/** @param incidents of the window, in order of their lines */
export function failedAllocations(
  incidents: readonly RunIncident[],
  names: Names,
  timeOfLine: TimeOfLine = () => undefined,
): { readonly findings: readonly Finding<"allocation-failure">[]; readonly explained: ReadonlySet<RunIncident> } {
  const failures = withoutThrown(incidents.filter(({ kind }) => kind === "failed-allocation"));
  const groups = new Map<string, Group>();
  for (const failure of failures) {
    const key = [failure.known, failure.component, failure.function, failure.caps, failure.site].join("|");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [failure]);
    else group.push(failure);
  }
  const explained = new Set<RunIncident>();
  const findings = [...groups.values()].map((group) => {
    const [first] = group;
    const crash = consequenceOf(group, incidents);
    if (crash !== undefined) explained.add(crash);
    const restart = incidents.find(
      ({ kind, line, boot }) =>
        kind === "restart" &&
        line > lastLineOf(group) &&
        line - lastLineOf(group) <= CONSEQUENCE_LINES &&
        boot >= first.boot,
    );
    const missing = failures.find(
      ({ known, line, boot }) => known === "psram-missing" && boot === first.boot && line < first.line,
    );
    const needsPsram = group.some(({ caps, known }) => isFor(caps, Cap.SPIRAM) || known === "camera");
    return describe(group, crash, restart, needsPsram ? missing : undefined, names, timeOfLine);
  });
  return { findings, explained };
}

/** An exception that is told and the abort in which it ends, whose calls say who asked, are one failure. */
function withoutThrown(failures: readonly RunIncident[]): readonly RunIncident[] {
  const merged: RunIncident[] = [];
  for (const failure of failures) {
    const told = merged.at(-1);
    const isThrown =
      told?.known === "bad-alloc" && failure.known === "bad-alloc" && told.site === undefined && failure.site !== undefined; // prettier-ignore
    if (isThrown && told.boot === failure.boot && failure.line - told.lastLine <= CONSEQUENCE_LINES) {
      const { line, quote, also = [], count, time, free, freeLine, largest, largestLine } = told;
      merged[merged.length - 1] = { ...failure, line, quote, count, time, also: [...also, `${failure.line}: ${failure.quote}`], ...(free !== undefined && { free }), ...(freeLine !== undefined && { freeLine }), ...(largest !== undefined && { largest }), ...(largestLine !== undefined && { largestLine }) }; // prettier-ignore
    } else merged.push(failure);
  }
  return merged;
}

/** Requests of one kind, in order of their lines. */
type Group = [RunIncident, ...RunIncident[]];

function isFor(caps: number | undefined, cap: number): boolean {
  return caps !== undefined && (caps & cap) !== 0;
}

function lastLineOf(group: readonly RunIncident[]): number {
  return group.reduce((last, { lastLine }) => Math.max(last, lastLine), -Infinity);
}

function consequenceOf(group: Group, incidents: readonly RunIncident[]): RunIncident | undefined {
  const last = lastLineOf(group);
  // The ESP8266 core tells the request that failed below the crash that came of it.
  const isToldAfter = group.some(({ quote }) => /last failed alloc call/.test(quote));
  return incidents.find(
    ({ kind, line, lastLine, known, detail = "" }) =>
      (kind === "abort" || kind === "panic" || (kind === "assert" && POINTER.test(detail))) &&
      line - last <= CONSEQUENCE_LINES &&
      (line > group[0].line ||
        // Rust's panic says what it is about in its second line.
        (known === "rust" && group[0].line - line <= 2) ||
        (isToldAfter && last - lastLine <= 2 * CONSEQUENCE_LINES)),
  );
}

function describe(
  group: Group,
  crash: RunIncident | undefined,
  restart: RunIncident | undefined,
  withoutPsram: RunIncident | undefined,
  names: Names,
  timeOfLine: TimeOfLine,
): Finding<"allocation-failure"> {
  const [first] = group;
  const { component, caps, known = "generic" } = first;
  // Who threw is who asked.
  const thrower = first.site === undefined && THROWS.has(known) && crash?.kind === "abort" ? crash : undefined;
  const witness = thrower !== undefined && ownName(names, thrower) !== undefined ? thrower : first;
  const { site } = witness;
  const count = group.reduce((sum, one) => sum + one.count, 0);
  const knowledge = knownFailures[known] ?? knownFailures["generic"];
  const sizes = group
    .flatMap(({ size, count }): Sized[] => (size === undefined ? [] : [{ size, count }]))
    .sort((a, b) => b.size - a.size);
  const largestSize = sizes[0]?.size;
  const ofSize = group
    .flatMap(({ size }) => {
      const request = knownRequest(size, known);
      return size === undefined || request === undefined ? [] : [{ ...request, size }];
    })
    .at(0);
  const isNothing = group.every(({ size }) => size === 0);
  const verdict = isNothing ? { short: "", evidence: [] } : causeOf(group, knowledge, timeOfLine);
  const named = ownName(names, witness);
  const isOwn = named !== undefined || witness.ownFrame !== undefined || witness.frames === undefined;
  const otherwise = placeName(names, witness);
  const where =
    site !== undefined && site !== 0 && isOwn
      ? [
          {
            role: "requested" as const,
            site,
            ...(first.time > 0 && { time: first.time }),
            ...(otherwise !== undefined && { otherwise }),
          },
        ]
      : [];
  const who = [component, first.function === undefined ? undefined : `${first.function}()`]
    .filter((one) => one !== undefined)
    .join(", ");
  return {
    rule: "allocation-failure",
    severity: isNothing ? "note" : knowledge?.title === undefined || known === "psram-missing" ? "error" : "warning",
    confidence: 1,
    title: isNothing
      ? `${count === 1 ? "a request" : `${formatCount(count)} requests`} for 0 bytes returned NULL`
      : (knowledge?.title ?? titleOf(count, sizes, who, caps, verdict.short)),
    evidence: [
      ...group.slice(1, 6).map(quoted),
      ...(group.length > 6 ? [`and ${formatNumberOf(group.length - 6, "more kind")} of them`] : []),
      ...verdict.evidence,
      ...(withoutPsram === undefined ? [] : [`PSRAM did not start (line ${withoutPsram.line}): there is none to give`]),
      ...(ofSize === undefined ? [] : [`${exact(ofSize.size)} is ${ofSize.means} (${ofSize.source})`]),
      ...(isNothing
        ? [
            "ESP-IDF's heap gives NULL for 0 bytes and calls the failed-allocation callback: no lack of memory, unless the program takes the NULL for one",
          ]
        : []),
      ...(knowledge === undefined || known === "generic" ? [] : [`${capital(knowledge.means)} (${knowledge.source})`]),
      ...group
        .flatMap(({ also = [] }) => also)
        .slice(0, 4)
        .map((line) => `  then, in line ${line.replace(/^(\d+): /, "$1: “")}”`),
      ...(count > 1 ? [`Happened ${formatCount(count)} times, in lines ${first.line} to ${lastLineOf(group)}`] : []),
      ...(first.time > 0 ? [`At ${formatTime(first.time)} of the log's clock`] : []),
      ...(crash === undefined ? [] : [consequence(crash, known, names)]),
      ...(restart === undefined
        ? []
        : [`Then the chip restarted (line ${restart.line}: ${restart.detail ?? "reset"})`]),
      ...(isOwn || site === undefined ? [] : [backtraceOf(names, site)]),
    ],
    next:
      withoutPsram !== undefined
        ? capital(knownFailures["psram-missing"]?.next ?? "")
        : isNothing
          ? "Look at who asks for 0 bytes (the callback can print a backtrace with esp_backtrace_print)"
          : capital(
              nextStep(
                ofSize?.next,
                (named === undefined && crash !== undefined ? undefined : knowledge?.nextNamed) ?? knowledge?.next,
                verdict.isFragmented === true,
                largestSize,
              ),
            ),
    sites: where,
    blocks: [],
    log: { line: first.line, quote: first.quote },
    ...(largestSize === undefined ? {} : { bytes: largestSize }),
    blockCount: count,
    ...(first.time > 0 && {
      since: first.time,
      until: group.reduce((last, { time }) => Math.max(last, time), first.time),
    }),
    fingerprint: `allocation-failure|log|${known}|${component ?? ""}|${first.function ?? ""}`,
  };
}

interface Sized {
  readonly size: number;
  readonly count: number;
}

function titleOf(count: number, sizes: readonly Sized[], who: string, caps: number | undefined, why: string): string {
  const listed = [...new Set(sizes.map(({ size }) => size))].map((size) => {
    const times = sizes.filter((one) => one.size === size).reduce((sum, one) => sum + one.count, 0);
    return times > 1 && times < count ? `${exact(size)} ×${times}` : exact(size);
  });
  const what = listed.length === 0 ? "" : ` of ${listed.slice(0, 5).join(", ")}${listed.length > 5 ? " …" : ""}`;
  const capsText = caps === undefined || caps === 0 ? "" : ` with ${formatCaps(caps)}`;
  const by = who === "" ? "" : ` by ${/^[\w-]+ (?:driver|outbox)/.test(who) ? "the " : ""}${who}`;
  const untold =
    listed.length === 0
      ? " (its size is not told)".replace("its size is", count === 1 ? "its size is" : "sizes are")
      : "";
  return `${count === 1 ? "an allocation" : `${formatCount(count)} allocations`}${what}${capsText}${by} failed${why}${untold}`;
}

/** A backtrace that ends inside the allocator names nobody. */
function backtraceOf(names: Names, site: number): string {
  const last = names
    .site(site)
    .frames.findLast(({ function: name }) => name !== "" && !name.startsWith("0x"))?.function;
  return last === undefined
    ? "The backtrace is not decoded: give the firmware with --elf"
    : `The backtrace ends in ${last}: who called it is not in the log`;
}

const POOL_IS_EMPTY = "So much is free of the heap: the pool is empty, and not the heap";

interface Cause {
  /** Ends the title. */
  readonly short: string;
  readonly evidence: readonly string[];
  readonly isFragmented?: true;
}

/**
 * Why: too little free, or free in too small pieces; as far as figures stand near.
 */
function causeOf(group: Group, knowledge: Knowledge | undefined, timeOfLine: TimeOfLine): Cause {
  const { isPool = false, freeIsOf } = knowledge ?? {};
  const [first] = group;
  const size = Math.max(0, ...group.map((one) => one.size ?? 0));
  const frees = group.flatMap(({ free, freeHighest }) => [free, freeHighest]).filter((one) => one !== undefined);
  // That of the largest request, where it tells one.
  const byLargest = [...group.filter((one) => one.size === size), ...group];
  const largest = byLargest.find((one) => one.largest !== undefined)?.largest;
  const evidence: string[] = [];
  const range = frees.length === 0 ? undefined : { low: Math.min(...frees), high: Math.max(...frees) };
  const free = range?.low;
  const told = group.find((one) => one.free !== undefined);
  const place = told?.freeLine === undefined ? `line ${told?.line ?? first.line}` : `line ${told.freeLine}`;
  const isLater = told?.freeLine !== undefined && told.freeLine > told.line && isApart(told, told.freeLine, timeOfLine);
  if (range !== undefined) {
    evidence.push(`${rangeText(range)} were free ${isLater ? "after it" : "then"} (${place})${kindOf(first.caps)}`);
  }
  if (largest !== undefined) {
    const line = byLargest.find((one) => one.largest !== undefined)?.largestLine;
    const short = size > largest ? `: ${exact(size - largest)} too small for ${exact(size)}` : "";
    evidence.push(`The largest free block had ${exact(largest)}${line === undefined ? "" : ` (line ${line})`}${short}`);
  }
  const minimum = group.find((one) => one.minimum !== undefined);
  if (minimum?.minimum !== undefined && (free === undefined || minimum.minimum < free)) {
    const { minimumLine } = minimum;
    const when = minimumLine === undefined || minimumLine <= minimum.line ? " before" : "";
    evidence.push(
      `Memory had sunk to ${exact(minimum.minimum)} at the lowest${when}${minimumLine === undefined ? "" : ` (line ${minimumLine})`}`,
    );
  }
  if (free !== undefined && free < 8 * 1024 && first.time > AFTER_LONG) {
    evidence.push(
      `It happens ${formatTime(first.time)} after boot: memory that is gone after so long has leaked, or something has grown; print free memory every minute to see which`,
    );
  }
  if (size === 0 && free !== undefined && free >= 16 * 1024) {
    const isOf = isPool ? POOL_IS_EMPTY : freeIsOf;
    if (isOf !== undefined) return { short: "", evidence: [...evidence, isOf] };
    const block = `either one request was larger than the largest block${largest === undefined ? "" : ` (${exact(largest)})`}`;
    evidence.push(
      told?.freeLine !== undefined && told.freeLine > told.line
        ? `So much was free when it was next told, after the failure: ${block}, or memory was used up for a moment and given back`
        : `So much was free when it was last told, before the failure: ${block}, or memory was used up in between`,
    );
  }
  if (isPool && size > 0 && told?.freeLine !== undefined)
    return {
      short: "",
      evidence: [
        ...evidence,
        "That is free of the program's heap: where memory comes from a pool of its own, it is the pool that has no such block",
      ],
    };
  const least = Math.min(...group.map((one) => (one.size === undefined || one.size === 0 ? Infinity : one.size)));
  const isEnough =
    size > 0 && free !== undefined && (free >= 1.5 * size || (free >= size && largest !== undefined && largest < size));
  // What was free some lines before may have been used up since.
  const isOld = largest === undefined && told?.freeLine !== undefined && isApart(told, told.freeLine, timeOfLine);
  if (isEnough && isOld)
    return {
      short: `; ${exact(free)} were free when it was ${isLater ? "next" : "last"} told`,
      evidence: [
        ...evidence,
        `Either that was in smaller pieces (fragmentation), or it was used up ${isLater ? "then and given back" : "in between"}: print the largest free block too`,
      ],
    };
  if (isEnough && (largest === undefined || largest < size))
    return {
      short: `: ${exact(free)} were free, but in smaller pieces${largest === undefined ? "" : ` (largest ${exact(largest)})`}`,
      evidence: [...evidence, "Enough was free in all, so memory was split up: fragmentation"],
      isFragmented: true,
    };
  if (isEnough && largest !== undefined)
    return {
      short: "",
      evidence: [
        ...evidence,
        "So large a block of the heap would have been enough: other memory was asked for (internal, DMA-capable), or it was used up in between",
      ],
    };
  if (free !== undefined && free < size)
    return { short: free === 0 ? ": none was free" : `: only ${exact(free)} were free`, evidence };
  if (range !== undefined && range.low < 8 * 1024)
    return {
      short: `: only ${rangeText(range)} were free`,
      evidence: [...evidence, "The heap is nearly exhausted, and what is left is in small pieces"],
    };
  if (least !== Infinity && least < 512)
    return {
      short: "",
      evidence: [...evidence, `Even ${exact(least)} could not be had: this memory is exhausted, not merely split up`],
    };
  return { short: "", evidence };
}

/** Whether the line of a figure is another moment's than the failure. */
function isApart({ line, time }: RunIncident, other: number, timeOfLine: TimeOfLine): boolean {
  return Math.abs(other - line) > 1 || Math.abs((timeOfLine(other) ?? time) - time) > MOMENT;
}

/** One figure, or two where it differed. */
function rangeText({ low, high }: { readonly low: number; readonly high: number }): string {
  return low === high ? exact(low) : `${formatCount(low)} to ${exact(high)}`;
}

function kindOf(caps: number | undefined): string {
  if (isFor(caps, Cap.SPIRAM)) return " in PSRAM";
  if (isFor(caps, Cap.DMA)) return ", not all of it DMA-capable perhaps";
  return isFor(caps, Cap.INTERNAL) ? "; the request was for internal memory" : "";
}

function consequence(crash: RunIncident, known: string, names: Names): string {
  const place = placeName(names, crash);
  const what =
    crash.kind === "abort"
      ? "the abort"
      : crash.kind === "assert"
        ? `the assertion ${crash.detail ?? ""}`.trimEnd()
        : `the crash (${crash.detail ?? "panic"}${place === undefined ? "" : ` at ${place}`})`;
  const why =
    crash.kind === "assert"
      ? "is its consequence: it wants the pointer that was not had"
      : crash.kind === "abort" && known === "rust"
        ? "is its consequence: what Rust does where memory cannot be had"
        : crash.kind === "abort"
          ? crash.known === "error-check"
            ? `is its consequence, ESP_ERROR_CHECK: ${crash.detail ?? ""}`
            : "is its consequence: operator new without memory throws std::bad_alloc, or a check of the result gives up"
          : "comes right after it: a result that was not checked is the likely cause";
  return `In the log, line ${crash.line}: ${what} ${why}`;
}

function quoted({ line, quote, count }: RunIncident): string {
  return `In the log, line ${line}: “${quote}”${count > 1 ? ` (${formatCount(count)} times)` : ""}`;
}

function nextStep(
  ofSize: string | undefined,
  ofWording: string | undefined,
  isFragmented: boolean,
  size: number | undefined,
): string {
  const step = ofSize ?? ofWording ?? "";
  if (!isFragmented) return step;
  const early = `allocate ${size === undefined ? "it" : `the ${exact(size)}`} once, early, and keep it`;
  return step === "" ? early : `${step}; or ${early}`;
}

/** A size that people look up: all digits. */
function exact(bytes: number): string {
  return bytes < 10_000 ? formatBytes(bytes) : `${formatCount(bytes)} B`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
