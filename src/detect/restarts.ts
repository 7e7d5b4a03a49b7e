// Restarts that nobody asked for: by panic, assertion or watchdog. What the board said last, and what the heap did just before. docs/detectors/restart.md.
import { formatAddress, formatBytes, formatCount, formatNumberOf, formatTime } from "../base/format.ts";
import type { Microseconds } from "../base/units.ts";
import { regionName } from "../heap/regions.ts";
import { Cause, type HeapVisitor } from "../heap/visitor.ts";
import type { RunBoot } from "../heap/run-records.ts";
import type { DetectContext } from "./context.ts";
import type { Detector } from "./detector.ts";
import type { Finding, FindingSite } from "./finding.ts";
import { Urgency } from "./urgency.ts";

const rules = { restart: Urgency.DAMAGE } as const;
type Rule = keyof typeof rules;

export const restarts = {
  name: "restarts",
  page: "restart",
  group: "faults",
  rules,
  needs: [],
  detect: detectRestarts,
} as const satisfies Detector<Rule, never>;

/** esp_reset_reason_t of those that nobody asks for. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [4, "by a panic"],
  [5, "by the interrupt watchdog"],
  [6, "by the task watchdog"],
  [7, "by a watchdog"],
  [15, "by a lock-up of its processor"],
]);

/** How a board says that it dies, as ESP-IDF's panic handler, newlib and FreeRTOS print it. */
const LAST_WORDS =
  /Guru Meditation Error|assert failed|abort\(\) was called|assertion ".*" failed|CORRUPT HEAP|stack overflow in task|Task watchdog got triggered|Interrupt wdt timeout|rst:0x\w+ \(\w*WDT\w*\)|Stack smashing/i;
/** What comes after it: the next boot's ROM. */
const NEXT_BOOT = /^(?:Rebooting\.\.\.|ets \w{3}|ESP-ROM:|rst:0x)/;
const DOUBLE_FREE = /already marked as free|block_is_free|double free/i;
const HEAP_CHECK = /CORRUPT HEAP|\btlsf\w*|multi_heap|heap_caps|poison/i;

const JUST_BEFORE = 10e6;
const LINES = 6;
/** A board that restarts all the time is described by its first restarts. */
const MOST_DESCRIBED = 20;

interface Restart {
  /** Of the boot that ended. */
  readonly from: Microseconds;
  readonly time: Microseconds;
  readonly reason?: string;
  readonly lines: readonly string[];
}

async function detectRestarts(context: DetectContext): Promise<readonly Finding<Rule>[]> {
  const all = await restartsIn(context);
  const groups = new Map<string, Restart[]>();
  for (const one of all) {
    const key = `${one.reason ?? ""}|${sayingOf(one).replace(/0x[0-9a-f]+|\d+/gi, "#")}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return Promise.all([...groups].map(([key, group]) => describe(context, key, group)));
}

async function restartsIn({ model, window }: DetectContext): Promise<readonly Restart[]> {
  const { boots, incidents } = model.tables;
  const found: Restart[] = [];
  for (const [index, boot] of boots.entries()) {
    const next: RunBoot | undefined = boots[index + 1];
    const time = next?.startedAt ?? model.span.to;
    // A console log is told by its own detectors, in more words.
    const isTold = incidents.some((incident) => incident.boot === index);
    if (isTold || time < window.from || time > window.to) continue;
    const reason = REASONS.get(next?.resetReason ?? -1);
    // A boot starts where the one before was last heard of: what was printed at that moment is the other's.
    const start = boot.startedAt + (index === 0 ? 0 : 1);
    const lines = found.length < MOST_DESCRIBED ? await linesBefore(model, start, time) : [];
    if (reason === undefined && !lines.some((line) => LAST_WORDS.test(line))) continue;
    found.push({ from: boot.startedAt, time, lines, ...(reason !== undefined && { reason }) });
  }
  return found;
}

async function linesBefore(
  model: DetectContext["model"],
  from: Microseconds,
  to: Microseconds,
): Promise<readonly string[]> {
  const texts = to < from ? [] : await model.log({ from: Math.max(from, to - JUST_BEFORE), to });
  const lines = texts
    .map(({ text }) => text)
    .join("")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const dying = lines.findLastIndex((line) => LAST_WORDS.test(line));
  const end = lines.findIndex((line, index) => index >= dying && NEXT_BOOT.test(line));
  const said = end < 0 ? lines : lines.slice(0, end);
  // The registers of a panic are long; what was said first is what happened.
  return dying < 0 ? said.slice(-LINES) : said.slice(Math.max(0, dying - LINES / 2), dying + LINES / 2);
}

/** The line that says why. */
function sayingOf({ lines }: Restart): string {
  return lines.find((line) => LAST_WORDS.test(line)) ?? "";
}

async function describe(context: DetectContext, key: string, group: readonly Restart[]): Promise<Finding<Rule>> {
  const [restart] = group as readonly [Restart, ...Restart[]];
  const { time, from, reason, lines } = restart;
  const saying = sayingOf(restart);
  const before = await heapBefore(context, restart);
  const how = reason === undefined ? "died" : `restarted ${reason}`;
  const again = group.length === 1 ? "" : `, ${formatCount(group.length)} times`;
  const doubleFree = DOUBLE_FREE.test(saying)
    ? ["The heap's own check says that the block was free already: a double free that nobody had caught before"]
    : HEAP_CHECK.test(saying)
      ? ["The heap's own check ended it: its blocks or lists had been damaged before, and the caller is the victim"]
      : [];
  return {
    rule: "restart",
    severity: "error",
    confidence: 1,
    title: `the program ${how} at ${formatTime(time)}, ${formatTime(time - from)} after its start${again}${saying === "" ? "" : `: ${saying.slice(0, 160)}`}`,
    evidence: [
      ...doubleFree,
      ...before.sentences,
      ...(lines.length === 0
        ? ["The board printed nothing before it"]
        : ["It said last:", ...lines.map((line) => `  ${line.slice(0, 160)}`)]),
      ...(group.length > 1
        ? [`Described is the first; the last was at ${formatTime(group.at(-1)?.time ?? time)}`]
        : []),
    ],
    next:
      doubleFree.length > 0
        ? "Decode the backtrace with --elf, or record with a larger quarantine, in which freed blocks stay known: the probe then names both frees"
        : "Decode the backtrace with --elf; faults and failed requests that came just before are the first suspects",
    sites: before.sites,
    blocks: [],
    blockCount: group.length,
    since: time,
    until: group.at(-1)?.time ?? time,
    fingerprint: `restart|${key}`,
  };
}

interface Before {
  readonly sentences: readonly string[];
  readonly sites: readonly FindingSite[];
}

/** What the heap did just before. */
async function heapBefore({ model, names }: DetectContext, { from, time }: Restart): Promise<Before> {
  const start = Math.max(from, time - JUST_BEFORE);
  const isBefore = (one: { readonly time: Microseconds }): boolean => one.time >= start && one.time <= time;
  const ago = (one: { readonly time: Microseconds }): string => `${formatTime(time - one.time)} before`;
  const { faults, failures, anomalies } = model.tables;
  const sentences: string[] = [];
  const sites: FindingSite[] = [];
  const fault = faults.findLast(isBefore);
  if (fault !== undefined) {
    sentences.push(
      `The probe had reported a fault of block ${formatAddress(fault.blockAddress)} ${ago(fault)}: see there`,
    );
    const site = fault.allocSite ?? 0;
    if (site > 0) sites.push({ role: "allocated", site });
  }
  const failure = failures.findLast(isBefore);
  if (failure !== undefined) {
    const place = names.site(failure.site ?? 0).text;
    sentences.push(
      `A request for ${formatBytes(failure.size)} had failed ${ago(failure)}, from ${place}: its NULL may not have been checked`,
    );
    sites.push({ role: "requested", site: failure.site ?? 0, time: failure.time });
  }
  const unknown = anomalies.filter((one) => one.kind === "unknown-free" && isBefore(one));
  const last = unknown.at(-1);
  if (last !== undefined) {
    sentences.push(
      `${formatNumberOf(unknown.length, "address")} that no known block had ${unknown.length === 1 ? "was" : "were"} freed just before, the last ${formatAddress(last.address)} by ${names.task(last.task)}`,
    );
    if (last.site > 0) sites.push({ role: "freed", site: last.site, task: last.task, time: last.time });
  }
  const calls = new LastCalls();
  await model.scan({ from: Math.max(from, time - 1e6), to: time }, [calls]);
  const call = calls.last;
  if (call !== undefined) {
    const what = `${call.isFree ? "free" : "allocation"} of ${formatAddress(call.address)} (${formatBytes(call.size)}) from ${names.site(call.site).text}, task ${names.task(call.task)}`;
    sentences.push(
      `In its last second ${formatNumberOf(calls.allocations, "allocation")} and ${formatNumberOf(calls.frees, "free")}; the last call that was seen was the ${what}`,
    );
    if (sites.length === 0) sites.push({ role: "allocated", site: call.site });
  }
  const regions = await model.regionsAt(time - 1);
  const tightest = [...regions].sort((a, b) => a.minimumFree - b.minimumFree)[0];
  if (tightest !== undefined) {
    const free = regions.reduce((sum, region) => sum + region.free, 0);
    sentences.push(
      `${formatBytes(free)} were free; least was left in ${regionName(tightest.region)}, ${formatBytes(tightest.free)} and never less than ${formatBytes(tightest.minimumFree)}`,
    );
  }
  return { sentences, sites };
}

/** The last allocation or free of a stretch, and how many there were. */
class LastCalls implements HeapVisitor {
  allocations = 0;
  frees = 0;
  last:
    | {
        readonly isFree: boolean;
        readonly address: number;
        readonly size: number;
        readonly site: number;
        readonly task: number;
      }
    | undefined;

  born: NonNullable<HeapVisitor["born"]> = (live, slot) => {
    this.allocations++;
    this.note(false, live, slot, (live.context[slot] ?? 0) >>> 2);
  };

  died: NonNullable<HeapVisitor["died"]> = (live, slot, _time, cause, context) => {
    if (cause === Cause.RESET) return;
    this.frees++;
    this.note(true, live, slot, context >>> 2);
  };

  private note(
    isFree: boolean,
    live: Parameters<NonNullable<HeapVisitor["born"]>>[0],
    slot: number,
    task: number,
  ): void {
    this.last = {
      isFree,
      address: live.address[slot] ?? 0,
      size: live.size[slot] ?? 0,
      site: live.site[slot] ?? 0,
      task,
    };
  }
}
