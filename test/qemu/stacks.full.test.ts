// Where blocks come from, on machine code: with frame pointers the chain of callers, without them the direct caller, past the C library
// and ESP-IDF. Addresses are named from the program's own ELF file.
import { readFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { openSymbols } from "../../src/symbols/index.ts";
import { FailureReason } from "../../src/wire/protocol.ts";
import { Decoder } from "../../src/wire/decoder.ts";
import { buildForRv32, type CProgram } from "../../tools/build-c.ts";
import { DIRECT_CALLER_FLAGS } from "../../tools/c-sources.ts";
import type { HeapEvent } from "../../src/wire/event-batch.ts";
import { Follower } from "../follower.ts";
import { qemuProgram, QEMU_COMMANDS, runElf } from "../qemu.ts";
import { missingCommands } from "../toolchain.ts";

function stacksProgram(name: string, defines: CProgram["defines"], flags: readonly string[]): CProgram {
  const { sources, ...program } = qemuProgram();
  return {
    ...program,
    name,
    sources: [
      ...sources.filter((source) => !/qemu\/main\.c|conformance\.c/.test(source)),
      ...["stacks.c", "newlib.c", "strdup.c"].map((file) => `test/qemu/${file}`),
    ],
    defines: { ...program.defines, ...defines },
    flags: [...(program.flags ?? []), "-ffunction-sections", ...flags],
  };
}

/** Keeps who freed each size too. */
class Witness extends Follower {
  readonly allocated = new Map<number, Set<number>>();
  readonly freed = new Map<number, number>();
  protected override alloc(event: HeapEvent): void {
    super.alloc(event);
    this.allocated.set(event.size, (this.allocated.get(event.size) ?? new Set()).add(event.site));
  }
  protected override free(event: HeapEvent): void {
    this.freed.set(this.blocks.get(event.address)?.size ?? 0, event.site);
    super.free(event);
  }
}

/** Runs it, and names the callers of all blocks of a size, innermost first; one list for each site. */
async function run(program: CProgram): Promise<{
  readonly chains: (size: number) => readonly (readonly string[])[];
  readonly freedBy: (size: number) => readonly string[];
  readonly named: (site: number) => readonly string[];
  readonly witness: Witness;
}> {
  const elf = await buildForRv32(program);
  const symbols = openSymbols(readFileSync(elf));
  const witness = new Witness();
  const decoder = new Decoder(witness);
  const line = await runElf(elf);
  onTestFinished(() => line.close());
  for await (const chunk of line) {
    decoder.push(chunk);
    if (witness.marks.includes("end")) break;
  }
  const named = (site: number): readonly string[] =>
    (witness.sites.get(site)?.callers ?? []).map((address) => symbols.symbolizeReturn(address).at(-1)?.function ?? "?");
  return {
    chains: (size) => [...(witness.allocated.get(size) ?? [])].map(named),
    freedBy: (size) => named(witness.freed.get(size) ?? 0),
    named,
    witness,
  };
}

const missing = missingCommands(...QEMU_COMMANDS);

describe.skipIf(missing.length > 0)("RV32", () => {
  test("with frame pointers a site is the chain of callers, entered once", async () => {
    const defines = { BARE_FRAME_POINTERS: 1, CONFIG_MEMMAP_STACK_DEPTH: 5 };
    const { chains, witness } = await run(stacksProgram("stacks-fp.elf", defines, ["-fno-omit-frame-pointer"]));
    expect(chains(100)).toEqual([
      ["heap_caps_malloc", "inner", "middle", "outer", "main"],
      ["heap_caps_malloc", "inner", "other_middle", "outer", "main"],
    ]);
    expect(chains(11)).toEqual([["heap_caps_malloc", "by_heap_caps_malloc", "main", "_start"]]);
    expect(chains(12)[0]?.join()).toContain("by_malloc,main");
    expect(chains(15)[0]?.join()).toContain("strdup,by_strdup,main");
    expect(witness).toMatchObject({ disagreements: [], gaps: [] });
  });

  test("without, the direct caller is known past malloc, new and their like", async () => {
    const defines = { CONFIG_MEMMAP_DIRECT_CALLERS: 1 };
    const { chains, freedBy, named, witness } = await run(stacksProgram("stacks.elf", defines, DIRECT_CALLER_FLAGS));
    const callers = [11, 12, 13, 15, 16, 17, 18, 19, 20, 21].map((size) => chains(size));
    expect(callers).toEqual(
      ["heap_caps_malloc", "malloc", "calloc", "strdup", "malloc_r", "new", "realloc_of_null", "heap_caps_calloc"]
        .concat(["malloc_prefer", "calloc_prefer"])
        .map((name) => [[`by_${name}`]]),
    );
    const grown = [...witness.blocks.values()].find((block) => block.size === 14);
    const realloc = witness.sites.get(grown?.site ?? 0);
    expect(realloc?.callers?.length).toBe(1);
    const regrown = [...witness.blocks.values()].find((block) => block.size === 22);
    expect(named(regrown?.site ?? 0)).toEqual(["by_realloc_prefer"]);
    expect(chains(100)).toEqual([["inner"]]);
    expect(freedBy(18)).toEqual(["free_here"]);
    expect(freedBy(17)).toEqual(["main"]);
    expect(witness).toMatchObject({ disagreements: [], gaps: [] });
    // Failures as well, also what the C library refuses by itself.
    const failures = [...witness.failures.values()];
    expect(failures.map(({ reason, size, count }) => [reason, size, count])).toEqual([
      [FailureReason.NO_MEMORY, 8 << 20, 1],
      [FailureReason.SIZE_OVERFLOW, 4, 0x7fff_ffff],
    ]);
    expect(failures.map(({ site }) => named(site ?? 0))).toEqual([["by_calloc_too_large"], ["by_calloc_overflowing"]]);
    // Each call once: 9 of one block, a realloc, one that six kinds of memory refuse first, realloc of NULL and its free, delete, 4 of 100 bytes.
    expect(witness.events).toBe(9 + 2 + 7 * 2 + 2 + 1 + 4);
  });

  test("without either, it is what called ESP-IDF's own functions", async () => {
    const { chains } = await run(stacksProgram("stacks-plain.elf", {}, []));
    expect(chains(11)).toEqual([["heap_caps_malloc"]]);
  });
});
