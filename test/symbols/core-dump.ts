// A core dump as the UART prints it, as far as the unwinder's test needs it: threads with registers, and memory.
// Container and notes: esp-coredump's corefile/elf.py; struct elf_prstatus of Linux (pr_pid at 24, pr_reg at 72).
import { memoryAt } from "../../src/symbols/elf.ts";
import { openSymbols } from "../../src/symbols/index.ts";
import type { ProcessorState } from "../../src/symbols/unwind/stack.ts";

export interface CoreDump {
  readonly threads: readonly { readonly tcb: number; readonly state: ProcessorState }[];
  readonly word: (address: number) => number | undefined;
}

const PT_NOTE = 4;
const NT_PRSTATUS = 1;

export function readCoreDump(base64: string): CoreDump {
  const bytes = Buffer.concat(base64.split(/\s+/).map((line) => Buffer.from(line, "base64")));
  const { elf } = openSymbols(bytes.subarray(bytes.indexOf("\x7fELF", 0, "latin1")));
  const word = (address: number): number | undefined => {
    const found = memoryAt(elf, address, 4);
    return found?.length === 4 ? Buffer.from(found).readUInt32LE(0) : undefined;
  };
  const threads = elf.segments
    .filter(({ type }) => type === PT_NOTE)
    .flatMap(({ offset, fileSize }) => {
      const notes = Buffer.from(elf.bytes.subarray(offset, offset + fileSize));
      const found: CoreDump["threads"][number][] = [];
      for (let at = 0; at + 12 <= notes.length;) {
        const nameSize = notes.readUInt32LE(at);
        const size = notes.readUInt32LE(at + 4);
        const type = notes.readUInt32LE(at + 8);
        const data = at + 12 + ((nameSize + 3) & ~3);
        if (type === NT_PRSTATUS && size >= 204 && notes.toString("latin1", at + 12, at + 16) === "CORE") {
          const register = (i: number): number => notes.readUInt32LE(data + 72 + 4 * i);
          const tcb = notes.readUInt32LE(data + 24);
          const state =
            elf.architecture === "xtensa"
              ? { pc: register(0), ps: register(1), registers: Array.from({ length: 16 }, (_, i) => register(64 + i)) }
              : { pc: register(0), registers: [0, ...Array.from({ length: 31 }, (_, i) => register(1 + i))] };
          found.push({ tcb, state });
        }
        at = data + ((size + 3) & ~3);
      }
      return found;
    });
  return { threads, word };
}
