// A RISC-V panic prints its registers and the stack from the stack pointer on. Collected over as many lines as that takes, they are a processor that
// has stopped, whose call stack can be unwound.
import type { Address } from "../../base/units.ts";
import type { ProcessorState } from "../unwind/stack.ts";

/** x1 to x31, as ESP-IDF's panic handler calls them. */
const NAMES = [
  "RA",
  "SP",
  "GP",
  "TP",
  "T0",
  "T1",
  "T2",
  "S0",
  "S1",
  "A0",
  "A1",
  "A2",
  "A3",
  "A4",
  "A5",
  "A6",
  "A7",
].concat(["S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "T3", "T4", "T5", "T6"]);
const NUMBERS = new Map(NAMES.map((name, i) => [name, i + 1]));

/** ESP-IDF prints 1 KiB; CONFIG_ESP_SYSTEM_… may make it more, but a log that goes on for ever must not. */
const MAX_WORDS = 65_536;

export class StackDump {
  private readonly registers: (number | undefined)[] = [0];
  private pc: Address | undefined;
  readonly words = new Map<Address, number>();

  /** A second set of registers begins a new dump: false when this line belongs to one. */
  takeRegisters(values: ReadonlyMap<string, number>): boolean {
    const pc = values.get("MEPC");
    if (pc !== undefined && this.pc !== undefined) return false;
    this.pc ??= pc;
    for (const [name, value] of values) {
      const number = NUMBERS.get(name.replace(/\/.*$/, ""));
      if (number !== undefined) this.registers[number] = value;
    }
    return true;
  }

  takeRow(address: Address, words: readonly number[]): void {
    if (this.words.size >= MAX_WORDS) return;
    for (const [i, word] of words.entries()) this.words.set(address + 4 * i, word);
  }

  /** Undefined until the registers that unwinding starts from have been seen. */
  get state(): ProcessorState | undefined {
    const { pc, registers } = this;
    return pc === undefined || registers[2] === undefined ? undefined : { pc, registers };
  }
}
