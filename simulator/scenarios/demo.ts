// The tour: one firmware with everything that memmap finds.
import { FRAME, startCamera } from "../firmware/camera.ts";
import { LABEL, startDisplay } from "../firmware/display.ts";
import { RESPONSE, startHttpClient } from "../firmware/http-client.ts";
import { OUTLINE, startMapTiles } from "../firmware/map-tiles.ts";
import { startSensor } from "../firmware/sensor.ts";
import { SESSION, startSessionCache } from "../firmware/session-cache.ts";
import { SETTINGS, startSettings } from "../firmware/settings.ts";
import { MANIFEST, startUpdater } from "../firmware/updater.ts";
import type { Scenario } from "../scenario.ts";
import { seconds } from "../task.ts";

export const demo = {
  name: "demo",
  summary: "a weather station on an ESP32 with one fault of each kind, and a cache that only looks like one",
  chip: "esp32",
  duration: seconds(180),
  firmware: (board) => {
    startSensor(board);
    startDisplay(board, { overflowAt: seconds(48) });
    startHttpClient(board, { leaks: true });
    startSessionCache(board, { entries: 40 });
    startSettings(board, { staleWriteAt: seconds(70) });
    startUpdater(board, { doubleFreeAt: seconds(90) });
    startMapTiles(board, { startAt: seconds(110), tileBytes: 4096 });
    startCamera(board, { startAt: seconds(130), frameBytes: 16 * 1024 });
  },
  planted: [
    { kind: "leak", at: RESPONSE },
    { kind: "double-free", at: MANIFEST },
    { kind: "overflow", at: LABEL },
    { kind: "write-after-free", at: SETTINGS },
    { kind: "fragmentation", at: OUTLINE },
    { kind: "allocation-failure", at: FRAME },
    { kind: "bounded-growth", at: SESSION },
  ],
} as const satisfies Scenario;
