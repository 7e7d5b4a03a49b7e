// Which of the usual requests will be refused first, and when, if what leaks goes on? docs/detectors/forecast.md.
import { HOUR } from "../base/duration.ts";
import { formatBytes, formatTime } from "../base/format.ts";
import type { Caps } from "../base/units.ts";
import { Cap } from "../wire/caps.ts";
import type { DetectContext } from "./context.ts";
import type { Detector, Inputs } from "./detector.ts";
import type { Exhaustion } from "./exhaustion.ts";
import type { Finding } from "./finding.ts";
import { fingerprint } from "./names.ts";
import { Urgency } from "./urgency.ts";

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

/** What users ask for, in their words. */
function memoryName(caps: Caps): string {
  if ((caps & Cap.DMA) !== 0) return "DMA-capable memory";
  if ((caps & Cap.SPIRAM) !== 0) return "PSRAM";
  if ((caps & Cap.INTERNAL) !== 0) return "internal memory";
  return "memory for malloc";
}

async function detectExhaustion(inputs: Inputs<"survey" | "leaks">): Promise<readonly Finding<Rule>[]> {
  if (!inputs.leaks.some(({ isGrowing }) => isGrowing)) return [];
  // Loaded where something leaks, as the page counts every byte.
  const { forecastExhaustion } = await import("./exhaustion.ts");
  const forecast = await forecastExhaustion(inputs);
  return forecast === undefined ? [] : tellForecast(inputs, forecast);
}

/** None where it has come by then, or is too far away to say. */
export function tellForecast(
  inputs: Pick<DetectContext, "names" | "window" | "stretch" | "unknownAfter">,
  forecast: Exhaustion,
): readonly Finding<Rule>[] {
  const { names, window, stretch } = inputs;
  const { refused, count, replays, carriers } = forecast;
  // Where the history is believed for a part only, the rest of the recording is over too.
  const passed = inputs.unknownAfter === undefined ? 0 : window.to - stretch.to;
  if (forecast.likely <= passed || forecast.likely > HORIZON + passed) return [];
  const earliest = Math.max(0, forecast.earliest - passed);
  const likely = forecast.likely - passed;
  const latest = forecast.latest - passed;
  const memory = memoryName(refused.caps);
  const isOpen = latest > HORIZON;
  const until = isOpen ? "no upper bound" : `at the latest ${formatTime(latest)}`;
  // Two ways to one place are told apart by who calls.
  const placeOf = (site: number): string => {
    const { text, frames } = names.site(site);
    const isShared = carriers.some((other) => other.site !== site && names.site(other.site).text === text);
    const caller = frames[1]?.function;
    return isShared && caller !== undefined ? `${text}, called from ${caller}` : text;
  };
  const bytesPerHour = carriers.reduce((sum, { rate }) => sum + rate * HOUR, 0);
  return [
    {
      rule: "exhaustion",
      severity: "warning",
      confidence: 0.9,
      title: `${memory} will be refused about ${formatTime(likely)} after the end of this recording, if it goes on like this: first the ${formatBytes(refused.size)} of ${names.site(refused.site).text}`,
      evidence: [
        `90 % interval: at the earliest ${formatTime(earliest)}, ${until}`,
        `Of ${replays} replays of what was requested, on a model of the heap with the leaks going on, ${count} end with this request refused, then with ${formatBytes(refused.free)} free`,
        `What leaks takes ${formatBytes(Math.round(bytesPerHour))} an hour`,
        ...carriers
          .slice(0, 3)
          .map(
            ({ site, rate }) =>
              `${((rate * HOUR * 100) / bytesPerHour).toFixed(0)} % of it leaks from ${placeOf(site)}`,
          ),
      ],
      next: "Fix the leaks that carry it, largest share first. To be surer of the time, record longer",
      sites: carriers.slice(0, 3).map(({ site }) => ({ role: "allocated" as const, site })),
      blocks: [],
      bytes: refused.free,
      bytesPerHour,
      until: window.to,
      expected: { earliest, likely, ...(!isOpen && { latest }) },
      fingerprint: `${fingerprint("exhaustion", names, [])}|${memory}`,
    },
  ];
}
