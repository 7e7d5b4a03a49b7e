// The page with an engine: the static site, and what `memmap serve` sends.
import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/parts.css";
import { App } from "./app/app.tsx";
import { makeStore } from "./app/store.ts";
import { connectWorker } from "./engine/client.ts";

/** The demo's three minutes in fifteen seconds: long enough to watch, short enough to stay. */
const SIMULATOR_SPEED = 12;

const engine = connectWorker(() => new Worker(new URL("./engine/worker.ts", import.meta.url), { type: "module" }));
const store = makeStore(engine);
const host = document.getElementById("app");
if (host) {
  host.replaceChildren();
  render(
    <App store={store} places={{ wasm: new URL("simulator.wasm", document.baseURI).href, speed: SIMULATOR_SPEED }} />,
    host,
  );
}
if (document.documentElement.dataset["served"] !== undefined) engine.open({ kind: "server", base: document.baseURI });
