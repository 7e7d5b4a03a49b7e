// "Show me": which view, range, moment and filter is the picture that proves a finding.
import type { Microseconds } from "../base/units.ts";
import type { Window } from "../heap/types.ts";
import type { FindingView } from "./finding-view.ts";

export const PAGE_VIEWS = ["map", "flame", "leaks", "faults", "failures", "blocks", "sites", "log", "compare"] as const;
export type PageView = (typeof PAGE_VIEWS)[number];

export interface ShowMe {
  readonly view: PageView;
  readonly window: Window;
  readonly moment: Microseconds;
  /** A query; empty: everything. */
  readonly filter: string;
  /** Outline the blocks that keep holes apart. */
  readonly holeMakers: boolean;
  /** Words of the board's text; empty: all of it. */
  readonly search: string;
}

export function showMe(finding: FindingView, span: Window): ShowMe {
  const { rule, group, since, until, log, blocks } = finding;
  const clamp = (time: Microseconds): Microseconds => Math.min(Math.max(time, span.from), span.to);
  const whole = { window: span, moment: span.to, filter: "", holeMakers: false, search: "" };
  const moment = since === undefined ? span.to : clamp(since);
  if (log !== undefined && blocks.length === 0) return { ...whole, view: "log", moment, search: wordsOf(log.quote) };
  if (group === "faults") return { ...whole, view: "faults", moment };
  if (group === "failures") return { ...whole, view: "map", moment, holeMakers: true };
  if (rule === "fragmentation") return { ...whole, view: "map", holeMakers: true };
  if (rule === "leak" || rule === "exhaustion") {
    const from = since === undefined ? span.from : clamp(since);
    const to = until === undefined ? span.to : clamp(until);
    return { ...whole, view: "leaks", window: to > from ? { from, to } : span };
  }
  if (rule === "temporary-allocations" || rule === "churn") return { ...whole, view: "flame" };
  return { ...whole, view: "blocks", filter: siteQuery(finding) };
}

/** What finds the line and those like it: its words before the first number, where they are some. */
function wordsOf(quote: string): string {
  const whole = (quote.split("…", 1)[0] ?? "").trim();
  const words = /^\D*/.exec(whole)?.[0].trim() ?? "";
  return words.length >= 4 ? words : whole;
}

/** The query that finds the blocks of a finding's place. */
function siteQuery({ site }: FindingView): string {
  return site === undefined ? "" : placeQuery(site.text);
}

/** The query for a place as findings and tables name it: `client.c:120 http_get (buffer)`. */
export function placeQuery(where: string): string {
  const place = where.replace(/ \([^()]*\)$/, "").replaceAll('"', "");
  return /\s/.test(place) ? `site:"${place}"` : `site:${place}`;
}
