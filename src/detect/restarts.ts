// Restarts that nobody asked for: by panic, assertion or watchdog. What the board said last, and what the heap did just before. docs/detectors/restart.md.
import type { Microseconds } from "../base/units.ts";
import type { RunBoot } from "../heap/run-records.ts";
import { BANNER, REBOOTING } from "../symbols/log/boot-lines.ts";
import { LAST_WORDS } from "../symbols/log/last-words.ts";
import { ResetReason, resetReasonWords } from "../wire/reset-reason.ts";
import type { DetectContext } from "./context.ts";
import type { Detector } from "./detector.ts";
import type { Finding } from "./finding.ts";
import { JUST_BEFORE, type Restart } from "./restart.ts";
import { Urgency } from "./urgency.ts";

const rules = { restart: Urgency.DAMAGE } as const;
type Rule = keyof typeof rules;

export const restarts = {
  name: "restarts",
  page: "restart",
  group: "faults",
  rules,
  needs: [],
  detect: detectRestarts,
} as const satisfies Detector<Rule, never>;

/** Those that nobody asks for. */
const ACCIDENTS: ReadonlySet<number | undefined> = new Set([
  ResetReason.PANIC,
  ResetReason.INT_WDT,
  ResetReason.TASK_WDT,
  ResetReason.WDT,
  ResetReason.CPU_LOCKUP,
]);

const tellsOfDeath = (line: string): boolean => LAST_WORDS.some((words) => words.test(line));

/** What comes after it: the next boot's ROM. */
const NEXT_BOOT = [REBOOTING, BANNER, /^rst:0x/];

const LINES = 6;
/** So many letters of a line tell it from others. */
const LEAST_QUOTE = 60;
/** A board that restarts all the time is described by its first restarts. */
const MOST_DESCRIBED = 20;

async function detectRestarts(context: DetectContext): Promise<readonly Finding<Rule>[]> {
  const all = await restartsIn(context);
  if (all.length === 0) return [];
  // Loaded only where a program died, as the page counts every byte.
  const { describeRestart } = await import("./restart-story.ts");
  const groups = new Map<string, Restart[]>();
  for (const one of all) {
    const key = `${one.reason ?? ""}|${one.saying.replace(/0x[0-9a-f]+|\d+/gi, "#")}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return Promise.all([...groups].map(([key, group]) => describeRestart(context, key, group)));
}

async function restartsIn({ model, window }: DetectContext): Promise<readonly Restart[]> {
  const { boots, incidents } = model.tables;
  const found: Restart[] = [];
  // A console log is told by its own detectors, in more words.
  const told = new Set(incidents.map(({ boot }) => boot));
  for (const [index, boot] of boots.entries()) {
    const next: RunBoot | undefined = boots[index + 1];
    const time = next?.startedAt ?? model.span.to;
    if (told.has(index) || time < window.from || time > window.to) continue;
    const reason = ACCIDENTS.has(next?.resetReason) ? resetReasonWords(next?.resetReason) : undefined;
    // A boot starts where the one before was last heard of: what was printed at that moment is the other's.
    const start = boot.startedAt + (index === 0 ? 0 : 1);
    const lines = found.length < MOST_DESCRIBED ? await linesBefore(model, start, time) : [];
    const saying = lines.find(tellsOfDeath) ?? "";
    if (reason === undefined && saying === "") continue;
    // Where a log has no times, another boot's last words stand at the same moment.
    if (saying !== "" && incidents.some(({ quote }) => quote !== "" && saying.includes(quote.slice(0, LEAST_QUOTE))))
      continue;
    found.push({ from: boot.startedAt, time, lines, saying, ...(reason !== undefined && { reason }) });
  }
  return found;
}

async function linesBefore(
  model: DetectContext["model"],
  from: Microseconds,
  to: Microseconds,
): Promise<readonly string[]> {
  const texts = to < from ? [] : await model.log({ from: Math.max(from, to - JUST_BEFORE), to });
  const lines = texts
    .map(({ text }) => text)
    .join("")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const dying = lines.findLastIndex(tellsOfDeath);
  const end = lines.findIndex((line, index) => index >= dying && NEXT_BOOT.some((words) => words.test(line)));
  const said = end < 0 ? lines : lines.slice(0, end);
  // The registers of a panic are long; what was said first is what happened.
  return dying < 0 ? said.slice(-LINES) : said.slice(Math.max(0, dying - LINES / 2), dying + LINES / 2);
}
