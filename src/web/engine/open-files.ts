// What was dropped onto the page, by content: a recording is read where it lies, a capture or log becomes a recording, other tools' files are
// imported, an ELF gives names to what is open.
import { MemmapError } from "../../base/errors.ts";
import { isFlightRecorderImage, unrollFlightRecorder } from "../../capture/flight-recorder.ts";
import { FILE_MAGIC } from "../../recording/chunk-format.ts";
import { holdsStream } from "../../wire/recognize-stream.ts";
import { blobAccess } from "./byte-store.ts";
import { nextTask } from "./polite-run.ts";
import type { FromWorker } from "./protocol.ts";
import { startRecorder } from "./recorder.ts";
import type { Session } from "./session.ts";

const HEAD_BYTES = 64 * 1024;
const SLICE_BYTES = 1 << 20;

type Kind = "recording" | "elf" | "map" | "flight" | "stream" | "other";

interface Dropped {
  readonly file: File;
  readonly kind: Kind;
}

/** @throws MemmapError for what cannot be opened */
export async function openFiles(
  session: Session,
  files: readonly File[],
  post: (message: FromWorker) => void,
): Promise<void> {
  const dropped: Dropped[] = [];
  for (const file of files) dropped.push({ file, kind: await kindOf(file) });
  const of = (kind: Kind): File[] => dropped.filter((one) => one.kind === kind).map(({ file }) => file);
  const [recording, ...others] = of("recording");
  if (recording !== undefined) {
    await session.open(recording.name, blobAccess(recording), false);
    // A second recording is the one to compare with.
    const [other] = others;
    if (other !== undefined) await session.openOther(other.name, blobAccess(other));
  } else {
    const streams = [...of("flight"), ...of("stream")];
    const [first] = [...streams, ...of("other")];
    if (first !== undefined) await record(session, first.name, streams, of("other"), post);
  }
  const [elf] = of("elf");
  if (elf === undefined) return;
  const { nameFromElf } = await import("./name-from-elf.ts");
  const map = of("map")[0];
  nameFromElf(session, {
    name: elf.name,
    bytes: await bytesOf(elf),
    ...(map !== undefined && { map: await bytesOf(map) }),
  });
}

async function bytesOf(file: File): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}

async function kindOf(file: File): Promise<Kind> {
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  if (head.length === 0) {
    throw new MemmapError(`${file.name} is empty`, {
      code: "file-empty",
      hint: "Record again; the disk may have been full.",
    });
  }
  if (FILE_MAGIC.every((byte, i) => head[i] === byte)) return "recording";
  if (isElf(head)) {
    if (head[16] !== 4) return "elf";
    throw new MemmapError(`${file.name} is a core dump`, {
      code: "file-is-core-dump",
      hint: "Open it with `esp-coredump`; of the same crash, this page reads the console's log.",
    });
  }
  if (/\.map$/i.test(file.name)) return "map";
  if (isFlightRecorderImage(head)) return "flight";
  return holdsStream(head) === undefined ? "other" : "stream";
}

function isElf(head: Uint8Array): boolean {
  return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}

async function record(
  session: Session,
  name: string,
  streams: readonly File[],
  others: readonly File[],
  post: (message: FromWorker) => void,
): Promise<void> {
  const recorder = await startRecorder(session, name, false);
  if (streams.length > 0) {
    const all = streams.reduce((sum, { size }) => sum + size, 0);
    let done = 0;
    for (const file of streams) {
      for await (const bytes of slicesOf(file)) {
        recorder.push(bytes);
        done += bytes.length;
        post({ type: "progress", what: `reading ${file.name}`, done, all });
        await nextTask();
      }
    }
  } else {
    const { importFile } = await import("../../import/recognize.ts"); // for nobody else
    const inputs = [];
    for (const file of others) {
      post({ type: "progress", what: `reading ${file.name}`, done: 0, all: file.size });
      inputs.push({ name: file.name, bytes: await bytesOf(file) });
    }
    await importFile(inputs, recorder.sink);
  }
  await recorder.finish();
}

async function* slicesOf(file: File): AsyncGenerator<Uint8Array> {
  if (isFlightRecorderImage(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()))) {
    yield* unrollFlightRecorder(await bytesOf(file)); // no larger than a chip's flash
    return;
  }
  for (let offset = 0; offset < file.size; offset += SLICE_BYTES) {
    yield new Uint8Array(await file.slice(offset, offset + SLICE_BYTES).arrayBuffer());
  }
}
