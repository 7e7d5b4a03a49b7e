// Real interrupts on machine code: a timer's, which use the heap as the program does that they interrupt, at any instruction.
import { describe, expect, onTestFinished, test } from "vitest";
import { Decoder } from "../../src/wire/decoder.ts";
import { TaskNumber } from "../../src/wire/protocol.ts";
import { buildForRv32 } from "../../tools/build-c.ts";
import type { HeapEvent } from "../../src/wire/event-batch.ts";
import { Follower } from "../follower.ts";
import { COUNTED_TIME, qemuProgram, QEMU_COMMANDS, runElf } from "../qemu.ts";
import { atLength, covered } from "../length.ts";
import { missingCommands } from "../toolchain.ts";

/** Counts the events of interrupts too. */
class Witness extends Follower {
  fromInterrupts = 0;
  protected override alloc(event: HeapEvent): void {
    super.alloc(event);
    if (event.task === (TaskNumber.INTERRUPT as number)) this.fromInterrupts++;
  }
}

describe.skipIf(missingCommands(...QEMU_COMMANDS).length > 0)("RV32, interrupted at any instruction", () => {
  test.each(atLength({ short: ["-Os"], long: ["-Os", "-O2"] } as const))(
    "table, stream and both lists agree at %s",
    { timeout: 120_000 },
    async (level) => {
      const { sources, ...program } = qemuProgram();
      const elf = await buildForRv32(
        {
          ...program,
          name: `preempted${level}.elf`,
          sources: [
            ...sources.filter((source) => !/qemu\/main\.c|conformance\.c/.test(source)),
            "test/qemu/preempted.c",
          ],
        },
        level,
      );
      const witness = new Witness();
      const decoder = new Decoder(witness);
      const line = await runElf(elf, COUNTED_TIME);
      onTestFinished(() => line.close()); // also of a program that hangs
      for await (const chunk of line) {
        decoder.push(chunk);
        if (witness.marks.includes("end")) break;
      }

      const [, live, bytes] =
        /^end 0 wrong \d+ inside (\d+) live (\d+) bytes 0 faults 0 unknown$/m.exec(witness.log) ?? [];
      const blocks = [...witness.log.matchAll(/^block 0x(\w+) (\d+)$/gm)].map(
        ([, address = "", size]) => [parseInt(address, 16), Number(size)] as const,
      );
      expect(witness.log).toMatch(/^program 40000 calls 0 failed$/m);
      expect(Number(/^interrupt (\d+) calls 0 failed$/m.exec(witness.log)?.[1])).toBeGreaterThan(20_000);
      expect(Number(/ (\d+) inside/.exec(witness.log)?.[1])).toBeGreaterThan(10_000);
      expect(blocks.length).toBe(Number(live));
      expect(blocks.reduce((sum, [, size]) => sum + size, 0)).toBe(Number(bytes));
      const decoded = [...witness.blocks].map(([address, { size }]) => [address, size] as const);
      expect(new Map(decoded)).toEqual(new Map(blocks));
      expect(witness.fromInterrupts).toBeGreaterThan(1000);
      expect(witness).toMatchObject({ disagreements: [], gaps: [], faults: new Map() });
      expect(witness.agreeing).toBeGreaterThan(10);
      covered(`${level}: ${witness.fromInterrupts} calls from interrupts`);
      expect(decoder.counters).toMatchObject({ damagedFrames: 0, malformedFrames: 0 });
    },
  );
});
