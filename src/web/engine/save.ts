// The recording so far, as a file to keep.
import { plainName } from "../../base/text.ts";
import type { FromWorker } from "./protocol.ts";
import type { Session } from "./session.ts";

const SLICE_BYTES = 4 << 20;

export async function saveRecording(session: Session, id: number, post: (message: FromWorker) => void): Promise<void> {
  const run = session.current;
  if (run === undefined) return;
  const { size } = run.access;
  const parts: Blob[] = [];
  for (let offset = 0; offset < size; offset += SLICE_BYTES) {
    const bytes = await run.access.read(offset, Math.min(SLICE_BYTES, size - offset));
    parts.push(new Blob([bytes.slice()]));
  }
  post({ type: "saved", id, blob: new Blob(parts), name: recordingName(run.name, "memmap") });
}

/** A file name that any system takes: `sim:demo` becomes `sim-demo.memmap`. */
export function recordingName(name: string, extension: string): string {
  const stem = plainName(name.replace(/\.(memmap|log|txt|bin|gz|zst)$/i, ""));
  return `${stem === "" ? "recording" : stem}.${extension}`;
}
