import { FRAME, startCamera } from "../firmware/camera.ts";
import { OUTLINE, startMapTiles } from "../firmware/map-tiles.ts";
import { startSensor } from "../firmware/sensor.ts";
import type { Scenario } from "../scenario.ts";
import { seconds } from "../task.ts";

export const fragmentation = {
  name: "fragmentation",
  summary: "small blocks that live long cut the heap into pieces, until a buffer of 16 KiB finds no room",
  chip: "esp32",
  duration: seconds(60),
  firmware: (board) => {
    startSensor(board);
    startMapTiles(board, { startAt: seconds(5), tileBytes: 4096 });
    startCamera(board, { startAt: seconds(20), frameBytes: 16 * 1024 });
  },
  planted: [
    { kind: "fragmentation", at: OUTLINE },
    { kind: "allocation-failure", at: FRAME },
  ],
} as const satisfies Scenario;
