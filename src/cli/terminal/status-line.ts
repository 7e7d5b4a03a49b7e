// One line at the bottom of the terminal that is rewritten in place (counters, progress), while other text scrolls by above it.
import type { WriteStream } from "node:tty";
import { safeText } from "../../base/safe-text.ts";
import { linesFor } from "./print.ts";

export interface StatusLine {
  /** Replaces the line's text; cut to the terminal's width. */
  set(text: string): void;
  /** Prints lines that stay, above the status line. */
  print(...lines: readonly string[]): void;
  /** Takes the line away: before other output of a different writer, and at the end. */
  clear(): void;
}

const ERASE_LINE = "\r\u001b[2K";

/** On a terminal the line is live; in a pipe or a log file only what is printed to stay is printed. */
export function openStatusLine(stream: NodeJS.WriteStream): StatusLine {
  if (!stream.isTTY) {
    return {
      set: () => undefined,
      print: (...lines) => void stream.write(linesFor(stream, lines)),
      clear: () => undefined,
    };
  }
  return openOnTerminal(stream);
}

function openOnTerminal(stream: WriteStream): StatusLine {
  let shown = "";
  return {
    set(text) {
      const line = safeText(text).slice(0, Math.max(0, stream.columns - 1));
      if (line === shown) return;
      shown = line;
      stream.write(ERASE_LINE + line);
    },
    print(...lines) {
      stream.write(`${shown === "" ? "" : ERASE_LINE}${linesFor(stream, lines)}${shown}`);
    },
    clear() {
      if (shown !== "") stream.write(ERASE_LINE);
      shown = "";
    },
  };
}
