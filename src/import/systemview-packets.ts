// Splits the byte stream of one core of a SEGGER SystemView recording into packets. Packet formats: the comments above each
// SEGGER_SYSVIEW_Record* function in SEGGER's published target sources; facts in docs/imports.md.
//
// A packet is: id (one byte, or two with the high bit of the first set), for ids of 24 and more the payload's length,
// the payload, and the time since the previous packet in ticks. Numbers are LEB128. Ten zero bytes are a sync mark.

export const SystemViewEvent = {
  OVERFLOW: 1,
  ISR_ENTER: 2,
  ISR_EXIT: 3,
  TASK_START_EXEC: 4,
  TASK_STOP_EXEC: 5,
  TASK_INFO: 9,
  TRACE_START: 10,
  TRACE_STOP: 11,
  IDLE: 17,
  ISR_TO_SCHEDULER: 18,
  MODULE_DESCRIPTION: 22,
  INIT: 24,
  PRINT: 26,
  TASK_TERMINATE: 29,
} as const;

/** Parameters of the packets that carry no length: u = number, s = string. */
const FIXED_PAYLOADS = [
  "", "u", "u", "", "u", "", "u", "uu", "u", "uus", "", "", "u", "uu", "s", "u", "u", "", "", "u", "", "uuuu", "uus", "uu",
] as const; // prettier-ignore

/** Bytes of a sync mark. */
export const SYNC_BYTES = 10;

/** Reads numbers and strings of one payload. A read past the end gives undefined and stays there. */
export class PayloadReader {
  readonly #bytes: Uint8Array;
  #position: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  get position(): number {
    return this.#position;
  }

  get atEnd(): boolean {
    return this.#position >= this.#end;
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
    if (length === undefined || this.#position + length > this.#end) return undefined;
    const start = this.#position;
    this.#position += length;
    return this.#bytes.subarray(start, this.#position);
  }

  byte(): number | undefined {
    return this.#position < this.#end ? this.#bytes[this.#position++] : undefined;
  }
}

export interface PacketHandler {
  /** `ticks`: since the stream's first packet. The payload is valid during the call. */
  packet(id: number, ticks: number, payload: PayloadReader): void;
  /** Bytes from `offset` on are no packet; reading goes on at the next sync mark, or not at all. */
  damaged(offset: number, reason: string): void;
}

/** Reads the packets in bytes[start, end). Offsets count from the start of `bytes`. */
export function readPackets(bytes: Uint8Array, start: number, end: number, handler: PacketHandler): void {
  let position = start;
  let ticks = 0;
  let first = true;
  while (position < end) {
    if (bytes[position] === 0) {
      // Sync marks, and padding that some transports leave between them.
      position++;
      continue;
    }
    const packet = readPacket(bytes, position, end);
    if (typeof packet === "string") {
      handler.damaged(position, packet);
      position = nextSync(bytes, position + 1, end);
      continue;
    }
    // The first packet counts from the start of the timer, which says nothing.
    if (!first) ticks += packet.delta;
    first = false;
    handler.packet(packet.id, ticks, new PayloadReader(bytes, packet.payloadStart, packet.payloadEnd));
    position = packet.next;
  }
}

interface Packet {
  readonly id: number;
  readonly payloadStart: number;
  readonly payloadEnd: number;
  readonly delta: number;
  readonly next: number;
}

/** The packet at `position`, or why there is none. */
function readPacket(bytes: Uint8Array, position: number, end: number): Packet | string {
  const reader = new PayloadReader(bytes, position, end);
  let id = reader.byte() ?? 0;
  if (id >= 0x80) {
    const high = reader.byte();
    if (high === undefined) return "the file ends inside a packet";
    id = (id & 0x7f) + high * 128;
  }
  const fixed = FIXED_PAYLOADS[id];
  let payloadStart = reader.position;
  let payloadEnd: number;
  if (fixed !== undefined) {
    for (const kind of fixed) {
      const value = kind === "u" ? reader.number() : reader.string();
      if (value === undefined) return reader.atEnd ? "the file ends inside a packet" : "a number has more than 32 bits";
    }
    payloadEnd = reader.position;
  } else {
    const length = reader.number();
    if (length === undefined) return reader.atEnd ? "the file ends inside a packet" : "a length has more than 32 bits";
    payloadStart = reader.position;
    payloadEnd = payloadStart + length;
    if (payloadEnd > end) return `packet ${String(id)} is longer than what is left`;
  }
  const time = new PayloadReader(bytes, payloadEnd, end);
  const delta = time.number();
  if (delta === undefined) return time.atEnd ? "the file ends inside a packet" : "a time has more than 32 bits";
  return { id, payloadStart, payloadEnd, delta, next: time.position };
}

function nextSync(bytes: Uint8Array, from: number, end: number): number {
  let zeros = 0;
  for (let position = from; position < end; position++) {
    zeros = bytes[position] === 0 ? zeros + 1 : 0;
    if (zeros === SYNC_BYTES) return position + 1;
  }
  return end;
}
