// Opens a recording for a command's questions, and says what a file is that is none.
import { open } from "node:fs/promises";
import { MemmapError } from "../base/errors.ts";
import { safeText } from "../base/safe-text.ts";
import { unreadable } from "../capture/file.ts";
import { openRecordingFile } from "../capture/recording-file.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { samplingOf } from "../heap/sampling.ts";
import { openModel, type ModelOptions } from "../heap/model.ts";
import { guessFile } from "./guess-file.ts";
import { coloursFor } from "./terminal/colours.ts";
import { say } from "./terminal/print.ts";

export interface OpenedRun {
  readonly model: HeapModel;
  close(): void;
}

const headBytes = 64 * 1024;

/** What is wrong with a recording that can be read nevertheless goes to standard error, so that it stands in no pipe. */
export async function openRun(path: string, options: ModelOptions = {}): Promise<OpenedRun> {
  const file = await openRecordingFile(path).catch(async (error: unknown) => {
    throw await explain(path, error);
  });
  const { yellow } = coloursFor(process.stderr);
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
    },
  };
}

/** A recording without allocator events may still hold reports of regions, faults and failures. */
async function tellsAnything(model: HeapModel): Promise<boolean> {
  const { faults, failures, marks } = model.tables;
  return faults.length + failures.length + marks.length > 0 || (await model.regionReports()).length > 0;
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

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
