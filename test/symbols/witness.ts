// What addr2line says of every address of four small ELFs, kept so that the fast tests have a witness without a toolchain: other
// compilers, versions and encodings than ours to read are what mistakes hide in. `node dist/test/symbols/witness.js` (after `tsc -b`) makes
// them anew in fixtures/witness; where addr2line and we differ for a reason that explained.ts knows, the address is left out.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "fflate";
import { encodeText } from "../../src/base/bytes.ts";
import { openSymbols } from "../../src/symbols/index.ts";
import { Symbolizer, type Frame } from "../../src/symbols/symbolizer.ts";
import { assertDefined } from "../../src/base/assert.ts";
import { addr2line, type WitnessFrame } from "./addr2line.ts";
import { buildFixture, fixtures, toolchains, type Build, type Toolchain } from "./toolchains.ts";

const folder = join(fixtures, "witness");

/** From this address on, until the next: the chain as text, innermost frame first; undefined where nothing is said. */
export interface WitnessedStretch {
  readonly address: number;
  readonly chain: string | undefined;
}

export function witnessNames(): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".elf.gz"))
    .map((name) => basename(name, ".elf.gz"));
}

export function readWitness(name: string): {
  readonly elf: Uint8Array;
  readonly stretches: readonly WitnessedStretch[];
} {
  const unpacked = (ending: string): Uint8Array => gunzipSync(readFileSync(join(folder, `${name}.${ending}.gz`)));
  const lines = new TextDecoder().decode(unpacked("txt")).trimEnd().split("\n");
  return {
    elf: unpacked("elf"),
    stretches: lines.map((line) => {
      const [address = "", chain] = line.split("\t");
      return { address: Number(address), chain };
    }),
  };
}

/** Mangled names and what `c++filt -i` makes of them: each operator, type and expression of the grammar, and each seventh name of libstdc++. */
export function witnessedNames(): readonly (readonly [mangled: string, readable: string])[] {
  const text = new TextDecoder().decode(gunzipSync(readFileSync(join(folder, "names.txt.gz"))));
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t") as [string, string]);
}

export function chainText(frames: readonly (Frame | WitnessFrame)[]): string {
  return frames.map((frame) => `${frame.function ?? "??"} ${frame.file ?? "?"}:${frame.line ?? 0}`).join(" < ");
}

export function* codeAddresses({ elf: { executable } }: Symbolizer): Generator<number> {
  for (let i = 0; i < executable.length; i += 2) {
    for (let address = executable[i] ?? 0; address < (executable[i + 1] ?? 0); address++) yield address;
  }
}

function makeAnew(): void {
  const toolchain = (name: string): Toolchain =>
    assertDefined(
      toolchains.find((one) => one.name === name),
      name,
    );
  const [gcc, xtensa, clang] = ["riscv gcc", "xtensa gcc", "riscv clang"].map(toolchain) as [
    Toolchain,
    Toolchain,
    Toolchain,
  ];
  const common = { language: "cpp", paths: "/home/ada/fixture" } as const;
  // GNU's cannot read the 64-bit format.
  const wanted: readonly { readonly stem: string; readonly build: Build; readonly witness?: string }[] = [
    {
      stem: "gcc-riscv-64-bit",
      build: { ...common, toolchain: gcc, optimization: "-O2", dwarf: 5, extra: "-gdwarf64" },
      witness: "llvm-addr2line",
    },
    {
      stem: "gcc-riscv-type-units",
      build: { ...common, toolchain: gcc, optimization: "-Os", dwarf: 4, extra: "-fdebug-types-section" },
    },
    { stem: "gcc-xtensa-dwarf-2", build: { ...common, toolchain: xtensa, optimization: "-O2", dwarf: 2 } },
    { stem: "clang-riscv", build: { ...common, toolchain: clang, optimization: "-O2", dwarf: 5 } },
  ];
  const scratch = mkdtempSync(join(tmpdir(), "memmap-witness-"));
  for (const { stem, build, witness = build.toolchain.addr2line } of wanted) {
    const path = buildFixture(build, scratch, 2);
    const symbolizer = new Symbolizer(openSymbols(readFileSync(path)).elf);
    const addresses = [...codeAddresses(symbolizer)];
    const theirs = addr2line(witness, path, addresses);
    const lines: string[] = [];
    let before = "";
    for (const [i, address] of addresses.entries()) {
      const witnessed = chainText(theirs[i] ?? []);
      const said = witnessed === chainText(symbolizer.symbolize(address)) ? `\t${witnessed}` : "";
      if (said !== before || address !== (addresses[i - 1] ?? 0) + 1) lines.push(`0x${address.toString(16)}${said}`);
      before = said;
    }
    writeFileSync(join(folder, `${stem}.txt.gz`), gzipSync(encodeText(`${lines.join("\n")}\n`), { mtime: 0 }));
    writeFileSync(join(folder, `${stem}.elf.gz`), gzipSync(readFileSync(path), { mtime: 0 }));
    console.log(`${stem}: ${addresses.length} addresses, ${lines.length} stretches`);
  }
  rmSync(scratch, { recursive: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) makeAnew();
