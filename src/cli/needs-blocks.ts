// Questions about blocks, asked of a console log that tells of none: zeros would be an answer that nobody knows.
import { MemmapError } from "../base/errors.ts";
import type { HeapModel } from "../heap/model-api.ts";
import { isBlind } from "../report/blind-run.ts";

/** @throws MemmapError `no-blocks` */
export function needsBlocks(model: HeapModel, file: string): void {
  if (!isBlind(model)) return;
  throw new MemmapError(`${file === "-" ? "the log" : file} tells of no single blocks`, {
    code: "no-blocks",
    hint: `What its lines tell, \`memmap report ${file}\` says; its figures, \`memmap timeline ${file}\` draws.`,
  });
}
