// What opening an ELF and looking up addresses costs, against GNU addr2line on the same file in the same run.
// `npm run build && node dist/bench/symbols.js`; needs gcc-riscv64-unknown-elf for the large file that it builds.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSymbols } from "../src/symbols/index.ts";
import { sharedData } from "../test/shared-data.ts";

const LOOKUPS = 2000;
const compiler = [
  "riscv64-unknown-elf-gcc",
  "-march=rv32imc",
  "-mabi=ilp32",
  "-ffreestanding",
  "-nostdlib",
  "-fno-builtin",
];

/** An ELF of some 15 MB: units with many small functions and macro definitions, as a large firmware has. */
function buildLarge(folder: string): string {
  const objects: string[] = [];
  for (let unit = 0; unit < 60; unit++) {
    const lines = [
      "typedef unsigned int u32; extern volatile u32 sink;",
      "struct node { struct node *next; u32 key, value[4]; union { u32 raw; char text[4]; } u; };",
      "static inline u32 mix(u32 a, u32 b) { u32 m = (a << 7 | a >> 25) ^ b; if (m & 1) m = m * 31 + a; return m; }",
      "static inline u32 walk(const struct node *n, u32 k) { u32 s = 0; while (n) { if (n->key == k) s = mix(s, n->u.raw);" +
        " else s ^= mix(n->value[k & 3], s); n = n->next; } return s; }",
    ];
    for (let i = 0; i < 150; i++) {
      const name = `unit${unit}_function${i}`;
      lines.push(
        `u32 ${name}(struct node *n, u32 a, u32 b) {`,
        "  u32 local_sum = 0, other = b;",
        `  for (u32 i = 0; i < a + ${i}; i++) {`,
        `    local_sum = mix(local_sum, walk(n, i + ${unit}));`,
        "    if (local_sum & 8) { other += mix(other, i); sink = other; }",
        "    switch (other & 7) { case 1: local_sum += walk(n->next, other); break; case 3: sink = local_sum; break;",
        "      case 5: other ^= mix(a, b); break; default: other--; }",
        "  }",
        "  return mix(local_sum, other);",
        "}",
      );
    }
    const source = join(folder, `unit${unit}.c`);
    writeFileSync(source, lines.join("\n"));
    const object = join(folder, `unit${unit}.o`);
    const [program = "", ...options] = compiler;
    execFileSync(program, [...options, "-Og", "-g3", "-c", source, "-o", object]);
    objects.push(object);
  }
  const main = join(folder, "main.c");
  writeFileSync(main, "volatile unsigned sink; void _start(void) { for (;;) sink++; }");
  const elf = join(folder, "large.elf");
  const [program = "", ...options] = compiler;
  execFileSync(program, [...options, "-Og", "-g3", "-Wl,-Ttext=0x42000020", main, ...objects, "-o", elf]);
  return elf;
}

function addressesOf(executable: Float64Array, count: number): number[] {
  const addresses: number[] = [];
  let state = 12345;
  let size = 0;
  for (let i = 0; i < executable.length; i += 2) size += (executable[i + 1] ?? 0) - (executable[i] ?? 0);
  while (addresses.length < count) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    let at = Math.floor((state / 2 ** 32) * size);
    for (let i = 0; i < executable.length; i += 2) {
      const length = (executable[i + 1] ?? 0) - (executable[i] ?? 0);
      if (at < length) {
        addresses.push((executable[i] ?? 0) + at);
        break;
      }
      at -= length;
    }
  }
  return addresses;
}

const cli = fileURLToPath(new URL("../memmap.cjs", import.meta.url));

/** One look-up by the command line against a Node that does nothing, run in turn: the median of the pairs' ratios. */
function lookUpRatio(path: string, address: number): number {
  const run = (...args: string[]): number =>
    milliseconds(() => void execFileSync(process.execPath, args, { stdio: "ignore" }));
  const pair = (): number => run(cli, "symbolize", path, address.toString(16)) / run("-e", "0");
  pair();
  const ratios = Array.from({ length: 15 }, pair).sort((a, b) => a - b);
  return ratios[7] ?? 0;
}

function milliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** The least of several runs: what else the machine does only ever adds. */
function best(runs: number, work: () => void): number {
  return Math.min(...Array.from({ length: runs }, () => milliseconds(work)));
}

function report(path: string, addr2line: string): void {
  const bytes = new Uint8Array(readFileSync(path));
  const { executable } = openSymbols(bytes).elf;
  const addresses = addressesOf(executable, LOOKUPS);
  const input = addresses.map((address) => `0x${address.toString(16)}\n`).join("");
  const gnu = best(5, () => {
    const { error } = spawnSync(addr2line, ["-i", "-f", "-C", "-e", path], { input, maxBuffer: 1 << 28 });
    if (error !== undefined) throw error;
  });
  const cold = coldRuns(path);
  const before = residentBytes();
  const symbols = openSymbols(bytes);
  for (const address of addresses) symbols.symbolize(address);
  const resident = residentBytes() - before;
  const ready = best(5, () => openSymbols(bytes).symbolize(addresses[0] ?? 0));
  const all = best(5, () => {
    const again = openSymbols(bytes);
    for (const address of addresses) again.symbolize(address);
  });
  // Warm: all units read; new addresses, then the same ones out of the cache.
  const more = addressesOf(executable, 16_000).slice(LOOKUPS);
  const fresh = milliseconds(() => more.forEach((address) => symbols.symbolize(address)));
  const cached = best(5, () => more.forEach((address) => symbols.symbolize(address)));
  const per = (total: number): string => `${((total * 1000) / more.length).toFixed(2)} µs`;
  const times = (value: number): string => `${value.toFixed(0)} ms, ${(value / gnu).toFixed(2)} of addr2line`;
  console.log(`${path.replace(/^.*\//, "")}, ${(bytes.length / 2 ** 20).toFixed(1)} MiB`);
  console.log(`  addr2line -i -f -C, ${LOOKUPS} addresses   ${gnu.toFixed(0)} ms`);
  console.log(`  new process: opened and ready          ${times(cold.ready)}`);
  console.log(`  new process: ${LOOKUPS} look-ups all over     ${times(cold.all)}`);
  console.log(
    `  memmap symbolize, one look-up          ${lookUpRatio(path, addresses[0] ?? 0).toFixed(2)} of node -e 0`,
  );
  console.log(`  with warm code: opened and ready       ${times(ready)}`);
  console.log(`  with warm code: ${LOOKUPS} look-ups           ${times(all)}`);
  console.log(`  a look-up afterwards                   ${per(fresh)}; again ${per(cached)}`);
  console.log(
    `  memory for all of it                   ${(resident / bytes.length).toFixed(2)} times the file, which comes on top`,
  );
}

interface Cold {
  readonly ready: number;
  readonly all: number;
}

/** The best of five new processes, in which no code is compiled yet. */
function coldRuns(path: string): Cold {
  const runs = Array.from({ length: 5 }, () => {
    const text = execFileSync(process.execPath, [fileURLToPath(import.meta.url), "--cold", path]).toString();
    return JSON.parse(text) as Cold;
  });
  return { ready: Math.min(...runs.map(({ ready }) => ready)), all: Math.min(...runs.map(({ all }) => all)) };
}

function runCold(path: string): void {
  const bytes = new Uint8Array(readFileSync(path));
  const addresses = addressesOf(openSymbols(bytes).elf.executable, LOOKUPS);
  const symbols = openSymbols(bytes);
  const ready = milliseconds(() => symbols.symbolize(addresses[0] ?? 0));
  const rest = milliseconds(() => addresses.forEach((address) => symbols.symbolize(address)));
  console.log(JSON.stringify({ ready, all: ready + rest }));
}

/** Of this process's heaps, after a collection where `--expose-gc` allows one. */
function residentBytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function runAll(): void {
  const folder = mkdtempSync(join(tmpdir(), "memmap-bench-"));
  try {
    const xtensa = sharedData("systemview/sysview_tracing_heap_log.elf");
    const riscv = sharedData("coredump/esp32c3/app.elf");
    if (xtensa !== undefined) report(xtensa, "xtensa-lx106-elf-addr2line");
    if (riscv !== undefined) report(riscv, "riscv64-unknown-elf-addr2line");
    report(buildLarge(folder), "riscv64-unknown-elf-addr2line");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[2] === "--cold") runCold(process.argv[3] ?? "");
else runAll();
