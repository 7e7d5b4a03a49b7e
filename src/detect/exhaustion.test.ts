// What is forecast of many made-up programs, with all its numbers: a change of one shows in test/answers/forecasts.txt; whether they are right is for
// the bench of detectors to say.
import { expect, test } from "vitest";
import { dram, inPsram, Program, psram, randomFrom, type Board } from "../../test/corpus/program.ts";
import { every, minute, nowAndThen, use, useOrLose } from "../../test/corpus/reported/report.ts";
import { linesOf } from "../../test/finding-text.ts";
import { recordRun } from "../../test/heap-text.ts";
import { openModel } from "../heap/model.ts";
import { detect } from "./run.ts";

const second = 1e6;

/** Leaks of one or two places, beside others that come and go, keep, grow, or happen once. */
function play(p: Program, seed: number): void {
  const random = randomFrom(seed + 77);
  const pick = (from: number, to: number): number => from + random() * (to - from);
  const isShort = seed % 4 === 0;
  const length = isShort ? 4 * minute : pick(6, 12) * minute;
  const loss = pick(1, 40);
  const sizes = pick(16, 120);
  if (seed % 5 !== 1) every(p, second * pick(2, 5), () => useOrLose(p, "ctx_new:ctx<serve", sizes * loss * 0.2 + 8, seed % 2 === 0 ? 1 : 0.4, second * 3));
  else {
    let block = p.malloc("list_add:list<serve", 256);
    every(p, 20 * second, () => (block = p.realloc(block, block.size + Math.round(sizes * 4))));
  }
  if (seed % 3 === 0) nowAndThen(p, 30 * second, () => p.lose("note_new:note<tick", Math.round(sizes / 2)));
  every(p, second * pick(5, 20), () => use(p, "tls_rec:rec<fetch", pick(4000, 16_000), second * 4));
  if (seed % 3 === 1) every(p, second * 3, () => use(p, "frame_new:frame<draw", 40_000, second, inPsram));
  if (seed % 4 === 2) for (let i = 0; i < 6; i++) p.after(length * 0.2 + i * second, () => use(p, "scan_list:list<scan", 9000, 5 * second));
  if (seed % 6 === 2) every(p, 45 * second, () => p.malloc("cache_put:entry<fetch", 80));
  p.run(length);
} // prettier-ignore

test("made-up programs", async () => {
  const lines: string[] = [];
  for (let seed = 0; seed < 10; seed++) {
    const kib = [48, 96, 160, 280][seed % 4] ?? 0;
    const board: Board = {
      regions: seed % 3 === 1 ? [dram(kib), psram(512)] : seed % 3 === 2 ? [dram(kib / 2), dram(kib, 0x3ffd_8000)] : [dram(kib)],
      ...(seed === 3 && { sampleInterval: 4 }),
      ...(seed === 2 && { hidden: ["tls_rec"] }),
    }; // prettier-ignore
    const run = recordRun((sink) => {
      try {
        play(new Program(sink, seed, board), seed);
      } catch (error) {
        // The program ends where its memory does.
        if (!(error instanceof Error)) throw error;
      }
    });
    const { findings } = await detect(await openModel(run), { group: "room" });
    const said = findings.filter(({ rule }) => rule === "exhaustion").flatMap(linesOf);
    lines.push(`## ${seed}`, ...(said.length === 0 ? ["nothing"] : said));
  }
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("../../test/answers/forecasts.txt");
});
