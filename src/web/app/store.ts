// What the whole page shares: the engine, what is looked at (and its place in the address), colours. Views get it from the context.
import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Dimension } from "../../report/asked.ts";
import { ColourBook } from "../../report/colour-book.ts";
import {
  changedState,
  momentOf,
  readState,
  windowOf,
  writeState,
  type PageChange,
  type PageState,
} from "../../report/page-state.ts";
import type { VerdictView } from "../../report/verdict.ts";
import type { Window } from "../../heap/types.ts";
import type { Engine } from "../engine/client.ts";
import type { Failure } from "../engine/protocol.ts";

/** All that is looked at but the moment, which moves sixty times a second while somebody scrubs. */
export type Page = Omit<PageState, "at">;

export interface Store {
  readonly engine: Engine;
  readonly page: ReadonlySignal<Page>;
  readonly window: ReadonlySignal<Window>;
  readonly moment: ReadonlySignal<number>;
  /** The end of the run is looked at, and followed. */
  readonly following: ReadonlySignal<boolean>;
  /** The verdict that is shown, for whoever needs its findings. */
  readonly verdict: Signal<VerdictView | undefined>;
  /** What is wrong with the filter. */
  readonly filterFailure: Signal<Failure | undefined>;
  /** "dark" or "light": read by what draws. */
  readonly theme: ReadonlySignal<"dark" | "light">;
  /** A view is on its way that is loaded when it is opened. */
  readonly loading: Signal<boolean>;
  /** Which overlay is open. */
  readonly dialog: Signal<"help" | "go" | undefined>;
  readonly colours: Readonly<Record<Dimension, ColourBook>>;
  /** Where a source line opens; `%f` file, `%l` line. */
  readonly editor: Signal<string>;
  /** Changes what is looked at. `step`: back returns to what was before. */
  look(change: PageChange, step?: boolean): void;
}

const nowhere: Window = { from: 0, to: 0 };
const EDITOR_KEY = "memmap.editor";

export function makeStore(engine: Engine): Store {
  const state = signal(readState(location.hash));
  let later: ReturnType<typeof setTimeout> | undefined;
  const span = computed(() => engine.state.value?.span ?? nowhere, { name: "span" });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const theme = signal<"dark" | "light">(dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => (theme.value = dark.matches ? "dark" : "light"));
  addEventListener("popstate", () => {
    clearTimeout(later);
    state.value = readState(location.hash);
  });
  return {
    engine,
    page: steady(() => ({ ...state.value, at: undefined })),
    window: steady(() => windowOf(state.value, span.value)),
    moment: computed(() => momentOf(state.value, span.value)),
    following: computed(() => state.value.to === undefined && state.value.at === undefined),
    verdict: signal(undefined),
    filterFailure: signal(undefined),
    theme,
    loading: signal(false),
    dialog: signal(undefined),
    colours: { site: new ColourBook(), component: new ColourBook(), task: new ColourBook() },
    editor: signal(readSetting(EDITOR_KEY) ?? "vscode://file/%f:%l"),
    look(change, step = true) {
      const next = changedState(state.value, change);
      state.value = next;
      clearTimeout(later);
      if (step) writeAddress(next, true);
      // Sixty times a second while somebody scrubs: browsers make that slow, and some refuse it.
      else later = setTimeout(() => writeAddress(next, false), ADDRESS_MILLISECONDS);
    },
  };
}

/** The same object as long as all in it is the same: who reads it is not drawn again. */
function steady<T extends object>(make: () => T): ReadonlySignal<T> {
  let last: T | undefined;
  return computed(() => {
    const made = make();
    const isSame =
      last !== undefined &&
      Object.keys(last).length === Object.keys(made).length &&
      (Object.keys(made) as (keyof T)[]).every((key) => made[key] === last?.[key]);
    if (!isSame) last = made;
    return last ?? made;
  });
}

/** The address follows what moves on its own so much later. */
const ADDRESS_MILLISECONDS = 150;

function writeAddress(state: PageState, step: boolean): void {
  const address = `#${writeState(state)}`;
  if (address === location.hash) return;
  if (step) history.pushState(undefined, "", address);
  else history.replaceState(undefined, "", address);
}

/** Settings are a convenience: a page from a file may have no storage. */
function readSetting(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeEditor(store: Store, value: string): void {
  store.editor.value = value;
  try {
    localStorage.setItem(EDITOR_KEY, value);
  } catch {
    // For as long as the page is open, then.
  }
}

export const StoreContext = createContext<Store | undefined>(undefined);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === undefined) throw new Error("no store above this part of the page");
  return store;
}
