// Writes a recording as it happens: give it to a decoder as its sink. Bytes go out through a callback, a whole chunk at a time, in
// order; nothing that was written is ever changed.

import { ByteWriter } from "../base/bytes.ts";
import type { SealedChunk } from "../heap/run.ts";
import { Tracker, type TrackerOptions } from "../heap/tracker.ts";
import { noteBit, TABLE_NOTES } from "../heap/notes.ts";
import { fileHeader, indexEntry, packHeaderBefore, SectionId, writeChunk, writeIndex } from "./chunk-format.ts";
import { packNotes, packText } from "./note-codec.ts";
import { RowPacker } from "./pack-rows.ts";
import { StackNumbers } from "./stack-names.ts";

export type WriteBytes = (bytes: Uint8Array) => void;

/** Chunks → bytes of a file. `add` may be the receiver of any Tracker. */
class RecordingEncoder {
  private readonly write: WriteBytes;
  private readonly packer = new RowPacker();
  private readonly stacks = new StackNumbers();
  /** The largest section, in room that is used again. */
  private readonly rowBytes = new ByteWriter(1 << 17);
  private readonly headers = new ByteWriter(4096);
  private written = 0;
  private before: { readonly offset: number; readonly header: Uint8Array } | undefined;

  constructor(write: WriteBytes) {
    this.write = write;
    this.emit(fileHeader());
  }

  /** Bytes written so far. */
  get length(): number {
    return this.written;
  }

  add(chunk: SealedChunk): void {
    const sections: { id: number; bytes: Uint8Array }[] = [];
    const section = (id: number, pack: (writer: ByteWriter) => void): void => {
      const writer = id === SectionId.ROWS ? this.rowBytes : new ByteWriter(256);
      writer.clear();
      pack(writer);
      sections.push({ id, bytes: writer.view() });
    };
    if (chunk.keyFrame !== undefined) sections.push({ id: SectionId.KEY_FRAME, bytes: chunk.keyFrame });
    if (chunk.totals !== undefined) sections.push({ id: SectionId.TOTALS, bytes: chunk.totals });
    if (chunk.rows.length > 0) section(SectionId.ROWS, (writer) => this.packer.pack(chunk.rows, writer));
    if (chunk.notes.length > 0) section(SectionId.NOTES, (writer) => packNotes(chunk.notes, this.stacks, writer));
    const stacks = this.stacks.isTold ? undefined : new ByteWriter(256);
    if (stacks !== undefined) this.stacks.pack(stacks);
    if (stacks !== undefined) sections.push({ id: SectionId.STACKS, bytes: stacks.view() });
    const { startTime } = chunk.summary;
    if (chunk.text.length > 0) section(SectionId.TEXT, (writer) => packText(chunk.text, startTime, writer));
    // Behind what is long, so that one stretch of damage does not touch both.
    const tables = chunk.notes.filter(({ kind }) => (noteBit(kind) & TABLE_NOTES) !== 0);
    if (tables.length > 0) section(SectionId.NOTES_COPY, (writer) => packNotes(tables, this.stacks, writer));
    if (stacks !== undefined) sections.push({ id: SectionId.STACKS_COPY, bytes: stacks.view() });
    const { before } = this;
    if (before !== undefined) {
      section(SectionId.HEADER_BEFORE, (writer) => packHeaderBefore(before.offset, before.header, writer));
    }
    const { header, chunk: bytes } = writeChunk(chunk.summary, sections);
    this.before = { offset: this.written, header };
    this.headers.f64(this.written);
    this.headers.blob(indexEntry(header));
    this.emit(bytes);
  }

  /** Writes index and trailer. A file without them opens too; it is then scanned, chunk by chunk. */
  finish(): void {
    this.emit(writeIndex(this.headers, this.written));
  }

  private emit(bytes: Uint8Array): void {
    this.written += bytes.length;
    this.write(bytes);
  }
}

/** An EventSink that records. Call `flush` about once a second, so that a crash costs no more than that, and `finish` at the end. */
export class RecordingWriter extends Tracker {
  private readonly encoder: RecordingEncoder;

  constructor(write: WriteBytes, options: TrackerOptions = {}) {
    const encoder = new RecordingEncoder(write);
    super((chunk) => encoder.add(chunk), options);
    this.encoder = encoder;
  }

  /** Bytes written so far, what is not flushed yet left out. */
  get length(): number {
    return this.encoder.length;
  }

  finish(): void {
    this.flush();
    this.encoder.finish();
  }
}
