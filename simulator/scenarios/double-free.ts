import { startSensor } from "../firmware/sensor.ts";
import { MANIFEST, startUpdater } from "../firmware/updater.ts";
import type { Scenario } from "../scenario.ts";
import { seconds } from "../task.ts";

export const doubleFree = {
  name: "double-free",
  summary: "an error path frees what its caller frees again",
  chip: "esp32c3",
  duration: seconds(60),
  firmware: (board) => {
    startSensor(board);
    startUpdater(board, { doubleFreeAt: seconds(20) });
  },
  planted: [{ kind: "double-free", at: MANIFEST }],
} as const satisfies Scenario;
