import { FRAME, startCamera } from "../firmware/camera.ts";
import { startSensor } from "../firmware/sensor.ts";
import type { Scenario } from "../scenario.ts";
import { seconds } from "../task.ts";

export const failedDmaAllocation = {
  name: "failed-dma-allocation",
  summary: "a camera gets no DMA buffer on an ESP32-S3 with 8 MB of external memory free",
  chip: "esp32s3",
  duration: seconds(60),
  firmware: (board) => {
    startSensor(board);
    startCamera(board, { startAt: seconds(10), frameBytes: 400 * 1024 });
  },
  planted: [{ kind: "allocation-failure", at: FRAME }],
} as const satisfies Scenario;
