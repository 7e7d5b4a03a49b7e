// Why a file cannot be had, and what to do about it.
import { MemmapError } from "../base/errors.ts";

/** The sentence for a file that cannot be opened or read. */
export function unreadable(path: string, error: unknown, hint = "Check the path and its spelling."): MemmapError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") {
    return new MemmapError(`${path} does not exist`, {
      code: "file-missing",
      hint,
      cause: error,
    });
  }
  if (code === "EACCES" || code === "EPERM") {
    return new MemmapError(`${path} may not be read by you`, {
      code: "file-permission",
      hint: `Look at its owner and mode with \`ls -l ${path}\`.`,
      cause: error,
    });
  }
  if (code === "EISDIR") return isFolder(path);
  if (code === "ESPIPE") {
    return new MemmapError(`${path} is a pipe, which can be read only once`, {
      code: "file-is-pipe",
      hint: "Keep what comes from it in a file first; `memmap report` reads pipes as they are.",
      cause: error,
    });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new MemmapError(`${path} cannot be read: ${reason}`, {
    code: "file-unreadable",
    hint: "Check that the disk or the share it lies on is still there.",
    cause: error,
  });
}

export function isFolder(path: string): MemmapError {
  return new MemmapError(`${path} is a folder`, { code: "file-is-folder", hint: "Name a file inside it." });
}
