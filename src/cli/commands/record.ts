// `memmap record`: from a source into a recording.
import { existsSync, linkSync, renameSync, unlinkSync } from "node:fs";
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import { plainName } from "../../base/text.ts";
import { openSource, parseSource, SOURCE_FORMS } from "../../capture/open.ts";
import { checkOutput, openOutput, type OutputFile, type OutputOptions } from "../../capture/output-file.ts";
import { createRecordingFile, type RecordingFile } from "../../capture/recording-file.ts";
import { DEFAULT_BAUD } from "../../capture/serial.ts";
import type { ByteSource } from "../../capture/source.ts";
import { ownName } from "../own-name.ts";
import { diagnose } from "../record/diagnosis.ts";
import { openLogText } from "../record/log-text.ts";
import { runSession, stopOnSignals } from "../record/session.ts";
import { summaryLines } from "../record/status.ts";
import { coloursFor } from "../terminal/colours.ts";
import { openStatusLine } from "../terminal/status-line.ts";
import { durationArgument } from "../time-argument.ts";

interface RecordOptions {
  readonly output?: string;
  readonly force?: true;
  readonly baud: string;
  readonly reset: boolean;
  readonly duration?: string;
  readonly snapshotEvery?: string;
  readonly wait: string;
  readonly quiet?: true;
  readonly log?: string;
}

export function define(command: Command): void {
  command
    .argument("<source>", "where the bytes come from, see below")
    .option("-o, --output <file>", "the recording (default: named after the application and the time)")
    .option("-f, --force", "replace the recording and the log text if they exist")
    .option("-b, --baud <rate>", "speed of a serial port; ESP-IDF's console has 115200", String(DEFAULT_BAUD))
    .option("--no-reset", "serial port: do not restart the board; join the run that goes on")
    .option("-d, --duration <time>", "end after this time: 90s, 5m, 1h30m")
    .option("--snapshot-every <time>", "ask the device for all its live blocks this often")
    .option("--wait <time>", "TCP: how long to wait for somebody to listen", "30s")
    .option("-q, --quiet", "do not show the board's log text")
    .option("--log <file>", "also keep the board's log text in this file")
    .addHelpText(
      "after",
      `
SOURCE is one of:
${SOURCE_FORMS}

The board's log text goes to standard output as it comes, counters and faults
to standard error. Ctrl-C ends the recording. What has come in is written about
once a second and survives a crash, a full disk and a pulled plug.

Examples:
  memmap record /dev/ttyUSB0 -o run.memmap    restart the board, record its run
  memmap record COM3 --baud 921600 --duration 10m
  memmap record /dev/ttyACM0 --no-reset       join a board that must not restart
  memmap record tcp://127.0.0.1:5555 -o qemu.memmap
  memmap record sim:overflow -o over.memmap   no board at all
  memmap record capture.bin -o run.memmap     bytes that were captured earlier
  memmap record /dev/ttyUSB0 > console.log    keep the log text as well`,
    )
    .action(record);
}

async function record(sourceText: string, options: RecordOptions): Promise<void> {
  const spec = parseSource(sourceText);
  const baud = parseBaud(options.baud);
  const duration = options.duration === undefined ? undefined : durationArgument(options.duration, "--duration");
  const snapshotEvery =
    options.snapshotEvery === undefined ? undefined : durationArgument(options.snapshotEvery, "--snapshot-every");
  const waitSeconds = durationArgument(options.wait, "--wait") / 1e6;
  const path = options.output ?? temporaryName();
  const force = options.force === true;
  const read = spec.kind === "file" ? [spec.path] : spec.kind === "stdin" ? [0 as const] : [];
  // Before the source is opened: a board is not restarted for nothing.
  checkOutput(path, { force, others: read });
  if (options.log !== undefined) checkOutput(options.log, { force, others: [...read, path] });

  const colours = coloursFor(process.stderr);
  const status = openStatusLine(process.stderr);
  const notice = (sentence: string): void => status.print(colours.dim(sentence));
  const stop = stopOnSignals();
  const source = await openSource(sourceText, { baud, reset: options.reset, waitSeconds, notice, duration });
  if (snapshotEvery !== undefined && source.write === undefined) {
    await source.close();
    throw new MemmapError(`${source.name} cannot be asked for snapshots`, {
      code: "usage-snapshot-every",
      hint: "--snapshot-every needs a serial port, TCP or the simulator; the probe also sends snapshots by itself.",
    });
  }
  const { file, logFile } = await createFiles(source, path, options.log, { force, others: read });
  // Also where the program ends without asking, by a defect for example.
  process.once("exit", () => {
    logFile?.abandon();
    file.abandon();
  });
  const out = options.quiet ? undefined : process.stdout;
  const log = openLogText({ out, file: logFile, status, colours });
  // The log's reader may go (`| head`, or `| grep` at Ctrl-C): the recording goes on without it.
  process.stdout.removeAllListeners("error").on("error", (error: NodeJS.ErrnoException) => log.lose(error));
  notice(`recording ${source.name}${source.live ? "; Ctrl-C ends it" : ""}`);

  const facts = { baud: source.baud, reset: options.reset };
  let result;
  try {
    result = await runSession({
      source,
      file,
      log,
      status,
      colours,
      announce: true,
      duration,
      snapshotEvery,
      facts,
      stop,
    });
  } catch (error) {
    logFile?.abandon();
    file.abandon();
    throw error;
  }
  log.close();
  if (result.frames === 0) {
    file.remove();
    const { kind, sentence, hint } = diagnose({
      ...facts,
      kind: result.kind,
      sourceName: source.name,
      live: source.live,
    });
    throw new MemmapError(`nothing was recorded: ${sentence}`, { code: `stream-${kind}`, hint });
  }
  file.close();
  const finalPath = options.output ?? nameAfterApplication(path, file.writer.tables.boots.at(-1)?.appName);
  if (result.lost !== undefined) {
    status.print(`${colours.yellow("ended:")} ${result.lost.message}`, `${colours.dim("hint:")}  ${result.lost.hint}`);
  }
  status.print(...summaryLines(result.counts, finalPath, file.bytes).map(safeText));
  status.print(`next: ${colours.bold(safeText(`${ownName()} report ${finalPath}`))}`);
  // Asked for and not done: a script must hear of it.
  if (log.problem !== undefined) throw log.problem;
}

async function createFiles(
  source: ByteSource,
  path: string,
  log: string | undefined,
  options: OutputOptions,
): Promise<{ readonly file: RecordingFile; readonly logFile: OutputFile | undefined }> {
  try {
    const logFile = log === undefined ? undefined : openOutput(log, options);
    try {
      return { file: createRecordingFile(path, options), logFile };
    } catch (error) {
      logFile?.discard();
      throw error;
    }
  } catch (error) {
    await source.close();
    throw error;
  }
}

function parseBaud(text: string): number {
  const baud = Number(text);
  if (Number.isInteger(baud) && baud >= 300 && baud <= 12_000_000) return baud;
  throw new MemmapError(`--baud ${text} is no baud rate`, {
    code: "usage-baud",
    hint: `Write a number such as ${DEFAULT_BAUD} (ESP-IDF's default), 460800 or 921600.`,
  });
}

/** Until the application has said its name. */
function temporaryName(): string {
  return `memmap-${timeStamp()}.memmap`;
}

function nameAfterApplication(path: string, application: string | undefined): string {
  const name = application === undefined ? "" : plainName(application);
  if (name === "") return path;
  const better = path.replace(/^memmap-/, () => `${name}-`);
  return moveTo(path, better) ? better : path;
}

/** False where something of the new name exists, which must not be replaced. */
function moveTo(path: string, better: string): boolean {
  try {
    linkSync(path, better); // unlike a rename it fails where the name is taken
    unlinkSync(path);
    return true;
  } catch (error) {
    // Some disks know no links.
    if ((error as NodeJS.ErrnoException).code === "EEXIST" || existsSync(better)) return false;
    renameSync(path, better);
    return true;
  }
}

/** `20261122-205500`, in local time: people look for the file by the clock on their wall. */
function timeStamp(): string {
  const now = new Date();
  const digits = (value: number): string => String(value).padStart(2, "0");
  const date = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(digits).join("");
  return `${date}-${[now.getHours(), now.getMinutes(), now.getSeconds()].map(digits).join("")}`;
}
