// Files that commands write. The one place that decides what may be replaced: nothing that is also read, nothing without --force, and an older
// file only at the end, by one that is whole.
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
  type Stats,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { MemmapError } from "../base/errors.ts";

export interface OutputOptions {
  /** Whether the user allows to replace an existing file (--force). */
  readonly force?: boolean;
  /** Files that are read or written at the same time: paths, or 0 for standard input. */
  readonly others?: readonly (string | 0)[];
}

/** A file under construction. Where one of its name exists, this one grows beside it until `commit`. */
export class OutputFile {
  /** What the user asked for. */
  readonly path: string;
  /** Where the bytes are until `commit`. */
  readonly written: string;
  private readonly target: string;
  private readonly handle: number;
  private readonly isFile: boolean;
  private closed = false;
  private length = 0;

  constructor(path: string, target: string, written: string, handle: number) {
    this.path = path;
    this.target = target;
    this.written = written;
    this.handle = handle;
    this.isFile = fstatSync(handle).isFile();
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.length;
  }

  /** Throws what the system says. */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.handle, bytes, at);
    this.length += bytes.length;
  }

  /** It is whole: it takes its place, and an older one's. Idempotent, like all three; throws what the system says. */
  commit(): void {
    if (this.closed) return;
    try {
      if (this.isFile) fsyncSync(this.handle);
    } finally {
      this.abandon();
    }
    if (this.written !== this.target) renameSync(this.written, this.target);
  }

  /** It is not whole: what was written stays where it is, an older file too. */
  abandon(): void {
    if (this.closed) return;
    this.closed = true;
    closeSync(this.handle);
  }

  /** It is worth nothing: as if it had never been. */
  discard(): void {
    if (this.closed) return;
    this.abandon();
    if (this.isFile) rmSync(this.written, { force: true });
  }
}

/**
 * Whether `path` may be written, found out before anything is opened.
 *
 * @throws MemmapError `usage-output-is-input`, `usage-file-exists`, `file-unwritable`
 */
export function checkOutput(path: string, { force, others = [] }: OutputOptions): void {
  const there = statOf(path);
  for (const other of others) {
    const same =
      there === undefined
        ? other !== 0 && place(other) === place(path)
        : isSame(there, other === 0 ? fstatSync(0) : statOf(other));
    if (same) {
      throw new MemmapError(`${path} would be both read and written, or written twice`, {
        code: "usage-output-is-input",
        hint: "Name another file.",
      });
    }
  }
  if (there === undefined) return;
  if (there.isDirectory()) throw unwritable(path, { code: "EISDIR" });
  if (there.isBlockDevice()) {
    throw new MemmapError(`${path} is a disk`, { code: "file-unwritable", hint: "Name a file on it." });
  }
  if (there.isFile() && force !== true) {
    throw new MemmapError(`${path} exists already`, {
      code: "usage-file-exists",
      hint: "Choose another name, or let it be replaced with --force.",
    });
  }
}

/** @throws MemmapError as `checkOutput` */
export function openOutput(path: string, options: OutputOptions): OutputFile {
  checkOutput(path, options);
  try {
    const there = statOf(path);
    if (there === undefined) return new OutputFile(path, path, path, openSync(path, "wx"));
    // Devices and pipes hold nothing that could be lost.
    if (!there.isFile()) return new OutputFile(path, path, path, openSync(path, "w"));
    const target = realpathSync(path); // the file itself is replaced, not a link to it
    closeSync(openSync(target, "r+")); // a file that may not be written may not be replaced either
    const beside = freeName(`${target}.partial`);
    return new OutputFile(path, target, beside, openSync(beside, "wx", there.mode & 0o777));
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** `name`, or the first of `name-2`, `name-3` … that does not exist; in front of `extension`. */
export function freeName(name: string, extension = ""): string {
  let free = `${name}${extension}`;
  for (let number = 2; existsSync(free); number++) free = `${name}-${number}${extension}`;
  return free;
}

/** The sentence for a file that cannot be created or written. */
export function unwritable(path: string, error: unknown): MemmapError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new MemmapError(`the disk is full: ${path} ends where it was`, {
      code: "disk-full",
      hint: "What had been written can be read. Make room, or write to another disk.",
      cause: error,
    });
  }
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "its folder does not exist",
    ENOTDIR: "its folder is a file",
    EACCES: "you may not write there",
    EPERM: "you may not write there",
    EROFS: "the disk is read-only",
    EISDIR: "it is a folder",
    EEXIST: "another program has just created it",
    ENAMETOOLONG: "its name is too long",
  };
  return new MemmapError(`${path} cannot be written: ${reasons[code ?? ""] ?? message}`, {
    code: "file-unwritable",
    hint: "Name another place.",
    cause: error,
  });
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // in a folder that may not be looked into: opening says why
  }
}

function isSame(a: Stats, b: Stats | undefined): boolean {
  return b?.isFile() === true && a.dev === b.dev && a.ino === b.ino;
}

/** Where a file that does not exist yet would be. */
function place(path: string): string {
  const full = resolve(path);
  try {
    return join(realpathSync(dirname(full)), basename(full));
  } catch {
    return full;
  }
}
