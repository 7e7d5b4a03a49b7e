// The board's log text on its way to the terminal, a pipe and a file. A pipe and a file get every byte as it came; a terminal gets whole
// lines without the control characters that damage or a wrong baud rate put among them, colours excepted.
import type { MemmapError } from "../../base/errors.ts";
import { safeLogLine } from "../../base/safe-text.ts";
import { unwritable, type OutputFile } from "../../capture/output-file.ts";
import type { Colours } from "../terminal/colours.ts";
import type { StatusLine } from "../terminal/status-line.ts";

export interface LogText {
  push(bytes: Uint8Array): void;
  /** Lets go of a line that has no end yet: prompts, and the end of the run. */
  flush(): void;
  /** The text is complete. */
  close(): void;
  /** Whoever takes what is shown takes no more: said, unless it is a reader that has gone. The recording goes on. */
  lose(error: NodeJS.ErrnoException): void;
  /** Why text is missing where it should have been kept. */
  readonly problem: MemmapError | undefined;
}

export interface LogTextOptions {
  /** Where text is shown; undefined: not at all. */
  readonly out: NodeJS.WriteStream | undefined;
  /** Where text is kept; undefined: not at all. */
  readonly file: OutputFile | undefined;
  /** The live line that shares the terminal with the text. */
  readonly status: StatusLine;
  readonly colours: Colours;
}

/** A line that does not end is shown after this many characters. */
const LONGEST_LINE = 4096;

export function openLogText({ out, file, status, colours }: LogTextOptions): LogText {
  const decoder = new TextDecoder();
  let line = "";
  let shown = out;
  let kept = file;
  let problem: MemmapError | undefined;
  const show = (text: string): void => {
    if (shown === undefined) return;
    status.clear();
    shown.write(`${text}\n`);
  };
  const fail = (error: MemmapError): void => {
    problem ??= error;
    status.print(`${colours.yellow("log text lost:")} ${error.message}; the recording goes on`);
  };
  const keep = (action: (file: OutputFile) => void): void => {
    if (kept === undefined) return;
    try {
      action(kept);
    } catch (error) {
      kept.abandon();
      kept = undefined;
      fail(unwritable(file?.written ?? "", error));
    }
  };
  return {
    push(bytes) {
      // The bytes are the decoder's own buffer: whoever keeps them longer than the call needs a copy.
      const copy = bytes.slice();
      keep((open) => open.write(copy));
      if (shown === undefined) return;
      if (!shown.isTTY) {
        if (shown.writable) shown.write(copy);
        return;
      }
      line += decoder.decode(copy, { stream: true });
      const lines = line.split(/\r?\n/);
      line = lines.pop() ?? "";
      for (const one of lines) show(safeLogLine(one));
      if (line.length > LONGEST_LINE) this.flush();
    },
    flush() {
      if (line !== "") show(safeLogLine(line));
      line = "";
    },
    close() {
      keep((open) => open.commit());
    },
    lose(error) {
      if (shown === undefined) return;
      shown = undefined;
      if (error.code !== "EPIPE") fail(unwritable("standard output", error));
    },
    get problem() {
      return problem;
    },
  };
}
