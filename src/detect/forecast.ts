// When will memory run out? For each class of memory: how fast its floor rises, how much is free, and which leaks carry it.
// docs/detectors/forecast.md.
import { formatBytes, formatTime } from "../base/format.ts";
import type { Caps, Microseconds } from "../base/units.ts";
import type { RegionState } from "../heap/types.ts";
import type { Detector, FoundLeak, Inputs } from "./detector.ts";
import { Urgency } from "./urgency.ts";
import type { Finding } from "./finding.ts";
import { fingerprint } from "./names.ts";
import { mannKendall } from "./statistics/mann-kendall.ts";
import { theilSen, type Trend } from "./statistics/theil-sen.ts";
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

/** What programs ask for; each class is served by the regions that have all its capabilities (bits as in protocol.ts). */
const classes: readonly { readonly name: string; readonly caps: Caps }[] = [
  { name: "DMA-capable memory", caps: 1 << 3 },
  { name: "internal memory", caps: (1 << 11) | (1 << 2) },
  { name: "PSRAM", caps: 1 << 10 },
  { name: "memory for malloc", caps: 1 << 12 },
];

/** Later than this is no forecast but a guess. */
const HORIZON = 60 * 86_400e6;

export interface Exhaustion {
  readonly memory: string;
  readonly free: number;
  /** Bytes per microsecond, with its 90 % interval. */
  readonly rate: Trend;
  /** From the end of the window on; `latest` is Infinity where the interval includes no growth. */
  readonly expected: Microseconds;
  readonly earliest: Microseconds;
  readonly latest: Microseconds;
  /** Leaking sites and their share of the growth, largest first. */
  readonly carriers: readonly { readonly site: number; readonly share: number }[];
}

/** @param leaks findings of leaks.ts */
function forecastExhaustion(
  survey: Survey,
  states: readonly RegionState[],
  leaks: readonly FoundLeak[],
): readonly Exhaustion[] {
  const results: Exhaustion[] = [];
  const seen = new Set<string>();
  for (const { name, caps } of classes) {
    const serving = states.filter(({ region }) => (region.caps & caps) === caps);
    const key = serving.map(({ region }) => region.start).join();
    if (serving.length === 0 || seen.has(key)) continue;
    seen.add(key);
    const result = forecastClass(name, serving, survey, leaks);
    if (result !== undefined && result.expected < HORIZON) results.push(result);
  }
  return results.sort((a, b) => a.expected - b.expected);
}

function forecastClass(
  memory: string,
  serving: readonly RegionState[],
  survey: Survey,
  leaks: readonly FoundLeak[],
): Exhaustion | undefined {
  const indices = serving.flatMap(({ region }) => {
    const index = survey.regions.findIndex((bounds) => bounds.start === region.start);
    return index < 0 ? [] : [index];
  });
  // The second half: what set-up and caches took in the first is not what goes on.
  const first = EPOCHS / 2;
  const count = EPOCHS - first;
  const floor = Float64Array.from({ length: count }, (_, i) =>
    indices.reduce((sum, region) => sum + (survey.regionFloor[region * EPOCHS + first + i] ?? 0), 0),
  );
  const time = Float64Array.from({ length: count }, (_, i) => i * survey.epochLength);
  const rate = theilSen(time, floor);
  if (rate === undefined || rate.slope <= 0 || mannKendall(floor).pRising >= 0.01) return undefined;
  const carriers = carriersOf(indices, survey, leaks, rate.slope);
  // Growth that no leak carries may be a cache that fills; it is not said to go on.
  if (carriers.reduce((sum, { share }) => sum + share, 0) < 0.25) return undefined;
  const free = serving.reduce((sum, state) => sum + state.free, 0);
  return {
    memory,
    free,
    rate,
    expected: free / rate.slope,
    earliest: free / rate.high,
    latest: rate.low > 0 ? free / rate.low : Infinity,
    carriers,
  };
}

function carriersOf(
  regions: readonly number[],
  survey: Survey,
  leaks: readonly FoundLeak[],
  slope: number,
): Exhaustion["carriers"] {
  return leaks
    .flatMap(({ finding, sites, isGrowing }) => {
      const here = regions.reduce(
        (sum, region) =>
          sum + sites.reduce((total, site) => total + (survey.regionSiteBytes[region * survey.sites + site] ?? 0), 0),
        0,
      );
      const everywhere = sites.reduce((sum, site) => sum + (survey.liveBytes[site] ?? 0), 0);
      if (here === 0 || !isGrowing) return [];
      const bytesPerTime = ((finding.bytesPerHour ?? 0) / 3600e6) * (here / everywhere);
      return [{ site: sites[0] ?? 0, share: bytesPerTime / slope }];
    })
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share);
}

function detectExhaustion(inputs: Inputs<"survey" | "leaks">): readonly Finding<Rule>[] {
  const { names, regions, survey, leaks, window } = inputs;
  const [soonest] = forecastExhaustion(survey, regions, leaks);
  if (soonest === undefined) return [];
  const { memory, free, rate, expected, earliest, latest, carriers } = soonest;
  const until = latest === Infinity ? "no upper bound" : `at the latest ${formatTime(latest)}`;
  return [
    {
      rule: "exhaustion",
      severity: "warning",
      confidence: latest === Infinity ? 0.5 : 0.8,
      title: `${memory} runs out about ${formatTime(expected)} after the end of this recording, if it goes on like this`,
      evidence: [
        `${formatBytes(free)} are free; what is held for good grows by ${formatBytes(Math.round(rate.slope * 3600e6))} an hour`,
        `90 % interval: at the earliest ${formatTime(earliest)}, ${until}`,
        ...carriers
          .slice(0, 3)
          .map(
            ({ site, share }) =>
              `${(Math.min(1, share) * 100).toFixed(0)} % of the growth comes from ${names.site(site).text}`,
          ),
      ],
      next: "Fix the leaks that carry it, largest share first",
      sites: carriers.slice(0, 3).map(({ site }) => ({ role: "allocated" as const, site })),
      blocks: [],
      bytes: free,
      bytesPerHour: rate.slope * 3600e6,
      until: window.to,
      expected: { earliest, likely: expected, ...(latest !== Infinity && { latest }) },
      fingerprint: `${fingerprint("exhaustion", names, [])}|${memory}`,
    },
  ];
}
