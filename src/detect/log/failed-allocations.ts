// Failed requests that a log tells of: one finding for each kind of request, with what was free then, what people know about it, and what it led
// to. docs/detectors/log.md.

import { smallest } from "../../base/values.ts";
import { formatCount, formatExactBytes, formatNumberOf, formatTime } from "../../base/format.ts";
import { capital } from "../../base/text.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import { Cap, formatCaps } from "../../wire/caps.ts";
import type { Finding } from "../finding.ts";
import type { Names } from "../names.ts";
import { causeOf, type Group, isFor, type TimeOfLine } from "./allocation-causes.ts";
import { onBoard } from "./board-findings.ts";
import { allFramesOf, ownName, placeName, quoteOf } from "./places.ts";
import { knownFailures, knownRequest } from "./knowledge.ts";

/** A crash within so many lines after the last failure is its consequence. */
const CONSEQUENCE_LINES = 60;
/** Of the message of one of Rust's panics. */
const MESSAGE_LINES = 5;

/** An assertion of a bare pointer, or that it is not NULL. */
const POINTER = /^\(*[*!]?[A-Za-z_][\w.>[\]-]*\)*(?: *!= *(?:NULL|nullptr|0)\)*)?(?: \(|$)/;

/** Failures that end in an abort at the very place that asked. */
const THROWS: ReadonlySet<string> = new Set(["bad-alloc", "rust", "abort-on-failure"]);

/** Whose advice is to print what was free. */
const ASKS_FOR_FIGURES: ReadonlySet<string> = new Set(["generic", "callback", "abort-on-failure"]);
const FIND_HOLDER =
  "find what takes this memory: heap_trace_start(HEAP_TRACE_LEAKS) or memmap's probe tells who holds which blocks";
/** Figures so near are the failure's own. */
const NEAR_LINES = 3;

/** Whether its size, what was free and the largest block are told. */
function hasFigures({ size, free, freeLine, largest, largestLine, line, lastLine }: RunIncident): boolean {
  const isNear = (at = line): boolean => at >= line - NEAR_LINES && at <= lastLine + NEAR_LINES;
  return size !== undefined && free !== undefined && largest !== undefined && isNear(freeLine) && isNear(largestLine);
}

/** @param incidents of the window, in order of their lines */
export function failedAllocations(
  incidents: readonly RunIncident[],
  names: Names,
  timeOfLine: TimeOfLine = () => undefined,
): { readonly findings: readonly Finding<"allocation-failure">[]; readonly explained: ReadonlySet<RunIncident> } {
  const failures = withoutThrown(incidents.filter(({ kind }) => kind === "failed-allocation"));
  const groups = new Map<string, Group>();
  for (const failure of failures) {
    const key = [failure.known, failure.component, failure.function, failure.caps, failure.site, failure.board].join(
      "|",
    );
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
    const needsPsram =
      group.some(({ caps, known }) => isFor(caps, Cap.SPIRAM) || known === "camera") ||
      (missing !== undefined && first.line - missing.line <= NEAR_LINES);
    const finding = describe(group, crash, restart, needsPsram ? missing : undefined, names, timeOfLine);
    return onBoard(finding, first.board);
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

function lastLineOf(group: readonly RunIncident[]): number {
  return group.reduce((last, { lastLine }) => Math.max(last, lastLine), -Infinity);
}

function consequenceOf(group: Group, incidents: readonly RunIncident[]): RunIncident | undefined {
  const last = lastLineOf(group);
  // The ESP8266 core tells the request that failed below the crash that came of it.
  const isToldAfter = group.some(({ quote }) => /last failed alloc call/.test(quote));
  return incidents.find(
    ({ kind, line, lastLine, known, detail = "", facts = [], board }) =>
      board === group[0].board &&
      (kind === "abort" ||
        kind === "panic" ||
        (kind === "assert" && (POINTER.test(detail) || isOfController(group, detail) || isOfError(group, facts)))) &&
      line - last <= CONSEQUENCE_LINES &&
      (line > group[0].line ||
        // Rust's panic and a core dump say what they are about below their first line.
        ((known === "rust" || facts.includes("refused 1")) && group[0].line - line <= MESSAGE_LINES) ||
        (isToldAfter && last - lastLine <= 2 * CONSEQUENCE_LINES)),
  );
}

/** What the program called an error right before it is the failure, or what a layer above said of that. */
function isOfError(group: Group, facts: readonly string[]): boolean {
  const lines = facts.flatMap((fact) => /^(?:first )?error before (\d+) /.exec(fact)?.[1] ?? []);
  return group.some(({ line, lastLine, also = [] }) =>
    lines.some((told) => Number(told) === line || Number(told) === lastLine || also.some((one) => one.startsWith(`${told}: `))),
  ); // prettier-ignore
}

/** The Bluetooth controller's own checks, after it asked for memory. */
const isOfController = ([{ known }]: Group, detail: string): boolean =>
  known === "bluetooth" && detail.startsWith("a check of the Bluetooth controller");

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
  const isThrown = THROWS.has(known) || crash?.known === "rust";
  const thrower = first.site === undefined && isThrown && crash?.kind === "abort" ? crash : undefined;
  const witness = thrower !== undefined && ownName(names, thrower) !== undefined ? thrower : first;
  const { site } = witness;
  const count = group.reduce((sum, one) => sum + one.count, 0);
  // What Rust's panic says of a refusal is its allocator's.
  const isOfRust = known === "generic" && crash?.known === "rust";
  const knowledge = knownFailures[isOfRust ? "rust" : known] ?? knownFailures["generic"];
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
  const verdict = isNothing
    ? { short: "", evidence: [] }
    : causeOf(group, knowledge, timeOfLine, withoutPsram !== undefined);
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
  // Who prints the callback's line is not who asked.
  const driver = driverOf(names, witness);
  const speaker = known === "callback" || known === "abort-on-failure" ? (driver?.who ?? (named === undefined ? component : undefined)) : component; // prettier-ignore
  const who = [speaker, first.function === undefined ? undefined : `${first.function}()`]
    .filter((one) => one !== undefined)
    .join(", ");
  return {
    rule: "allocation-failure",
    severity: isNothing
      ? crash === undefined
        ? "note"
        : "error"
      : knowledge?.title === undefined || known === "psram-missing"
        ? "error"
        : "warning",
    confidence: 1,
    title: isNothing
      ? `${count === 1 ? "a request" : `${formatCount(count)} requests`} for 0 bytes returned NULL`
      : (knowledge?.title ?? titleOf(count, sizes, who, caps, verdict.short)),
    evidence: [
      ...group.slice(1, 6).map(quoted),
      ...(group.length > 6 ? [`and ${formatNumberOf(group.length - 6, "more kind")} of them`] : []),
      ...verdict.evidence,
      ...(withoutPsram === undefined
        ? littleOfPsram(group)
        : [`PSRAM did not start (line ${withoutPsram.line}): there is none to give`]),
      ...(isFor(caps, Cap.EXEC)
        ? [
            "EXEC asks for memory that code can run in, of which the heap has little or none: data wants MALLOC_CAP_8BIT",
          ]
        : []),
      ...(ofSize === undefined ? [] : [`${formatExactBytes(ofSize.size)} is ${ofSize.means} (${ofSize.source})`]),
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
                driver?.next ??
                  (named === undefined && crash !== undefined ? undefined : knowledge?.nextNamed) ??
                  (ASKS_FOR_FIGURES.has(known) && verdict.short !== "" && group.some(hasFigures)
                    ? FIND_HOLDER
                    : knowledge?.next),
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

/** Of PSRAM nobody lacks so little who has it. */
const LITTLE_OF_PSRAM = 16 * 1024;

function littleOfPsram(group: Group): string[] {
  const sizes = group.flatMap(({ size }) => (size === undefined || size === 0 ? [] : [size]));
  const least = smallest(sizes);
  const isTold = group.some(({ free, largest }) => free !== undefined || largest !== undefined);
  if (isTold || least >= LITTLE_OF_PSRAM || !isFor(group[0].caps, Cap.SPIRAM)) return [];
  return [
    `${formatExactBytes(least)} are little of megabytes: look whether PSRAM was found at boot and is added to the heap (CONFIG_SPIRAM, CONFIG_SPIRAM_USE_CAPS_ALLOC or _USE_MALLOC), before looking for what has used it up`,
  ];
}

interface Sized {
  readonly size: number;
  readonly count: number;
}

function titleOf(count: number, sizes: readonly Sized[], who: string, caps: number | undefined, why: string): string {
  const listed = [...new Set(sizes.map(({ size }) => size))].map((size) => {
    const times = sizes.filter((one) => one.size === size).reduce((sum, one) => sum + one.count, 0);
    return times > 1 && times < count ? `${formatExactBytes(size)} ×${times}` : formatExactBytes(size);
  });
  const what = listed.length === 0 ? "" : ` of ${listed.slice(0, 5).join(", ")}${listed.length > 5 ? " …" : ""}`;
  const capsText = caps === undefined || caps === 0 ? "" : ` with ${formatCaps(caps)}`;
  const by = who === "" ? "" : ` by ${/^[\w -]+ (?:driver|outbox)/.test(who) ? "the " : ""}${who}`;
  const untold =
    listed.length === 0
      ? " (its size is not told)".replace("its size is", count === 1 ? "its size is" : "sizes are")
      : "";
  return `${count === 1 ? "an allocation" : `${formatCount(count)} allocations`}${what}${capsText}${by} failed${why}${untold}`;
}

/** Drivers in binary whose functions stand in the calls of a request: by name, or as decoders name their libraries. */
const DRIVERS = [
  { calls: /^(?:wifi_[mcz]?alloc\w*|esf_buf_alloc\w*|ieee80211_\w+)$|\bin (?:libpp|libnet80211)\.a$/, who: "Wi-Fi driver", known: "wifi-eb" },
  { calls: /^(?:r_)?(?:lld|llm|llc|ke|rwip|hci)_\w+$|\bin lib(?:btdm_app|btbb|ble_app)\.a$/, who: "Bluetooth controller", known: "bluetooth" },
] as const; // prettier-ignore

function driverOf(names: Names, incident: RunIncident): { readonly who: string; readonly next: string } | undefined {
  const calls = allFramesOf(names, incident).map((frame) => frame.function);
  const driver = DRIVERS.find((one) => calls.some((name) => one.calls.test(name)));
  return driver === undefined ? undefined : { who: driver.who, next: knownFailures[driver.known]?.next ?? "" };
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

function consequence(crash: RunIncident, known: string, names: Names): string {
  const place = placeName(names, crash);
  const named = quoteOf(crash, "thrown");
  const thrown = named?.quote.startsWith("std::bad_alloc") === true ? undefined : named;
  const what =
    crash.known === "rust" && crash.component !== undefined && crash.component !== ""
      ? `the panic at ${crash.component}`
      : crash.kind === "abort"
        ? "the abort"
        : crash.kind === "assert"
          ? `the assertion ${crash.detail ?? ""}`.trimEnd()
          : `the crash (${crash.detail === undefined || crash.detail === "" ? "panic" : crash.detail}${place === undefined ? "" : ` at ${place}`})`;
  const why =
    crash.kind === "assert"
      ? crash.detail?.startsWith("a check of") === true
        ? "is its consequence: the controller cannot go on without what it asked for, and waits there for a watchdog"
        : POINTER.test(crash.detail ?? "")
          ? "is its consequence: it wants the pointer that was not had"
          : "is its consequence: it wants that to succeed"
      : crash.kind === "abort" && (known === "rust" || crash.known === "rust")
        ? "is its consequence: what Rust does where memory cannot be had"
        : crash.kind === "abort"
          ? known === "abort-on-failure"
            ? "is its consequence: the heap ends the program where a request is refused"
            : known === "psram-missing"
              ? "is its consequence: the program is built to stop without PSRAM (CONFIG_SPIRAM_IGNORE_NOTFOUND lets it go on without)"
              : knownFailures[known]?.isPool === true
                ? "is its consequence: without memory it gives up"
                : thrown !== undefined
                  ? `is its consequence: ${thrown.quote} was thrown, which nobody caught`
                  : crash.known === "error-check"
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
  const early = `allocate ${size === undefined ? "it" : `the ${formatExactBytes(size)}`} once, early, and keep it`;
  return step === "" ? early : `${step}; or ${early}`;
}

/** A size that people look up: all digits. */
