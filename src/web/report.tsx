// The page without an engine: a report in one file, opened from anywhere, without network.
import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/parts.css";
import { fromBase64, readReport } from "../export/html-report.ts";
import { App } from "./app/app.tsx";
import { makeStore } from "./app/store.ts";
import { frozenEngine } from "./engine/frozen-engine.ts";

async function open(): Promise<void> {
  const host = document.getElementById("app");
  const data = document.getElementById("data")?.textContent;
  if (!host || !data) return;
  const stream = new Blob([fromBase64(data.trim())]).stream().pipeThrough(new DecompressionStream("gzip"));
  const frozen = readReport(await new Response(stream).text());
  host.replaceChildren();
  render(<App store={makeStore(frozenEngine(frozen))} places={{ speed: 1 }} />, host);
}

void open();
