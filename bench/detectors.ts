// How true the detectors are, on programs of which it is known what is wrong with them: precision, recall, calibration, forecasts, plans, numbers. The
// programs of test/corpus/reported and those drawn at random have two halves; of the held-out ones only sums are printed, and no test reads them. Seeds of the
// former: MEMMAP_SEEDS, default 8. Number of the latter, with their cut ends: MEMMAP_RANDOM, default 600.
import { allPrograms } from "../test/corpus/all.ts";
import { randomProgram } from "../test/corpus/random-programs.ts";
import { bandsOf, binomialInterval, measure, ratesAt, type Judged } from "../test/corpus/measure.ts";
import type { CorpusProgram } from "../test/corpus/program.ts";
import { developed, heldOut } from "../test/corpus/reported/all.ts";
import { isHeldOut } from "../test/corpus/reported/split.ts";
import { judge, scoreOf, type Outcome } from "../test/corpus/score.ts";

const seeds = Number(process.env["MEMMAP_SEEDS"] ?? 8);
const drawn = Number(process.env["MEMMAP_RANDOM"] ?? 600);
const details = process.argv.includes("--details");

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`.padStart(8);

async function measureAll(programs: readonly CorpusProgram[], runs: number): Promise<readonly Judged[]> {
  const all: Judged[] = [];
  for (const program of programs) {
    for (let seed = 1; seed <= runs; seed++) all.push(await measure(program, seed));
  }
  return all;
}

function printTruth(title: string, all: readonly Judged[]): void {
  console.log(`\n${title}: ${all.length} runs`);
  for (const level of ["error", "warning"] as const) {
    const { precision, recall, wrong, missed, said, labels, recallOfKnowable, knowable } = ratesAt(all, level);
    console.log(
      `leaks at ${level.padEnd(7)} precision ${percent(precision)} (${wrong} of ${said} wrong), recall ${percent(recall)} (${missed} of ${labels} missed), ` +
        `${percent(recallOfKnowable)} of the ${knowable} with ten rounds or more in the recording`,
    );
  }
  const leaks = all.flatMap((one) => one.leaks).filter(({ isNeutral }) => !isNeutral);
  const named = leaks.filter(({ finding, isTrue }) => isTrue || finding.severity === "error");
  console.log(`guilty named    ${percent(share(named.map(({ isGuiltyNamed }) => isGuiltyNamed)))}`);
  console.log("confidence      stated   right  of n   95 % interval");
  for (const band of bandsOf(all)) {
    const range = `${band.from.toFixed(2)}–${band.to.toFixed(2)}`;
    console.log(
      `  ${range}   ${percent(band.stated)} ${percent(band.right / band.count)} ${String(band.count).padStart(5)}   ` +
        `${percent(band.low)} to ${percent(band.high)}${band.holds ? "" : "  does not hold"}`,
    );
  }
  const forecasts = all.flatMap((one) => one.forecasts);
  const held = forecasts.filter(({ holds }) => holds).length;
  const [low, high] = binomialInterval(held, forecasts.length);
  console.log(
    `forecasts       ${held} of ${forecasts.length} intervals hold (95 %: ${percent(low)} to ${percent(high)}), ` +
      `half of them at most ${medianWidth(forecasts).toFixed(2)} times the time expected wide`,
  );
  const plans = all.flatMap((one) => one.plans);
  const sure = plans.filter(({ isSure }) => isSure);
  console.log(
    `plans           ${sure.filter(({ works }) => works).length} of ${sure.length} said as sure make room, ` +
      `${plans.filter(({ isSure, works }) => !isSure && works).length} of ${plans.length - sure.length} said as "could"`,
  );
  for (const what of ["blocks", "bytes", "rate"] as const) {
    const claims = all.flatMap((one) => one.claims).filter((claim) => claim.what === what);
    console.log(`${what.padEnd(15)} ${percent(share(claims.map(({ holds }) => holds)))} of ${claims.length} right`);
  }
}

/** From the earliest to the latest, as a multiple of what is likely; without an end it is infinite. */
function medianWidth(forecasts: Judged["forecasts"]): number {
  const widths = forecasts
    .map(({ finding: { expected } }) => expected)
    .filter((expected) => expected !== undefined)
    .map(({ earliest, likely, latest = Infinity }) => (latest - earliest) / likely)
    .sort((a, b) => a - b);
  return widths[widths.length >> 1] ?? NaN;
}

function share(all: readonly boolean[]): number {
  return all.length === 0 ? 1 : all.filter(Boolean).length / all.length;
}

/** Of the developed half only: what went wrong where. */
function printDetails(all: readonly Judged[]): void {
  const counts = new Map<string, number>();
  const count = (text: string): void => void counts.set(text, (counts.get(text) ?? 0) + 1);
  for (const { program, leaks, labels, forecasts, plans, claims } of all) {
    for (const { finding, isTrue, isNeutral } of leaks)
      if (!isTrue && !isNeutral)
        count(
          `${program.name}: wrong ${finding.severity} ${finding.rule} ${finding.confidence.toFixed(2)} ${finding.fingerprint}`,
        );
    for (const { label, found } of labels)
      if (label.severity !== "optional" && found !== "error" && !(label.severity === "warning" && found === "warning"))
        count(`${program.name}: ${label.function} ${found ?? "missed"}`);
    for (const { finding, holds, happened } of forecasts)
      if (!holds) count(`${program.name}: forecast ${JSON.stringify(finding.expected)} happened ${happened}`);
    for (const { isSure, works } of plans) if (isSure && !works) count(`${program.name}: plan does not work`);
    for (const { what, said, truth, holds } of claims)
      if (!holds) count(`${program.name}: ${what} said ${said} truth ${truth.toFixed(0)}`);
  }
  for (const [text, number] of [...counts].sort()) console.log(`  ${number}× ${text}`);
}

const outcomes: Outcome[] = [];
for (const program of allPrograms) {
  for (let seed = 1; seed <= seeds; seed++) outcomes.push(await judge(program, seed));
}
console.log(
  `The first programs, one expectation a detector: ${outcomes.length} runs of ${allPrograms.length} programs`,
);
console.log("detector        found  missed  invented  precision  recall");
for (const { detector, found, missed, invented, precision, recall } of scoreOf(outcomes)) {
  const numbers = [found, missed, invented]
    .map((count, index) => String(count).padStart([7, 8, 10][index] ?? 8))
    .join("");
  console.log(`${detector.padEnd(14)}${numbers}${precision.toFixed(3).padStart(11)}${recall.toFixed(3).padStart(8)}`);
}
const healthy = outcomes.filter(({ program }) => program.expect.length === 0);
const errors = healthy.filter(({ findings }) => findings.some(({ severity }) => severity === "error"));
console.log(`error-level findings on healthy programs: ${errors.length} of ${healthy.length} runs`);
for (const { program, seed, missed, invented } of outcomes) {
  if (missed.length + invented.length === 0) continue;
  console.log(
    `  ${program.name}, seed ${seed}: ${[...missed.map((key) => `missed ${key}`), ...invented.map((key) => `invented ${key}`)].join("; ")}`,
  );
}

const random = Array.from({ length: drawn }, (_, number) => randomProgram(number));
const [seen, seenRandom] = [
  await measureAll(developed, seeds),
  await measureAll(
    random.filter((program) => !isHeldOut(program)),
    1,
  ),
];
printTruth("Reported, developed on", seen);
printTruth("Drawn at random and cut, developed on", seenRandom);
if (details) printDetails([...seen, ...seenRandom]);
const unseen = await measureAll(heldOut, seeds);
const unseenRandom = await measureAll(random.filter(isHeldOut), 1);
printTruth("Reported, held out", unseen);
printTruth("Drawn at random and cut, held out", unseenRandom);
