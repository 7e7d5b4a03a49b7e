// `memmap live`: the run in the terminal while it is recorded, also over SSH.
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";
import { keepOpen } from "../../capture/keep-open.ts";
import { openSource, SOURCE_FORMS } from "../../capture/open.ts";
import { createRecordingFile, openRecordingFile, type RecordingFile } from "../../capture/recording-file.ts";
import type { ByteSource } from "../../capture/source.ts";
import type { VerdictView } from "../../report/verdict.ts";
import { commandBytes } from "../../wire/encode-frames.ts";
import { renderLive } from "../live/render.ts";
import { enterScreen } from "../live/screen.ts";
import { firstLiveState, onLiveKey, type LiveAction, type LiveState } from "../live/state.ts";
import { viewLiveRun, type ScreenView } from "../live/view.ts";
import { openLogText } from "../record/log-text.ts";
import { runSession, stopOnSignals } from "../record/session.ts";
import { say } from "../terminal/print.ts";
import { coloursFor } from "../terminal/colours.ts";

interface LiveOptions {
  readonly record?: string;
  readonly force?: true;
  readonly baud?: string;
  readonly reset: boolean;
}

const TICK_MILLISECONDS = 500;
/** Of the time between two verdicts, making one may take this part. */
const VERDICT_SHARE = 8;

export function define(command: Command): void {
  command
    .argument("<source>", "what to watch")
    .option("--record <file>", "keep the recording there; without it, it ends with the command")
    .option("-f, --force", "overwrite that file")
    .option("-b, --baud <rate>", "baud rate of a serial port")
    .option("--no-reset", "do not restart the board")
    .addHelpText(
      "after",
      `
A SOURCE is one of:
${SOURCE_FORMS}

Keys: q quit, s sort, f filter, p pause, m mark, n snapshot, w save.

Examples:
  memmap live /dev/ttyUSB0
  memmap live sim:demo --record run.memmap`,
    )
    .action(watch);
}

async function watch(name: string, options: LiveOptions): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new MemmapError("memmap live needs a terminal", {
      code: "usage-no-terminal",
      hint: "Use `memmap record` in scripts, `memmap serve` for a browser.",
    });
  }
  let notice = "";
  // Before the screen is taken it stands on the terminal: a board may be waited for.
  let tellNotice: (sentence: string) => void = say;
  const baud = options.baud === undefined ? undefined : Number(options.baud);
  const source = await keepOpen(
    () =>
      openSource(name, { baud, reset: options.reset, pace: "real-time", notice: (sentence) => tellNotice(sentence) }),
    (sentence) => tellNotice(sentence),
  );
  const folder = options.record === undefined ? mkdtempSync(join(tmpdir(), "memmap-")) : undefined;
  const path = options.record ?? join(folder ?? "", "run.memmap");
  const file = createRecordingFile(path, { force: options.force === true });
  file.writer.flush();
  process.once("exit", () => {
    file.abandon();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });
  const stop = stopOnSignals();
  tellNotice = (sentence) => (notice = sentence);
  const screen = enterScreen(process.stdin, process.stdout);
  const colours = coloursFor(process.stdout);
  const { recording, close } = await openRecordingFile(file.written);
  let state: LiveState = firstLiveState;
  /** What came of the last key, until the next one. */
  let said = "";
  let view: ScreenView | undefined;
  let finish: () => void = () => undefined;
  const quit = new Promise<void>((resolve) => (finish = resolve));
  stop.addEventListener("abort", () => finish(), { once: true });

  const draw = (): void => {
    const { columns, rows } = screen;
    const shown = said === "" ? notice : said;
    screen.draw(renderLive({ view, state, sourceName: source.name, notice: shown, columns, rows, colours }));
  };
  const act = async (action: LiveAction): Promise<void> => {
    if (action.kind === "quit") finish();
    else if (action.kind === "save") said = `the recording so far is ${save(file, options.record)}`;
    else said = await tell(source, action);
    draw();
  };
  screen.onKey((key) => {
    const next = onLiveKey(state, key);
    state = next.state;
    said = "";
    if (next.action !== undefined) {
      act(next.action).catch((error: unknown) => {
        said = error instanceof Error ? error.message : String(error);
        draw();
      });
    }
    draw();
  });
  screen.onResize(draw);

  const quiet = {
    set: () => undefined,
    print: (text: string) => void (notice = firstLine(text)),
    clear: () => undefined,
  };
  const session = runSession({
    source,
    file,
    log: openLogText({ out: undefined, file: undefined, status: quiet, colours }),
    status: quiet,
    colours: coloursFor(process.stderr),
    announce: false,
    duration: undefined,
    snapshotEvery: undefined,
    facts: { baud, reset: options.reset },
    stop,
  }).then(() => {
    state = { ...state, ended: true };
  });
  const ask = makeAsk(recording);
  let asked: LiveState | undefined;
  const look = follow(async () => {
    // What stands still can be sorted and filtered nevertheless.
    if (state.paused && asked?.order === state.order && asked.filter === state.filter) return;
    if (!state.paused) await recording.refresh();
    asked = state;
    view = (await ask(state)) ?? view;
    draw();
  });
  draw();
  try {
    await Promise.race([quit, session.then(() => quit)]);
  } finally {
    look.stop();
    screen.leave();
    await source.close();
    await session.catch(() => undefined);
    close();
    file.close();
  }
  if (options.record !== undefined) process.stdout.write(`the recording is ${options.record}\n`);
}

/** Where what has been recorded so far can be read from now on. */
function save(file: RecordingFile, kept: string | undefined): string {
  file.writer.flush();
  if (kept !== undefined) return kept;
  const path = `memmap-live-${Date.now()}.memmap`;
  copyFileSync(file.written, path);
  return path;
}

type Recording = Awaited<ReturnType<typeof openRecordingFile>>["recording"];

/** Asks for everything at each tick, for the verdict only as often as it can be afforded. */
function makeAsk(recording: Recording): (state: LiveState) => Promise<ScreenView | undefined> {
  let verdict: VerdictView | undefined;
  let due = 0;
  return async (state) => {
    const started = Date.now();
    const known = started < due ? verdict : undefined;
    const view = await viewLiveRun(recording, state, known);
    if (known === undefined && view !== undefined) {
      verdict = view.verdict;
      due = Date.now() + Math.max(2000, VERDICT_SHARE * (Date.now() - started));
    }
    return view;
  };
}

/** Calls again and again, never twice at once. */
function follow(task: () => Promise<void>): { readonly stop: () => void } {
  let stopped = false;
  const run = async (): Promise<void> => {
    while (!stopped) {
      await task();
      await new Promise((resolve) => setTimeout(resolve, TICK_MILLISECONDS));
    }
  };
  void run();
  return { stop: () => (stopped = true) };
}

async function tell(
  source: ByteSource,
  action: { kind: "mark"; name: string } | { kind: "snapshot" },
): Promise<string> {
  if (source.write === undefined) return `there is no way to the board over ${source.name}`;
  try {
    await source.write(commandBytes(action));
    return action.kind === "mark" ? `asked the board for the mark ${action.name}` : "asked the board for a snapshot";
  } catch {
    return "the board could not be told";
  }
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
