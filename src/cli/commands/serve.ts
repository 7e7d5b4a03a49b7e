// `memmap serve`: the page in the browser, following a run while it is recorded.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";

import { keepOpen } from "../../capture/keep-open.ts";
import { openSource, SOURCE_FORMS } from "../../capture/open.ts";
import { createRecordingFile, isRecordingFile } from "../../capture/recording-file.ts";
import { serve, type Served, type ServedElf, type ServedState, type ServeOptions } from "../../server/serve.ts";
import { findElf, readElfFile, readMapFile } from "../find-elf.ts";
import { ELF_OPTION } from "../run-options.ts";
import { asRecording } from "../import-on-the-way.ts";
import { openLogText } from "../record/log-text.ts";
import { packagePath } from "../package.ts";
import { runSession, stopOnSignals } from "../record/session.ts";
import { addSuppressionOptions, readSuppressionText, type SuppressionOptions } from "../suppression-file.ts";
import { coloursFor } from "../terminal/colours.ts";
import { openStatusLine, type StatusLine } from "../terminal/status-line.ts";

interface ServeCommandOptions extends SuppressionOptions {
  readonly output?: string;
  readonly force?: true;
  readonly port: string;
  readonly host: string;
  readonly baud?: string;
  readonly elf?: string;
  readonly reset: boolean;
  readonly open: boolean;
}

export const DEFAULT_PORT = 8032;

export function define(command: Command): void {
  command
    .argument("<source>", "a recording (.memmap), a console log, or what is to be recorded")
    .option("-o, --output <file>", "keep the recording there; without it, it ends with the server")
    .option("-f, --force", "overwrite the output file")
    .option("-p, --port <n>", "port; the next free one where it is taken", String(DEFAULT_PORT))
    .option(
      "--host <address>",
      "address to listen on; with one that others reach, the page's address holds a token",
      "127.0.0.1",
    )
    .option("--elf <file>", ELF_OPTION)
    .option("-b, --baud <rate>", "baud rate of a serial port")
    .option("--no-reset", "do not restart the board")
    .option("--no-open", "do not open the browser");
  addSuppressionOptions(command)
    .addHelpText(
      "after",
      `
A SOURCE is a recording, a file that can be imported, or one of:
${SOURCE_FORMS}

Examples:
  memmap serve sim:demo                    a simulated board, live
  memmap serve /dev/ttyUSB0 -o run.memmap  watch a board and keep it all
  memmap serve run.memmap                  look at what was recorded
  memmap serve console.log                 look at what a log tells`,
    )
    .action(serveSource);
}

async function serveSource(source: string, options: ServeCommandOptions): Promise<void> {
  const status = openStatusLine(process.stderr);
  if (statSync(source, { throwIfNoEntry: false })?.isFile() !== true || options.output !== undefined)
    return recordAndServe(source, options, status);
  const recording = await asRecording(source, { withText: true });
  try {
    if (isRecordingFile(recording.path)) await serveRecording(recording.path, source, options, status);
    else await recordAndServe(source, options, status);
  } finally {
    recording.close();
  }
}

/** A finished recording, or one that another memmap is writing: followed as it grows. */
async function serveRecording(
  path: string,
  name: string,
  options: ServeCommandOptions,
  status: StatusLine,
): Promise<void> {
  const stop = stopOnSignals();
  const suppressions = await readSuppressionText(options);
  const elf = readElf(options.elf);
  const state = (): ServedState => ({
    name,
    suppressions,
    ...elf.told,
    size: statSync(path, { throwIfNoEntry: false })?.size ?? 0,
    live: false,
  });
  const served = await start({ recording: path, state, elf: elf.served }, options, status);
  await new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));
  await served.close();
}

async function recordAndServe(source: string, options: ServeCommandOptions, status: StatusLine): Promise<void> {
  const colours = coloursFor(process.stderr);
  const suppressions = await readSuppressionText(options);
  const elf = readElf(options.elf);
  let notice = "";
  const baud = options.baud === undefined ? undefined : Number(options.baud);
  const opened = await keepOpen(
    () =>
      openSource(source, {
        baud,
        reset: options.reset,
        pace: "real-time",
        notice: (sentence) => status.print(colours.dim(sentence)),
      }),
    (sentence) => {
      notice = sentence;
      status.print(sentence === "" ? colours.dim("the board is back") : colours.yellow(sentence));
    },
  );
  const folder = options.output === undefined ? mkdtempSync(join(tmpdir(), "memmap-")) : undefined;
  const path = options.output ?? join(folder ?? "", "run.memmap");
  const file = createRecordingFile(path, { force: options.force === true });
  process.once("exit", () => {
    file.abandon();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });
  let live = true;
  const state = (): ServedState => ({
    name: opened.name,
    suppressions,
    ...elf.told,
    size: file.writer.length,
    live,
    ...(notice !== "" && { notice }),
  });
  const stop = stopOnSignals();
  const served = await start({ recording: file.written, state, elf: elf.served }, options, status);
  const log = openLogText({ out: undefined, file: undefined, status, colours });
  try {
    await runSession({
      source: opened,
      file,
      log,
      status,
      colours,
      announce: true,
      duration: undefined,
      snapshotEvery: undefined,
      facts: { baud, reset: options.reset },
      stop,
    });
  } finally {
    file.close();
    live = false;
  }
  // The source has ended by itself: the page stays until the user has seen enough.
  if (!stop.aborted) {
    status.print(colours.dim("the source has ended; Ctrl-C ends the page too"));
    await new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));
  }
  await served.close();
  if (options.output !== undefined) status.print(`the recording is ${colours.bold(options.output)}`);
}

/** The ELF that the user names, and what pages are told of it. */
function readElf(given: string | undefined): {
  readonly served?: ServedElf;
  readonly told?: Pick<ServedState, "elf">;
} {
  if (given === undefined) return {};
  const { path } = findElf(given);
  const bytes = readElfFile(path);
  const map = readMapFile(path);
  return { served: { bytes, map }, told: { elf: { name: basename(path), hasMap: map !== undefined } } };
}

async function start(
  source: Pick<ServeOptions, "recording" | "state" | "elf">,
  options: ServeCommandOptions,
  status: StatusLine,
): Promise<Served> {
  const port = Number(options.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new MemmapError(`--port ${options.port} is no port`, {
      code: "usage-port",
      hint: "Write a number from 0 to 65535; 0 takes any that is free.",
    });
  }
  const colours = coloursFor(process.stderr);
  const served = await serve({ site: packagePath("dist", "site"), ...source, host: options.host, port });
  if (served.portTaken) status.print(colours.dim(`port ${port} is in use; this is the next free one`));
  status.print(`${colours.bold(served.address)}  ${colours.dim("Ctrl-C ends it")}`);
  if (options.open) openBrowser(served.address);
  return served;
}

/** A machine without a desktop has none: the address stands on the terminal. */
function openBrowser(address: string): void {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open", address]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", "", address]
        : ["xdg-open", address];
  if (
    command === undefined ||
    (process.platform === "linux" && !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"])
  )
    return;
  spawn(command, args, { stdio: "ignore", detached: true })
    .on("error", () => undefined)
    .unref();
}
