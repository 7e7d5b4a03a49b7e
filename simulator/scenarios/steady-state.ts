import { startDisplay } from "../firmware/display.ts";
import { startHttpClient } from "../firmware/http-client.ts";
import { startSensor } from "../firmware/sensor.ts";
import { startSettings } from "../firmware/settings.ts";
import { startUpdater } from "../firmware/updater.ts";
import type { Scenario } from "../scenario.ts";
import { seconds } from "../task.ts";

export const steadyState = {
  name: "steady-state",
  summary: "the demo's tasks with nothing wrong",
  chip: "esp32",
  duration: seconds(120),
  firmware: (board) => {
    startSensor(board);
    startDisplay(board, {});
    startHttpClient(board, { leaks: false });
    startSettings(board, {});
    startUpdater(board, {});
  },
  planted: [],
} as const satisfies Scenario;
