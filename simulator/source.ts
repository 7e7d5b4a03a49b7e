// A running scenario as a source of bytes, like a serial port: what the board sends, log text included, and a way back to it.
import type { Microseconds } from "../src/base/units.ts";
import { Board } from "./board.ts";
import type { Scenario } from "./scenario.ts";
import { milliseconds } from "./task.ts";

export interface RunOptions {
  /** Same seed, same bytes. */
  readonly seed?: number;
  /** "full-speed": as fast as this machine can. "real-time": a second takes a second. */
  readonly pace?: "full-speed" | "real-time";
  /** In real time: simulated seconds a second; 1 where not said. */
  readonly speed?: number;
  /** Simulated time after which it ends; the scenario's own where not said. */
  readonly duration?: Microseconds;
  /** What the line carries, in bytes a second; unlimited where not said. */
  readonly bytesPerSecond?: number;
}

/** The shape of a `ByteSource` (src/capture). */
export interface SimulatedSource extends AsyncIterable<Uint8Array> {
  readonly name: string;
  readonly live: boolean;
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Simulated time between two looks at the output. */
const SLICE = milliseconds(50);
/** Slices at full speed after which others get a turn. */
const SLICES_A_TURN = 20;

/** Boots a board with the scenario's firmware. Bytes can be iterated once. */
export function runScenario(
  compiled: WebAssembly.Module,
  scenario: Scenario,
  options: RunOptions = {},
): SimulatedSource {
  const { seed, bytesPerSecond } = options;
  const board = new Board(compiled, scenario.firmware, {
    chip: scenario.chip,
    appName: scenario.name,
    ...(seed === undefined ? {} : { seed }),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
  });
  const realTime = options.pace === "real-time";
  const speed = options.speed ?? 1;
  const end = options.duration ?? scenario.duration;
  let closed = false;

  async function* bytes(): AsyncGenerator<Uint8Array, void, void> {
    const start = Date.now();
    for (let slice = 1; !closed && board.totalTime < end; slice++) {
      board.run(Math.min(SLICE, end - board.totalTime));
      if (board.pendingOutput > 0) yield board.takeOutput();
      if (realTime) await sleep(board.totalTime / 1000 / speed - (Date.now() - start));
      else if (slice % SLICES_A_TURN === 0) await sleep(0);
    }
    board.flush();
    if (!closed && board.pendingOutput > 0) yield board.takeOutput();
  }

  return {
    name: `simulator: ${scenario.name}`,
    live: realTime,
    [Symbol.asyncIterator]: bytes,
    write: async (command) => {
      board.receive(command);
    },
    close: async () => {
      closed = true;
    },
  };
}

function sleep(duration: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, duration)));
}
