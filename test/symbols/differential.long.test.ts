// Every byte of code, or every n-th, asked of us and of GNU addr2line: the same chains, but for the differences in
// explained.ts. On real firmware and on fixtures of three compilers, three optimizations and two DWARF versions.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demangle } from "../../src/symbols/demangle/demangle.ts";
import { openSymbols } from "../../src/symbols/index.ts";
import { Symbolizer, type Frame } from "../../src/symbols/symbolizer.ts";
import { atLength, covered } from "../length.ts";
import { sharedData } from "../shared-data.ts";
import { needsCommands } from "../toolchain.ts";
import { addr2line, type WitnessFrame } from "./addr2line.ts";
import { explanations, type Difference } from "./explained.ts";
import { buildFixture, builds, fewBuilds, nameOfBuild } from "./toolchains.ts";

/** The last digit takes many addresses, and many units of code; a mistake in the reader shows with few. */
const ADDRESSES = atLength({ short: 300, long: 20_000 });
const UNITS = atLength<2 | 16>({ short: 2, long: 16 });
/** The second witness, which some explanations need. */
const LLVM = "llvm-addr2line";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "memmap-symbols-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Evenly spread over all code, at least `ADDRESSES` of them where there is so much code. */
function addressesOf(executable: Float64Array): number[] {
  let size = 0;
  for (let i = 0; i < executable.length; i += 2) size += (executable[i + 1] ?? 0) - (executable[i] ?? 0);
  const step = Math.max(1, Math.floor(size / ADDRESSES));
  const addresses: number[] = [];
  for (let i = 0; i < executable.length; i += 2) {
    for (let address = executable[i] ?? 0; address < (executable[i + 1] ?? 0); address += step) addresses.push(address);
  }
  return addresses;
}

function isSame(ours: readonly Frame[], gnu: readonly WitnessFrame[]): boolean {
  return (
    ours.length === gnu.length &&
    ours.every((frame, i) => {
      const theirs = gnu[i];
      return (
        (frame.function ?? "??") === theirs?.function &&
        (frame.file ?? "?") === theirs.file &&
        (frame.line ?? 0) === theirs.line
      );
    })
  );
}

interface Outcome {
  readonly addresses: number;
  readonly same: number;
  readonly explained: Readonly<Record<string, number>>;
  readonly unexplained: readonly string[];
}

function compare(path: string, program: string): Outcome {
  const symbolizer = new Symbolizer(openSymbols(readFileSync(path)).elf);
  const addresses = addressesOf(symbolizer.elf.executable);
  const gnu = addr2line(program, path, addresses);
  const chains = addresses.map((address) => symbolizer.symbolize(address));
  const differing = addresses.flatMap((_, i) => (isSame(chains[i] ?? [], gnu[i] ?? []) ? [] : [i]));
  const asked = differing.map((i) => addresses[i] ?? 0);
  const llvm = asked.length > 0 ? addr2line(LLVM, path, asked) : [];
  const explained: Record<string, number> = {};
  const unexplained: string[] = [];
  for (const [n, i] of differing.entries()) {
    const address = addresses[i] ?? 0;
    const difference: Difference = {
      ours: chains[i] ?? [],
      gnu: gnu[i] ?? [],
      llvm: llvm[n] ?? [],
      symbols: symbolNamesAt(symbolizer, address),
      version: symbolizer.unitOf(address)?.version,
    };
    const explanation = explanations.find(({ explains }) => explains(difference));
    if (explanation !== undefined) explained[explanation.name] = (explained[explanation.name] ?? 0) + 1;
    else unexplained.push(describeDifference(address, difference));
  }
  return { addresses: addresses.length, same: addresses.length - differing.length, explained, unexplained };
}

/** All names at the nearest symbol at or before the address. */
function symbolNamesAt({ symbolTable }: Symbolizer, address: number): string[] {
  const view = new DataView(symbolTable.symbols.buffer, symbolTable.symbols.byteOffset, symbolTable.symbols.length);
  let nearest = -1;
  let names: string[] = [];
  for (let at = 0; at + 16 <= view.byteLength; at += 16) {
    const value = view.getUint32(at + 4, true);
    const type = view.getUint8(at + 12) & 0xf;
    if ((type !== 0 && type !== 2) || value > address || value < nearest) continue;
    const start = view.getUint32(at, true);
    const name = Buffer.from(symbolTable.names.subarray(start, symbolTable.names.indexOf(0, start))).toString();
    if (/^(\$|\.L|$)/.test(name)) continue;
    if (value > nearest) names = [];
    nearest = value;
    names.push(demangle(name));
  }
  return names;
}

function describeDifference(address: number, { ours, gnu }: Difference): string {
  const own = ours.map((frame) => `${frame.function ?? "??"} ${frame.file ?? "?"}:${frame.line ?? 0}`).join(" < ");
  const theirs = gnu.map((frame) => `${frame.function} ${frame.file}:${frame.line}`).join(" < ");
  return `0x${address.toString(16)}\n    ours ${own}\n    gnu  ${theirs}`;
}

function check(name: string, outcome: Outcome): void {
  const { addresses, same, explained, unexplained } = outcome;
  covered(
    `${name}: ${addresses} addresses, ${same} the same, explained: ${JSON.stringify(explained)}, others: ${unexplained.length}`,
  );
  expect(unexplained.slice(0, 10)).toEqual([]);
}

describe("real firmware", () => {
  const files = [
    ["systemview/sysview_tracing_heap_log.elf", "xtensa-lx106-elf-addr2line"],
    ["logs/log.elf", "xtensa-lx106-elf-addr2line"],
    ["coredump/esp32/app.elf", "xtensa-lx106-elf-addr2line"],
    ["coredump/esp32c3/app.elf", "riscv64-unknown-elf-addr2line"],
  ] as const;
  test.for(files)("%s", ([file, program], context) => {
    needsCommands(context, program, LLVM);
    const path = sharedData(file);
    context.skip(path === undefined, "needs the shared data");
    const outcome = compare(path ?? "", program);
    expect(outcome.addresses).toBeGreaterThanOrEqual(ADDRESSES);
    check(file, outcome);
  });
});

describe("fixtures", () => {
  const chosen = atLength({ short: fewBuilds.filter((_, i) => i % 2 === 0), long: builds });
  test.for(chosen.map((build) => [nameOfBuild(build), build] as const))("%s", ([name, build], context) => {
    needsCommands(context, ...build.toolchain.commands, LLVM);
    const outcome = compare(buildFixture(build, folder, UNITS), build.toolchain.addr2line);
    check(name, outcome);
  });
});
