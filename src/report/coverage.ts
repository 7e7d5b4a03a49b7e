// How far the numbers can be trusted: what was verified against the device's own account, what was lost, and what that means.
import { formatBytes, formatCount, formatNumberOf, formatTime } from "../base/format.ts";
import { exactly, unknown, type Quantity } from "../base/quantity.ts";
import { damageRemarks } from "../heap/damage.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { gapSpan, meets } from "../heap/gap-span.ts";
import { samplingOf } from "../heap/sampling.ts";
import type { CheckedHeartbeat, RunBoot } from "../heap/run-records.ts";
import type { Totals, Window } from "../heap/types.ts";
import type { Gap, GapReason } from "../wire/records.ts";

/** Counts of what makes the numbers sure or unsure. */
export interface CoverageView {
  readonly heartbeats: number;
  readonly verified: number;
  readonly diverged: number;
  readonly gaps: number;
  /** From when to when history is missing. */
  readonly gapSpans: readonly Window[];
  readonly lostFrames: number;
  /** Unknown where at least one gap does not know. */
  readonly lostEvents: Quantity;
  /** The device's own counters at its last heartbeat. */
  readonly tableFull: number;
  readonly droppedEvents: number;
  readonly droppedReports: number;
  readonly unknownFrees: number;
  readonly boots: number;
  /** The numbers are estimates from a sample. */
  readonly estimated: boolean;
  /** Of the boots, those of which accidents alone are told; the run's span does not hold them. */
  readonly briefBoots?: number;
  /** False where something makes the numbers lower or uncertain. */
  readonly complete: boolean;
  /** The same for people, most important first; at least one. */
  readonly sentences: readonly string[];
}

export async function viewCoverage(model: HeapModel, window: Window, totals: Totals): Promise<CoverageView> {
  const heartbeats = await model.heartbeats(window);
  const gaps = model.tables.gaps.filter((gap) => meets(gapSpan(gap), window));
  const boots = model.tables.boots;
  const brief = furtherStarts(boots);
  const last = heartbeats.at(-1);
  const facts = {
    heartbeats: heartbeats.length,
    verified: count(heartbeats, "verified"),
    diverged: count(heartbeats, "diverged"),
    gaps: gaps.length,
    gapSpans: gaps.map(gapSpan),
    lostFrames: gaps.reduce((sum, gap) => sum + gap.lostFrames, 0),
    lostEvents: lostEvents(gaps),
    tableFull: last?.tableFull ?? 0,
    droppedEvents: last?.droppedEvents ?? 0,
    droppedReports: last?.droppedReports ?? 0,
    unknownFrees: Math.max(last?.unknownFrees ?? 0, totals.unknownFrees),
    boots: boots.length + brief,
    estimated: samplingOf(boots).sentence !== undefined,
    ...(brief > 0 && { briefBoots: brief }),
  };
  const complete =
    facts.gaps === 0 && facts.diverged === 0 && facts.tableFull === 0 && facts.droppedEvents === 0 && !facts.estimated;
  const damage = model.tables.damage;
  return {
    ...facts,
    complete: complete && !damage.some(({ isLost }) => isLost),
    sentences: [
      ...damageRemarks(damage).map((remark) => remark.replace(/\.$/, "")),
      ...sentencesOf(facts, gaps, totals, boots),
    ],
  };
}

/** Unknown where at least one gap does not know. */
export function lostEvents(gaps: readonly Gap[]): Quantity {
  return gaps.some((gap) => gap.lostEvents === undefined)
    ? unknown
    : exactly(gaps.reduce((sum, gap) => sum + (gap.lostEvents ?? 0), 0));
}

/** How often a board started without that it is told as a boot of its own. */
export function furtherStarts(boots: readonly RunBoot[]): number {
  return boots.reduce((sum, boot) => sum + (boot.furtherStarts ?? 0), 0);
}

function count(heartbeats: readonly CheckedHeartbeat[], verdict: CheckedHeartbeat["verdict"]): number {
  return heartbeats.filter((heartbeat) => heartbeat.verdict === verdict).length;
}

type Facts = Omit<CoverageView, "complete" | "sentences">;

function sentencesOf(facts: Facts, gaps: readonly Gap[], totals: Totals, boots: readonly RunBoot[]): readonly string[] {
  const sentences: string[] = [];
  if (facts.diverged > 0) {
    sentences.push(
      `${formatCount(facts.diverged)} of ${formatCount(facts.heartbeats)} heartbeats ${facts.diverged === 1 ? "contradicts" : "contradict"} the reconstruction: take the numbers as estimates`,
    );
  }
  if (gaps.length > 0) sentences.push(...gapSentences(facts, gaps, totals));
  if (facts.tableFull > 0) {
    sentences.push(
      `The probe's table was full for ${formatNumberOf(facts.tableFull, "allocation")}: these are missing everywhere; enlarge the table in menuconfig`,
    );
  }
  if (facts.droppedEvents > 0) {
    sentences.push(
      `The probe dropped ${formatNumberOf(facts.droppedEvents, "event")} because the line was too slow; snapshots put the live set right again`,
    );
  }
  if (facts.droppedReports > 0) {
    sentences.push(
      `${formatNumberOf(facts.droppedReports, "fault or failure report")} found no room on the device and are missing here`,
    );
  }
  const { sentence: estimate } = samplingOf(boots);
  if (estimate !== undefined) sentences.push(estimate);
  if (facts.unknownFrees > 0) {
    sentences.push(
      `${formatNumberOf(facts.unknownFrees, "free")} of blocks that were allocated before tracking began or while the table was full: passed on, not judged`,
    );
  }
  if (facts.boots > 1)
    sentences.push(
      `The board started ${formatCount(facts.boots)} times; each start begins with an empty heap, and growth is judged over the longest run without one`,
    );
  if (facts.briefBoots !== undefined)
    sentences.push(
      `Of ${formatCount(facts.briefBoots)} of these starts accidents alone are told; the first, the last and the longest were read whole`,
    );
  if (boots.some((boot) => boot.provisional === true)) {
    sentences.push(
      "No HELLO was heard from the board: how long its ticks are is a guess, and so are all times and rates; record until its next snapshot",
    );
  }
  if (facts.heartbeats === 0) {
    const origin = boots.at(-1)?.origin;
    sentences.push(
      origin === undefined
        ? "No heartbeat arrived: nothing proves that the reconstruction is whole"
        : `Imported from ${origin}, which has no check sums: nothing proves that the history is whole`,
    );
  } else if (facts.verified > 0) {
    const others = facts.heartbeats - facts.verified - facts.diverged;
    sentences.push(
      `${formatCount(facts.verified)} of ${formatCount(facts.heartbeats)} heartbeats verified: ` +
        `the reconstruction equals the device's own account by count, bytes and hash` +
        (others > 0 ? ` (${formatCount(others)} fell into gaps)` : ""),
    );
  }
  return sentences;
}

const reasons: Record<GapReason, string> = {
  "frames-lost": "frames lost on the way",
  "dropped-on-device": "events dropped on the device",
  "attached-late": "the recording began in the middle of the run",
  "source-incomplete": "the imported file is not complete",
  "recording-damaged": "the recording's file is damaged",
};

/** The longest stretches, in the order of time. */
function spansText(gaps: readonly Gap[]): string {
  const spans = gaps.map(gapSpan).filter(({ from, to }) => to > from);
  const longest = [...spans].sort((a, b) => b.to - b.from - (a.to - a.from)).slice(0, 3);
  if (longest.length === 0) return "";
  const texts = longest
    .sort((a, b) => a.from - b.from)
    .map(({ from, to }) => `${formatTime(from)} to ${formatTime(to)}`);
  return `, ${spans.length > longest.length ? "the longest " : ""}from ${texts.join(", ")}`;
}

function gapSentences(facts: Facts, gaps: readonly Gap[], totals: Totals): string[] {
  const why = [...new Set(gaps.map((gap) => reasons[gap.reason]))].join(", ");
  const lost =
    facts.lostEvents.certainty === "unknown"
      ? "an unknown number of events"
      : formatNumberOf(facts.lostEvents.value, "event");
  const { lowest, highest, value } = totals.bytes;
  const bounds =
    lowest === highest
      ? "a snapshot, a restart or the device's own account has put the live set right since"
      : lowest === value && highest === Infinity
        ? `live at the end are at least ${formatBytes(value)}`
        : `live at the end are ${formatBytes(lowest)} to ${highest === Infinity ? "an unknown number of bytes" : formatBytes(highest)} (most likely ${formatBytes(value)})`;
  return [`${formatNumberOf(gaps.length, "gap")} (${why})${spansText(gaps)}: ${lost} missing; ${bounds}`];
}
