// Precision and recall of every detector over the labelled corpus. Seeds: MEMMAP_SEEDS, default 20.
import { allPrograms } from "../test/corpus/all.ts";
import { judge, scoreOf, type Outcome } from "../test/corpus/score.ts";

const seeds = Number(process.env["MEMMAP_SEEDS"] ?? 20);
const outcomes: Outcome[] = [];
for (const program of allPrograms) {
  for (let seed = 1; seed <= seeds; seed++) outcomes.push(await judge(program, seed));
}

console.log(`${outcomes.length} runs of ${outcomes.length / seeds} programs, ${seeds} seeds each`);
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
