// Writes the records of one EVENTS frame (protocol/SPEC.md, section 3), with the choices of section 9. Times are in ticks and
// must not run backwards within a frame; the caller begins a new frame before this one grows too long.
import { assertUnreachable } from "../base/assert.ts";
import { ByteWriter, encodeText } from "../base/bytes.ts";
import { wordOf, type AddressWord } from "../base/units.ts";
import { writeInOrder } from "./encode-fields.ts";
import {
  BASE_SPLIT_WORDS,
  Control,
  CONTROL_SHIFT,
  DT_EXTENDED,
  DT_SHIFT,
  Extended,
  Flag,
  Op,
  SITE_UNKNOWN,
} from "./protocol.ts";
import { type EventRecord, type RecordOfKind, records } from "./records.ts";

/** Most bytes of one call's records, marks aside: a CONTEXT and a REALLOC END, each number as long as it can be. */
export const LONGEST_EVENT_BYTES = 6 + 26;

interface Caller {
  readonly task: number;
  readonly core: number;
}

export class EventsWriter {
  /** Allocator events written since begin(). */
  events = 0;
  private readonly writer = new ByteWriter();
  private ticks = 0;
  private readonly bases: [number, number] = [0, 0];
  private context = 0;
  /** Site of the frame's previous ALLOC; none at its start, so that the first one says its own. */
  private allocSite: number | undefined;

  /** Begins a frame. `firstEvent` is taken modulo 2^32. */
  begin(firstEvent: number, ticks: number): void {
    this.writer.clear();
    this.writer.varint(firstEvent >>> 0);
    this.writer.varint(ticks);
    this.events = 0;
    this.ticks = ticks;
    this.bases[0] = 0;
    this.bases[1] = 0;
    this.context = 0;
    this.allocSite = undefined;
  }

  /** Bytes of the body so far. */
  get length(): number {
    return this.writer.length;
  }

  /** A copy of the body. */
  body(): Uint8Array {
    return this.writer.toBytes();
  }

  alloc(ticks: number, address: number, size: number, site: number, task: number, core: number): void {
    this.enterContext(task, core);
    const word = wordOf(address);
    const base = this.pickBase(word);
    const words = size % 4 === 0;
    const sameSite = site === this.allocSite;
    this.tag(ticks, Op.ALLOC | base.flag | (words ? Flag.ALLOC_WORDS : 0) | (sameSite ? Flag.ALLOC_SAME_SITE : 0));
    this.address(base.index, word);
    this.writer.varint(words ? size / 4 : size);
    if (!sameSite) this.writer.varint(site);
    this.allocSite = site;
    this.events++;
  }

  free(ticks: number, address: number, site: number, task: number, core: number): void {
    this.anyFree(ticks, address, site, task, core, 0);
  }

  record(ticks: number, record: EventRecord): void {
    switch (record.kind) {
      case "unknownFree": {
        const { address, site, task, core } = record.value;
        this.anyFree(ticks, address, site, task, core, Flag.FREE_UNKNOWN);
        break;
      }
      case "reallocBegin":
        this.realloc(ticks, record.value, record.value.address, 0);
        break;
      case "reallocEnd": {
        const { oldAddress, address, size, site } = record.value;
        const base = this.realloc(ticks, record.value, oldAddress, Flag.REALLOC_END);
        this.address(base, wordOf(address));
        this.writer.varint(size);
        this.writer.varint(site);
        break;
      }
      case "reallocFailed": {
        const { address, size, site } = record.value;
        this.realloc(ticks, record.value, address, Flag.REALLOC_END | Flag.REALLOC_FAILED);
        this.writer.varint(size);
        this.writer.varint(site);
        break;
      }
      case "live":
        this.live(record.value);
        break;
      case "mark":
        this.enterContext(record.value.task, record.value.core);
        this.extended(ticks, Extended.MARK, encodeText(record.value.name));
        break;
      case "snapshotBegin":
        this.extended(ticks, Extended.SNAPSHOT_BEGIN, new Uint8Array(0));
        break;
      case "snapshotEnd":
        this.extended(
          ticks,
          Extended.SNAPSHOT_END,
          payloadOf((writer) => writer.varint(record.value.records)),
        );
        break;
      case "heartbeat":
        this.extended(
          ticks,
          Extended.HEARTBEAT,
          payloadOf((writer) => writeInOrder(records.heartbeat, record.value, 1, writer)),
        );
        break;
      default:
        assertUnreachable(record);
    }
  }

  /** A record of any extended code, those of future versions included. */
  extended(ticks: number, code: number, payload: Uint8Array): void {
    this.tag(ticks, Op.CONTROL | (Control.EXTENDED << CONTROL_SHIFT));
    this.writer.varint(code);
    this.writer.blob(payload);
  }

  private anyFree(ticks: number, address: number, site: number, task: number, core: number, flag: number): void {
    this.enterContext(task, core);
    const word = wordOf(address);
    const base = this.pickBase(word);
    const hasSite = site !== SITE_UNKNOWN;
    this.tag(ticks, Op.FREE | base.flag | flag | (hasSite ? Flag.FREE_SITE : 0));
    this.address(base.index, word);
    if (hasSite) this.writer.varint(site);
    this.events++;
  }

  /** The record up to the old block's address; returns the base on which that is. */
  private realloc(ticks: number, { task, core }: Caller, oldAddress: number, flags: number): 0 | 1 {
    this.enterContext(task, core);
    const word = wordOf(oldAddress);
    const base = this.pickBase(word);
    this.tag(ticks, Op.REALLOC | base.flag | flags);
    this.address(base.index, word);
    this.events++;
    return base.index;
  }

  private live({ address, size, site, task, moving }: RecordOfKind<"live">["value"]): void {
    const word = wordOf(address);
    const base = this.pickBase(word);
    const code = base.index === 0 ? Control.LIVE_BASE0 : Control.LIVE_BASE1;
    this.tag(this.ticks, Op.CONTROL | (code << CONTROL_SHIFT));
    this.address(base.index, word);
    this.writer.varint(size);
    this.writer.varint(site);
    this.writer.varint(task * 2 + (moving ? 1 : 0));
  }

  private enterContext(task: number, core: number): void {
    const context = task * 4 + core;
    if (context === this.context) return;
    this.context = context;
    this.tag(this.ticks, Op.CONTROL | (Control.CONTEXT << CONTROL_SHIFT));
    this.writer.varint(context);
  }

  private tag(ticks: number, operationAndFlags: number): void {
    const delta = ticks - this.ticks;
    this.ticks = ticks;
    this.writer.u8(operationAndFlags | (Math.min(delta, DT_EXTENDED) << DT_SHIFT));
    if (delta >= DT_EXTENDED) this.writer.varint(delta - DT_EXTENDED);
  }

  private pickBase(word: AddressWord): { readonly index: 0 | 1; readonly flag: number } {
    const [base0, base1] = this.bases;
    const distance0 = Math.abs(word - base0);
    const distance1 = Math.abs(word - base1);
    let index: 0 | 1 = distance1 < distance0 ? 1 : 0;
    if (Math.min(distance0, distance1) >= BASE_SPLIT_WORDS) {
      if (base0 === 0) index = 0;
      else if (base1 === 0) index = 1;
    }
    return { index, flag: index === 1 ? Flag.BASE : 0 };
  }

  private address(base: 0 | 1, word: AddressWord): void {
    this.writer.zigzag(word - this.bases[base]);
    this.bases[base] = word;
  }
}

function payloadOf(write: (writer: ByteWriter) => void): Uint8Array {
  const payload = new ByteWriter();
  write(payload);
  return payload.view();
}
