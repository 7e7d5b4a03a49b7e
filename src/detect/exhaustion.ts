// When the first usual request will be refused: what is known of traffic and leaks is played on a model of the heap (heap-replay.ts) again and again, each
// time with other luck, and what the replays do not know widens the interval.
import { assertDefined } from "../base/assert.ts";
import { valueAt } from "../base/values.ts";
import type { Caps, Microseconds } from "../base/units.ts";
import { serves } from "../wire/caps.ts";
import { samplingOf } from "../heap/sampling.ts";
import { lastEvents } from "./context.ts";
import type { FoundLeak, Inputs } from "./detector.ts";
import { redZoneAt } from "./failures.ts";
import { replay, type Loss, type Refused, type ReplayQuestion, type Traffic } from "./heap-replay.ts";
import { theilSen } from "./statistics/theil-sen.ts";
import { EPOCHS, type Survey } from "./survey.ts";
import { KEPT, Tape, type Request } from "./tape.ts";

/** Of a replay, in times that the leaks would take to use up all that is free. */
const REPLAYED = 4;
const REPLAYS = 15;
/** A tape of more events would cost more than it tells. */
const MOST_EVENTS = 500_000;
/** What a program keeps before this share of the stretch is set-up. */
const SETTLE_SHARE = 0.1;

/** Microseconds after the end of the stretch. `latest` may be Infinity. */
interface Interval {
  readonly earliest: Microseconds;
  readonly likely: Microseconds;
  readonly latest: Microseconds;
}

export interface Exhaustion extends Interval {
  /** What most replays end with. */
  readonly refused: Refused;
  /** Replays, and of them those that end with it. */
  readonly replays: number;
  readonly count: number;
  /** Bytes per microsecond, largest first. */
  readonly carriers: readonly { readonly site: number; readonly rate: number }[];
}

type Growing = FoundLeak & Required<Pick<FoundLeak, "rate">>;

/** Undefined where leaks are not most of what grows, or nothing is refused in time. */
export async function forecastExhaustion(inputs: Inputs<"survey" | "leaks">): Promise<Exhaustion | undefined> {
  const { leaks, regions, stretch, survey } = inputs;
  const growing = leaks.filter(
    (leak): leak is Growing => leak.isGrowing && leak.rate !== undefined && leak.rate.likely > 0,
  );
  if (growing.length === 0 || regions.length === 0) return undefined;
  const question = await questionOf(inputs, growing);
  if (!isCarriedBy(question.losses, survey)) return undefined;
  const replays = replayOften(question);
  const interval = intervalOf(replays, stretch.to - stretch.from);
  if (interval === undefined) return undefined;
  const refused = usualOf(replays);
  return {
    ...interval,
    refused,
    replays: replays.length,
    count: replays.filter(({ site, after }) => after < Infinity && site === refused.site).length,
    carriers: question.losses.map(({ site, rate }) => ({ site, rate: rate.likely })).sort((a, b) => b.rate - a.rate),
  };
}

async function questionOf(
  { model, survey, stretch, regions, live }: Inputs<"survey" | "leaks">,
  growing: readonly Growing[],
): Promise<ReplayQuestion> {
  const settled = stretch.from + SETTLE_SHARE * (stretch.to - stretch.from);
  const taped = lastEvents(model, { from: settled, to: stretch.to }, MOST_EVENTS);
  const tape = new Tape();
  await model.scan(taped, [tape]);
  const { requests } = tape;
  const { weight } = samplingOf(model.tables.boots);
  const capsOf = (site: number): Caps => valueAt(model.tables.sites, site).caps;
  const losing = new Set(growing.flatMap(({ sites }) => sites));
  const containers = new Set(
    growing.filter(({ finding }) => finding.rule === "growing-block").flatMap(({ sites }) => sites),
  );
  const losses = growing.flatMap(({ sites, rate, finding }): Loss[] => {
    const site = valueAt(sites, 0);
    const rows = sizesOf(live, new Set(sites), settled);
    const isContainer = finding.rule === "growing-block";
    const grown = sites
      .flatMap((one) => requests.get(one) ?? [])
      .slice(-2)
      .map(({ size }) => size)
      .reverse();
    const sizes = isContainer ? grown : rows.sizes;
    if (sizes.length < (isContainer ? 2 : 1)) return [];
    return [{ site, caps: capsOf(site), rate, sizes, lastAddress: rows.lastAddress, isContainer }];
  });
  const traffic = [...requests].flatMap(([site, all]): Traffic[] => {
    const isLosing = losing.has(site);
    const some = isLosing ? all.filter(({ life }) => life !== undefined) : all;
    const [first] = all;
    if (some.length === 0 || first === undefined || containers.has(site)) return [];
    if (isEpisode(all, taped.from, stretch.to)) return [];
    const period = stretch.to - (all.length < KEPT ? taped.from : first.time);
    return [
      {
        site,
        caps: capsOf(site),
        requests: some,
        period: Math.max(1, period / weight(first.size)),
        staying: isLosing ? 0 : stayingShare(survey, site),
      },
    ];
  });
  return { now: stretch.to, regions, live, extra: redZoneAt(model, stretch.to), traffic, losses };
}

/** Several requests at once, and none since for longer than they took: that happened, and is not usual. */
function isEpisode(requests: readonly Request[], from: Microseconds, now: Microseconds): boolean {
  const [first, last] = [requests[0]?.time ?? from, requests.at(-1)?.time ?? now];
  return requests.length >= 3 && last - first < 0.25 * (now - from) && now - last > last - first;
}

function sizesOf(
  live: ReplayQuestion["live"],
  sites: ReadonlySet<number>,
  settled: Microseconds,
): { readonly sizes: readonly number[]; readonly lastAddress: number } {
  const sizes: number[] = [];
  let lastAddress = 0;
  let last = -Infinity;
  for (let row = 0; row < live.length; row++) {
    if (!sites.has(valueAt(live.site, row))) continue;
    if (valueAt(live.origin, row) >= settled) sizes.push(valueAt(live.size, row));
    if (valueAt(live.born, row) < last) continue;
    last = valueAt(live.born, row);
    lastAddress = valueAt(live.address, row);
  }
  return { sizes, lastAddress };
}

/** Of what a site asks for now, which part stays: by how its least grew in the second half. */
function stayingShare({ floorBlocks, births }: Survey, site: number): number {
  const [half, end] = [site * EPOCHS + (EPOCHS >> 1), (site + 1) * EPOCHS];
  const born = births.subarray(half, end).reduce((sum, count) => sum + count, 0);
  const grown = valueAt(floorBlocks, end - 1) - valueAt(floorBlocks, half);
  return born === 0 ? 0 : Math.max(0, Math.min(1, grown / born));
}

/** Most of the growth in the regions is that of leaks. */
function isCarriedBy(losses: readonly Loss[], survey: Survey): boolean {
  const leaking = losses.reduce((sum, { rate }) => sum + rate.likely, 0);
  return leaking > 0 && leaking >= 0.5 * floorSlope(survey);
}

/** Of the least that is held in all regions, in the second half. */
function floorSlope(survey: Survey): number {
  const first = EPOCHS / 2;
  const floor = Float64Array.from({ length: EPOCHS - first }, (_, i) =>
    survey.regions.reduce((sum, _region, region) => sum + valueAt(survey.regionFloor, region * EPOCHS + first + i), 0),
  );
  const line = theilSen(
    Float64Array.from(floor, (_, i) => i * survey.epochLength),
    floor,
  );
  return assertDefined(line, "the line through many points").slope;
}

function replayOften(question: ReplayQuestion): readonly Refused[] {
  const { losses, regions } = question;
  const rate = losses.reduce((sum, loss) => sum + loss.rate.likely, 0);
  const all = regions
    .filter(({ region }) => losses.some(({ caps }) => serves(region.caps, caps)))
    .reduce((sum, { free }) => sum + free, 0);
  const longest = (REPLAYED * all) / rate;
  const random = randomFrom(1);
  const trial = replay(question, { random, speeds: losses.map(() => 1), growth: 0.5 }, longest / REPLAYED, longest);
  const expected = Math.min(trial.after, longest);
  return Array.from({ length: REPLAYS }, (_, i) => {
    const speeds = losses.map(({ rate: { low, likely, high } }) => {
      const spread = Math.log(Math.max(high, likely) / Math.max(low, likely / 20)) / 2 / 1.8;
      return Math.exp(spread * normal(random));
    });
    return replay(question, { random, speeds, growth: i / (REPLAYS - 1) }, Math.max(1, expected), longest);
  });
}

/**
 * Besides what differs between the replays, on programs drawn at random (bench:detectors) the time was off by this much: sooner the more, the farther it is
 * ahead compared with what was observed, as what grows by then has not been seen; later where it is close; by little of that where replays agree.
 */
function intervalOf(replays: readonly Refused[], observed: Microseconds): Interval | undefined {
  const times = replays.map(({ after }) => after).sort((a, b) => a - b);
  const at = (share: number): Microseconds => valueAt(times, Math.round(share * (times.length - 1)));
  const likely = at(0.5);
  if (likely === Infinity) return undefined;
  const seen = 0.02 * observed;
  const spread = Math.log((at(0.95) + seen) / (at(0.05) + seen)) / 2;
  const ahead = likely / observed;
  const disagreement = 0.15 + 0.85 * Math.min(1, spread / 0.2) ** 2;
  const shorter = Math.hypot(spread, disagreement * Math.hypot(0.3, 0.4 * Math.log1p(ahead)));
  const longer = Math.hypot(spread, disagreement * Math.hypot(0.45, 0.2 / Math.max(0.02, ahead)));
  return {
    earliest: Math.max(0, (likely + seen) * Math.exp(-shorter) - seen),
    likely,
    latest: (likely + seen) * Math.exp(longer) - seen,
  };
}

function usualOf(replays: readonly Refused[]): Refused {
  const refusals = replays.filter(({ after }) => after < Infinity);
  const counts = new Map<number, number>();
  for (const { site } of refusals) counts.set(site, (counts.get(site) ?? 0) + 1);
  const [site] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most));
  const some = refusals.filter((one) => one.site === site).sort((a, b) => a.after - b.after);
  return some[some.length >> 1] as Refused;
}

/** Standard normal. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The same for the same seed: a report does not change when it is asked for twice. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
