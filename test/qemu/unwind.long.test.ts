// The unwinder against the truth: a program stopped at every instruction, its call stack known from the calls and returns that it has executed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openSymbols, type Symbols } from "../../src/symbols/index.ts";
import { buildForRv32 } from "../../tools/build-c.ts";
import { freePort, QEMU_COMMANDS } from "../qemu.ts";
import { atLength, covered } from "../length.ts";
import { missingCommands } from "../toolchain.ts";
import { connectGdb, type GdbClient } from "./gdb-client.ts";

/** Of every build. */
const STEPS = atLength({ short: 1200, long: 10_000 });
/** Of the call stack, at least: the program goes deeper later. */
const DEPTHS = atLength({ short: 3, long: 5 });

interface OptimizedBuild {
  readonly name: string;
  readonly flags: readonly string[];
}

const differing: readonly OptimizedBuild[] = [
  { name: "O0", flags: ["-O0"] },
  { name: "Os", flags: ["-Os"] },
  { name: "O2-eh-frame", flags: ["-O2", "-fasynchronous-unwind-tables"] },
  { name: "Os-save-restore", flags: ["-Os", "-msave-restore"] },
];
const builds = atLength({
  short: differing,
  long: [
    ...differing,
    { name: "Og", flags: ["-Og"] },
    { name: "O2", flags: ["-O2"] },
    { name: "O2-frame-pointers", flags: ["-O2", "-fno-omit-frame-pointer"] },
  ],
});

type Jump = "call" | "return" | "other";

/** What an instruction does to the call stack, as it stands in the program; its length in bytes. */
function jumpOf(symbols: Symbols, pc: number): { readonly jump: Jump; readonly size: number } {
  const bytes = symbols.read(pc, 4) ?? new Uint8Array(4);
  const short = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  if ((short & 3) !== 3) {
    if ((short & 0xe003) === 0x2001) return { jump: "call", size: 2 }; // c.jal
    const isJump = (short & 0xe07f) === 0x8002 && (short & 0x0f80) !== 0;
    if (isJump && (short & 0x1000) !== 0) return { jump: "call", size: 2 }; // c.jalr
    return { jump: isJump && ((short >> 7) & 31) === 1 ? "return" : "other", size: 2 }; // c.jr ra
  }
  const long = (short | ((bytes[2] ?? 0) << 16) | ((bytes[3] ?? 0) << 24)) >>> 0;
  const opcode = long & 0x7f;
  const target = (long >> 7) & 31;
  if ((opcode === 0x6f || opcode === 0x67) && target === 1) return { jump: "call", size: 4 };
  const isReturn = opcode === 0x67 && target === 0 && ((long >> 15) & 31) === 1;
  return { jump: isReturn ? "return" : "other", size: 4 };
}

async function compareAllTheWay(gdb: GdbClient, symbols: Symbols): Promise<{ compared: number; depths: Set<number> }> {
  const calls: number[] = [];
  const depths = new Set<number>();
  let compared = 0;
  let compare = (): void => undefined;
  for (let i = 0; i < STEPS; i++) {
    const all = await gdb.registers();
    const pc = all[32] ?? 0;
    const registers = all.slice(0, 32);
    const sp = registers[2] ?? 0;
    const name = symbols.symbolize(pc).at(-1)?.function ?? "";
    // libgcc's helpers are not called by rules that frame information could say, and of the jump to the one that restores and returns, GCC says
    // that it had happened already.
    const isHelper = /^__riscv_(save|restore)/.test(name);
    if (!isHelper) compare();
    compare = () => undefined;
    if (calls.length > 0 && !isHelper) {
      const stack = await gdb.memory(sp, STACK_END - sp);
      const word = (address: number): number | undefined =>
        address >= sp && address + 4 <= STACK_END ? stack.readUInt32LE(address - sp) : undefined;
      const truth = [pc, ...calls.toReversed()].map((address) => address.toString(16));
      compare = () => {
        const { frames, end } = symbols.unwind({ pc, registers }, word);
        const found = { step: i, at: name, end, frames: frames.map((frame) => frame.pc.toString(16)) };
        expect(found).toEqual({ step: i, at: name, end: "no-frame-information", frames: truth });
        depths.add(truth.length);
        compared++;
      };
    }
    const { jump, size } = jumpOf(symbols, pc);
    await gdb.step();
    if (jump === "call") calls.push(pc + size);
    else if (jump === "return") calls.pop();
  }
  return { compared, depths };
}

/** The stack is at the end of the program's memory, see the options of the linker below. */
const STACK_END = 0x8010_0000;

const missing = missingCommands(...QEMU_COMMANDS);

describe.skipIf(missing.length > 0)("unwinding RV32", () => {
  test.each(builds)("$name", async ({ name, flags }) => {
    const elf = await buildForRv32({
      name: `unwind-${name}.elf`,
      sources: ["test/qemu/unwind-start.S", "test/qemu/unwind.c"],
      flags: [...flags, "-ffunction-sections", "-Wl,-Ttext=0x80000000"],
    });
    const symbols = openSymbols(readFileSync(elf));
    const port = await freePort();
    const qemu = spawn(
      "qemu-system-riscv32",
      ["-M", "virt", "-m", "8M", "-bios", "none", "-kernel", elf, "-display", "none", "-monitor", "none"].concat([
        "-serial",
        "none",
        "-S",
        "-gdb",
        `tcp:127.0.0.1:${port}`,
      ]),
      { stdio: "ignore" },
    );
    try {
      const gdb = await connectGdb(port);
      const { compared, depths } = await compareAllTheWay(gdb, symbols);
      gdb.close();
      covered(`${name}: ${compared} of ${STEPS} instructions, ${depths.size} depths`);
      expect(compared).toBeGreaterThan(STEPS * 0.75);
      expect(depths.size).toBeGreaterThanOrEqual(DEPTHS);
    } finally {
      qemu.kill();
      await once(qemu, "exit");
    }
  });
});
