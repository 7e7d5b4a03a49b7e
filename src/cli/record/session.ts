// A recording while it runs: bytes from the source through the decoder into the file; counters and sentences meanwhile; an end
// that keeps everything, whatever it was that ended it.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { RecordingFile } from "../../capture/recording-file.ts";
import type { ByteSource } from "../../capture/source.ts";
import { MemmapError } from "../../base/errors.ts";
import type { Microseconds } from "../../base/units.ts";
import { Decoder } from "../../wire/decoder.ts";
import { GapReason } from "../../wire/records.ts";
import { samplingOf } from "../../heap/sampling.ts";
import type { Colours } from "../terminal/colours.ts";
import type { StatusLine } from "../terminal/status-line.ts";
import { makeAnnouncer } from "./announcer.ts";
import { makeAsker } from "./asker.ts";
import { ByteCensus, diagnose, type StreamFacts, type StreamKind } from "./diagnosis.ts";
import type { LogText } from "./log-text.ts";
import { statusLine, type RunCounts } from "./status.ts";

export interface SessionOptions {
  readonly source: ByteSource;
  readonly file: RecordingFile;
  readonly log: LogText;
  readonly status: StatusLine;
  readonly colours: Colours;
  /** Whether boots, faults and failures are told as they come. */
  readonly announce: boolean;
  /** Ends the recording after this much: of the clock for a live source, of the run's own time for any other. */
  readonly duration: Microseconds | undefined;
  /** Asks the device for a snapshot this often; undefined: only when one is needed. */
  readonly snapshotEvery: Microseconds | undefined;
  /** For the diagnosis where no frames come. */
  readonly facts: Pick<StreamFacts, "baud" | "reset">;
  /** Aborted by Ctrl-C. */
  readonly stop: AbortSignal;
}

export interface SessionResult {
  readonly counts: RunCounts;
  /** Frames that could be read; without any there is nothing to report on. */
  readonly frames: number;
  readonly kind: StreamKind;
  /** Why the source ended by itself, where it should not have. */
  readonly lost: MemmapError | undefined;
}

/** Events a second of the clock, over the last second; undefined in the first one. */
interface Rate {
  readonly at: number;
  readonly events: number;
  readonly perSecond: number | undefined;
}

const TICK_MILLISECONDS = 200;
/** Without a frame for so long, the user is told why that may be. */
const PATIENCE_MILLISECONDS = 3000;
/** A source that never waits (a file, the simulator) must still let timers and signals through. */
const TURN_MILLISECONDS = 50;

export async function runSession(options: SessionOptions): Promise<SessionResult> {
  const { source, file, log, status, colours } = options;
  const tracker = file.writer;
  const decoder = new Decoder({
    calls: (batch) => tracker.calls(batch),
    record: (record) => tracker.record(record),
    text: (bytes) => {
      log.push(bytes);
      tracker.text(bytes);
    },
  });
  const census = new ByteCensus();
  const announcer = makeAnnouncer(colours);
  const asker = makeAsker(source, options.snapshotEvery);
  const began = Date.now();
  let lost: MemmapError | undefined;
  let diagnosed = false;
  let rate: Rate = { at: began, events: 0, perSecond: undefined };

  const counts = (): RunCounts => ({
    time: tracker.time,
    joined: tracker.tables.gaps.find(({ reason }) => reason === GapReason.ATTACHED_LATE)?.time,
    events: decoder.counters.events,
    liveBlocks: tracker.state.liveBlocks,
    liveBytes: tracker.state.liveBytes,
    faults: tracker.tables.faults.length,
    failures: tracker.tables.failures.length,
    sampled: samplingOf(tracker.tables.boots).sentence !== undefined,
    boots: tracker.tables.boots.length,
    lostFrames: decoder.counters.lostFrames,
    damagedFrames: decoder.counters.damagedFrames,
    heartbeat: tracker.lastHeartbeat,
  });
  /** What kind of stream it is that brings no frame of ours. */
  const kind = (): StreamKind => (decoder.counters.unknownVersions > 0 ? "newer" : census.kind);
  /** Frames that could be read. */
  const frames = (): number => decoder.counters.frames - decoder.counters.unknownVersions;
  const announce = (): void => {
    if (options.announce) for (const sentence of announcer.news(tracker.tables)) status.print(sentence);
  };
  const tick = (): void => {
    const now = Date.now();
    const current = counts();
    if (now - rate.at >= 1000) {
      const perSecond = ((current.events - rate.events) * 1000) / (now - rate.at);
      rate = { at: now, events: current.events, perSecond };
    }
    if (frames() > 0) status.set(statusLine(current, rate.perSecond));
    else if (source.live && !diagnosed && now - began > PATIENCE_MILLISECONDS) {
      diagnosed = true;
      const { sentence, hint } = diagnose({
        ...options.facts,
        kind: kind(),
        sourceName: source.name,
        live: source.live,
      });
      status.print(`${colours.yellow("still waiting:")} ${sentence}`, `${colours.dim("hint:")}  ${hint}`);
    }
    asker.tick(tracker.tables);
  };

  const timers = [setInterval(tick, TICK_MILLISECONDS)];
  const end = (): void => void source.close();
  if (options.duration !== undefined && source.live) timers.push(setTimeout(end, options.duration / 1000));
  options.stop.addEventListener("abort", end);
  if (options.stop.aborted) end();

  try {
    let turn = Date.now();
    for await (const chunk of source) {
      census.add(chunk);
      decoder.push(chunk);
      file.check();
      announce();
      if (!source.live && options.duration !== undefined && tracker.time >= options.duration) break;
      if (Date.now() - turn > TURN_MILLISECONDS) {
        await nextTurn();
        turn = Date.now();
      }
    }
  } catch (error) {
    if (!(error instanceof MemmapError && error.code === "source-lost")) throw error;
    lost = error;
  } finally {
    for (const timer of timers) clearInterval(timer);
    options.stop.removeEventListener("abort", end);
    await source.close();
  }
  decoder.end();
  log.flush();
  announce();
  status.clear();
  return { counts: counts(), frames: frames(), kind: kind(), lost };
}

/** The first Ctrl-C ends the recording in order, the second one the program. */
export function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  return controller.signal;
}
