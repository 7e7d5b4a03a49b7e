// What a page looks at, and how that stands in its address: a link shows another the same. One range, one moment, one filter for all views.
import type { Microseconds } from "../base/units.ts";
import type { Window } from "../heap/types.ts";
import { DIMENSIONS, type Dimension } from "./asked.ts";
import { FLAME_COSTS, FLAME_GROUPS, type FlameCost, type FlameGroup } from "./flame-view.ts";
import type { Scope } from "./curves.ts";
import { PAGE_VIEWS, type PageView } from "./show-me.ts";
import { BLOCK_ORDERS, SITE_ROW_ORDERS, type BlockOrder, type SiteRowOrder } from "./row-orders.ts";

export const MAP_COLOURS = ["site", "component", "task", "age", "recency", "size"] as const;
export type MapColour = (typeof MAP_COLOURS)[number];

export interface PageState {
  /** `sim:demo` where the page itself runs the simulated board. */
  readonly source: string;
  readonly view: PageView;
  /** The range; absent ends are the run's own, and follow it. */
  readonly from?: Microseconds;
  readonly to?: Microseconds;
  /** The moment; absent: the end of the range. */
  readonly at?: Microseconds;
  readonly filter: string;
  readonly scope?: Scope;
  /** Number of the finding that is chosen. */
  readonly finding?: number;
  readonly colour: MapColour;
  readonly makers: boolean;
  readonly growthBy: Dimension;
  readonly cost: FlameCost;
  readonly group: FlameGroup;
  readonly inverted: boolean;
  /** The flame graph shows the difference to another range: the one that was set aside, else the first half of the range to its second. */
  readonly differential: boolean;
  readonly baseFrom?: Microseconds;
  readonly baseTo?: Microseconds;
  readonly blockOrder: BlockOrder;
  readonly siteOrder: SiteRowOrder;
  readonly search: string;
  /** What is compared with: the start of the range, or the other recording. */
  readonly against: "start" | "other";
}

export const firstState: PageState = {
  source: "",
  view: "map",
  filter: "",
  colour: "site",
  makers: false,
  growthBy: "site",
  cost: "liveBytes",
  group: "stack",
  inverted: false,
  differential: false,
  blockOrder: "size",
  siteOrder: "liveBytes",
  search: "",
  against: "start",
};

type Key = keyof PageState;
/** Keys whose values are words. */
type WordKey = Exclude<
  Key,
  "from" | "to" | "at" | "baseFrom" | "baseTo" | "scope" | "finding" | "makers" | "inverted" | "differential"
>;

const choices: Partial<Record<Key, readonly string[]>> = {
  view: PAGE_VIEWS,
  colour: MAP_COLOURS,
  growthBy: DIMENSIONS,
  cost: FLAME_COSTS,
  group: FLAME_GROUPS,
  blockOrder: BLOCK_ORDERS,
  siteOrder: SITE_ROW_ORDERS,
  against: ["start", "other"],
};
const TEXTS: readonly Key[] = ["source", "filter", "search"];
const SWITCHES: readonly Key[] = ["makers", "inverted", "differential"];
const TIMES: readonly Key[] = ["from", "to", "at", "baseFrom", "baseTo"];

/** `view=map&from=30&to=150`: seconds, and only what differs from the first state. */
export function writeState(state: PageState): string {
  const parts = new Map<string, string>();
  for (const key of [...Object.keys(choices), ...TEXTS] as WordKey[]) {
    if (state[key] !== firstState[key]) parts.set(key, state[key]);
  }
  for (const key of SWITCHES) if (state[key] === true) parts.set(key, "1");
  for (const key of TIMES) {
    const time = state[key];
    if (time !== undefined) parts.set(key, String(Math.round(Number(time)) / 1e6));
  }
  if (state.finding !== undefined) parts.set("finding", String(state.finding));
  const { scope } = state;
  if (scope !== undefined)
    parts.set("memory", "start" in scope ? `0x${scope.start.toString(16)}` : `caps${scope.capBits}`);
  return [...parts].map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
}

/** Anything that cannot be read is as if it were not there: a link may be old or cut. */
export function readState(text: string): PageState {
  const state: Record<string, unknown> = { ...firstState };
  for (const part of text.replace(/^[#?]/, "").split("&")) {
    const [key = "", raw = ""] = part.split("=");
    const value = decoded(raw);
    if (value === undefined || value === "") continue;
    const list = Object.hasOwn(choices, key) ? choices[key as Key] : undefined;
    if (list?.includes(value) === true || TEXTS.includes(key as Key)) state[key] = value;
    else if (SWITCHES.includes(key as Key)) state[key] = value === "1";
    else if (TIMES.includes(key as Key) && Number.isFinite(Number(value))) state[key] = Math.round(Number(value) * 1e6);
    else if (key === "finding" && /^\d{1,6}$/.test(value)) state["finding"] = Number(value);
    else if (key === "memory") state["scope"] = scopeOf(value);
  }
  if (state["scope"] === undefined) delete state["scope"];
  return state as unknown as PageState;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // a % that stands for nothing
  }
}

function scopeOf(text: string): Scope | undefined {
  if (/^0x[0-9a-f]{1,8}$/i.test(text)) return { start: Number(text) };
  return /^caps\d{1,10}$/.test(text) ? { capBits: Number(text.slice(4)) } : undefined;
}

/** The range of a run that the state means. */
export function windowOf({ from, to }: PageState, span: Window): Window {
  const clamp = (time: Microseconds): Microseconds => Math.min(Math.max(time, span.from), span.to);
  const start = clamp(from ?? span.from);
  const end = clamp(to ?? span.to);
  return start < end ? { from: start, to: end } : span;
}

export function momentOf(state: PageState, span: Window): Microseconds {
  const { to } = windowOf(state, span);
  return state.at === undefined ? to : Math.min(Math.max(state.at, span.from), span.to);
}
