// Standard output and standard error for text. Node's streams for them start a dozen modules where they are pipes, which takes as long as a look-up does:
// a command that writes nothing but text can have it go straight to the file descriptor.
import { fstatSync, statSync, writeSync } from "node:fs";
import { devNull } from "node:os";
import { unwritable } from "../../capture/output-file.ts";

class Output {
  private readonly descriptor: 1 | 2;
  private readonly open: () => NodeJS.WriteStream;
  private readonly lose: (error: NodeJS.ErrnoException) => void;
  private opened: NodeJS.WriteStream | undefined;
  private isDirect = false;
  private knownTTY: boolean | undefined;

  /** @param lose told that it cannot be written to */
  constructor(descriptor: 1 | 2, open: () => NodeJS.WriteStream, lose: (error: NodeJS.ErrnoException) => void) {
    this.descriptor = descriptor;
    this.open = open;
    this.lose = lose;
  }

  /** Does without the stream until somebody asks for it. */
  writeDirectly(): void {
    this.isDirect = this.opened === undefined;
  }

  useStream(): void {
    void this.stream;
  }

  private get stream(): NodeJS.WriteStream {
    this.isDirect = false;
    return (this.opened ??= this.open().on("error", this.lose));
  }

  get isTTY(): boolean {
    return (this.knownTTY ??= this.mayBeTerminal() && this.stream.isTTY);
  }

  /** Without the stream, as far as that can be said. */
  private mayBeTerminal(): boolean {
    try {
      const device = fstatSync(this.descriptor);
      return device.isCharacterDevice() && device.rdev !== statSync(devNull).rdev;
    } catch {
      return true; // closed, or a system without such files: the stream knows
    }
  }

  write(data: string | Uint8Array): void {
    if (!this.isDirect) {
      this.stream.write(data);
      return;
    }
    let rest = typeof data === "string" ? Buffer.from(data) : data;
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.descriptor, rest));
    } catch (error) {
      const failure = error as NodeJS.ErrnoException;
      // A pipe that is full, and that another program has set not to wait.
      if (failure.code === "EAGAIN") this.stream.write(rest);
      else this.lose(failure);
    }
  }
}

export const out = new Output(
  1,
  () => process.stdout,
  (error) => {
    // `memmap list run.memmap | head` closes the pipe early: that is the reader's right, not an error.
    if (error.code === "EPIPE") process.exit();
    throw unwritable("standard output", error);
  },
);

/** Where errors cannot be told there is nobody to tell it. */
export const err = new Output(
  2,
  () => process.stderr,
  () => undefined,
);
