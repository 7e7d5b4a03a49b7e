// Recordings of KDE's heaptrack, file format 0 to 3, raw (as the preloaded library writes them) and interpreted (with names),
// plain, gz or zst. Times are those of the recording; interpreted files name no addresses, so blocks get invented ones.

import { MemmapError } from "../base/errors.ts";
import type { EventSink } from "../wire/events.ts";
import { TaskNumber } from "../wire/protocol.ts";
import { AddressSpace } from "./address-space.ts";
import { HeaptrackLine } from "./heaptrack-line.ts";
import { HeaptrackStacks } from "./heaptrack-stacks.ts";
import { importedBoot } from "./identity.ts";
import type { ReportBuilder } from "./import-report.ts";
import type { Importer, ImporterInput } from "./importer.ts";
import { LineSplitter } from "./lines.ts";
import { SiteTable } from "./site-table.ts";
import { Teller } from "../wire/teller.ts";

export const heaptrack = {
  format: "heaptrack",
  title: "heaptrack recording",
  takes: "heaptrack files",
  recognize: isHeaptrack,
  refuse: refuseNewer,
  whereEmpty: "Is it all of the file? Record again, and let the program end or detach from it.",
  import: ([input], sink) => importHeaptrack(input, sink),
} as const satisfies Importer;

const NEWEST_FORMAT = 3;

/** True for the (decompressed) start of a heaptrack recording. */
export function isHeaptrack(head: Uint8Array): boolean {
  return /^v [0-9a-f]{4,8}( [0-9a-f]+)?\r?\n/.test(new TextDecoder().decode(head.subarray(0, 32)));
}

/** What a newer format means by its lines is anyone's guess. */
function refuseNewer(name: string, head: Uint8Array): MemmapError | undefined {
  const named = /^v [0-9a-f]+ ([0-9a-f]+)/.exec(new TextDecoder().decode(head.subarray(0, 32)))?.[1];
  const format = named === undefined ? 0 : Number.parseInt(named, 16);
  if (format <= NEWEST_FORMAT) return undefined;
  return new MemmapError(`${name} is a heaptrack recording in file format ${format}`, {
    code: "import-newer-format",
    hint: `memmap reads formats 0 to ${NEWEST_FORMAT}: update memmap, or record with an older heaptrack.`,
  });
}

export async function importHeaptrack(input: Omit<ImporterInput, "options">, sink: EventSink): Promise<void> {
  const reader = new HeaptrackReader(sink, input.report, await input.contentNumber());
  const lines = new LineSplitter((line, start, end) => reader.line(line, start, end));
  for await (const chunk of input.chunks()) lines.push(chunk);
  // A last line without its end may lack digits: 0x10 instead of 0x100.
  const cutLine = lines.finish();
  reader.finish(input.problem() ?? (cutLine ? "the file ends inside a line" : undefined));
}

/** A live block, and what the file calls it. */
interface Block {
  readonly address: number;
  readonly size: number;
  readonly node: number;
}

const asciiCode = (letter: string): number => letter.charCodeAt(0);
const LINE = {
  VERSION: asciiCode("v"),
  COMMAND: asciiCode("X"),
  SYSTEM: asciiCode("I"),
  SUPPRESSION: asciiCode("S"),
  ATTACHED: asciiCode("A"),
  COMMENT: asciiCode("#"),
  EXECUTABLE: asciiCode("x"),
  MODULE: asciiCode("m"),
  STRING: asciiCode("s"),
  POINTER: asciiCode("i"),
  TRACE: asciiCode("t"),
  ALLOCATION_INFO: asciiCode("a"),
  ALLOCATE: asciiCode("+"),
  FREE: asciiCode("-"),
  TIME: asciiCode("c"),
  RESIDENT: asciiCode("R"),
} as const;

class HeaptrackReader {
  private readonly sink: Teller;
  private readonly report: ReportBuilder;
  private readonly fields = new HeaptrackLine();
  private readonly stacks: HeaptrackStacks;
  private readonly addresses = new AddressSpace();
  /** Live blocks of one size and stack, the youngest last, by the number of their `a` line. */
  private readonly byInfo: Block[][] = [];
  private readonly infos: { readonly size: number; readonly node: number }[] = [];
  /** Live blocks by the pointer as the file writes it, where it does. */
  private readonly byPointer = new Map<number | string, Block>();
  private formatVersion = 0;
  private raw = false;
  private lineNumber = 0;
  private now = 0;
  private liveBytes = 0;
  private peakBytes = 0;
  private allocations = 0;
  private temporary = 0;
  /**
   * What heaptrack compares a freed block with to call it temporary: the last allocation, or number 0 after a free and at
   * the start. A free of number 0 can thereby count although other calls came between; totals shall equal heaptrack_print's.
   */
  private lastInfo = 0;
  /**
   * The same where the file has no such numbers: the interpreter numbers pairs of size and stack as they come, and a pair is as good. Number 0 is
   * that of the first allocation.
   */
  private lastBlock: Block | undefined;
  private firstBlock: Block | undefined;
  private unknownFrees = 0;
  private full = false;

  constructor(sink: EventSink, report: ReportBuilder, bootId: number) {
    this.sink = new Teller(sink);
    this.report = report;
    this.stacks = new HeaptrackStacks(new SiteTable(this.sink), () => this.raw);
    this.sink.record({ kind: "boot", value: importedBoot("heaptrack", bootId) });
  }

  line(bytes: Uint8Array, start: number, lineEnd: number): void {
    this.lineNumber++;
    const end = bytes[lineEnd - 1] === 0x0d ? lineEnd - 1 : lineEnd;
    if (start >= end) return;
    const fields = this.fields;
    fields.open(bytes, start, end);
    const whole = this.read(bytes[start] ?? 0, fields);
    if (!whole) this.report.damage({ line: this.lineNumber, reason: "the line is no whole heaptrack line" });
  }

  finish(brokenOff: string | undefined): void {
    this.sink.flush();
    const { droppedRecords } = this.report;
    if (brokenOff !== undefined) {
      this.report.damage({ line: this.lineNumber, reason: brokenOff });
      this.sink.record({ kind: "gap", value: { time: this.now, reason: "source-incomplete", lostFrames: 0 } });
    }
    if (this.unknownFrees > 0) {
      this.report.hint(`${String(this.unknownFrees)} frees of blocks that the file never allocated were left out`);
    }
    if (droppedRecords > 0)
      this.report.hint("the program held nearly 4 GiB at once: allocations beyond that were left out");
    if (this.raw) {
      this.report.hint("this is heaptrack's raw file, without function names: run heaptrack_interpret on it first");
    }
    this.report.heaptrack = {
      allocations: this.allocations,
      temporaryAllocations: this.temporary,
      peakBytes: this.peakBytes,
      leakedBytes: this.liveBytes,
    };
  }

  private read(letter: number, fields: HeaptrackLine): boolean {
    switch (letter) {
      case LINE.ALLOCATE:
        return this.allocate(fields);
      case LINE.FREE:
        return this.free(fields);
      case LINE.ALLOCATION_INFO: {
        const size = fields.hex();
        const node = fields.hex();
        this.infos.push({ size: size ?? 0, node: node ?? 0 });
        return size !== undefined && node !== undefined;
      }
      case LINE.TRACE:
        return this.stacks.addNode(fields);
      case LINE.POINTER:
        return this.stacks.addPointer(fields);
      case LINE.STRING:
        return this.readString(fields, (text) => this.stacks.addString(text));
      case LINE.TIME: {
        const milliseconds = fields.hex();
        this.now = Math.max(this.now, (milliseconds ?? 0) * 1000);
        return milliseconds !== undefined;
      }
      case LINE.EXECUTABLE:
        this.raw = true;
        return this.readString(fields, (text) => this.stacks.setExecutable(text));
      case LINE.MODULE:
        this.raw = true;
        return this.stacks.addModule(fields, this.formatVersion >= 3);
      case LINE.VERSION:
        fields.hex();
        this.formatVersion = fields.hex() ?? 0;
        return true;
      case LINE.ATTACHED:
        this.sink.record({ kind: "gap", value: { time: this.now, reason: "attached-late", lostFrames: 0 } });
        return true;
      case LINE.COMMAND:
      case LINE.SYSTEM:
      case LINE.SUPPRESSION:
      case LINE.COMMENT:
      case LINE.RESIDENT:
        return true;
      default:
        return false;
    }
  }

  private readString(fields: HeaptrackLine, keep: (text: string) => void): boolean {
    if (this.formatVersion < 3) {
      keep(fields.rest());
      return true;
    }
    const length = fields.hex();
    const text = length === undefined ? undefined : fields.text(length);
    // A damaged string keeps its number, or all that follow would get wrong ones.
    keep(text ?? fields.rest());
    return text !== undefined;
  }

  /** `+ <info>` or, in raw and old files, `+ <size> <trace> <pointer>`. */
  private allocate(fields: HeaptrackLine): boolean {
    const first = fields.hex();
    if (first === undefined) return false;
    if (fields.atEnd) {
      const info = this.infos[first];
      if (info === undefined) return false;
      const block = this.place(info.size, info.node);
      if (block === undefined) return true;
      const blocks = this.byInfo[first];
      if (blocks === undefined) this.byInfo[first] = [block];
      else blocks.push(block);
      this.lastInfo = first;
      return true;
    }
    const node = fields.hex();
    const pointer = fields.pointer();
    if (node === undefined || pointer === undefined) return false;
    const old = this.byPointer.get(pointer);
    if (old !== undefined) this.release(old);
    const block = this.place(first, node);
    if (block === undefined) return true;
    this.byPointer.set(pointer, block);
    this.lastBlock = block;
    this.firstBlock ??= block;
    return true;
  }

  /** `- <info>` or `- <pointer>`. Of several live blocks with one number the youngest goes: no file says which it was. */
  private free(fields: HeaptrackLine): boolean {
    const name = fields.pointer();
    if (name === undefined) return false;
    const raw = this.byPointer.get(name);
    if (raw !== undefined) {
      this.byPointer.delete(name);
      this.release(raw);
      const last = this.lastBlock;
      if (last?.size === raw.size && last.node === raw.node) this.temporary++;
      this.lastBlock = this.firstBlock;
      return true;
    }
    const block = typeof name === "number" ? this.byInfo[name]?.pop() : undefined;
    if (block === undefined) {
      this.unknownFrees++;
      return true;
    }
    this.release(block);
    if (this.lastInfo === name) this.temporary++;
    this.lastInfo = 0;
    return true;
  }

  private place(size: number, node: number): Block | undefined {
    this.allocations++;
    const address = this.addresses.take(size);
    if (address === undefined) {
      this.report.droppedRecords++;
      if (!this.full) {
        this.full = true;
        this.sink.record({ kind: "gap", value: { time: this.now, reason: "source-incomplete", lostFrames: 0 } });
      }
      return undefined;
    }
    this.sink.alloc(this.now, address, size, this.stacks.site(node), TaskNumber.OTHER, 0);
    this.report.events++;
    this.liveBytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes);
    return { address, size, node };
  }

  private release({ address, size }: Block): void {
    this.sink.free(this.now, address, 0, TaskNumber.OTHER, 0);
    this.report.events++;
    this.addresses.give(address, size);
    this.liveBytes -= size;
  }
}
