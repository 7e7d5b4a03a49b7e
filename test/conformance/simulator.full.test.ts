// The conformance suite on the simulator.
import { describe } from "vitest";
import { Board } from "../../simulator/board.ts";
import { CHIPS, type ChipName } from "../../simulator/chips.ts";
import { simulatorModule } from "../simulator.ts";
import { defineConformance } from "./behaviours.ts";
import type { Driver } from "./section.ts";

describe.each(Object.keys(CHIPS) as ChipName[])("%s in the simulator", (chip) => {
  defineConformance(simulator(chip));
});

function simulator(chip: ChipName): Driver {
  return {
    name: `simulated ${chip}`,
    open: async () => {
      const board = new Board(await simulatorModule(), (booted) => booted.task("main").run((t) => t.conformance()), {
        chip,
      });
      let closed = false;
      async function* bytes(): AsyncGenerator<Uint8Array> {
        while (!closed) {
          board.run(100_000);
          yield board.takeOutput();
        }
      }
      return {
        [Symbol.asyncIterator]: bytes,
        write: async (command: Uint8Array) => board.receive(command),
        close: async () => void (closed = true),
      };
    },
  };
}
