// `memmap demo`: from nothing to a verdict. A simulated board with planted faults, recorded to disk, then reported on.
import type { Command } from "commander";
import { CHIPS } from "../../../simulator/chips.ts";
import { SCENARIOS } from "../../../simulator/scenarios.ts";
import { formatTime } from "../../base/format.ts";
import { safeText } from "../../base/safe-text.ts";
import { freeName } from "../../capture/output-file.ts";
import { createRecordingFile } from "../../capture/recording-file.ts";
import { openSimulator } from "../../capture/sim.ts";
import { makeVerdict } from "../../report/verdict.ts";
import { ownName } from "../own-name.ts";
import { openRun } from "../open-run.ts";
import { openLogText } from "../record/log-text.ts";
import { runSession, stopOnSignals } from "../record/session.ts";
import { textOptions } from "../run-options.ts";
import { coloursFor } from "../terminal/colours.ts";
import { verdictLines } from "../terminal/findings.ts";
import { print } from "../terminal/print.ts";
import { openStatusLine } from "../terminal/status-line.ts";
import { formatTable } from "../terminal/table.ts";
import { textWidth, wrap } from "../terminal/wrap.ts";
import { durationArgument } from "../time-argument.ts";

interface DemoOptions {
  readonly output?: string;
  readonly force?: true;
  readonly chip?: string;
  readonly duration?: string;
  readonly list?: true;
  readonly log?: true;
}

const DEFAULT_NAME = "memmap-demo";
const TOUR = "demo";

export function define(command: Command): void {
  command
    .argument("[scenario]", "what the simulated board runs (--list shows all)", TOUR)
    .option("-l, --list", "list the scenarios")
    .option("--chip <name>", `run it on another chip: ${Object.keys(CHIPS).join(", ")}`)
    .option(
      "-o, --output <file>",
      `where the recording goes (default: ${DEFAULT_NAME}.memmap, or the next free number)`,
    )
    .option("-f, --force", "replace the recording if it exists")
    .option("-d, --duration <time>", "how long the board runs, in its own time")
    .option("--log", "also show the board's log text")
    .addHelpText(
      "after",
      `
Examples:
  memmap demo                    one fault of each kind
  memmap demo --list
  memmap demo leaking-http-client
  memmap demo overflow --log`,
    )
    .action(demo);
}

async function demo(name: string, options: DemoOptions): Promise<void> {
  if (options.list) {
    print(...scenarioLines());
    return;
  }
  const duration = options.duration === undefined ? undefined : durationArgument(options.duration, "--duration");
  const colours = coloursFor(process.stderr);
  const status = openStatusLine(process.stderr);
  const output = options.output ?? freeName(DEFAULT_NAME, ".memmap");
  const source = await openSimulator(name, options.chip, duration);
  const file = createRecordingFile(output, { force: options.force === true });
  process.once("exit", () => file.abandon());
  status.print(colours.dim(`recording ${source.name} into ${safeText(output)}`));
  const log = openLogText({ out: options.log ? process.stdout : undefined, file: undefined, status, colours });
  try {
    await runSession({
      source,
      file,
      log,
      status,
      colours,
      announce: false, // the verdict says it all, and better
      duration,
      snapshotEvery: undefined,
      facts: { baud: undefined, reset: true },
      stop: stopOnSignals(),
    });
  } catch (error) {
    file.abandon();
    throw error;
  }
  file.close();
  const run = await openRun(output);
  try {
    const { from, to } = run.model.span;
    status.print(colours.dim(`ran for ${formatTime(to - from)} of its own time`));
    const verdict = await makeVerdict(run.model);
    print("", ...verdictLines(verdict, textOptions()), "", ...nextSteps(safeText(output)));
  } finally {
    run.close();
  }
}

function scenarioLines(): string[] {
  const { dim } = coloursFor(process.stdout);
  const columns = [
    { title: "scenario" },
    { title: "chip" },
    { title: "runs for", align: "right" },
    { title: "what it is" },
  ] as const;
  const rows = SCENARIOS.map(({ name, chip, duration }) => [name, chip, formatTime(duration), ""]);
  const [heading = "", ...lines] = formatTable(columns, rows, undefined, dim);
  const width = textWidth(process.stdout);
  return [heading, ...lines.flatMap((line, i) => wrap(SCENARIOS[i]?.summary ?? "", width, `${line}  `))];
}

function nextSteps(path: string): string[] {
  const { bold, dim } = coloursFor(process.stdout);
  const memmap = ownName();
  return [
    `The recording is ${bold(path)}. Ask it more:`,
    `  ${memmap} report ${path} --verbose`,
    `  ${memmap} list ${path} --at 50%`,
    `  ${memmap} demo --list            ${dim("one fault at a time")}`,
    `  ${memmap} record /dev/ttyUSB0    ${dim("your own board: docs/real-board.md")}`,
  ];
}
