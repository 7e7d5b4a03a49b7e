// A board without a board: the probe and a chip's heap as WebAssembly, with tasks, cores, interrupts and time from here. All is
// deterministic: the same firmware and seed give the same bytes. Knows neither Node nor the DOM.
import type { MethodCode } from "../src/wire/protocol.ts";
import type { Address, Microseconds } from "../src/base/units.ts";
import { Cap } from "../src/wire/caps.ts";
import { ResetReason } from "../src/wire/reset-reason.ts";
import { CHIPS, type Chip, type ChipName } from "./chips.ts";
import { BoardModule } from "./module.ts";
import { createRandom, type Random } from "./random.ts";
import { bootText, panicText } from "./rom-text.ts";
import { type ContextHost, type SourceSite, type TaskBody, TaskContext } from "./task.ts";

export interface BoardOptions {
  readonly chip?: ChipName;
  /** Same seed, same run. */
  readonly seed?: number;
  readonly appName?: string;
  /** What the line to the host carries, in bytes a second; unlimited where not said. */
  readonly bytesPerSecond?: number;
}

/** What runs after each boot: creates the tasks. */
export type Firmware = (board: Board) => void;

export interface TaskOptions {
  readonly core?: number;
  /** Bytes, taken from the heap like the control block. */
  readonly stack?: number;
}

/** As in FreeRTOS on the ESP32: bytes of a task control block, and where the name is in it. */
const CONTROL_BLOCK_BYTES = 352;
const CONTROL_BLOCK_NAME = 52;
const TASK_NAME_BYTES = 16;

/** Stack of the probe's own task. */
const DRAIN_STACK_BYTES = 3072;

/** Frames that the line takes on before it says "no room now". */
const LINE_BUFFER_BYTES = 4096;

class Panic extends Error {
  readonly address: Address;

  constructor(message: string, address: Address) {
    super(message);
    this.address = address;
  }
}

interface Context {
  readonly task: Address;
  readonly core: number;
  readonly inInterrupt: boolean;
}

interface Sleeper {
  wakeAt: Microseconds;
  /** Equal times run in the order of creation. */
  readonly order: number;
  readonly task: Task;
  readonly body: Generator<number, void, void>;
}

class Task {
  readonly name: string;
  readonly core: number;
  /** Address of the control block in the chip's heap. */
  readonly handle: Address;
  readonly stack: Address;
  deleted = false;
  private readonly board: Board;

  constructor(board: Board, name: string, core: number, handle: Address, stack: Address) {
    this.board = board;
    this.name = name;
    this.core = core;
    this.handle = handle;
    this.stack = stack;
  }

  /** Does something at once, in this task's context. */
  run<T>(action: (t: TaskContext) => T): T {
    return this.board.runIn({ task: this.handle, core: this.core, inInterrupt: false }, action);
  }

  /** Ends the task; control block and stack go back to the heap. */
  delete(): void {
    this.board.deleteTask(this);
  }
}

export class Board implements ContextHost {
  readonly chip: Chip;
  readonly random: Random;
  private readonly compiled: WebAssembly.Module;
  private readonly firmware: Firmware;
  private readonly options: BoardOptions;
  private current: BoardModule;
  private clock: Microseconds = 0;
  /** Sum of the times of all boots before this one. */
  private earlier: Microseconds = 0;
  private context: Context = { task: 0, core: 0, inInterrupt: false };
  /** Whether the firmware of this boot has been called. */
  private started = false;
  private sleepers: Sleeper[] = [];
  private created = 0;
  private nextDrain: Microseconds = 0;
  private draining = false;
  private readonly taskContext: TaskContext;
  private sources = new Map<SourceSite, Map<MethodCode, Address>>();
  private output: Uint8Array[] = [];
  private outputLength = 0;
  private received: number[] = [];
  private lineFreeAt: Microseconds = 0;

  /** Boots; the firmware begins with the first run(). `compiled` comes from load-node.ts, or from WebAssembly.compileStreaming in a browser. */
  constructor(compiled: WebAssembly.Module, firmware: Firmware, options: BoardOptions = {}) {
    this.compiled = compiled;
    this.firmware = firmware;
    this.options = options;
    this.chip = CHIPS[options.chip ?? "esp32"];
    this.random = createRandom(options.seed ?? 1);
    this.taskContext = new TaskContext(this);
    this.current = this.boot(ResetReason.POWERON);
  }

  get module(): BoardModule {
    return this.current;
  }

  /** Microseconds since this boot. */
  get time(): Microseconds {
    return this.clock;
  }

  /** Microseconds since the board was switched on. */
  get totalTime(): Microseconds {
    return this.earlier + this.clock;
  }

  /** Creates a task. Its control block and stack come from the heap, as with xTaskCreate. */
  task(name: string, options: TaskOptions = {}): Task {
    const caps = Cap.INTERNAL | Cap["8BIT"];
    const { exports, bytes } = this.current;
    const stack = exports.board_hidden_malloc(options.stack ?? 4096, caps) >>> 0;
    const handle = exports.board_hidden_malloc(CONTROL_BLOCK_BYTES, caps) >>> 0;
    if (stack === 0 || handle === 0) throw new Panic(`no memory for the task ${name}`, 0);
    bytes.fill(0, handle, handle + CONTROL_BLOCK_BYTES);
    bytes.set(new TextEncoder().encode(name).subarray(0, TASK_NAME_BYTES - 1), handle + CONTROL_BLOCK_NAME);
    return new Task(this, name, options.core ?? 0, handle, stack);
  }

  /** Creates a task that runs `body` from now on: a generator that yields how long to wait until it goes on. */
  start(name: string, options: TaskOptions, body: TaskBody): Task {
    const task = this.task(name, options);
    this.sleepers.push({ wakeAt: this.clock, order: this.created++, task, body: body(this.taskContext) });
    return task;
  }

  /** An interrupt handler on a core, at once. */
  interrupt<T>(core: number, action: (t: TaskContext) => T): T {
    return this.runIn({ task: this.context.task, core, inInterrupt: true }, action);
  }

  runIn<T>(context: Context, action: (t: TaskContext) => T): T {
    const before = this.context;
    this.enter(context);
    try {
      return action(this.taskContext);
    } finally {
      this.enter(before);
    }
  }

  deleteTask(task: Task): void {
    task.deleted = true;
    this.sleepers = this.sleepers.filter((sleeper) => sleeper.task !== task);
    this.current.exports.board_hidden_free(task.stack);
    this.current.exports.board_hidden_free(task.handle);
  }

  /** Runs all tasks for `duration`. A panic prints what a chip prints and boots again. */
  run(duration: Microseconds): void {
    const end = this.totalTime + duration;
    while (this.totalTime < end) {
      if (!this.started) this.guarded(() => this.startFirmware());
      const sleeper = this.firstSleeper();
      const next = Math.min(sleeper?.wakeAt ?? Infinity, this.nextDrain, end - this.earlier);
      this.guarded(() => {
        this.advanceTo(next);
        if (sleeper && sleeper.wakeAt <= this.clock) this.step(sleeper);
      });
    }
  }

  busy(duration: Microseconds): void {
    this.advanceTo(this.clock + duration);
  }

  print(text: string): void {
    this.emit(new TextEncoder().encode(text));
  }

  /** Bytes from the host. */
  receive(bytes: Uint8Array): void {
    this.received.push(...bytes);
    this.nextDrain = Math.min(this.nextDrain, this.clock);
  }

  /** Sends all that the probe has recorded so far, whatever the line's speed would be. */
  flush(): void {
    this.lineFreeAt = -Infinity;
    this.current.exports.board_flush();
  }

  /** How many bytes takeOutput() would give. */
  get pendingOutput(): number {
    return this.outputLength;
  }

  /** What the board has sent since the last call. */
  takeOutput(): Uint8Array {
    const all = new Uint8Array(this.outputLength);
    let at = 0;
    for (const chunk of this.output) {
      all.set(chunk, at);
      at += chunk.length;
    }
    this.output = [];
    this.outputLength = 0;
    return all;
  }

  /** The reset button. RAM keeps its content; the probe and the heap start anew. */
  reset(reason: number = ResetReason.SW): void {
    this.earlier += this.clock;
    this.current = this.boot(reason, this.current);
  }

  sourceAddress(source: SourceSite, method: MethodCode): Address {
    let byMethod = this.sources.get(source);
    if (!byMethod) this.sources.set(source, (byMethod = new Map<MethodCode, Address>()));
    let address = byMethod.get(method);
    if (address === undefined) {
      address = this.current.source(source.file, source.line, source.function, source.variable, method);
      byMethod.set(method, address);
    }
    return address;
  }

  private boot(reason: number, previous?: BoardModule): BoardModule {
    this.clock = 0;
    this.sleepers = [];
    this.sources = new Map();
    this.lineFreeAt = 0;
    const identity = {
      bootId: this.random.integer(0, 0xffff_ffff),
      resetReason: reason,
      idfVersion: "v5.5.1",
      appName: this.options.appName ?? "simulated",
      appVersion: "1.0.0",
    };
    const imports = {
      write: (bytes: Uint8Array) => this.send(bytes),
      read: (capacity: number) => Uint8Array.from(this.received.splice(0, capacity)),
      print: (text: Uint8Array) => {
        this.emit(text);
      },
      panic: (message: string, address: Address): never => {
        throw new Panic(message, address);
      },
    };
    this.current = new BoardModule(this.compiled, this.chip, imports, identity, previous);
    this.print(bootText(this.chip, identity));
    this.enter({ task: 0, core: 0, inInterrupt: false });
    this.advanceTo(300_000); // what ROM, bootloader and start-up code take
    this.current.setDrainTask(this.task("memmap", { stack: DRAIN_STACK_BYTES }).handle);
    this.current.exports.board_stream_start();
    this.nextDrain = this.clock;
    this.started = false;
    return this.current;
  }

  private startFirmware(): void {
    this.started = true;
    this.firmware(this);
  }

  private enter(context: Context): void {
    this.context = context;
    this.current.setContext(context.task, context.core, context.inInterrupt);
  }

  private firstSleeper(): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of this.sleepers) {
      if (!first || sleeper.wakeAt < first.wakeAt || (sleeper.wakeAt === first.wakeAt && sleeper.order < first.order)) {
        first = sleeper;
      }
    }
    return first;
  }

  private step(sleeper: Sleeper): void {
    const { task, body } = sleeper;
    const result = task.run(() => body.next());
    if (task.deleted) return;
    if (result.done === true) this.deleteTask(task);
    else sleeper.wakeAt = this.clock + result.value;
  }

  /** The probe's drain task runs on time, on the other core as it were, whatever the firmware is doing. */
  private advanceTo(time: Microseconds): void {
    while (!this.draining && this.nextDrain <= time && this.current.drainPeriod() > 0) {
      this.setClock(Math.max(this.clock, this.nextDrain));
      const more = this.drainStep();
      this.nextDrain = this.clock + (more ? 500 : this.current.drainPeriod() * 1000);
    }
    this.setClock(Math.max(this.clock, time));
  }

  private setClock(time: Microseconds): void {
    this.clock = time;
    this.current.setTime(time);
  }

  private drainStep(): boolean {
    this.draining = true;
    try {
      return this.current.exports.board_drain() !== 0;
    } finally {
      this.draining = false;
    }
  }

  private guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      const trapped = error instanceof WebAssembly.RuntimeError;
      if (!(error instanceof Panic) && !trapped) throw error;
      this.print(panicText(error.message, error instanceof Panic ? error.address : undefined, this.context.core));
      this.reset(ResetReason.PANIC);
    }
  }

  /** The line to the host: takes a frame where its buffer has room. */
  private send(bytes: Uint8Array): boolean {
    const rate = this.options.bytesPerSecond;
    if (rate !== undefined) {
      const backlog = Math.max(0, this.lineFreeAt - this.clock) * (rate / 1e6);
      if (backlog + bytes.length > LINE_BUFFER_BYTES) return false;
    }
    this.emit(bytes);
    return true;
  }

  private emit(bytes: Uint8Array): void {
    this.output.push(bytes);
    this.outputLength += bytes.length;
    const rate = this.options.bytesPerSecond;
    if (rate !== undefined) this.lineFreeAt = Math.max(this.lineFreeAt, this.clock) + (bytes.length / rate) * 1e6;
  }
}
