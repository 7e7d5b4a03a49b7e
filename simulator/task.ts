// What firmware does in a scenario: allocate, free, write to memory, log, wait. Each call runs the probe and the heap as compiled C, in
// the context of the task or interrupt that makes it.
import type { MethodCode } from "../src/wire/protocol.ts";
import { Method } from "../src/wire/protocol.ts";
import type { Address, Bytes, Caps, Microseconds } from "../src/base/units.ts";
import { Cap } from "../src/wire/caps.ts";
import type { BoardModule } from "./module.ts";

/** A place in the firmware's source, as the probe's macros give it. Scenarios define each one once, as a constant. */
export interface SourceSite {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  /** The variable that receives the block, where the macro can know it. */
  readonly variable?: string;
}

export function site(file: string, line: number, functionName: string, variable?: string): SourceSite {
  return { file, line, function: functionName, ...(variable === undefined ? {} : { variable }) };
}

export interface CallOptions {
  /** Where a macro of the probe stands. */
  readonly at?: SourceSite;
  /**
   * Instead of `at`: a call by code that knows nothing of the probe, which link-time interposition sees, with its return addresses
   * as the chip would see them, innermost first. With neither, the probe does not see the call.
   */
  readonly callers?: readonly Address[];
}

export interface AllocOptions extends CallOptions {
  /** MALLOC_CAP_* bits; 8-bit memory where not said. */
  readonly caps?: Caps;
}

/** What a task waits for until it runs again: yielded by a task's body, in microseconds. */
export type Wait = Microseconds;
export type TaskBody = (t: TaskContext) => Generator<Wait, void, void>;

export const milliseconds = (count: number): Microseconds => count * 1000;
export const seconds = (count: number): Microseconds => count * 1_000_000;

/** What a context needs of its board. */
export interface ContextHost {
  readonly module: BoardModule;
  /** Address in the module's memory of what the macro at `source` would leave in flash. */
  sourceAddress(source: SourceSite, method: MethodCode): Address;
  /** Lets time pass. Whatever else is due runs meanwhile. */
  busy(duration: Microseconds): void;
  print(text: string): void;
  readonly time: Microseconds;
}

export type LogLevel = "E" | "W" | "I" | "D";
const LOG_COLOURS: Readonly<Record<LogLevel, string>> = { E: "0;31", W: "0;33", I: "0;32", D: "" };

/** Time that calls take, in µs: about what they take on an ESP32 at 240 MHz with the probe in. */
const ALLOC_TIME = 6;
const FREE_TIME = 5;
const LOG_TIME = 90;

/** The running task's (or interrupt's) hands. Addresses are the chip's; 0 is NULL. */
export class TaskContext {
  private readonly host: ContextHost;

  constructor(host: ContextHost) {
    this.host = host;
  }

  /** Microseconds since boot. */
  get time(): Microseconds {
    return this.host.time;
  }

  malloc(size: Bytes, options: AllocOptions = {}): Address {
    const { exports } = this.host.module;
    const caps = this.enter(options);
    const { at, callers } = options;
    if (at) return exports.board_malloc(this.host.sourceAddress(at, Method.MALLOC), size, caps) >>> 0;
    return (callers ? exports.board_plain_malloc(size, caps) : exports.board_hidden_malloc(size, caps)) >>> 0;
  }

  calloc(count: number, size: Bytes, options: AllocOptions = {}): Address {
    const { exports } = this.host.module;
    const caps = this.enter(options);
    const { at, callers } = options;
    if (at) return exports.board_calloc(this.host.sourceAddress(at, Method.CALLOC), count, size, caps) >>> 0;
    if (callers) return exports.board_plain_calloc(count, size, caps) >>> 0;
    return exports.board_hidden_calloc(count, size, caps) >>> 0;
  }

  /** NULL leaves the old block as it was, except for size 0, which frees it. */
  realloc(pointer: Address, size: Bytes, options: AllocOptions = {}): Address {
    const { exports } = this.host.module;
    const caps = this.enter(options);
    const { at, callers } = options;
    if (at) return exports.board_realloc(this.host.sourceAddress(at, Method.REALLOC), pointer, size, caps) >>> 0;
    if (callers) return exports.board_plain_realloc(pointer, size, caps) >>> 0;
    return exports.board_hidden_realloc(pointer, size, caps) >>> 0;
  }

  alignedAlloc(alignment: Bytes, size: Bytes, options: AllocOptions = {}): Address {
    const { exports } = this.host.module;
    const caps = this.enter(options);
    const { at, callers } = options;
    if (at) {
      return (
        exports.board_aligned_alloc(this.host.sourceAddress(at, Method.ALIGNED_ALLOC), alignment, size, caps) >>> 0
      );
    }
    if (callers) return exports.board_plain_aligned_alloc(alignment, size, caps) >>> 0;
    return exports.board_hidden_aligned_alloc(alignment, size, caps) >>> 0;
  }

  free(pointer: Address, options: CallOptions = {}): void {
    const { module } = this.host;
    const { exports } = module;
    const { at, callers } = options;
    this.host.busy(FREE_TIME);
    module.setCallers(callers ?? []);
    if (at) exports.board_free(this.host.sourceAddress(at, Method.FREE), pointer);
    else if (callers) exports.board_plain_free(pointer);
    else if (pointer !== 0) exports.board_hidden_free(pointer);
  }

  /** Stores bytes (text as UTF-8 without a final 0) at an address: inside a block, past its end, or anywhere. */
  write(address: Address, content: string | ArrayLike<number>): void {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    this.host.module.bytes.set(bytes, address);
  }

  fill(address: Address, value: number, length: Bytes): void {
    this.host.module.bytes.fill(value, address, address + length);
  }

  read(address: Address, length: Bytes): Uint8Array {
    return this.host.module.bytes.slice(address, address + length);
  }

  freeSize(caps: Caps = Cap.DEFAULT): Bytes {
    return this.host.module.exports.board_free_size(caps);
  }

  largestFreeBlock(caps: Caps = Cap.DEFAULT): Bytes {
    return this.host.module.exports.board_largest_free(caps);
  }

  /** A line as ESP_LOGx prints it. */
  log(level: LogLevel, tag: string, text: string): void {
    this.host.busy(LOG_TIME);
    const line = `${level} (${Math.floor(this.time / 1000)}) ${tag}: ${text}`;
    const colour = LOG_COLOURS[level];
    this.host.print(colour === "" ? `${line}\n` : `\x1b[${colour}m${line}\x1b[0m\n`);
  }

  /** Text as printf writes it. */
  print(text: string): void {
    this.host.print(text);
  }

  /** Computes for a while without yielding. */
  busy(duration: Microseconds): void {
    this.host.busy(duration);
  }

  /** list_allocations() on the chip's console. */
  listAllocations(): void {
    this.host.module.exports.board_list_allocations();
  }

  /** The conformance program (firmware/examples/conformance), from beginning to end. */
  conformance(): void {
    this.host.module.exports.board_conformance();
  }

  /** What comes before each allocation; returns the caps to ask for. */
  private enter(options: AllocOptions): Caps {
    this.host.busy(ALLOC_TIME);
    this.host.module.setCallers(options.callers ?? []);
    return options.caps ?? Cap["8BIT"];
  }
}
