// The terminal while `memmap live` has it: alternate screen, no cursor, keys as they are pressed. Whatever ends the program, the terminal is given
// back as it was.
import type { ReadStream, WriteStream } from "node:tty";

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** Draws; only lines that have changed are sent, which matters over SSH. */
  draw(lines: readonly string[]): void;
  onKey(listener: (key: string) => void): void;
  onResize(listener: () => void): void;
  /** Idempotent. */
  leave(): void;
}

const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J";
const EXIT = "\u001b[?7h\u001b[?25h\u001b[?1049l";

export function enterScreen(input: ReadStream, output: WriteStream): Screen {
  let shown: readonly string[] = [];
  let left = false;
  const leave = (): void => {
    if (left) return;
    left = true;
    output.write(EXIT);
    if (input.isTTY) input.setRawMode(false);
    input.pause();
    process.off("exit", leave);
    process.off("uncaughtExceptionMonitor", leave);
  };
  process.on("exit", leave);
  // Before Node prints what went wrong, so that it stands on the screen that stays.
  process.on("uncaughtExceptionMonitor", leave);
  output.write(ENTER);
  if (input.isTTY) input.setRawMode(true);
  input.setEncoding("utf8");
  input.resume();
  return {
    get columns() {
      return Math.max(40, output.columns);
    },
    get rows() {
      return Math.max(10, output.rows);
    },
    draw(lines) {
      if (left) return;
      let text = "";
      lines.forEach((line, row) => {
        if (line !== shown[row]) text += `\u001b[${row + 1};1H${line}\u001b[0m\u001b[K`;
      });
      if (text !== "") output.write(text);
      shown = lines;
    },
    onKey(listener) {
      // Several keys may come at once; what begins with an escape is one.
      input.on("data", (data: string) => {
        if (data.startsWith("\u001b")) listener(data);
        else for (const key of data) listener(key);
      });
    },
    onResize(listener) {
      output.on("resize", () => {
        shown = [];
        output.write("\u001b[2J");
        listener();
      });
    },
    leave,
  };
}
