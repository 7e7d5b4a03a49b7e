// What was allocated, never freed and does not grow: set-up of a healthy program, or, in a run that should have ended clean, what it
// forgot. memmap cannot know which; it says so once, as a note. docs/detectors/leak.md.
import { valueAt } from "../base/values.ts";
import { formatBytes, formatNumberOf, formatTime } from "../base/format.ts";
import type { Bytes } from "../base/units.ts";
import { blockAt, BLOCKS_NAMED } from "./context.ts";
import { sitesLost, type Detector, type Inputs } from "./detector.ts";
import { Urgency } from "./urgency.ts";
import type { Finding } from "./finding.ts";
import { fingerprint, type Names } from "./names.ts";
import type { Survey } from "./survey.ts";

const SITES_NAMED = 5;
/** Fewer blocks than this have no pace; none for so many times of what lay between them is an end. */
const FEWEST_ROUNDS = 4;
const OVERDUE = 3;
/** Share of the recording over which something came that did not come at once. */
const LASTING = 0.05;

const rules = { kept: Urgency.KEPT } as const;
type Rule = keyof typeof rules;

export const kept = {
  name: "kept",
  page: "leak",
  group: "leaks",
  rules,
  needs: ["survey", "leaks"],
  detect: detectKept,
} as const satisfies Detector<Rule, "survey" | "leaks">;

function detectKept({ model, names, live, survey, leaks }: Inputs<"survey" | "leaks">): readonly Finding<Rule>[] {
  // A heap trace in a log has its own account of what stays.
  if (model.tables.incidents.some(({ kind }) => kind === "heap-trace")) return [];
  const skip = sitesLost(leaks);
  const sites: number[] = [];
  for (let site = 0; site < survey.sites; site++) {
    const held = valueAt(survey.liveBlocks, site);
    if (held > 0 && valueAt(survey.frees, site) === 0 && valueAt(survey.allocations, site) > 0 && !skip.has(site))
      sites.push(site);
  }
  if (sites.length === 0) return [];
  sites.sort((a, b) => valueAt(survey.liveBytes, b) - valueAt(survey.liveBytes, a));
  const wanted = new Set(sites);
  const rows: number[] = [];
  for (let row = 0; row < live.length; row++) if (wanted.has(valueAt(live.site, row))) rows.push(row);
  rows.sort((a, b) => valueAt(live.size, b) - valueAt(live.size, a));
  const bytes = sites.reduce((sum, site) => sum + valueAt(survey.liveBytes, site), 0);
  const blocks = sites.reduce((sum, site) => sum + valueAt(survey.liveBlocks, site), 0);
  const places = byPlace(sites, survey, names);
  const { from, to } = survey.window;
  const shown = places.slice(0, SITES_NAMED).map((place) => {
    const held = `${formatBytes(place.bytes)} in ${formatNumberOf(place.blocks, "block")}`;
    // What came over some time, and not at once, may have been lost in a spell that is over.
    return place.newest - place.oldest > LASTING * (to - from)
      ? `${held} between ${formatTime(place.oldest)} and ${formatTime(place.newest)}${mayGoOn(place, to) ? "" : ", not growing since"}: ${place.where}`
      : `${held} since ${formatTime(place.oldest)}: ${place.where}`;
  });
  const open = places.filter((place) => mayGoOn(place, to)).reduce((sum, place) => sum + place.bytes, 0);
  const rest = places.length - shown.length;
  return [
    {
      rule: "kept",
      severity: "note",
      confidence: 0.5,
      title: `${formatBytes(bytes)} in ${formatNumberOf(blocks, "block")} were allocated and never freed, ${untilWhen(open, bytes)}`,
      evidence: rest > 0 ? [...shown, `and ${formatNumberOf(rest, "more site")}: memmap top`] : shown,
      next:
        "Nothing to do for set-up that stays; if the program should have ended clean, start with the first" +
        (open === 0 ? "" : ". Whether what came to the end goes on is known after more rounds: record longer"),
      sites: sites.slice(0, 1).map((site) => ({ role: "allocated" as const, site })),
      blocks: rows.slice(0, BLOCKS_NAMED).map((row) => blockAt(live, row)),
      bytes,
      blockCount: blocks,
      until: survey.window.to,
      fingerprint: fingerprint("kept", names, []),
    },
  ];
}

/** @param open of these bytes, what came to the end and may go on */
function untilWhen(open: Bytes, bytes: Bytes): string {
  if (open === 0) return "without growing to the end";
  return open === bytes
    ? "the last of them towards the end"
    : `${formatBytes(open)} of it to the end, the rest without growing to the end`;
}

/** The next is not yet overdue. */
function mayGoOn({ blocks, oldest, newest }: Place, to: number): boolean {
  return blocks >= FEWEST_ROUNDS && to - newest < (OVERDUE * (newest - oldest)) / (blocks - 1);
}

interface Place {
  readonly where: string;
  bytes: number;
  blocks: number;
  oldest: number;
  newest: number;
}

/** Sites that differ only in who called them are one place. Most bytes first. */
function byPlace(sites: readonly number[], survey: Survey, names: Names): readonly Place[] {
  const places = new Map<string, Place>();
  for (const site of sites) {
    const where = names.site(site).text;
    let place = places.get(where);
    if (place === undefined) places.set(where, (place = { where, bytes: 0, blocks: 0, oldest: Infinity, newest: 0 }));
    place.bytes += valueAt(survey.liveBytes, site);
    place.blocks += valueAt(survey.liveBlocks, site);
    place.oldest = Math.min(place.oldest, survey.oldest[site] ?? Infinity);
    place.newest = Math.max(place.newest, valueAt(survey.lastBirth, site));
  }
  return [...places.values()].sort((a, b) => b.bytes - a.bytes);
}
