// Which of the usual requests will be refused first, and when, if what leaks goes on? docs/detectors/forecast.md.
import { formatBytes, formatTime } from "../base/format.ts";
import type { Bytes, Caps, Microseconds } from "../base/units.ts";
import { blockBytes } from "../heap/tlsf-sizes.ts";
import type { RegionState } from "../heap/types.ts";
import type { Range } from "./amount.ts";
import type { Detector, FoundLeak, Inputs } from "./detector.ts";
import { Urgency } from "./urgency.ts";
import type { Finding } from "./finding.ts";
import { fingerprint } from "./names.ts";
import { theilSen } from "./statistics/theil-sen.ts";
import { EPOCHS, type Survey } from "./survey.ts";

const rules = { exhaustion: Urgency.EXHAUSTION } as const;
type Rule = keyof typeof rules;

export const forecast = {
  name: "forecast",
  page: "forecast",
  group: "room",
  rules,
  needs: ["survey", "leaks"],
  detect: detectExhaustion,
} as const satisfies Detector<Rule, "survey" | "leaks">;

/** Later than this is no forecast but a guess. */
const HORIZON = 60 * 86_400e6;
/** A request that came less often is not usual. */
const USUAL = 3;
const HEADER = 4;

/** The first request of a kind that will be refused. */
interface Refusal {
  readonly caps: Caps;
  readonly site: number;
  readonly size: Bytes;
  readonly free: Bytes;
  /** Bytes of the heap per microsecond. */
  readonly rate: Range;
  /** From the end of the stretch on. */
  readonly likely: Microseconds;
  readonly earliest: Microseconds;
  readonly latest: Microseconds;
  /** Leaks and their share of the growth, largest first. */
  readonly carriers: readonly { readonly site: number; readonly share: number }[];
}

/** What users ask for, in their words. */
function memoryName(caps: Caps): string {
  if ((caps & (1 << 3)) !== 0) return "DMA-capable memory";
  if ((caps & (1 << 10)) !== 0) return "PSRAM";
  if ((caps & (1 << 11)) !== 0) return "internal memory";
  return "memory for malloc";
}

async function detectExhaustion(inputs: Inputs<"survey" | "leaks">): Promise<readonly Finding<Rule>[]> {
  const { names, window, stretch } = inputs;
  // Where the history is believed for a part only, the rest of the recording is over too.
  const passed = inputs.unknownAfter === undefined ? 0 : window.to - stretch.to;
  const refusals = (await forecastRefusals(inputs))
    .filter((one) => one.likely > passed)
    .map((one) => ({
      ...one,
      earliest: Math.max(0, one.earliest - passed),
      likely: one.likely - passed,
      latest: one.latest - passed,
    }))
    .sort((a, b) => a.likely - b.likely);
  const [soonest] = refusals;
  if (soonest === undefined || soonest.likely > HORIZON) return [];
  const { caps, site, size, free, rate, likely, latest, carriers } = soonest;
  const earliest = Math.min(...refusals.map((one) => one.earliest));
  const memory = memoryName(caps);
  const isOpen = latest > HORIZON;
  const until = isOpen ? "no upper bound" : `at the latest ${formatTime(latest)}`;
  return [
    {
      rule: "exhaustion",
      severity: "warning",
      confidence: 0.9,
      title: `${memory} will be refused about ${formatTime(likely)} after the end of this recording, if it goes on like this: first the ${formatBytes(size)} of ${names.site(site).text}`,
      evidence: [
        `90 % interval: at the earliest ${formatTime(earliest)}, ${until}`,
        `${formatBytes(free)} are free when most is in use; what leaks takes ${formatBytes(Math.round(rate.likely * 3600e6))} of the heap an hour`,
        ...carriers
          .slice(0, 3)
          .map(({ site: leak, share }) => `${(share * 100).toFixed(0)} % of it leaks from ${names.site(leak).text}`),
      ],
      next: "Fix the leaks that carry it, largest share first",
      sites: carriers.slice(0, 3).map((one) => ({ role: "allocated" as const, site: one.site })),
      blocks: [],
      bytes: free,
      bytesPerHour: rate.likely * 3600e6,
      until: window.to,
      expected: { earliest, likely, ...(!isOpen && { latest }) },
      fingerprint: `${fingerprint("exhaustion", names, [])}|${memory}`,
    },
  ];
}

async function forecastRefusals({
  model,
  survey,
  leaks,
  stretch,
  regions,
}: Inputs<"survey" | "leaks">): Promise<Refusal[]> {
  const growing = leaks.filter(({ isGrowing, rate }) => isGrowing && rate !== undefined);
  if (growing.length === 0) return [];
  const reports = await model.regionReports({ from: stretch.from + (stretch.to - stretch.from) / 2, to: stretch.to });
  const refusals: Refusal[] = [];
  for (const { caps, site, size } of usualRequests(survey, model.tables.sites)) {
    const serving = regions.filter(({ region }) => (region.caps & caps) >>> 0 === caps >>> 0);
    const widest = serving.reduce((most, { region }) => Math.max(most, region.end - region.start), 0);
    if (serving.length === 0 || widest < size) continue;
    const { rate, carriers } = growthInto(serving, survey, growing);
    if (rate.likely <= 0) continue;
    const starts = new Set(serving.map(({ region }) => region.start));
    // What was free at each answer of the device, had as much leaked by then as has now.
    const frees = reports
      .map((report) => {
        const sum = report.regions.reduce((total, region) => total + (starts.has(region.start) ? region.free : 0), 0);
        return sum - rate.likely * (stretch.to - report.time);
      })
      .concat(serving.reduce((sum, { free }) => sum + free, 0))
      .sort((a, b) => a - b);
    const least = frees[0] ?? 0;
    const middle = frees[frees.length >> 1] ?? 0;
    const need = blockBytes(size, widest) + HEADER;
    // Peaks between the answers are not seen, and small holes are of no use: so the earliest. With luck no peak comes with the request: the latest.
    const swing = Math.max(0, middle - least);
    const after = (room: Bytes, speed: number): Microseconds => (speed <= 0 ? Infinity : Math.max(0, room) / speed);
    const earliest = after(0.92 * (least - swing) - 1.1 * need * serving.length, rate.high);
    const likely = after(least - need, rate.likely);
    const latest = after(middle + swing, rate.low);
    refusals.push({
      caps,
      site,
      size,
      free: Math.max(0, least),
      rate,
      carriers,
      earliest,
      likely,
      latest: Math.max(latest, likely),
    });
  }
  return refusals;
}

/** The largest that comes again and again, for each set of capabilities. */
function usualRequests(
  survey: Survey,
  sites: readonly { readonly id: number; readonly caps: Caps }[],
): readonly { readonly caps: Caps; readonly site: number; readonly size: Bytes }[] {
  const largest = new Map<Caps, { readonly caps: Caps; readonly site: number; readonly size: Bytes }>();
  for (const { id, caps } of sites) {
    const size = survey.largest[id] ?? 0;
    if ((survey.allocations[id] ?? 0) < USUAL || size === 0) continue;
    // A request that was last made long ago belongs to the set-up.
    if ((survey.lastBirth[id] ?? 0) < survey.window.from + 0.5 * (survey.window.to - survey.window.from)) continue;
    const known = largest.get(caps);
    if (known === undefined || size > known.size) largest.set(caps, { caps, site: id, size });
  }
  return [...largest.values()];
}

/** How fast leaks take these regions, as the heap counts. */
function growthInto(
  serving: readonly RegionState[],
  survey: Survey,
  leaks: readonly FoundLeak[],
): Pick<Refusal, "rate" | "carriers"> {
  const indices = serving.map(({ region }) => survey.regions.findIndex(({ start }) => start === region.start));
  const parts = leaks.flatMap(({ sites, rate }) => {
    const sum = (of: (site: number) => number): number => sites.reduce((total, site) => total + of(site), 0);
    const here = sum((site) =>
      indices.reduce(
        (total, region) => total + (region < 0 ? 0 : (survey.regionSiteBytes[region * survey.sites + site] ?? 0)),
        0,
      ),
    );
    const everywhere = sum((site) =>
      survey.regions.reduce(
        (total, _, region) => total + (survey.regionSiteBytes[region * survey.sites + site] ?? 0),
        0,
      ),
    );
    if (rate === undefined || here === 0) return [];
    const mean =
      sum((site) => survey.liveBytes[site] ?? 0) /
      Math.max(
        1,
        sum((site) => survey.liveBlocks[site] ?? 0),
      );
    const pool = (serving[0]?.region.end ?? 0) - (serving[0]?.region.start ?? 0);
    const factor = ((here / Math.max(here, everywhere)) * (blockBytes(mean, pool) + HEADER)) / mean;
    return [{ site: sites[0] ?? 0, low: rate.low * factor, likely: rate.likely * factor, high: rate.high * factor }];
  });
  const likely = parts.reduce((sum, part) => sum + part.likely, 0);
  // Errors of several rates partly cancel out.
  const spread = (of: (part: Range) => number): number =>
    Math.sqrt(parts.reduce((sum, part) => sum + of(part) ** 2, 0));
  const floor = floorSlope(indices, survey);
  const leaking = {
    low: likely - spread((part) => part.likely - part.low),
    high: likely + spread((part) => part.high - part.likely),
  };
  return {
    // What grows beside the leaks may go on or not.
    rate: { low: Math.max(0, leaking.low), likely, high: Math.max(leaking.high, Math.min(floor, 2 * likely)) },
    carriers: parts.map((part) => ({ site: part.site, share: part.likely / likely })).sort((a, b) => b.share - a.share),
  };
}

/** Of the least that is held in these regions, in the second half. */
function floorSlope(indices: readonly number[], survey: Survey): number {
  const first = EPOCHS / 2;
  const floor = Float64Array.from({ length: EPOCHS - first }, (_, i) =>
    indices.reduce((sum, region) => sum + (region < 0 ? 0 : (survey.regionFloor[region * EPOCHS + first + i] ?? 0)), 0),
  );
  return (
    theilSen(
      Float64Array.from(floor, (_, i) => i * survey.epochLength),
      floor,
    )?.slope ?? 0
  );
}
