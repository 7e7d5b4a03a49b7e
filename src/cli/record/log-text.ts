// The board's log text on its way to the terminal, a pipe and a file. A pipe and a file get every byte as it came; a terminal gets whole
// lines without the control characters that damage or a wrong baud rate put among them, colours excepted.
import type { WriteStream } from "node:fs";
import type { StatusLine } from "../terminal/status-line.ts";

export interface LogText {
  push(bytes: Uint8Array): void;
  /** Lets go of a line that has no end yet: prompts, and the end of the run. */
  flush(): void;
}

export interface LogTextOptions {
  /** Where text is shown; undefined: not at all. */
  readonly out: NodeJS.WriteStream | undefined;
  /** Where text is kept; undefined: not at all. */
  readonly file: WriteStream | undefined;
  /** The live line that shares the terminal with the text. */
  readonly status: StatusLine;
}

/** A line that does not end is shown after this many characters. */
const longestLine = 4096;

export function openLogText({ out, file, status }: LogTextOptions): LogText {
  const decoder = new TextDecoder();
  let line = "";
  const show = (text: string): void => {
    if (out === undefined) return;
    status.clear();
    out.write(`${text}\n`);
  };
  return {
    push(bytes) {
      // The bytes are the decoder's own buffer: whoever keeps them longer than the call needs a copy.
      const copy = bytes.slice();
      file?.write(copy);
      if (out === undefined) return;
      if (!out.isTTY) {
        if (out.writable) out.write(copy);
        return;
      }
      line += decoder.decode(copy, { stream: true });
      const lines = line.split(/\r?\n/);
      line = lines.pop() ?? "";
      for (const one of lines) show(sanitize(one));
      if (line.length > longestLine) this.flush();
    },
    flush() {
      if (line !== "") show(sanitize(line));
      line = "";
    },
  };
}

// Colour codes, or a character that is no text: C0 and C1 controls except the tab, DEL, and what could not be decoded.
// eslint-disable-next-line no-control-regex -- control characters are what this is about
const colourOrControl = /(\u001b\[[0-9;]*m)|[\u0000-\u0008\u000a-\u001f\u007f-\u009f\ufffd]/g;

/** Without control characters, except tabs and colour codes. */
export function sanitize(text: string): string {
  return text.replace(colourOrControl, (_, colour: string | undefined) => colour ?? "");
}
