// Splits the byte stream of a SEGGER SystemView recording, of one core or of all, into packets. Packet formats: the comments above each
// SEGGER_SYSVIEW_Record* function in SEGGER's published target sources; facts in docs/imports.md.
//
// A packet is: id (one byte, or two with the high bit of the first set), for ids of 24 and more the payload's length,
// the payload, and the time since the previous packet in ticks. Numbers are LEB128. Ten zero bytes are a sync mark.
// Espressif's extension for all cores in one stream: bit 6 of the id's last byte is the core.
//
// Packets carry no checksum, so bytes that were overwritten are found by what no target sends: ids that nothing describes, payloads
// that end inside a number, zeros that are no sync mark. Reading goes on where a row of packets stands that is free of such.

export const SystemViewEvent = {
  OVERFLOW: 1,
  ISR_ENTER: 2,
  ISR_EXIT: 3,
  TASK_START_EXEC: 4,
  TASK_INFO: 9,
  IDLE: 17,
  ISR_TO_SCHEDULER: 18,
  MODULE_DESCRIPTION: 22,
  INIT: 24,
  PRINT: 26,
} as const;

/** Parameters of the packets that carry no length: u = number, s = string. */
const FIXED_PAYLOADS = [
  "", "u", "u", "", "u", "", "u", "uu", "u", "uus", "", "", "u", "uu", "s", "u", "u", "", "", "u", "", "uuuu", "uus", "uu",
] as const; // prettier-ignore

/** The same for ids from 24 on; those that are not named here may hold anything. */
const SIZED_PAYLOADS: Readonly<Record<number, string>> = { 24: "uuuu", 25: "us", 26: "suu", 27: "u", 28: "u", 29: "u" };

/** A payload is built in a buffer of the target's, of some hundred bytes at most. */
const MAX_PAYLOAD = 1024;
/** Of the operating system's calls, which hold a few numbers and which nothing describes: a damaged length shall not swallow what is whole. */
const MAX_CALL_PAYLOAD = 128;
/** Ids of modules begin here; those below are SystemView's and the operating system's. */
export const FIRST_MODULE_EVENT = 512;
/** The core in an id's last byte. */
const CORE_BIT = 0x40;
/** So many packets in a row are no accident. */
const CONVINCING = 8;

/** Bytes of a sync mark. */
export const SYNC_BYTES = 10;

/** Reads numbers and strings of one payload. A read past the end gives undefined and stays there. */
export class PayloadReader {
  private readonly bytes: Uint8Array;
  private at: number;
  private readonly end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  get position(): number {
    return this.at;
  }

  get atEnd(): boolean {
    return this.at >= this.end;
  }

  /** A LEB128 number of at most 32 bits. */
  number(): number | undefined {
    let value = 0;
    for (let i = 0, scale = 1; i < 5; i++, scale *= 128) {
      const byte = this.byte();
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value <= 0xffffffff ? value : undefined;
    }
    return undefined;
  }

  /** A string with its length in one byte, or 0xFF and two bytes, low byte first. */
  string(): Uint8Array | undefined {
    let length = this.byte();
    if (length === 0xff) {
      const low = this.byte();
      const high = this.byte();
      length = low === undefined || high === undefined ? undefined : low + high * 256;
    }
    if (length === undefined || this.at + length > this.end) {
      this.at = this.end;
      return undefined;
    }
    const start = this.at;
    this.at += length;
    return this.bytes.subarray(start, this.at);
  }

  byte(): number | undefined {
    return this.at < this.end ? this.bytes[this.at++] : undefined;
  }
}

export interface PacketHandler {
  /** `ticks`: since the stream's first packet. The payload is valid during the call. */
  packet(id: number, ticks: number, payload: PayloadReader, core: number): void;
  /** Bytes from `offset` on are no packet; reading goes on behind them where packets stand again, or not at all. */
  damaged(offset: number, reason: string): void;
}

/** What is known of a stream before its packets are read. */
export interface StreamKind {
  /** The core stands in the ids. */
  readonly coreInIds: boolean;
  /** Payload of an id of a module, as in FIXED_PAYLOADS with * for any number of numbers; undefined for one that the target does not send. */
  readonly moduleEvent: (id: number) => string | undefined;
}

/** Reads the packets in bytes[start, end). Offsets count from the start of `bytes`. */
export function readPackets(
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
  kind: StreamKind,
  handler: PacketHandler,
): void {
  let position = start;
  let ticks = 0;
  let first = true;
  while (position < end) {
    const packet = readPacket(bytes, position, end, kind);
    if (typeof packet === "string") {
      handler.damaged(position, packet);
      position = nextPackets(bytes, position + 1, end, kind);
      continue;
    }
    position = packet.next;
    if (packet.isSync) continue;
    // The first packet counts from the start of the timer, which says nothing.
    if (!first) ticks += packet.delta;
    first = false;
    handler.packet(packet.id, ticks, new PayloadReader(bytes, packet.payloadStart, packet.payloadEnd), packet.core);
  }
}

interface Packet {
  readonly isSync: boolean;
  readonly id: number;
  readonly core: number;
  readonly payloadStart: number;
  readonly payloadEnd: number;
  readonly delta: number;
  readonly next: number;
}

const CUT = "the file ends inside a packet";

/** The packet or sync mark at `position`, or why there is none. */
function readPacket(bytes: Uint8Array, position: number, end: number, kind: StreamKind): Packet | string {
  if (bytes[position] === 0) return readSync(bytes, position, end);
  const reader = new PayloadReader(bytes, position, end);
  let id = reader.byte() ?? 0;
  let core = 0;
  const takeCore = (byte: number): number => {
    if (!kind.coreInIds || (byte & CORE_BIT) === 0) return byte;
    core = 1;
    return byte & ~CORE_BIT;
  };
  if (id >= 0x80) {
    const high = reader.byte();
    if (high === undefined) return CUT;
    id = (id & 0x7f) + takeCore(high) * 128;
  } else id = takeCore(id);
  const fixed = FIXED_PAYLOADS[id];
  let payloadStart = reader.position;
  let payloadEnd: number;
  if (fixed !== undefined) {
    if (!reads(reader, fixed)) return reader.atEnd ? CUT : "a number has more than 32 bits";
    payloadEnd = reader.position;
  } else {
    const length = reader.number();
    if (length === undefined) return reader.atEnd ? CUT : "a length has more than 32 bits";
    payloadStart = reader.position;
    payloadEnd = payloadStart + length;
    const parts = id >= FIRST_MODULE_EVENT ? kind.moduleEvent(id) : (SIZED_PAYLOADS[id] ?? "?");
    if (parts === undefined || length > (parts === "?" ? MAX_CALL_PAYLOAD : MAX_PAYLOAD))
      return `packet ${String(id)} is none that the target sends`;
    if (payloadEnd > end) return `packet ${String(id)} is longer than what is left`;
    const payload = new PayloadReader(bytes, payloadStart, payloadEnd);
    if (parts !== "?" && !(reads(payload, parts) && payload.atEnd)) {
      return `packet ${String(id)} does not hold what it should`;
    }
  }
  const time = new PayloadReader(bytes, payloadEnd, end);
  const delta = time.number();
  if (delta === undefined) return time.atEnd ? CUT : "a time has more than 32 bits";
  return { isSync: false, id, core, payloadStart, payloadEnd, delta, next: time.position };
}

function readSync(bytes: Uint8Array, position: number, end: number): Packet | string {
  let next = position;
  while (next < end && bytes[next] === 0) next++;
  const zeros = next - position;
  // Behind the last packet zeros are what a file system or a buffer was filled up with.
  if (zeros % SYNC_BYTES !== 0 && next < end) return `${String(zeros)} zero bytes that are no sync mark`;
  return { isSync: true, id: 0, core: 0, payloadStart: next, payloadEnd: next, delta: 0, next };
}

/** Whether such parameters can be read; * stands for numbers up to the end. */
function reads(reader: PayloadReader, parts: string): boolean {
  for (const part of parts) {
    if (part === "*") {
      while (!reader.atEnd) if (reader.number() === undefined) return false;
    } else if ((part === "u" ? reader.number() : reader.string()) === undefined) return false;
  }
  return true;
}

/** Where the next packets stand: behind a sync mark, or as many in a row as are no accident. */
function nextPackets(bytes: Uint8Array, from: number, end: number, kind: StreamKind): number {
  for (let position = from; position < end; position++) {
    if (isConvincing(bytes, position, end, kind)) return position;
  }
  return end;
}

function isConvincing(bytes: Uint8Array, start: number, end: number, kind: StreamKind): boolean {
  let position = start;
  for (let count = 0; count < CONVINCING; count++) {
    const packet = readPacket(bytes, position, end, kind);
    if (typeof packet === "string") return false;
    if (packet.isSync && packet.next - position >= SYNC_BYTES) return true;
    if (packet.next >= end) return false;
    position = packet.next;
  }
  return true;
}
