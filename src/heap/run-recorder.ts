// An EventSink that keeps the whole run in memory.

import { assertDefined } from "../base/assert.ts";
import { MemoryRun } from "./run.ts";
import { Tracker, type TrackerOptions } from "./tracker.ts";

/** Call `flush` before asking `run` for what has just happened. */
export class RunRecorder extends Tracker {
  readonly run: MemoryRun;

  constructor(options: TrackerOptions = {}) {
    const kept: { run?: MemoryRun } = {};
    super((chunk) => assertDefined(kept.run, "run").add(chunk), options);
    this.run = kept.run = new MemoryRun(this.tables);
  }
}
