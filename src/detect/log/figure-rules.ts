// What the series of a log may report. Apart from what finds it, which is loaded only where there is a log.

import { Urgency } from "../urgency.ts";

const levelRules = {
  "internal-exhausted": Urgency.FAILURE,
  fragmentation: Urgency.SPLIT,
  "low-memory": Urgency.SPLIT,
} as const;
export type LevelRule = keyof typeof levelRules;

/** Beside leaks. */
export const figureRules = { ...levelRules, "log-readings": Urgency.WASTE } as const;
export type BesideLeaks = keyof typeof figureRules;
export type FigureRule = BesideLeaks | "leak";
