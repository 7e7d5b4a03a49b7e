// The first screen: what this is, and three ways in.
import { useState } from "preact/hooks";
import type { ScenarioName } from "../../../simulator/scenarios.ts";
import { useStore } from "../app/store.ts";
import { Progress } from "./progress.tsx";
import { Words } from "./words.tsx";
import { whyNoSerial } from "../engine/why-no-serial.ts";

const SCENARIOS: Readonly<Record<ScenarioName, string>> = {
  demo: "a weather station with one fault of each kind",
  "leaking-http-client": "a leak",
  "double-free": "a double free",
  overflow: "a write past the end",
  "write-after-free": "a write after free",
  "failed-dma-allocation": "an allocation that fails though memory is free",
  fragmentation: "a heap that falls to pieces",
  "bounded-cache": "a cache that only looks like a leak",
  "steady-state": "nothing wrong",
};

/** What the verdict of the first scenario says, word for word: a test compares them. */
const findings: readonly { readonly sentence: string; readonly place: string; readonly next: string }[] = [
  {
    sentence: "Write after free: 4 bytes written into a block of 128 B after it was freed",
    place: "settings.c:45 settings_load (settings)",
    next: "Find who keeps a copy of `settings` after the free at settings.c:66 settings_replace (old)",
  },
  {
    sentence: "Overflow: 2 bytes written behind the end of a block of 24 B",
    place: "display.c:57 draw_status (label)",
    next: "Check every length that is written to `label`: it holds 24 B, a terminating NUL included",
  },
  {
    sentence: "Double free: a block of 337 B was freed twice",
    place: "updater.c:112 check_for_update (manifest)",
    next: "Set `manifest` to NULL at the first free, or take away one of the two",
  },
  {
    sentence: "Allocation of 16.0 KiB with 8BIT|DMA failed: 200 KiB were free, but the largest hole was 7,936 B",
    place: "camera.c:176 camera_start (frame)",
    next: "Allocate this buffer once at start and keep it, or move the long-lived blocks of map_tiles.c:219 decode_tile (outline) out of the way (allocate them earlier)",
  },
];

export function Start({
  onSimulator,
  onOpen,
  onConnect,
}: {
  onSimulator: (scenario: string) => void;
  onOpen: () => void;
  onConnect: (baudRate: number) => void;
}) {
  const { engine } = useStore();
  const [scenario, setScenario] = useState("demo");
  const [baud, setBaud] = useState(115200);
  const noSerial = whyNoSerial();
  if (engine.progress.value !== undefined) {
    return (
      <main>
        <Progress />
      </main>
    );
  }
  return (
    <main class="start">
      <span class="logo">
        mem<span>map</span>
      </span>
      <h1>See what the heap of your ESP32 is doing, and what is wrong with it</h1>
      <p class="lead">
        Leaks, double frees, writes past the end, failed allocations and what keeps memory in pieces: as sentences with
        evidence, and as pictures that prove them. Everything stays in this page; nothing is sent anywhere.
      </p>
      <div class="ways">
        <section class="way">
          <h2>Watch a simulated board</h2>
          <p>
            The probe's own code on a simulated ESP32, with faults planted on purpose. Takes fifteen seconds, needs
            nothing.
          </p>
          <label>
            <span class="hidden">Scenario</span>
            <select value={scenario} onChange={(event) => setScenario(event.currentTarget.value)}>
              {Object.entries(SCENARIOS).map(([name, what]) => (
                <option key={name} value={name}>
                  {what}
                </option>
              ))}
            </select>
          </label>
          <button type="button" class="button primary" onClick={() => onSimulator(scenario)}>
            Start the board
          </button>
        </section>
        <section class="way">
          <h2>Open a file</h2>
          <p>
            Drop it here: a memmap recording or raw capture, a console log (free-heap lines, heap traces, a panic), a
            heaptrack or SystemView file. The firmware's ELF beside it gives names.
          </p>
          <button type="button" class="button" onClick={onOpen}>
            Choose files
          </button>
        </section>
        <section class="way">
          <h2>Connect a board</h2>
          {noSerial === undefined ? (
            <>
              <p>With the memmap component in its firmware, over USB or a serial adapter. Nothing to install.</p>
              <label>
                baud rate{" "}
                <select value={baud} onChange={(event) => setBaud(Number(event.currentTarget.value))}>
                  {[115200, 230400, 460800, 921600, 1500000, 2000000].map((rate) => (
                    <option key={rate} value={rate}>
                      {rate}
                    </option>
                  ))}
                </select>
              </label>
              <button type="button" class="button" onClick={() => onConnect(baud)}>
                Choose the port
              </button>
            </>
          ) : (
            <p>{noSerial}</p>
          )}
        </section>
      </div>
      <section class="promise">
        <h2>What it says of the simulated board</h2>
        <ol>
          {findings.map(({ sentence, place, next }) => (
            <li key={sentence}>
              <strong>{sentence}</strong>
              <p>
                <code>{place}</code>
              </p>
              <p>
                → <Words text={next} />
              </p>
            </li>
          ))}
        </ol>
        <p>
          and a leak, when memory will be refused, and what keeps it split: each with a map of the heap at any moment, a
          flame graph, and the story of the block.
        </p>
      </section>
    </main>
  );
}
