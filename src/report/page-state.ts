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
type Writable = { -readonly [K in keyof PageState]: PageState[K] };
type Values = Required<PageState>;

/** How a part of the state stands in the address; undefined for what cannot be read. */
interface Codec<T> {
  readonly read: (text: string) => T | undefined;
  readonly write: (value: T) => string;
}

function oneOf<T extends string>(words: readonly T[]): Codec<T> {
  return { read: (text) => words.find((word) => word === text), write: String };
}

const anyText: Codec<string> = { read: (text) => text, write: String };
const yes: Codec<boolean> = { read: (text) => text === "1", write: (value) => (value ? "1" : "0") };
const seconds: Codec<Microseconds> = {
  read: (text) => (Number.isFinite(Number(text)) ? Math.round(Number(text) * 1e6) : undefined),
  write: (time) => String(Math.round(time) / 1e6),
};

/** Every part has one: the compiler sees to it. */
const codecs: { readonly [K in keyof Values]: Codec<Values[K]> } = {
  view: oneOf(PAGE_VIEWS),
  colour: oneOf(MAP_COLOURS),
  growthBy: oneOf(DIMENSIONS),
  cost: oneOf(FLAME_COSTS),
  group: oneOf(FLAME_GROUPS),
  blockOrder: oneOf(BLOCK_ORDERS),
  siteOrder: oneOf(SITE_ROW_ORDERS),
  against: oneOf(["start", "other"]),
  source: anyText,
  filter: anyText,
  search: anyText,
  makers: yes,
  inverted: yes,
  differential: yes,
  from: seconds,
  to: seconds,
  at: seconds,
  baseFrom: seconds,
  baseTo: seconds,
  finding: { read: (text) => (/^\d{1,6}$/.test(text) ? Number(text) : undefined), write: String },
  scope: {
    read: scopeOf,
    write: (scope) => ("start" in scope ? `0x${scope.start.toString(16)}` : `caps${scope.capBits}`),
  },
};
const KEYS = Object.keys(codecs) as Key[];

function parameterOf(key: Key): string {
  return key === "scope" ? "memory" : key;
}

/** `view=map&from=30&to=150`: seconds, and only what differs from the first state. */
export function writeState(state: Partial<Values>): string {
  const written = <K extends Key>(key: K): readonly string[] => {
    const value = state[key];
    if (value === undefined || value === firstState[key]) return [];
    return [`${parameterOf(key)}=${encodeURIComponent(codecs[key].write(value))}`];
  };
  return KEYS.flatMap(written).join("&");
}

/** Anything that cannot be read is as if it were not there: a link may be old or cut. */
export function readState(text: string): PageState {
  const state: Writable = { ...firstState };
  for (const part of text.replace(/^[#?]/, "").split("&")) {
    const [parameter = "", raw = ""] = part.split("=");
    const key = KEYS.find((one) => parameterOf(one) === parameter);
    const value = decoded(raw);
    if (key !== undefined && value !== undefined && value !== "") readInto(state, key, value);
  }
  return state;
}

/** Undefined takes a part away: the range's own end, no finding. */
export type PageChange = { readonly [K in keyof PageState]?: PageState[K] | undefined };

export function changedState(before: PageState, change: PageChange): PageState {
  const state: Writable = { ...firstState };
  const take = <K extends Key>(key: K): void => put<K>(state, key, valueOf(key in change ? change : before, key));
  KEYS.forEach(take);
  return state;
}

function valueOf<K extends Key>(
  of: { readonly [One in keyof Values]?: Values[One] | undefined },
  key: K,
): Values[K] | undefined {
  return of[key];
}

function readInto<K extends Key>(state: Writable, key: K, text: string): void {
  put(state, key, codecs[key].read(text));
}

function put<K extends Key>(
  state: { [One in keyof Values]?: Values[One] },
  key: K,
  value: Values[K] | undefined,
): void {
  if (value !== undefined) state[key] = value;
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
