// The board's text in a range of time, as lines, with the words that are searched for. Text of the device is data: what a terminal would obey is
// taken out.
import type { Microseconds } from "../base/units.ts";
import type { HeapModel } from "../heap/model-api.ts";
import type { Window } from "../heap/types.ts";

export interface LogView {
  readonly window: Window;
  /** The columns have an entry for each line; `line` counts from 1 on, among all of the window. */
  readonly time: Float64Array;
  readonly line: Uint32Array;
  readonly text: readonly string[];
  /** Lines that match but are not among these: earlier ones. */
  readonly omittedLines: number;
  /** The recording holds any text at all in this range. */
  readonly hasText: boolean;
}

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[ -/]*[@-~]`, "g");

export async function viewLog(model: HeapModel, window: Window, search: string, limit: number): Promise<LogView> {
  const pieces = await model.log(window);
  const wanted = blanksAsOne(search);
  const lines: string[] = [];
  const times: Microseconds[] = [];
  const numbers: number[] = [];
  let number = 0;
  let omittedLines = 0;
  let open = "";
  let openTime = 0;
  const add = (line: string, time: Microseconds): void => {
    const text = cleaned(line);
    number++;
    if (text === "" || (wanted !== "" && !blanksAsOne(text).includes(wanted))) return;
    lines.push(text);
    times.push(time);
    numbers.push(number);
    if (lines.length < limit * 2) return;
    omittedLines += lines.length - limit;
    lines.splice(0, lines.length - limit);
    times.splice(0, times.length - limit);
    numbers.splice(0, numbers.length - limit);
  };
  for (const { time, text } of pieces) {
    const parts = text.split("\n");
    parts.forEach((part, i) => {
      if (open === "") openTime = time;
      open += part;
      if (i === parts.length - 1) return;
      add(open, openTime);
      open = "";
    });
  }
  if (open !== "") add(open, openTime);
  const cut = Math.max(0, lines.length - limit);
  return {
    window,
    time: Float64Array.from(times.slice(cut)),
    line: Uint32Array.from(numbers.slice(cut)),
    text: lines.slice(cut),
    omittedLines: omittedLines + cut,
    hasText: pieces.length > 0,
  };
}

/** Quotes have single blanks where boards print several, and nobody types them. */
function blanksAsOne(text: string): string {
  return text.toLowerCase().replaceAll(/\s+/g, " ").trim();
}

function cleaned(line: string): string {
  let text = "";
  for (const character of line.replace(ESCAPES, "").trimEnd()) {
    const code = character.codePointAt(0) ?? 0;
    const isControl = (code < 32 && code !== 9) || (code >= 127 && code < 160);
    // Marks that turn the direction of text could make a line look like another.
    const isDirection = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    text += isControl || isDirection ? "\ufffd" : character;
  }
  return text;
}
