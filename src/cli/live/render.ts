// The lines of `memmap live`, for a terminal of any size from 40 × 10: a pure function, so that tests look at what a user sees.
import { formatAbout, formatBytes, formatCount, formatTime } from "../../base/format.ts";
import type { Quantity } from "../../base/quantity.ts";
import { columnsOf, safeText } from "../../base/safe-text.ts";
import type { SiteRowOrder } from "../../report/row-orders.ts";
import type { Colours } from "../terminal/colours.ts";
import type { LiveState } from "./state.ts";
import { CURVE_COLUMNS, type LiveRegion, type ScreenView } from "./view.ts";

export interface LiveFrame {
  readonly view: ScreenView | undefined;
  readonly state: LiveState;
  readonly sourceName: string;
  /** What there is to say beside the run: the board is away, the recording was saved. */
  readonly notice: string;
  readonly columns: number;
  readonly rows: number;
  readonly colours: Colours;
}

interface Line {
  readonly text: string;
  readonly style?: (text: string) => string;
}

const orderNames: Partial<Record<SiteRowOrder, string>> = {
  liveBytes: "live",
  peakBytes: "peak",
  allocations: "calls",
  allocatedBytes: "allocated",
  oldestAge: "oldest",
};

export function renderLive(frame: LiveFrame): string[] {
  const { rows, columns } = frame;
  const top = topLines(frame);
  const bottom = footer(frame);
  const room = rows - top.length - bottom.length;
  const middle = frame.view === undefined ? waiting(frame) : bodyLines(frame, frame.view, Math.max(0, room));
  const all = [...top, ...middle.slice(0, Math.max(0, room))];
  while (all.length < rows - bottom.length) all.push({ text: "" });
  return [...all, ...bottom]
    .slice(0, rows)
    .map(({ text, style = (plain: string) => plain }) => style(cut(safeText(text), columns)));
}

/** As many columns as the terminal has; wide characters take two. */
function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let shown = "";
  let room = columns - 1;
  for (const character of text) {
    room -= columnsOf(character);
    if (room < 0) break;
    shown += character;
  }
  return `${shown}…`;
}

function topLines({ view, sourceName, notice, state, colours }: LiveFrame): Line[] {
  const parts = [sourceName];
  if (state.ended) parts.push("ended");
  if (state.paused) parts.push("PAUSED");
  if (view !== undefined) {
    const { run, totals, verdict } = view;
    parts.push(formatTime(run.span.to - run.span.from));
    const { liveBytes, liveBlocks } = totals.total;
    parts.push(`${formatAbout(liveBytes, formatBytes)} in ${formatAbout(liveBlocks, formatCount)} blocks`);
    const { heartbeats, verified } = verdict.coverage;
    if (heartbeats > 0) parts.push(`verified ${formatCount(verified)} of ${formatCount(heartbeats)}`);
    if (run.gaps > 0) parts.push(`${formatCount(run.gaps)} gaps`);
    if (run.boots > 1) parts.push(`restarted ${formatCount(run.boots - 1)}×`);
  }
  const lines: Line[] = [{ text: `memmap live  ${parts.join(" · ")}`, style: colours.bold }];
  if (notice !== "") lines.push({ text: notice, style: colours.yellow });
  return lines;
}

function waiting({ sourceName }: LiveFrame): Line[] {
  return [
    { text: "" },
    { text: `Nothing has come from ${sourceName} yet.` },
    { text: "Is the memmap component in the firmware, and is the baud rate right?" },
  ];
}

function bodyLines(frame: LiveFrame, view: ScreenView, room: number): Line[] {
  const findings = verdictLines(frame, view, room >= 30 ? 4 : 2);
  const regions = regionLines(frame, view.regions, Math.max(1, Math.min(6, Math.floor(room / 4))));
  const rest = Math.max(0, room - findings.length - regions.length);
  const sitesAtMost = Math.max(1, view.sites.length) + 1;
  const log = logLines(frame, view.log, Math.max(Math.min(8, Math.floor(room / 5)), rest - sitesAtMost));
  return [...findings, ...regions, ...siteLines(frame, view, Math.max(0, rest - log.length)), ...log];
}

function verdictLines({ colours }: LiveFrame, { verdict }: ScreenView, most: number): Line[] {
  const shown = verdict.findings.filter(({ suppressedBy }) => suppressedBy === undefined);
  const style = { error: colours.red, warning: colours.yellow, note: colours.dim };
  return [
    { text: verdict.headline, style: colours.bold },
    ...shown.slice(0, most).map(({ severity, title, site }) => ({
      text: `${severity.padEnd(7)} ${title}${site === undefined ? "" : `  at ${site.text}`}`,
      style: style[severity],
    })),
  ];
}

/** Narrower than this, tables have only the columns that matter most. */
const WIDE_ENOUGH = 56;

function regionLines({ columns, colours }: LiveFrame, regions: readonly LiveRegion[], most: number): Line[] {
  if (regions.length === 0) return [];
  const half = Math.floor(Math.max(0, Math.min(CURVE_COLUMNS, columns - 60)) / 2);
  const row = (name: string, used: string, free: string, largest: string, curves: string): string =>
    `${name.slice(0, 19).padEnd(20)}${used.padStart(9)}${columns < WIDE_ENOUGH ? "" : free.padStart(11)}${largest.padStart(11)}${half === 0 ? "" : `  ${curves}`}`;
  const rows = [...regions]
    .sort((a, b) => b.curves.totalBytes - a.curves.totalBytes)
    .slice(0, most)
    .map(({ name, curves }): Line => {
      const last = curves.time.length - 1;
      const bytes = (column: Float64Array): string => {
        const value = column[last] ?? NaN;
        return Number.isNaN(value) ? "?" : formatBytes(Math.round(value));
      };
      const about = curves.estimated[last] === 1 ? "~" : "";
      const { totalBytes, usedBytes, freeBytes, largestFreeBytes } = curves;
      const pictures = `${levels(usedBytes, totalBytes, half)} ${levels(largestFreeBytes, totalBytes, half)}`;
      return { text: row(name, bytes(usedBytes), bytes(freeBytes), about + bytes(largestFreeBytes), pictures) };
    });
  const title = rows.length < regions.length ? `region (${rows.length} of ${regions.length})` : "region";
  return [{ text: row(title, "used", "free", "largest", "used, largest free"), style: colours.dim }, ...rows];
}

const STEPS = "▁▂▃▄▅▆▇█";

/** The newest values as small columns, against the whole region. */
function levels(column: Float64Array, total: number, width: number): string {
  return Array.from(column.slice(-width), (value) =>
    Number.isNaN(value) ? " " : (STEPS[Math.max(0, Math.min(7, Math.floor((value / Math.max(1, total)) * 8)))] ?? " "),
  )
    .join("")
    .padStart(width);
}

function siteLines({ columns, colours, state }: LiveFrame, view: ScreenView, room: number): Line[] {
  if (room < 2) return [];
  const wide = Math.max(16, columns - (columns < WIDE_ENOUGH ? 20 : 46));
  const row = (name: string, live: string, blocks: string, peak: string, calls: string): string =>
    `${(name.length < wide ? name : `${name.slice(0, wide - 2)}…`).padEnd(wide)}${live.padStart(11)}${blocks.padStart(8)}${peak.padStart(11)}${calls.padStart(10)}`;
  const head = row(`call site (by ${orderNames[state.order] ?? state.order})`, "live", "blocks", "peak", "calls");
  const rows = view.sites.slice(0, room - 1).map(({ site, liveBytes, liveBlocks, peakBytes, allocations }): Line => {
    const bytes = (quantity: Quantity): string => formatAbout(quantity, formatBytes);
    const count = (quantity: Quantity): string => formatAbout(quantity, formatCount);
    return {
      text: row(safeText(site.text), bytes(liveBytes), count(liveBlocks), bytes(peakBytes), count(allocations)),
    };
  });
  const lines: Line[] = [{ text: head, style: colours.dim }, ...rows].map(({ text, ...rest }) => ({
    ...rest,
    text: columns < WIDE_ENOUGH ? text.slice(0, wide + 19) : text,
  }));
  if (view.sites.length === 0)
    lines.push({ text: state.filter === "" ? "no allocations yet" : "no call site matches the filter" });
  return lines;
}

function logLines({ colours }: LiveFrame, log: readonly string[], most: number): Line[] {
  if (most < 2 || log.length === 0) return [];
  return [{ text: "log", style: colours.dim }, ...log.slice(-(most - 1)).map((text) => ({ text, style: colours.dim }))];
}

/** The keys: on as many lines as they take. */
function footer({ state, view, columns, colours }: LiveFrame): Line[] {
  if (state.typing !== undefined) {
    const what = state.typing.what === "filter" ? "filter, as in task:wifi size>1k" : "name of the mark";
    return [{ text: `${what}: ${state.typing.text}▏  Enter takes it, Esc leaves it` }];
  }
  if (view?.filterError !== undefined) return [{ text: view.filterError, style: colours.red }];
  const keys = [
    "q quit",
    "s sort",
    state.filter === "" ? "f filter" : `f filter: ${state.filter}`,
    state.paused ? "p go on" : "p pause",
    "m mark",
    "n snapshot",
    "w save",
  ];
  const lines: string[] = [];
  for (const key of keys) {
    const longer = lines.length === 0 ? key : `${lines.at(-1)}  ${key}`;
    if (lines.length > 0 && columnsOf(longer) > columns) lines.push(key);
    else lines.splice(-1, 1, longer);
  }
  return lines.map((text) => ({ text: text.padEnd(columns), style: colours.inverse }));
}
