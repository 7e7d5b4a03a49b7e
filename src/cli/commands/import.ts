// `memmap import`: other tools' files become a recording, with an account of what could not be taken over.
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";
import { checkOutput, type OutputOptions } from "../../capture/output-file.ts";
import { createRecordingFile } from "../../capture/recording-file.ts";
import { RunRecorder } from "../../heap/run-recorder.ts";
import type { ImportReport } from "../../import/import-report.ts";
import type { ImportOptions } from "../../import/importer.ts";
import { FILE_MAGIC } from "../../recording/chunk-format.ts";
import { importFile, importTakes, type ImportInput } from "../../import/recognize.ts";
import { viewImport } from "../../report/import-view.ts";
import { guessFile } from "../guess-file.ts";
import { describeImport, explainImport } from "../import-summary.ts";
import { fileInput, readHead } from "../import-on-the-way.ts";
import { asJson } from "../json.ts";
import { asLines } from "../run-options.ts";
import { addSeriesOption, namedSeries, type SeriesOption } from "../series-option.ts";
import { textWidth } from "../terminal/wrap.ts";

interface Options extends SeriesOption {
  readonly output?: string;
  readonly explain?: true;
  readonly force?: true;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .argument("<file...>", importTakes())
    .option("-o, --output <file>", "the recording to write")
    .option("-f, --force", "replace the recording if it exists")
    .option(
      "--explain",
      "of a log: every figure that was considered, and why it was taken or not; writes nothing without -o",
    )
    .option("--json", "print the account as JSON")
    .addHelpText(
      "after",
      `
What a file is, its content tells. SystemView files of one core each become one
recording.

Examples:
  memmap import run.log -o run.memmap            a log with traces or a panic
  memmap import 0.svdat 1.svdat -o run.memmap    SystemView, a file a core
  memmap import heaptrack.app.1234.zst -o run.memmap
  memmap import run.log --explain                which numbers are memory
  memmap report run.memmap --elf build/app.elf   then: what is wrong, and where

For a log, \`memmap report run.log\` does both at once.`,
    );
  addSeriesOption(command).action(async (files: string[], options: Options) => {
    const place = { force: options.force === true, others: files };
    if (options.output !== undefined) checkOutput(options.output, place); // before minutes are spent on reading
    const heads = new Map<string, Uint8Array>();
    for (const name of files) heads.set(name, await readHead(name));
    const recording = files.find((name) => FILE_MAGIC.every((byte, index) => heads.get(name)?.[index] === byte));
    if (recording !== undefined) {
      throw new MemmapError(`${recording} is a recording already`, {
        code: "import-recording",
        hint: `Ask it: \`memmap report ${recording}\`.`,
      });
    }
    if (options.output === undefined && options.explain !== true) {
      throw new MemmapError("where to write the recording is not told", {
        code: "usage-output",
        hint: "Name it with -o, or ask at once: `memmap report FILE` imports on the way.",
      });
    }
    const inputs = files.map((name) => fileInput(name, name));
    const named = { series: namedSeries(options) };
    const { output } = options;
    const width = textWidth(process.stdout);
    const explainOnly = async (): Promise<void> => {
      const report = await importFile(inputs, new RunRecorder(), { ...named, withText: false, explains: true }).catch(
        (error: unknown) => {
          throw explain(heads, error);
        },
      );
      const account = viewImport(report, undefined);
      process.stdout.write(options.json ? asJson("import", account) : asLines(explainImport(account, width)));
    };
    if (output === undefined) {
      await explainOnly();
      return;
    }
    const written = await writeRecording(inputs, heads, output, { ...named, ...place }).catch(
      async (error: unknown) => {
        // Where nothing is found the explanation is what was asked for; that nothing is written is said behind it.
        if (options.explain === true) await explainOnly();
        throw error;
      },
    );
    const account = viewImport(written, output);
    const explained = options.explain === true ? explainImport(account, width) : [];
    process.stdout.write(
      options.json ? asJson("import", account) : asLines([...explained, ...describeImport(account, width)]),
    );
  });
}

/** An import that fails leaves an older recording of that name as it was. */
async function writeRecording(
  inputs: readonly ImportInput[],
  heads: ReadonlyMap<string, Uint8Array>,
  path: string,
  options: ImportOptions & OutputOptions,
): Promise<ImportReport> {
  const file = createRecordingFile(path, options);
  try {
    const report = await importFile(inputs, file.writer, options).catch((error: unknown) => {
      throw explain(heads, error);
    });
    file.close();
    return report;
  } catch (error) {
    file.remove();
    throw error;
  }
}

/** Says what a file is that cannot be imported, where that is another thing that memmap knows. */
function explain(heads: ReadonlyMap<string, Uint8Array>, error: unknown): unknown {
  if (!(error instanceof MemmapError) || error.code !== "import-unknown-format") return error;
  const found = [...heads].find(([name]) => error.message.startsWith(`${name} is `));
  if (found === undefined) return error;
  const { seems, hint } = guessFile(found[1], found[0]);
  if (hint.includes("memmap import ") || error.message.includes("; it ")) return error;
  return new MemmapError(`${error.message}; it ${seems}`, { code: error.code, hint, cause: error });
}
