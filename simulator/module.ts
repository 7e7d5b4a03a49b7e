// The WebAssembly module behind a board: the probe's C sources, the heap and their memory, in which the chip's addresses are plain
// indices. Memory is reserved up to the chip's highest address, about 1 GiB; only pages that are touched cost anything.
import type { Address } from "../src/base/units.ts";
import type { Chip } from "./chips.ts";

/** Functions of simulator/wasm/board.c. Pointers are addresses; 0 is NULL. */
export interface BoardExports {
  board_state(): Address;
  board_region(
    name: Address,
    start: Address,
    end: Address,
    caps0: number,
    caps1: number,
    caps2: number,
    instructionBus: number,
  ): number;
  board_drain(): number;
  board_flush(): number;
  board_stream_start(): number;
  board_malloc(source: Address, size: number, caps: number): Address;
  board_calloc(source: Address, count: number, size: number, caps: number): Address;
  board_realloc(source: Address, pointer: Address, size: number, caps: number): Address;
  board_aligned_alloc(source: Address, alignment: number, size: number, caps: number): Address;
  board_free(source: Address, pointer: Address): void;
  board_plain_malloc(size: number, caps: number): Address;
  board_plain_calloc(count: number, size: number, caps: number): Address;
  board_plain_realloc(pointer: Address, size: number, caps: number): Address;
  board_plain_aligned_alloc(alignment: number, size: number, caps: number): Address;
  board_plain_free(pointer: Address): void;
  board_hidden_malloc(size: number, caps: number): Address;
  board_hidden_calloc(count: number, size: number, caps: number): Address;
  board_hidden_realloc(pointer: Address, size: number, caps: number): Address;
  board_hidden_aligned_alloc(alignment: number, size: number, caps: number): Address;
  board_hidden_free(pointer: Address): void;
  board_free_size(caps: number): number;
  board_largest_free(caps: number): number;
  board_heap_is_whole(): number;
  board_request_snapshot(): void;
  board_list_allocations(): void;
  board_print_memory_info(tag: Address): void;
  board_conformance(): void;
}

/** What the C side asks of the board. */
export interface BoardImports {
  /** One whole frame; 0 where the line has no room now. */
  write(bytes: Uint8Array): boolean;
  /** At most `capacity` bytes that came from the host. */
  read(capacity: number): Uint8Array;
  print(text: Uint8Array): void;
  /** Must throw. */
  panic(message: string, address: Address): never;
}

/** Offsets in simulator_board_t (simulator/wasm/simulator_board.h). */
const State = {
  TIME: 0,
  TASK: 8,
  CORE: 12,
  IN_INTERRUPT: 16,
  CALLER_COUNT: 20,
  CALLERS: 24,
  BOOT_ID: 152,
  RESET_REASON: 156,
  CORES: 160,
  CHIP: 164,
  IDF_VERSION: 168,
  APP_NAME: 172,
  APP_VERSION: 176,
  DRAIN_PERIOD: 184,
  DRAIN_TASK: 188,
} as const;
const CALLERS_MAXIMUM = 32;
const PAGE_BYTES = 65_536;

export interface Identity {
  readonly bootId: number;
  readonly resetReason: number;
  readonly idfVersion: string;
  readonly appName: string;
  readonly appVersion: string;
}

/** One boot of the module. The memory of the boot before is handed on: a reset keeps what RAM held, but not the module's own data. */
export class BoardModule {
  readonly exports: BoardExports;
  readonly memory: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly state: Address;
  /** Where the next string or descriptor goes: above the module's own data, far below the chip's addresses. */
  private nextConstant: Address;
  private readonly strings = new Map<string, Address>();

  constructor(
    compiled: WebAssembly.Module,
    chip: Chip,
    imports: BoardImports,
    identity: Identity,
    previous?: BoardModule,
  ) {
    this.memory = previous?.memory ?? reserveMemory(chip);
    this.bytes = new Uint8Array(this.memory.buffer);
    this.view = new DataView(this.memory.buffer);
    if (previous) this.bytes.fill(0, 0, previous.nextConstant);
    const instance = new WebAssembly.Instance(compiled, {
      env: { memory: this.memory },
      board: this.importsFor(imports),
    });
    this.exports = instance.exports as unknown as BoardExports; // the names are checked by the module's own tests
    this.nextConstant = (instance.exports["__heap_base"] as { readonly value: number }).value;
    this.state = this.exports.board_state();
    this.identify(chip, identity);
    for (const region of chip.regions) {
      const { name, start, end, caps, instructionBus } = region;
      this.exports.board_region(this.string(name), start, end, ...caps, instructionBus === true ? 1 : 0);
    }
  }

  /** Address of a constant string with its final 0; equal strings are one. */
  string(text: string): Address {
    const known = this.strings.get(text);
    if (known !== undefined) return known;
    const encoded = new TextEncoder().encode(text);
    const address = this.constant(encoded.length + 1);
    this.bytes.set(encoded, address);
    this.strings.set(text, address);
    return address;
  }

  /** Address of new, zeroed constant memory. */
  constant(length: number): Address {
    const address = this.nextConstant;
    this.nextConstant = (address + length + 3) & ~3;
    return address;
  }

  /** A memmap_source_t, what a macro leaves in flash. */
  source(file: string, line: number, functionName: string, variable: string | undefined, method: number): Address {
    const fields = [
      this.string(file),
      this.string(functionName),
      variable === undefined ? 0 : this.string(variable),
      line,
      method,
    ];
    const address = this.constant(4 * fields.length);
    fields.forEach((field, index) => this.view.setUint32(address + 4 * index, field, true));
    return address;
  }

  setTime(microseconds: number): void {
    this.view.setUint32(this.state + State.TIME, microseconds % 0x1_0000_0000, true);
    this.view.setUint32(this.state + State.TIME + 4, microseconds / 0x1_0000_0000, true);
  }

  /** `task` is the address of its control block, 0 before the scheduler runs. */
  setContext(task: Address, core: number, inInterrupt: boolean): void {
    this.view.setUint32(this.state + State.TASK, task, true);
    this.view.setUint32(this.state + State.CORE, core, true);
    this.view.setUint32(this.state + State.IN_INTERRUPT, inInterrupt ? 1 : 0, true);
  }

  /** Return addresses of the next calls, innermost first. */
  setCallers(callers: readonly Address[]): void {
    const count = Math.min(callers.length, CALLERS_MAXIMUM);
    this.view.setUint32(this.state + State.CALLER_COUNT, count, true);
    for (let i = 0; i < count; i++) this.view.setUint32(this.state + State.CALLERS + 4 * i, callers[i] ?? 0, true);
  }

  /** Milliseconds between two steps of the probe's drain task; 0 before the probe has started it. */
  drainPeriod(): number {
    return this.view.getUint32(this.state + State.DRAIN_PERIOD, true);
  }

  /** Says whose control block the task has that runs the probe's drain. */
  setDrainTask(task: Address): void {
    this.view.setUint32(this.state + State.DRAIN_TASK, task, true);
  }

  private identify(chip: Chip, identity: Identity): void {
    const words: readonly (readonly [number, number])[] = [
      [State.BOOT_ID, identity.bootId],
      [State.RESET_REASON, identity.resetReason],
      [State.CORES, chip.cores],
      [State.CHIP, this.string(chip.name)],
      [State.IDF_VERSION, this.string(identity.idfVersion)],
      [State.APP_NAME, this.string(identity.appName)],
      [State.APP_VERSION, this.string(identity.appVersion)],
    ];
    for (const [offset, value] of words) this.view.setUint32(this.state + offset, value, true);
  }

  private importsFor(imports: BoardImports): Record<string, (...args: number[]) => number | void> {
    const slice = (address: Address, length: number) => this.bytes.slice(address, address + length);
    return {
      write: (address = 0, length = 0) => (imports.write(slice(address, length)) ? 1 : 0),
      read: (address = 0, capacity = 0) => {
        const received = imports.read(capacity);
        this.bytes.set(received, address);
        return received.length;
      },
      print: (address = 0, length = 0) => {
        imports.print(slice(address, length));
      },
      panic: (message = 0, address = 0) => {
        const end = this.bytes.indexOf(0, message);
        imports.panic(new TextDecoder().decode(slice(message, end - message)), address);
      },
    };
  }
}

function reserveMemory(chip: Chip): WebAssembly.Memory {
  const end = chip.regions.reduce((most, region) => Math.max(most, region.end), 0);
  return new WebAssembly.Memory({ initial: Math.ceil(end / PAGE_BYTES) });
}
