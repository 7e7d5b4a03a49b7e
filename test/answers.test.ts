// What memmap says, kept as files in test/answers: the verdicts on programs of the corpus, the answers to logs, and every view of one run. A change
// that alters a word or a number of an answer shows as a difference in these files, for whoever reviews it; `npx vitest run test/answers.test.ts -u`
// writes them anew. They say what is, not what is right: that is said by the corpus, the cases and the tests of each folder.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { crc32 } from "../src/base/crc32.ts";
import { openModel } from "../src/heap/model.ts";
import type { HeapModel } from "../src/heap/model-api.ts";
import { viewImport } from "../src/report/import-view.ts";
import { askedOf, DIMENSIONS, type Asked } from "../src/report/asked.ts";
import { viewBlock } from "../src/report/block-view.ts";
import { DIFF_KEYS, viewDiff } from "../src/report/diff.ts";
import { FLAME_COSTS, FLAME_GROUPS } from "../src/report/flame-view.ts";
import { viewFragmentation } from "../src/report/fragmentation-view.ts";
import { viewHeapMap } from "../src/report/heap-map.ts";
import { viewLiveList } from "../src/report/live-list.ts";
import { answer } from "../src/report/questions.ts";
import { viewQuery } from "../src/report/query-view.ts";
import { viewTimeline } from "../src/report/timeline-view.ts";
import { viewGroups, viewSites } from "../src/report/top-sites.ts";
import { makeVerdict } from "../src/report/verdict.ts";
import { viewAsJson } from "../src/report/views.ts";
import type { EventSink } from "../src/wire/events.ts";
import { allPrograms } from "./corpus/all.ts";
import { Program, randomFrom, type CorpusProgram } from "./corpus/program.ts";
import { recordRun } from "./heap-text.ts";
import { answerTo } from "./log-answer.ts";
import { events, figures } from "./log-looks.ts";
import { LOSSLESS, LOSSY, ReferenceDevice, type Step } from "./random-run.ts";

async function expectAnswer(name: string, views: Readonly<Record<string, object>>): Promise<void> {
  // Columns of numbers on one line; of a long one its beginning, and a checksum of the whole.
  const oneLine = (column: string): string => {
    const line = column.replaceAll(/\s+/g, " ");
    if (line.length < 4000) return line;
    return `${line.slice(0, 400)} … ${String(column.split(",").length)} numbers, CRC-32 ${String(crc32(new TextEncoder().encode(line)))}]`;
  };
  const text = Object.entries(views).map(([view, value]) =>
    viewAsJson(view, value, 1).replaceAll(/\[[-+\d.e,\s]+\]/g, oneLine),
  );
  const file = name.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  await expect(`${text.join("\n")}\n`).toMatchFileSnapshot(`answers/${file}.txt`);
}

async function modelOf(program: CorpusProgram): Promise<HeapModel> {
  return openModel(recordRun((sink) => program.play(new Program(sink, 1, program.board))));
}

/** The first program of each rule, and by its name one in five healthy ones: a program that is added changes no other's choice. */
const rules = new Set<string>();
const chosen = allPrograms.filter(({ name, expect: all }) => {
  const isNew = all.some(({ rule }) => !rules.has(rule));
  for (const { rule } of all) rules.add(rule);
  return isNew || (all.length === 0 && crc32(new TextEncoder().encode(name)) % 5 === 0);
});

test.for(chosen.map((program) => [program.name, program] as const))("verdict: %s", async ([name, program]) => {
  await expectAnswer(`verdict ${name}`, { report: await makeVerdict(await modelOf(program)) });
});

test.for(Object.entries({ ...figures, ...events }))("log: %s", async ([name, { log, series }]) => {
  const { verdict, report } = await answerTo(log, { explains: true, ...(series !== undefined && { series }) });
  await expectAnswer(`log ${name}`, { report: verdict, import: viewImport(report, undefined) });
});

const files = [
  "corruption-panic",
  "heap-trace-5.0-all",
  "heap-trace-5.3-leaks",
  "heap-trace-5.5-riscv",
  "heap-info-dump",
  "task-tracking",
  "classic",
];
test.for(files)("file: %s", async (name) => {
  const log = new Uint8Array(readFileSync(new URL(`./fixtures/import/${name}.txt`, import.meta.url)));
  const { verdict, report } = await answerTo(log, { explains: true });
  await expectAnswer(`file ${name}`, { report: verdict, import: viewImport(report, undefined) });
});

/** A board that is heard in parts: calls of reallocs, events and frames that are lost, snapshots, marks, a second boot. */
function heardInParts(sink: EventSink): void {
  const device = new ReferenceDevice(sink);
  const random = randomFrom(7);
  const below = (limit: number): number => Math.floor(random() * limit);
  const actions = [...LOSSY, ...LOSSLESS, "alloc", "alloc"] as const;
  const step = (): Step => ({
    action: actions[below(actions.length)] ?? "alloc",
    pick: below(1000),
    size: below(below(10) === 0 ? 40_000 : 300),
    wait: below(3_000_000),
  });
  device.play(Array.from({ length: 300 }, step));
  device.play([{ action: "boot", pick: 0, size: 0, wait: 1_000_000 }]);
  device.play(Array.from({ length: 80 }, step));
}

function modelNamed(name: string): Promise<HeapModel> {
  const program = allPrograms.find((one) => one.name === name);
  if (program === undefined) throw new Error(`no program is called ${name}`);
  return modelOf(program);
}

/** What is asked of each run below, and where its answers stand. */
const viewed: readonly (readonly [file: string, model: () => Promise<HeapModel>])[] = [
  ["", () => modelNamed("linear leak")],
  [" of a split heap", () => modelNamed("request that fails in a split heap")],
  [" of a board heard in parts", async () => openModel(recordRun(heardInParts))],
];

describe.for(viewed)("every view%s", ([suffix, model]) => {
  const asked = async (): Promise<Asked> => askedOf(await model());

  test("of the command line", async () => {
    const { model, names } = await asked();
    const window = model.span;
    const half = { time: (window.from + window.to) / 2 };
    const groups = await Promise.all(DIFF_KEYS.map((by) => viewGroups(model, window, { by, order: "live", limit: 5 })));
    const list = await viewLiveList(model, names, { time: window.to, order: "age", limit: 6 });
    const blocks = list.blocks.slice(0, 3).map(({ address }) => viewBlock(model, names, window, address));
    await expectAnswer(`views${suffix}`, {
      sites: await viewSites(model, names, window, { order: "live" }),
      ...Object.fromEntries(groups.map((view) => [`groups by ${view.by}`, view])),
      list,
      timeline: await viewTimeline(model, window, 8),
      map: await viewHeapMap(model, names, { time: window.to }, 40),
      fragmentation: await viewFragmentation(model, names, window.to),
      diff: await viewDiff({ model, names, ...half }, { model, names, time: window.to }, { limit: 6 }),
      query: await viewQuery(
        model,
        names,
        window,
        model.filter(`addr:0x${(list.blocks[0]?.address ?? 0).toString(16)}`),
      ),
      ...Object.fromEntries((await Promise.all(blocks)).map((view, i) => [`block ${i}`, view])),
    });
  });

  test("of the page", async () => {
    const all = await asked();
    const { span: window } = all.model;
    const whole = { window, filter: "", limit: 5 };
    const table = { filter: "", descending: true, offset: 0, count: 5 };
    const [top] = (await viewSites(all.model, all.names, window, { order: "live" })).sites;
    const views: Record<string, object> = {
      curves: await answer(all, { kind: "curves", window, samples: 8 }),
      map: await answer(all, { kind: "map", time: window.to, filter: "size>100" }),
      leak: await answer(all, { kind: "leak", window, site: top?.site.text ?? "" }),
      stories: await answer(all, { kind: "stories", window }),
      log: await answer(all, { kind: "log", window, search: "", limit: 20 }),
      blocks: await answer(all, { kind: "blocks", time: window.to, order: "size", ...table }),
      sites: await answer(all, { kind: "sites", window, order: "liveBytes", ...table }),
      totals: await answer(all, { kind: "totals", time: window.to, filter: "size>100" }),
    };
    for (const by of DIMENSIONS) {
      views[`growth by ${by}`] = await answer(all, { kind: "growth", by, ...whole });
      const times = { before: window.from, after: window.to, other: false };
      views[`compare by ${by}`] = await answer(all, { kind: "compare", by, ...times, ...whole });
    }
    for (const cost of FLAME_COSTS) {
      for (const group of FLAME_GROUPS) {
        const question = { kind: "flame", window, cost, group, inverted: group === "task", filter: "" } as const;
        views[`flame of ${cost} by ${group}`] = await answer(all, question);
      }
    }
    await expectAnswer(`page${suffix}`, views);
  });
});
