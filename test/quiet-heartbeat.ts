// A heartbeat of a probe that has nothing to complain about: tests spread it and say only what matters to them.
import type { Heartbeat } from "../src/wire/records.ts";

export const quietHeartbeat: Heartbeat = {
  time: 0,
  liveBlocks: 0,
  liveBytes: 0,
  hash: 0,
  peakBytes: 0,
  tableFull: 0,
  unknownFrees: 0,
  droppedEvents: 0,
  faults: 0,
  failures: 0,
  droppedReports: 0,
  quarantinedBytes: 0,
  quarantinedBlocks: 0,
};
