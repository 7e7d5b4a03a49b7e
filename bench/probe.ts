// What tracking costs a pair of free and malloc, in instructions, which repeat exactly: RV32 under QEMU with -icount, the host under
// callgrind. Printed beyond the heap's own, as a ratio to an array with linear search, and against the limits that the probe was
// given. Then what call stacks add, and the code's size. `npm run bench:probe`; needs the tools of test/toolchain.ts.
import { execFileSync } from "node:child_process";
import { HEAP_HOST_SOURCES, HEAP_SOURCES, INTERPOSE_FLAGS } from "../tools/c-sources.ts";
import { PROBE_INCLUDES, PROBE_SOURCES } from "../test/firmware/sources.ts";
import { buildForHost, buildForRv32 } from "../tools/build-c.ts";
import { printSizes } from "./probe-size.ts";
import { keep } from "./ratio.ts";

const modes = [
  "heap alone",
  "array",
  "table",
  "table, stream",
  "red zones",
  "quarantine",
  "free sites",
  "all, stream",
  "left out",
  "interrupts",
  "full table",
  "full, interrupts",
  "damaged table",
];
const counts = [100, 1000, 5000, 20_000];
const nearlyFull = 2040; // of the 2,048 blocks that the default table holds
/** By mode, then by count of live blocks. */
type Costs = readonly (readonly number[])[];

const common = ["bench/probe/cost.c", "bench/probe/cost_port.c", "simulator/heap/port_simulated_heap.c"];
const includeFolders = [...PROBE_INCLUDES, "bench/probe"];
const tableCapacity = { CONFIG_MEMMAP_TABLE_CAPACITY: 25_000 }; // a quarter larger than what is ever live

interface Variant {
  readonly name: string;
  readonly optimization: "-Os" | "-O2";
  readonly counts: readonly number[];
  readonly sources?: readonly string[];
  readonly includeFolders?: readonly string[];
  readonly defines?: Readonly<Record<string, string | number>>;
  readonly flags?: readonly string[];
}

async function costsOnRv32(variant: Variant): Promise<Costs> {
  const probe = [...common, ...HEAP_SOURCES, "simulator/libc/string.c", ...PROBE_SOURCES, "bench/probe/cost_rv32.c"];
  const program = await buildForRv32(
    {
      name: `probe-cost-${variant.name}`,
      sources: [...probe, ...(variant.sources ?? [])],
      includeFolders: ["simulator/libc/include", ...includeFolders, ...(variant.includeFolders ?? [])],
      defines: {
        ...tableCapacity,
        COST_HEAP: "0x81000000u",
        COST_COUNTS: variant.counts.join(","),
        ...variant.defines,
      },
      flags: ["-fno-builtin", "-T", "bench/probe/rv32.ld", ...(variant.flags ?? [])],
    },
    variant.optimization,
  );
  const machine = ["-M", "virt", "-bios", "none", "-display", "none", "-monitor", "none", "-serial", "stdio"];
  const args = [...machine, "-icount", "shift=0,sleep=off", "-kernel", program];
  const lines = execFileSync("qemu-system-riscv32", args, { encoding: "utf8" }).trim().split("\n");
  const costs = modes.map((): number[] => []);
  for (const line of lines) {
    const [mode = 0, , perPair = 0, wrong = 0] = line.split(" ").map(Number);
    if (wrong !== 0 || Number.isNaN(perPair)) throw new Error(`the measurement went wrong: ${line}`);
    costs[mode]?.push(perPair);
  }
  return costs;
}

async function costsOnHost(): Promise<Costs> {
  const program = await buildForHost(
    {
      name: "probe-cost",
      sources: [...common, ...HEAP_HOST_SOURCES, ...PROBE_SOURCES, "bench/probe/cost_host.c"],
      includeFolders,
      defines: tableCapacity,
      flags: ["-O2", "-fno-builtin-malloc"],
    },
    "none",
  );
  const pairs = 29 * 40; // calls of measured() × BATCH in cost.c
  const collect = [
    "--tool=callgrind",
    "--collect-atstart=no",
    "--toggle-collect=measured",
    "--callgrind-out-file=/dev/null",
  ];
  return modes.map((_, mode) =>
    counts.slice(0, 3).map((count) => {
      const args = [...collect, program, String(mode), String(count)];
      const log = execFileSync("sh", ["-c", 'valgrind "$@" 2>&1', "sh", ...args], { encoding: "utf8" });
      return Math.round(Number(/Collected : (\d+)/.exec(log)?.[1]) / pairs);
    }),
  );
}

function print(title: string, costs: Costs, live: readonly number[] = counts.slice(0, costs[0]?.length)): void {
  const [heap = []] = costs;
  console.log(`\n${title}: instructions a pair of free and malloc beyond the heap's own (${heap.join(", ")})`);
  console.log(`  ${"live blocks".padEnd(16)}${live.map((count) => String(count).padStart(9)).join("")}`);
  for (const [mode, name] of modes.entries()) {
    if (mode === 0) continue;
    const beyond = costs[mode]?.map((cost, index) => cost - (heap[index] ?? 0)) ?? [];
    console.log(`  ${name.padEnd(16)}${beyond.map((cost) => String(cost).padStart(9)).join("")}`);
  }
}

function printLimits(large: Costs, standard: Costs): void {
  const beyond = (mode: number, index: number, costs = large): number =>
    (costs[mode]?.[index] ?? NaN) - (costs[0]?.[index] ?? NaN);
  const table = counts.map((_, index) => beyond(2, index));
  const spread = Math.max(...table) / Math.min(...table) - 1;
  const limits: [name: string, value: number, holds: boolean][] = [
    ["table, 20,000 against 100 live: spread in %, at most 10", Math.round(spread * 100), spread <= 0.1],
    [
      "array against table at 5,000 live, at least 50 times",
      Math.round(beyond(1, 2) / beyond(2, 2)),
      beyond(1, 2) / beyond(2, 2) >= 50,
    ],
    ...[10, 11].map((mode): [string, number, boolean] => [
      `a block that a full table had no room for${mode === 11 ? ", in an interrupt" : ""}, against a tracked one in %, at most 100`,
      Math.round((100 * beyond(mode, 3)) / beyond(5, 3)),
      beyond(mode, 3) <= beyond(5, 3),
    ]),
    [
      "a pair in a table whose chains are all damaged, against a sound one in %, at most 200",
      Math.round((100 * beyond(12, 3)) / beyond(5, 3)),
      beyond(12, 3) <= 2 * beyond(5, 3),
    ],
    ...(
      [
        ["", beyond(2, 1), beyond(3, 1)],
        [", 20,000 live", beyond(2, 3), beyond(3, 3)],
        [", default table", beyond(2, 0, standard), beyond(3, 0, standard)],
        [`, default table with ${String(nearlyFull)} live`, beyond(2, 1, standard), beyond(3, 1, standard)],
      ] as const
    ).flatMap(([where, off, encoded]): [string, number, boolean][] => [
      [`an event with the stream off${where}, fewer than 189`, off / 2, off / 2 < 189],
      [`an event with table, encoding and hash${where}, at most 300`, encoded / 2, encoded / 2 <= 300],
    ]),
  ];
  for (const [name, value, holds] of limits) {
    keep("probe", name, value);
    console.log(`  ${holds ? "holds" : "FAILS"}: ${name}: ${String(value)}`);
  }
}

// Interposed calls with call stacks: everything compiled with frame pointers, the stack walked as on a RISC-V chip, ten callers to find.
async function printStacks(): Promise<void> {
  const depths = [1, 4, 8];
  console.log("\nRV32 -O2 with frame pointers, interposed, 1,000 live: the same by depth of call stacks");
  console.log(`  ${"callers".padEnd(16)}${depths.map((depth) => String(depth).padStart(9)).join("")}`);
  const byDepth: Costs[] = [];
  for (const depth of depths) {
    byDepth.push(
      await costsOnRv32({
        name: `stack-${String(depth)}`,
        optimization: "-O2",
        counts: [1000],
        sources: ["firmware/memmap/port/port_espidf_callers.c"],
        includeFolders: ["test/firmware/idf"],
        defines: {
          CONFIG_MEMMAP_INTERPOSE: 1,
          CONFIG_MEMMAP_STACK_DEPTH: depth,
          CONFIG_ESP_SYSTEM_USE_FRAME_POINTER: 1,
          COST_LEVELS: 10,
        },
        flags: ["-fno-omit-frame-pointer", ...INTERPOSE_FLAGS],
      }),
    );
  }
  for (const mode of [2, 3, 4, 5, 7]) {
    const beyond = byDepth.map((costs) => (costs[mode]?.[0] ?? NaN) - (costs[0]?.[0] ?? NaN));
    console.log(`  ${(modes[mode] ?? "").padEnd(16)}${beyond.map((cost) => String(cost).padStart(9)).join("")}`);
  }
}

const fast = await costsOnRv32({ name: "O2", optimization: "-O2", counts });
print("RV32 -O2", fast);
const standard = await costsOnRv32({
  name: "default",
  optimization: "-O2",
  counts: [1000, nearlyFull],
  defines: { CONFIG_MEMMAP_TABLE_CAPACITY: 2048 },
});
print("RV32 -O2, default table", standard, [1000, nearlyFull]);
printLimits(fast, standard);
print("RV32 -Os", await costsOnRv32({ name: "Os", optimization: "-Os", counts }));
print("host -O2", await costsOnHost());
await printStacks();
await printSizes();
