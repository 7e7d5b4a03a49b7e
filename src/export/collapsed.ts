// Collapsed stacks, as flamegraph.pl, inferno, speedscope and Perfetto read them: `outermost;inner;innermost 4096`, and with two numbers, before
// and after, for differential flame graphs.
import type { BlockFilter } from "../heap/filter.ts";
import { samplingOf } from "../heap/sampling.ts";
import type { Microseconds } from "../base/units.ts";
import type { Asked } from "../report/asked.ts";
import { caveats, TextSink, type Exporter, type ExportQuestion } from "./export.ts";
import { activeSites, exportSites, type ExportSite } from "./stacks.ts";

export const collapsed: Exporter = {
  format: "collapsed",
  title: "one number a stack: flamegraph.pl, inferno, speedscope.app",
  extension: ".folded",
  takes: "cost",
  async write(question, sink) {
    const { asked, window, filter, cost } = question;
    const activity = await asked.model.activity(window, filter);
    const siteOf = exportSites(asked);
    const sums = new Map<string, number>();
    for (const id of activeSites(activity)) add(sums, lineOf(siteOf(id)), activity[cost][id] ?? 0);
    const text = new TextSink(sink);
    for (const remark of await caveats(question)) text.write(comment(remark));
    text.write(comment(`numbers are ${cost}`));
    for (const [line, sum] of sums) if (Math.round(sum) > 0) text.write(`${line} ${Math.round(sum)}\n`);
    text.end();
  },
};

export const collapsedDiff: Exporter = {
  format: "collapsed-diff",
  title: "live bytes before and after: flamegraph.pl, inferno",
  extension: ".folded",
  takes: "base",
  async write(question, sink) {
    const { asked, window, filter, base } = question;
    const before = await liveByStack(base ?? { asked, time: window.from, filter });
    const after = await liveByStack({ asked, time: window.to, filter });
    const text = new TextSink(sink);
    for (const remark of await remarksOf(question)) text.write(comment(remark));
    text.write(comment("numbers are live bytes before and after"));
    for (const line of new Set([...before.keys(), ...after.keys()])) {
      text.write(`${line} ${Math.round(before.get(line) ?? 0)} ${Math.round(after.get(line) ?? 0)}\n`);
    }
    text.end();
  },
};

async function remarksOf(question: ExportQuestion): Promise<readonly string[]> {
  const { base, window } = question;
  const own = await caveats(question);
  if (base === undefined) return own;
  const other = await caveats({
    ...question,
    asked: base.asked,
    window: { from: base.asked.model.span.from, to: base.time },
  });
  return [
    ...own,
    `compared with its base to ${window.to === base.time ? "the same moment" : "its own end"}`,
    ...other.slice(1),
  ];
}

async function liveByStack({
  asked,
  time,
  filter,
}: {
  readonly asked: Asked;
  readonly time: Microseconds;
  readonly filter?: BlockFilter | undefined;
}): Promise<Map<string, number>> {
  const live = await asked.model.liveAt(time, filter);
  const { weight } = samplingOf(asked.model.tables.boots);
  const siteOf = exportSites(asked);
  const sums = new Map<string, number>();
  for (let row = 0; row < live.length; row++) {
    const size = live.size[row] ?? 0;
    add(sums, lineOf(siteOf(live.site[row] ?? 0)), size * weight(size));
  }
  return sums;
}

function add(sums: Map<string, number>, line: string, value: number): void {
  sums.set(line, (sums.get(line) ?? 0) + value);
}

/** File and line stand with the innermost frame only: a difference of two builds matches outer frames by name. */
function lineOf({ frames }: ExportSite): string {
  return [...frames]
    .reverse()
    .map(({ name }) => name.replaceAll(";", ":"))
    .join(";");
}

/** Readers of these files take a line that ends in a number for a stack. */
function comment(text: string): string {
  return `# ${text.replaceAll(";", ",")} #\n`;
}
