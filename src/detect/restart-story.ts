// What is told of a restart: what the board said last, and what the heap did just before.
import { valueAt } from "../base/values.ts";
import { formatAddress, formatBytes, formatCount, formatNumberOf, formatTime } from "../base/format.ts";
import type { Microseconds } from "../base/units.ts";
import { regionName } from "../heap/regions.ts";
import { Cause, type HeapVisitor } from "../heap/visitor.ts";
import type { DetectContext } from "./context.ts";
import type { Finding, FindingSite } from "./finding.ts";
import { JUST_BEFORE, type Restart } from "./restart.ts";

const DOUBLE_FREE = /already marked as free|block_is_free|double free/i;
const HEAP_CHECK = /CORRUPT HEAP|\btlsf\w*|multi_heap|heap_caps|poison/i;

export async function describeRestart(
  context: DetectContext,
  key: string,
  group: readonly Restart[],
): Promise<Finding<"restart">> {
  const [restart] = group as readonly [Restart, ...Restart[]];
  const { time, from, reason, lines, saying } = restart;
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
      `${formatNumberOf(unknown.length, "address", "addresses")} that no known block had ${unknown.length === 1 ? "was" : "were"} freed just before, the last ${formatAddress(last.address)} by ${names.task(last.task)}`,
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
    this.note(false, live, slot, valueAt(live.context, slot) >>> 2);
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
      address: valueAt(live.address, slot),
      size: valueAt(live.size, slot),
      site: valueAt(live.site, slot),
      task,
    };
  }
}
