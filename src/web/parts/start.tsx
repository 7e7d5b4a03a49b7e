// The first screen: what this is, and three ways in.
import { useState } from "preact/hooks";
import { useStore } from "../app/store.ts";
import { whyNoSerial } from "../engine/web-serial.ts";

const scenarios: readonly (readonly [string, string])[] = [
  ["demo", "a weather station with one fault of each kind"],
  ["leaking-http-client", "a leak"],
  ["double-free", "a double free"],
  ["overflow", "a write past the end"],
  ["write-after-free", "a write after free"],
  ["failed-dma-allocation", "an allocation that fails though memory is free"],
  ["fragmentation", "a heap that falls to pieces"],
  ["bounded-cache", "a cache that only looks like a leak"],
  ["steady-state", "nothing wrong"],
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
  const progress = engine.progress.value;
  if (progress !== undefined) {
    return (
      <main class="progress" aria-live="polite">
        <p>{progress.what}</p>
        <progress max={progress.all} value={progress.done} aria-label={progress.what} />
        <p>
          <button type="button" class="button" onClick={() => location.reload()}>
            Cancel
          </button>
        </p>
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
              {scenarios.map(([name, what]) => (
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
            Drop it here: a memmap recording, a console log with heap traces or a panic, a heaptrack or SystemView file.
            The firmware's ELF beside it gives names.
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
    </main>
  );
}
