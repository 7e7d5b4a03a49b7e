import { RESPONSE, startHttpClient } from "../firmware/http-client.ts";
import { startSensor } from "../firmware/sensor.ts";
import type { Scenario } from "../scenario.ts";
import { seconds } from "../task.ts";

export const leakingHttpClient = {
  name: "leaking-http-client",
  summary: "an HTTP client that forgets the response of each unchanged page (HTTP 304)",
  chip: "esp32",
  duration: seconds(180),
  firmware: (board) => {
    startSensor(board);
    startHttpClient(board, { leaks: true });
  },
  planted: [{ kind: "leak", at: RESPONSE }],
} as const satisfies Scenario;
