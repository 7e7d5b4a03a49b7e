import { LABEL, startDisplay } from "../firmware/display.ts";
import { startSensor } from "../firmware/sensor.ts";
import type { Scenario } from "../scenario.ts";
import { seconds } from "../task.ts";

export const overflow = {
  name: "overflow",
  summary: "a name that is longer than its label writes past the end of the block",
  chip: "esp32",
  duration: seconds(40),
  firmware: (board) => {
    startSensor(board);
    startDisplay(board, { overflowAt: seconds(12) });
  },
  planted: [{ kind: "overflow", at: LABEL }],
} as const satisfies Scenario;
