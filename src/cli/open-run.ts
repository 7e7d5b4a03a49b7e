// Opens a recording for a command's questions, and says what a file is that is none.
import { MemmapError } from "../base/errors.ts";
import { safeText } from "../base/safe-text.ts";
import { openRecordingFile } from "../capture/recording-file.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { samplingOf } from "../heap/sampling.ts";
import { openModel, type ModelOptions } from "../heap/model.ts";
import type { NamedSeries } from "../import/log-series.ts";
import { guessFile } from "./guess-file.ts";
import { asRecording, readHead, type Workspace } from "./import-on-the-way.ts";
import { coloursFor } from "./terminal/colours.ts";
import { say } from "./terminal/print.ts";

export interface OpenedRun {
  readonly model: HeapModel;
  close(): void;
}

/** What the user may say about a file that is imported on the way. */
export interface OpenOptions extends ModelOptions {
  readonly series?: readonly NamedSeries[];
}

/**
 * Opens a recording; a file that is none, or standard input (`-`), is imported on the way where it can be.
 * What is wrong with it and can be read nevertheless goes to standard error, so that it stands in no pipe.
 */
export async function openRun(path: string, options: OpenOptions = {}): Promise<OpenedRun> {
  const { series, ...modelOptions } = options;
  const workspace = await asRecording(path, series === undefined ? {} : { series });
  try {
    return await openWorkspace(path, workspace, modelOptions);
  } catch (error) {
    workspace.close();
    throw error;
  }
}

/** Places of damage that are told; `memmap import` lists more. */
const DAMAGE_TOLD = 5;

async function openWorkspace(path: string, workspace: Workspace, options: ModelOptions): Promise<OpenedRun> {
  const file = await openRecordingFile(workspace.path).catch(async (error: unknown) => {
    throw await explain(path, error);
  });
  await file.recording.check();
  const { yellow } = coloursFor(process.stderr);
  for (const { damage, omittedDamage, remarks = [] } of workspace.report?.inputs ?? []) {
    for (const remark of remarks) say(`${yellow("note:")} ${remark}`);
    for (const { line, offset, reason } of damage.slice(0, DAMAGE_TOLD)) {
      const place = line !== undefined ? `line ${line}: ` : offset !== undefined ? `byte ${offset}: ` : "";
      say(`${yellow("note:")} not imported: ${place}${safeText(reason)}`);
    }
    const more = damage.length + omittedDamage - DAMAGE_TOLD;
    if (more > 0) say(`${yellow("note:")} and ${more} more places that could not be imported`);
  }
  const said = new Set<string>();
  const sayRemarks = (): void => {
    for (const remark of file.recording.condition.remarks) {
      if (!said.has(remark)) say(`${yellow("note:")} ${safeText(remark)}`);
      said.add(remark);
    }
  };
  sayRemarks();
  const model = await openModel(file.recording, options);
  const { sentence: estimate } = samplingOf(model.tables.boots);
  if (estimate !== undefined) say(`${yellow("note:")} ${estimate}`);
  if (model.rows === 0 && !(await tellsAnything(model))) {
    const { isComplete } = file.recording.condition;
    const origin = model.tables.boots.at(-1)?.origin;
    file.close();
    if (origin !== undefined) {
      throw new MemmapError(`${path} holds no events`, {
        code: "recording-empty",
        hint: `It was imported from a ${origin} that tells of no single blocks; what it tells, \`memmap import\` has printed.`,
      });
    }
    throw isComplete
      ? new MemmapError(`${path} holds no events`, {
          code: "recording-empty",
          hint: "It was recorded to its end, but no event came: is the probe running, and does the program allocate?",
        })
      : new MemmapError(`${path} was cut before its first whole chunk: it holds no events`, {
          code: "recording-empty",
          hint: "Copy the whole file again, or record for longer than a second.",
        });
  }
  return {
    model,
    close() {
      sayRemarks(); // damage is found when a chunk is read
      file.close();
      workspace.close();
    },
  };
}

/** A recording without allocator events may still hold reports of regions, faults and failures. */
async function tellsAnything(model: HeapModel): Promise<boolean> {
  const { faults, failures, marks, incidents, series } = model.tables;
  const told = faults.length + failures.length + marks.length + incidents.length + series.length;
  return told > 0 || (await model.regionReports()).length > 0;
}

async function explain(path: string, error: unknown): Promise<unknown> {
  if (!(error instanceof MemmapError)) return error;
  if (error.code === "recording-newer" || error.code === "recording-damaged") {
    return new MemmapError(`${path}: ${error.message}`, { code: error.code, hint: error.hint, cause: error });
  }
  if (error.code !== "not-a-recording") return error;
  const { seems, hint } = guessFile(await readHead(path), path);
  return new MemmapError(`${path} is no recording; it ${seems}`, { code: error.code, hint, cause: error });
}
