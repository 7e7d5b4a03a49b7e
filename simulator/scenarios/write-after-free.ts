import { startSensor } from "../firmware/sensor.ts";
import { SETTINGS, startSettings } from "../firmware/settings.ts";
import type { Scenario } from "../scenario.ts";
import { seconds } from "../task.ts";

export const writeAfterFree = {
  name: "write-after-free",
  summary: "a task counts in settings that another task has freed",
  chip: "esp32",
  duration: seconds(60),
  firmware: (board) => {
    startSensor(board);
    startSettings(board, { staleWriteAt: seconds(25) });
  },
  planted: [{ kind: "write-after-free", at: SETTINGS }],
} as const satisfies Scenario;
