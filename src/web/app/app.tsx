// The page as a whole: the start screen, or the run that is open.
import type { FunctionComponent } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { formatCount } from "../../base/format.ts";
import { leakFindings } from "../../report/leak-findings.ts";
import { PAGE_VIEWS, type PageView } from "../../report/show-me.ts";
import { whyNoSerial } from "../engine/why-no-serial.ts";
import { Side } from "../parts/findings.tsx";
import { Dialogs } from "../parts/help.tsx";
import { MapView } from "../parts/map-view.tsx";
import { NoBlocks } from "../parts/no-blocks.tsx";
import { Progress } from "../parts/progress.tsx";
import { Start } from "../parts/start.tsx";
import { StatusBar } from "../parts/statusbar.tsx";
import { Timeline } from "../parts/timeline.tsx";
import { TopBar } from "../parts/topbar.tsx";
import { onKey } from "./keys.ts";
import { StoreContext, useStore, type Store } from "./store.ts";

export interface Places {
  /** Where simulator.wasm is; absent where the page has no engine. */
  readonly wasm?: string;
  /** Simulated seconds a second. */
  readonly speed: number;
}

export function App({ store, places }: { store: Store; places: Places }) {
  return (
    <StoreContext.Provider value={store}>
      <Page places={places} />
    </StoreContext.Provider>
  );
}

function Page({ places }: { places: Places }) {
  const store = useStore();
  const { engine, page } = store;
  const chooser = useRef<HTMLInputElement>(null);
  const [isDragging, setDragging] = useState(false);
  const state = engine.state.value;
  const open = (): void => chooser.current?.click();
  const openFiles = (files: readonly File[]): void => {
    if (files.length === 0) return;
    if (page.value.source !== "") store.look({ source: "" }, false);
    engine.open({ kind: "files", files });
  };
  const start = (scenario: string): void => {
    if (places.wasm === undefined) return;
    store.look({ source: `sim:${scenario}` });
    engine.open({ kind: "simulator", scenario, speed: places.speed, wasm: places.wasm });
  };
  const connect = async (baudRate: number): Promise<void> => {
    const { connectBoard } = await import("../engine/web-serial.ts"); // for those who have a board at hand
    await connectBoard(engine, baudRate);
  };

  useEffect(() => {
    const scenario = /^sim:([a-z-]+)$/.exec(page.value.source)?.[1];
    if (scenario !== undefined && engine.state.value === undefined) start(scenario);
  }, []);
  useLayoutEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(store, event, open);
    addEventListener("keydown", listener);
    return () => removeEventListener("keydown", listener);
  }, []);
  useEffect(() => {
    // What is loaded when it is opened: a server may have ended by then.
    if (state?.live === true) void Promise.all(Object.values(later).map((load) => load()));
    document.title = state === undefined ? "memmap" : `${state.name} · memmap`;
  }, [state?.name]);

  return (
    <div
      style={{ height: "100%" }}
      onDragOver={(event) => {
        event.preventDefault();
        setDragging(engine.frozen === undefined);
      }}
      onDragLeave={(event) => {
        if (event.relatedTarget === null) setDragging(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setDragging(false);
        if (engine.frozen === undefined) openFiles([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        id="files"
        aria-label="Files to open"
        onChange={(event) => {
          openFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
      {state === undefined ? (
        <Start onSimulator={start} onOpen={open} onConnect={(baudRate) => void connect(baudRate)} />
      ) : (
        <div class="shell">
          <Progress />
          <TopBar onOpen={open} onConnect={whyNoSerial() === undefined ? () => void connect(115200) : undefined} />
          <Timeline />
          <Side />
          <View />
          <StatusBar />
        </div>
      )}
      {isDragging && <div class="drop">Drop a recording, a log, a heaptrack or SystemView file, an ELF</div>}
      <Failed />
      <Dialogs />
    </div>
  );
}

const titles: Record<PageView, string> = {
  map: "Map",
  flame: "Flame",
  leaks: "Leaks",
  faults: "Faults",
  failures: "Failures",
  blocks: "Blocks",
  sites: "Sites",
  log: "Log",
  compare: "Compare",
};

function View() {
  const store = useStore();
  const { view } = store.page.value;
  const state = store.engine.state.value;
  const counts: Partial<Record<PageView, number>> = {
    leaks: leakFindings(store.verdict.value?.findings ?? []).length,
    faults: state?.faults ?? 0,
    failures: state?.failures ?? 0,
  };
  return (
    <main class="view">
      <div class="tabs" role="tablist" aria-label="Views">
        {PAGE_VIEWS.map((one) => (
          <button
            type="button"
            key={one}
            role="tab"
            id={`tab-${one}`}
            aria-selected={one === view}
            aria-controls="panel"
            tabIndex={one === view ? 0 : -1}
            onClick={() => store.look({ view: one })}
            onKeyDown={(event) => {
              const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
              if (step === 0) return;
              event.preventDefault();
              event.stopPropagation();
              const next =
                PAGE_VIEWS[(PAGE_VIEWS.indexOf(one) + step + PAGE_VIEWS.length) % PAGE_VIEWS.length] ?? "map";
              store.look({ view: next });
              document.getElementById(`tab-${next}`)?.focus();
            }}
          >
            {titles[one]}
            {(counts[one] ?? 0) > 0 && <sup>{formatCount(counts[one] ?? 0)}</sup>}
          </button>
        ))}
      </div>
      <div
        class="panel"
        role="tabpanel"
        id="panel"
        aria-labelledby={`tab-${view}`}
        aria-busy={store.engine.busy.value || store.loading.value}
      >
        <Shown view={view} />
      </div>
    </main>
  );
}

/** Views that show blocks, and what of them is missing where there are none. */
const blockViews: Partial<Record<PageView, string>> = {
  map: "The map of the heap",
  flame: "The flame graph",
  leaks: "A leak's call site, with the blocks that stay,",
  blocks: "The table of blocks",
  sites: "The table of call sites",
  compare: "Comparing two moments",
};

function Shown({ view }: { view: PageView }) {
  const wanted = blockViews[view];
  if (useStore().engine.state.value?.isBlind === true && wanted !== undefined) return <NoBlocks wanted={wanted} />;
  const load = later[view];
  if (load !== undefined) return <Later key={view} load={load} />;
  return <MapView />;
}

/** Views that are large, or that few open at first, are loaded when they are opened. */
const later: Partial<Record<PageView, () => Promise<FunctionComponent>>> = {
  leaks: async () => (await import("../parts/leaks-view.tsx")).LeaksView,
  flame: async () => (await import("../parts/flame-view.tsx")).FlameView,
  faults: async () => (await import("../parts/stories-view.tsx")).FaultsView,
  failures: async () => (await import("../parts/stories-view.tsx")).FailuresView,
  blocks: async () => (await import("../parts/blocks-view.tsx")).BlocksView,
  sites: async () => (await import("../parts/sites-view.tsx")).SitesView,
  log: async () => (await import("../parts/log-view.tsx")).LogPanel,
  compare: async () => (await import("../parts/compare-view.tsx")).CompareView,
};

function Later({ load }: { load: () => Promise<FunctionComponent> }) {
  const { loading } = useStore();
  const [View, setView] = useState<FunctionComponent | undefined>(undefined);
  useLayoutEffect(() => {
    loading.value = true;
    void load().then((loaded) => {
      setView(() => loaded);
      loading.value = false;
    });
    return () => void (loading.value = false);
  }, []);
  return View === undefined ? undefined : <View />;
}

function Failed() {
  const { engine } = useStore();
  const failure = engine.failure.value;
  if (failure === undefined) return undefined;
  return (
    <div class="banner" role="alert">
      <div>
        <p class={failure.code === "cancelled" ? "" : "error"}>{failure.message}</p>
        <p class="muted">{failure.hint}</p>
      </div>
      <button type="button" class="button" onClick={() => (engine.failure.value = undefined)}>
        Close
      </button>
    </div>
  );
}
