// The gallery: each part of the interface in each state, with fixed data. It is how the parts are developed, and what screenshot tests look at.
import { render, type ComponentChildren } from "preact";
import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/parts.css";
import "./styles/gallery.css";
import { makeStore, StoreContext, type Store } from "./app/store.ts";
import { frozenEngine } from "./engine/frozen-engine.ts";
import type { Engine } from "./engine/client.ts";
import { galleryRuns } from "./gallery/runs.ts";
import { BlocksView } from "./parts/blocks-view.tsx";
import { CompareView } from "./parts/compare-view.tsx";
import { Side } from "./parts/findings.tsx";
import { FlameView } from "./parts/flame-view.tsx";
import { LeaksView } from "./parts/leaks-view.tsx";
import { LogPanel } from "./parts/log-view.tsx";
import { MapView } from "./parts/map-view.tsx";
import { SitesView } from "./parts/sites-view.tsx";
import { Start } from "./parts/start.tsx";
import { StatusBar } from "./parts/statusbar.tsx";
import { FailuresView, FaultsView } from "./parts/stories-view.tsx";
import { Timeline } from "./parts/timeline.tsx";
import { TopBar } from "./parts/topbar.tsx";

const nothing = (): void => undefined;

const parts: readonly (readonly [string, number, () => ComponentChildren])[] = [
  ["top bar", 52, () => <TopBar onOpen={nothing} onConnect={undefined} />],
  ["timeline", 190, () => <Timeline />],
  ["findings", 460, () => <Side />],
  ["map", 420, () => <MapView />],
  ["flame graph", 420, () => <FlameView />],
  ["leaks", 460, () => <LeaksView />],
  ["faults", 420, () => <FaultsView />],
  ["failures", 420, () => <FailuresView />],
  ["blocks", 320, () => <BlocksView />],
  ["sites", 260, () => <SitesView />],
  ["log", 220, () => <LogPanel />],
  ["compare", 300, () => <CompareView />],
  ["status", 32, () => <StatusBar />],
];

/** The start screen as it is while a file opens, and before. */
function startStore(progress: Engine["progress"]["value"], frozen: Parameters<typeof frozenEngine>[0]): Store {
  const engine = frozenEngine(frozen);
  engine.progress.value = progress;
  return makeStore(engine);
}

async function show(): Promise<void> {
  const runs = await galleryRuns();
  const host = document.getElementById("app");
  const [first] = runs;
  if (!host || first === undefined) return;
  render(
    <main class="gallery">
      <h1>Gallery</h1>
      <section>
        <h2>start</h2>
        {[undefined, { what: "reading run.log", done: 30, all: 100 }].map((progress, i) => (
          <StoreContext.Provider key={i} value={startStore(progress, first.frozen)}>
            <div class="gallery-part" style={{ height: progress === undefined ? "520px" : "200px" }}>
              <Start onSimulator={nothing} onOpen={nothing} onConnect={nothing} />
            </div>
          </StoreContext.Provider>
        ))}
      </section>
      {runs.map(({ title, frozen }) => {
        const store = makeStore(frozenEngine(frozen));
        store.verdict.value = frozen.verdict;
        return (
          <section key={title}>
            <h2>{title}</h2>
            <StoreContext.Provider value={store}>
              {parts.map(([name, height, part]) => (
                <figure key={name} class="gallery-part" style={{ height: `${height}px` }} data-part={name}>
                  {part()}
                </figure>
              ))}
            </StoreContext.Provider>
          </section>
        );
      })}
    </main>,
    host,
  );
}

void show();
