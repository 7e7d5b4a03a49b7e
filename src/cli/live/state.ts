// What the keys of `memmap live` change.
import type { SiteRowOrder } from "../../report/row-orders.ts";

export interface LiveState {
  readonly order: SiteRowOrder;
  readonly filter: string;
  /** What is being typed, and what for; undefined: keys are commands. */
  readonly typing?: { readonly what: "filter" | "mark"; readonly text: string };
  /** The picture stands still; recording goes on. */
  readonly paused: boolean;
  readonly ended: boolean;
}

export type LiveAction =
  | { readonly kind: "quit" }
  | { readonly kind: "mark"; readonly name: string }
  | { readonly kind: "snapshot" }
  | { readonly kind: "save" };

export const firstLiveState: LiveState = { order: "liveBytes", filter: "", paused: false, ended: false };

const ORDERS: readonly SiteRowOrder[] = ["liveBytes", "peakBytes", "allocations", "allocatedBytes", "oldestAge"];

/** The state after a key, and what is to be done. Keys are as a terminal in raw mode sends them. */
export function onLiveKey(state: LiveState, key: string): { readonly state: LiveState; readonly action?: LiveAction } {
  if (key === "\u0003") return { state, action: { kind: "quit" } };
  const { typing } = state;
  if (typing !== undefined) return type(state, typing, key);
  switch (key) {
    case "q":
    case "Q":
      return { state, action: { kind: "quit" } };
    case "s": {
      const next = ORDERS[(ORDERS.indexOf(state.order) + 1) % ORDERS.length] ?? "liveBytes";
      return { state: { ...state, order: next } };
    }
    case "f":
    case "/":
      return { state: { ...state, typing: { what: "filter", text: state.filter } } };
    case "p":
    case " ":
      return { state: { ...state, paused: !state.paused } };
    case "m":
      return { state: { ...state, typing: { what: "mark", text: "" } } };
    case "n":
      return { state, action: { kind: "snapshot" } };
    case "w":
      return { state, action: { kind: "save" } };
    default:
      return { state };
  }
}

function type(
  state: LiveState,
  typing: NonNullable<LiveState["typing"]>,
  key: string,
): { readonly state: LiveState; readonly action?: LiveAction } {
  const { typing: _typing, ...rest } = state;
  if (key === "\u001b") return { state: rest };
  if (key === "\r" || key === "\n") {
    if (typing.what === "filter") return { state: { ...rest, filter: typing.text.trim() } };
    const name = typing.text.trim();
    return name === "" ? { state: rest } : { state: rest, action: { kind: "mark", name } };
  }
  if (key === "\u007f" || key === "\b")
    return { state: { ...rest, typing: { ...typing, text: typing.text.slice(0, -1) } } };
  // Arrow keys and their like begin with an escape and are no text.
  if (key.startsWith("\u001b") || key < " ") return { state };
  return { state: { ...rest, typing: { ...typing, text: typing.text + key } } };
}
