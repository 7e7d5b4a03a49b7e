import { SESSION, startSessionCache } from "../firmware/session-cache.ts";
import { startSensor } from "../firmware/sensor.ts";
import type { Scenario } from "../scenario.ts";
import { seconds } from "../task.ts";

export const boundedCache = {
  name: "bounded-cache",
  summary: "a cache that grows for a minute like a leak, and then stays as it is",
  chip: "esp32",
  duration: seconds(240),
  firmware: (board) => {
    startSensor(board);
    startSessionCache(board, { entries: 40 });
  },
  planted: [{ kind: "bounded-growth", at: SESSION }],
} as const satisfies Scenario;
