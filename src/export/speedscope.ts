// speedscope's own JSON: what is live, what was asked for and what was at the peak of each stack, as profiles to switch between.
import type { SiteActivity } from "../heap/types.ts";
import { caveats, TextSink, type Exporter } from "./export.ts";
import { activeSites, exportSites } from "./stacks.ts";

type Column = "liveBytes" | "liveBlocks" | "allocatedBytes" | "allocations" | "peakBytes";

const profiles: readonly { readonly name: string; readonly unit: "bytes" | "none"; readonly column: Column }[] = [
  { name: "live bytes", unit: "bytes", column: "liveBytes" },
  { name: "live blocks", unit: "none", column: "liveBlocks" },
  { name: "allocated bytes", unit: "bytes", column: "allocatedBytes" },
  { name: "allocations", unit: "none", column: "allocations" },
  { name: "peak bytes of each site", unit: "bytes", column: "peakBytes" },
];

export const speedscope: Exporter = {
  format: "speedscope",
  title: "flame graphs by live, allocated, peak bytes: speedscope.app",
  extension: ".speedscope.json",
  async write(question, sink) {
    const { asked, window, filter, name } = question;
    const activity = await asked.model.activity(window, filter);
    const ids = activeSites(activity);
    const siteOf = exportSites(asked);
    const frames = new Map<string, number>();
    const listed: string[] = [];
    const stacks = ids.map((id) =>
      [...siteOf(id).frames].reverse().map((frame) => {
        const key = JSON.stringify({
          name: frame.name,
          ...(frame.file !== "" && { file: frame.file }),
          ...(frame.line > 0 && { line: frame.line }),
        });
        let index = frames.get(key);
        if (index === undefined) {
          frames.set(key, (index = frames.size));
          listed.push(key);
        }
        return index;
      }),
    );
    const text = new TextSink(sink);
    const remarks = await caveats(question);
    text.write(`{"$schema":"https://www.speedscope.app/file-format-schema.json","exporter":"memmap",`);
    text.write(`"name":${JSON.stringify(name)},"memmapNotes":${JSON.stringify(remarks)},"activeProfileIndex":0,`);
    text.write(`"shared":{"frames":[`);
    for (const [index, frame] of listed.entries()) text.write(`${index === 0 ? "" : ","}${frame}`);
    text.write(`]},"profiles":[`);
    for (const [index, profile] of profiles.entries()) {
      text.write(index === 0 ? "" : ",");
      writeProfile(text, profile, activity, ids, stacks);
    }
    text.write("]}\n");
    text.end();
  },
};

function writeProfile(
  text: TextSink,
  { name, unit, column }: (typeof profiles)[number],
  activity: SiteActivity,
  ids: readonly number[],
  stacks: readonly (readonly number[])[],
): void {
  const weights = ids.map((id) => Math.round(activity[column][id] ?? 0));
  const kept = weights.flatMap((weight, index) => (weight > 0 ? [index] : []));
  const total = kept.reduce((sum, index) => sum + (weights[index] ?? 0), 0);
  text.write(`{"type":"sampled","name":${JSON.stringify(name)},"unit":"${unit}","startValue":0,"endValue":${total},`);
  text.write(`"samples":[`);
  for (const [at, index] of kept.entries()) text.write(`${at === 0 ? "" : ","}${JSON.stringify(stacks[index])}`);
  text.write(`],"weights":${JSON.stringify(kept.map((index) => weights[index]))}}`);
}
