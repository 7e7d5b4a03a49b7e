// How true findings are: by severity and caller, how often a stated confidence is right, whether forecasts hold, plans work and numbers are those of
// the program. What is true comes from the program that was played (program.ts), never from the model.
import { assertDefined } from "../../src/base/assert.ts";
import { explainFailure } from "../../src/detect/failures.ts";
import type { Finding } from "../../src/detect/finding.ts";
import type { Names } from "../../src/detect/names.ts";
import { detect } from "../../src/detect/run.ts";
import type { HeapModel } from "../../src/heap/model-api.ts";
import { openModel } from "../../src/heap/model.ts";
import { recordRun } from "../heap-text.ts";
import { Program, type CorpusProgram, type LeakLabel, type Lost } from "./program.ts";

export interface Judged {
  readonly program: CorpusProgram;
  readonly seed: number;
  readonly leaks: readonly JudgedLeak[];
  /** Labels, and the loudest finding that names them. */
  readonly labels: readonly {
    readonly label: LeakLabel;
    readonly found?: "error" | "warning" | "note";
    /** The recording shows enough rounds of it to tell it from a program that begins. */
    readonly isKnowable: boolean;
  }[];
  readonly forecasts: readonly JudgedForecast[];
  readonly plans: readonly JudgedPlan[];
  readonly claims: readonly Claim[];
}

export interface JudgedLeak {
  readonly finding: Finding;
  readonly isTrue: boolean;
  /** Every place that it accuses does lose blocks. */
  readonly isGuiltyNamed: boolean;
  /** Neither right nor wrong: growth that goes with a leak. */
  readonly isNeutral: boolean;
}

export interface JudgedForecast {
  readonly finding: Finding;
  /** Of the first refused request, after the end of the recording; undefined where none was within the time tried. */
  readonly happened?: number;
  readonly holds: boolean;
}

export interface JudgedPlan {
  readonly isSure: boolean;
  readonly works: boolean;
}

/** A number that a sentence says, and the truth. */
export interface Claim {
  readonly what: "blocks" | "bytes" | "rate";
  readonly said: string;
  readonly truth: number;
  readonly holds: boolean;
}

/** A recording that has fewer rounds, or is shorter, may be of anything. */
const ROUNDS = 10;
const SHORTEST = 45e6;

const leakRules = new Set(["leak", "growing-block", "freed-at-shutdown", "orphaned"]);

/** @param goesOn after the end of the recording until a request is refused; without it no forecast is judged */
export async function measure(program: CorpusProgram, seed: number, goesOn = true): Promise<Judged> {
  let player: Program | undefined;
  const run = recordRun((sink) => program.play((player = new Program(sink, seed, program.board))));
  const played = assertDefined(player, program.name);
  const end = played.now;
  const refused = played.refusals.length;
  const rounds = new Map((program.leaks ?? []).map((label) => [label, played.roundsOf(label.function)]));
  const model = await openModel(run);
  const { findings, names } = await detect(model);
  const judge = (finding: Finding): JudgedLeak => judgeLeak(finding, program, played, model, names);
  const leaks = findings
    .filter(({ rule, suppressedBy, severity }) => leakRules.has(rule) && !suppressedBy && severity !== "note")
    .map(judge);
  const notes = findings.filter(({ rule, severity }) => leakRules.has(rule) && severity === "note").map(judge);
  const labels = (program.leaks ?? []).map((label) => {
    const found = [...leaks, ...notes].find(
      ({ finding, isTrue }) => isTrue && accusedBy(finding, names).some((place) => matches(label, place, names)),
    );
    const isKnowable = end >= SHORTEST && (rounds.get(label) ?? 0) >= ROUNDS;
    return found === undefined ? { label, isKnowable } : { label, isKnowable, found: found.finding.severity };
  });
  const plans = await tryPlans(model, played, refused);
  const claims = leaks.filter(({ isTrue }) => isTrue).flatMap(({ finding }) => claimsOf(finding, played, model));
  // Of what is expected long after the recording nobody can wait for the truth.
  const forecast = goesOn
    ? findings.filter(({ rule, expected }) => rule === "exhaustion" && (expected?.likely ?? 0) < 8 * end)
    : [];
  // Whoever has seen nothing by the latest moment, and some more, knows that it is wrong, or that it has no end.
  const latest = Math.max(0, ...forecast.map(({ expected }) => expected?.latest ?? 3 * (expected?.likely ?? 0)));
  const happened = forecast.length > 0 ? played.goOn(end + latest * 1.2 + 1) : undefined;
  return {
    program,
    seed,
    leaks,
    labels,
    forecasts: forecast.map((finding) => judgeForecast(finding, end, happened)),
    plans,
    claims,
  };
}

/** The sites that it accuses. */
function accusedBy({ sites }: Finding, _names: Names): readonly number[] {
  return sites.filter(({ role }) => role === "allocated").map(({ site }) => site);
}

function matches({ function: place, caller }: LeakLabel, site: number, names: Names): boolean {
  const { frames } = names.site(site);
  return frames[0]?.function === place && (caller === undefined || frames[1]?.function === caller);
}

function judgeLeak(
  finding: Finding,
  { leaks = [] }: CorpusProgram,
  played: Program,
  model: HeapModel,
  names: Names,
): JudgedLeak {
  const accused = accusedBy(finding, names);
  const labels = leaks.filter((label) => accused.some((site) => matches(label, site, names)));
  const isNeutral = labels.length > 0 && labels.every(({ severity }) => severity === "optional");
  const isGuilty = (site: number): boolean => {
    const known = labels.find(({ function: place }) => names.site(site).frames[0]?.function === place);
    if (known === undefined) return false;
    const losesAnything = [...played.lost.values()].some(({ function: place }) => place === known.function);
    return !losesAnything || played.lost.has(model.tables.sites[site]?.deviceId ?? -1);
  };
  const isGuiltyNamed = labels.length > 0 && accused.every(isGuilty);
  return { finding, isTrue: isGuiltyNamed, isGuiltyNamed, isNeutral };
}

function judgeForecast(finding: Finding, end: number, time: number | undefined): JudgedForecast {
  const { earliest = 0, latest = Infinity } = finding.expected ?? {};
  if (time === undefined) return { finding, holds: latest === Infinity };
  const happened = time - end;
  return { finding, happened, holds: happened >= earliest && happened <= latest };
}

async function tryPlans(model: HeapModel, played: Program, count: number): Promise<readonly JudgedPlan[]> {
  const plans: JudgedPlan[] = [];
  const seen = new Set<string>();
  for (const failure of model.tables.failures) {
    const refusal = played.refusals
      .slice(0, count)
      .find(({ time, size }) => time === failure.time && size === failure.size);
    if (refusal === undefined || seen.has(`${failure.site}`)) continue;
    // A finding describes the first.
    seen.add(`${failure.site}`);
    const { room, live } = await explainFailure({ model }, failure);
    if (room === undefined) continue;
    const region = refusal.regions.find(({ plan }) => plan.start === room.region.region.start)?.copy();
    if (region === undefined) continue;
    for (const row of room.rows) {
      const address = live.address[row] ?? 0;
      if (region.has(address)) region.release(address);
    }
    plans.push({ isSure: room.isSure, works: region.allocate(refusal.size) !== undefined });
  }
  return plans;
}

/** What the title says of blocks, bytes and rate, against what the accused sites lost. */
function claimsOf(finding: Finding, played: Program, model: HeapModel): readonly Claim[] {
  const lost = finding.sites.flatMap(({ site, role }): readonly Lost[] => {
    const one = role === "allocated" ? played.lost.get(model.tables.sites[site]?.deviceId ?? -1) : undefined;
    return one === undefined ? [] : [one];
  });
  if (lost.length === 0) return [];
  const blocks = lost.reduce((sum, one) => sum + one.blocks, 0);
  const bytes = lost.reduce((sum, one) => sum + one.bytes, 0);
  const first = Math.min(...lost.map((one) => one.first));
  const claims: Claim[] = [];
  const check = (
    what: Claim["what"],
    said: string | undefined,
    unit: (text: string) => number,
    truth: number,
  ): void => {
    if (said === undefined) return;
    const isLeast = said.startsWith("at least ");
    const [low = NaN, high = isLeast ? Infinity : low] = said.replace("at least ", "").split(" to ").map(unit);
    // What is said in three digits may be a little off by that alone.
    claims.push({ what, said, truth, holds: truth >= low * 0.95 - 0.51 && truth <= high * 1.05 + 0.51 });
  };
  const { title } = finding;
  const number = (text: string): number => Number(text.replaceAll(",", ""));
  check("blocks", /^[^:]*: ((?:at least )?[\d,]+(?: to [\d,]+)?) (?:of|block)/.exec(title)?.[1], number, blocks);
  check(
    "bytes",
    /, ((?:at least )?[\d,.]+ \w+(?: to [\d,.]+ \w+)?) (?:never freed|lost)/.exec(title)?.[1],
    bytesIn,
    bytes,
  );
  const hours = (played.now - first) / 3600e6;
  check("rate", /growing by ([\d,.]+ \w+(?: to [\d,.]+ \w+)?) an hour/.exec(title)?.[1], bytesIn, bytes / hours);
  return claims;
}

function bytesIn(text: string): number {
  const [number = "", unit = "B"] = text.split(" ");
  return Number(number.replaceAll(",", "")) * ({ B: 1, KiB: 1024, MiB: 1 << 20 }[unit] ?? NaN);
}

export interface Rates {
  readonly precision: number;
  readonly recall: number;
  readonly wrong: number;
  readonly missed: number;
  readonly said: number;
  readonly labels: number;
  /** Of the labels of which the recording shows enough rounds, those found. */
  readonly recallOfKnowable: number;
  readonly knowable: number;
}

/** @param level "error": what was said and labelled as one; "warning": that or above */
export function ratesAt(all: readonly Judged[], level: "error" | "warning"): Rates {
  const isAt = (severity: string): boolean => severity === "error" || (level === "warning" && severity === "warning");
  const said = all
    .flatMap(({ leaks }) => leaks)
    .filter(({ finding, isNeutral }) => isAt(finding.severity) && !isNeutral);
  const labels = all.flatMap((one) => one.labels).filter(({ label }) => isAt(label.severity));
  const wrong = said.filter(({ isTrue }) => !isTrue).length;
  const missed = labels.filter(({ found = "note" }) => !isAt(found)).length;
  const knowable = labels.filter(({ isKnowable }) => isKnowable);
  return {
    recallOfKnowable: knowable.filter(({ found = "note" }) => isAt(found)).length / Math.max(1, knowable.length),
    knowable: knowable.length,
    precision: 1 - wrong / Math.max(1, said.length),
    recall: 1 - missed / Math.max(1, labels.length),
    ...{ wrong, missed, said: said.length, labels: labels.length },
  };
}

export interface Band {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly right: number;
  /** Mean of what was stated. */
  readonly stated: number;
  /** 95 % interval of the share that is right (Clopper–Pearson). */
  readonly low: number;
  readonly high: number;
  readonly holds: boolean;
}

const borders = [0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0001];

export function bandsOf(all: readonly Judged[]): readonly Band[] {
  const judged = all.flatMap(({ leaks, forecasts }) => [
    ...leaks.filter(({ isNeutral }) => !isNeutral).map(({ finding, isTrue }) => [finding.confidence, isTrue] as const),
    ...forecasts.map(({ finding, holds }) => [finding.confidence, holds] as const),
  ]);
  return borders.slice(1).flatMap((to, index) => {
    const from = borders[index] ?? 0;
    const inside = judged.filter(([confidence]) => confidence >= from && confidence < to);
    if (inside.length === 0) return [];
    const right = inside.filter(([, isRight]) => isRight).length;
    const count = inside.length;
    const stated = inside.reduce((sum, [confidence]) => sum + confidence, 0) / count;
    const [low, high] = binomialInterval(right, count);
    const holds = count >= 150 ? Math.abs(right / count - stated) <= 0.05 : stated >= low && stated <= high;
    return [{ from, to: Math.min(1, to), count, right, stated, low, high, holds }];
  });
}

/** Clopper–Pearson at 95 %, by bisection on the binomial's tails. */
export function binomialInterval(right: number, count: number): readonly [number, number] {
  const tail = (p: number, from: number, to: number): number => {
    let sum = 0;
    for (let k = from; k <= to; k++)
      sum += Math.exp(logBinomial(count, k) + k * Math.log(p) + (count - k) * Math.log1p(-p));
    return sum;
  };
  const solve = (isTooLow: (p: number) => boolean): number => {
    let [low, high] = [0, 1];
    for (let i = 0; i < 50; i++) {
      const middle = (low + high) / 2;
      if (isTooLow(middle)) low = middle;
      else high = middle;
    }
    return low;
  };
  return [
    right === 0 ? 0 : solve((p) => tail(p, right, count) < 0.025),
    right === count ? 1 : solve((p) => tail(p, 0, right) > 0.025),
  ];
}

function logBinomial(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}
