// `memmap import`: other tools' files become a recording, with an account of what could not be taken over.
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";
import { unreadable } from "../../capture/file.ts";
import { checkOutput, type OutputOptions } from "../../capture/output-file.ts";
import { createRecordingFile } from "../../capture/recording-file.ts";
import type { ImportReport } from "../../import/import-report.ts";
import { FILE_MAGIC } from "../../recording/chunk-format.ts";
import { importFile, importTakes, type ImportInput } from "../../import/recognize.ts";
import { viewImport } from "../../report/import-view.ts";
import { guessFile } from "../guess-file.ts";
import { describeImport } from "../import-summary.ts";
import { asJson } from "../json.ts";
import { asLines } from "../run-options.ts";
import { textWidth } from "../terminal/wrap.ts";

/** Enough to tell what a file is. */
const headBytes = 64 * 1024;

export function define(command: Command): void {
  command
    .argument("<file...>", importTakes())
    .requiredOption("-o, --output <file>", "the recording to write")
    .option("-f, --force", "replace the recording if it exists")
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
  memmap report run.memmap --elf build/app.elf   then: what is wrong, and where`,
    )
    .action(async (files: string[], options: { output: string; force?: true; json?: true }) => {
      const output = { force: options.force === true, others: files };
      checkOutput(options.output, output); // before minutes are spent on reading
      const inputs: ImportInput[] = [];
      for (const name of files) inputs.push({ name, bytes: await read(name) });
      const recording = inputs.find(({ bytes }) => FILE_MAGIC.every((byte, index) => bytes[index] === byte));
      if (recording !== undefined) {
        throw new MemmapError(`${recording.name} is a recording already`, {
          code: "import-recording",
          hint: `Ask it: \`memmap report ${recording.name}\`.`,
        });
      }
      const account = viewImport(await writeRecording(inputs, options.output, output), options.output);
      process.stdout.write(
        options.json ? asJson("import", account) : asLines(describeImport(account, textWidth(process.stdout))),
      );
    });
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** An import that fails leaves an older recording of that name as it was. */
async function writeRecording(
  inputs: readonly ImportInput[],
  path: string,
  options: OutputOptions,
): Promise<ImportReport> {
  const file = createRecordingFile(path, options);
  try {
    const report = await importFile(inputs, file.writer).catch((error: unknown) => {
      throw explain(inputs, error);
    });
    file.close();
    return report;
  } catch (error) {
    file.remove();
    throw error;
  }
}

/** Says what a file is that cannot be imported, where that is another thing that memmap knows. */
function explain(inputs: readonly ImportInput[], error: unknown): unknown {
  if (!(error instanceof MemmapError) || error.code !== "import-unknown-format") return error;
  const input = inputs.find(({ name }) => error.message.startsWith(`${name} is nothing`));
  if (input === undefined) return error;
  const { seems, hint } = guessFile(input.bytes.subarray(0, headBytes), input.name);
  if (hint.includes("memmap import ")) return error;
  return new MemmapError(`${error.message}; it ${seems}`, { code: error.code, hint, cause: error });
}
