// Debug information that is not in the ELF itself: split into .dwo files, packed into a .dwp, or in an unstripped copy. The same program with all of it
// inside is the reference: every address of its code must get the same frames; the short form asks at every fifth.
import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { readElfFile, symbolOptions } from "../../src/cli/find-elf.ts";
import { openSymbols, type Symbols } from "../../src/symbols/index.ts";
import { runCli, scratchFolder } from "../cli/run-cli.ts";
import { atLength, covered } from "../length.ts";
import { needsCommands } from "../toolchain.ts";
import { buildFixture, builds, nameOfBuild, type Build, type Toolchain } from "./toolchains.ts";

const folder = scratchFolder();
/** Bytes from one address that is asked for to the next. */
const STEP = atLength({ short: 10, long: 2 });

function open(path: string): Symbols {
  return openSymbols(readElfFile(path), symbolOptions(path));
}

/** What is known of each address of code, without where that was read. */
function everything(symbols: Symbols): string[] {
  const { executable } = symbols.elf;
  const lines: string[] = [];
  for (let range = 0; range < executable.length; range += 2) {
    for (let address = executable[range] ?? 0; address < (executable[range + 1] ?? 0); address += STEP) {
      const frames = symbols.symbolize(address).map((frame) => {
        const { function: name, file = "", line, column, inlined } = frame;
        return `${name ?? "??"} ${basename(file)}:${line ?? ""}:${column ?? ""}${inlined ? " inlined" : ""}`;
      });
      lines.push(`${address.toString(16)} ${frames.join(" < ")}`);
    }
  }
  return lines;
}

/** What a file of GCC for these chips still tells: it leaves the ends of functions at 0 there, since their linker moves code. */
function outermost(lines: readonly string[]): string[] {
  return lines.map((line) => {
    const [address = "", ...frames] = line.split(/(?<=^[0-9a-f]+) | < /);
    const place = / (\S*:\d*:\d*)(?: inlined)?$/.exec(frames[0] ?? "")?.[1] ?? "";
    return `${address} ${place} in ${(frames.at(-1) ?? "").replace(/ \S*:\d*:\d*$/, "")}`;
  });
}

/** No linker moves code of this one, so that clang splits its debug information whole. */
const clang386: Toolchain = {
  name: "i386 clang",
  commands: ["clang", "clang++", "ld.lld"],
  addr2line: "",
  compile: (language) => [
    ...(language === "c"
      ? ["clang"]
      : ["clang++", "-std=c++17", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"]),
    ...["--target=i386", "-ffreestanding", "-nostdlib", "-ffunction-sections", "-fno-builtin"],
  ],
  link: ["ld.lld", "--gc-sections", "-Ttext=0x42000020", "-e", "_start"],
};

function split(toolchain: Toolchain, dwarf: 4 | 5): { readonly reference: Build; readonly build: Build } {
  const reference = { toolchain, dwarf, language: "cpp", optimization: "-O2" } as const;
  return { reference, build: { ...reference, extra: "-gsplit-dwarf" } };
}

const gccs = ["riscv gcc", "xtensa gcc"].flatMap(
  (name) => builds.find(({ toolchain }) => toolchain.name === name)?.toolchain ?? [],
);
const kinds = [clang386, ...gccs].flatMap((toolchain, i) =>
  atLength<readonly (4 | 5)[]>({ short: [i % 2 === 0 ? 5 : 4], long: [4, 5] }).map((dwarf) => split(toolchain, dwarf)),
);

test.for(kinds.map((kind) => [nameOfBuild(kind.reference), kind] as const))(
  "split debug information is followed: %s",
  ([, kind], context) => {
    const { reference: plain, build } = kind;
    needsCommands(context, ...build.toolchain.commands);
    const reference = open(buildFixture(plain, folder, 2));
    const path = buildFixture(build, folder, 2);
    const followed = open(path);
    const all = everything(reference);
    if (build.toolchain === clang386) expect(everything(followed)).toEqual(all);
    else expect(outermost(everything(followed))).toEqual(outermost(all));
    covered(`${all.length} addresses`);
    expect(followed.problems).toEqual([]);
    for (const at of ["pool_1", "fixture_sink"].flatMap((variable) => reference.find(variable))) {
      expect(followed.variableAt(at.address)?.name).toBe(reference.variableAt(at.address)?.name);
    }
    expect(followed.layout("block")?.size).toBe(reference.layout("block")?.size);
    expect(followed.roots).toEqual({ ...reference.roots, project: followed.roots.project });

    // Without the files: what is left, and what is missing.
    const alone = openSymbols(readFileSync(path));
    const known = alone.symbolize(alone.find("app_main")[0]?.address ?? alone.elf.entry);
    expect(known[0]?.function).toBeDefined();
    expect(alone.problems).toMatchObject([{ code: "dwarf-split" }]);

    // Files of another build have another id.
    const swapped = openSymbols(readFileSync(path), {
      findCompanion: (file) =>
        file.kind === "split-unit"
          ? readFileSync(join(file.folder, file.name === "main.dwo" ? "unit1.dwo" : "main.dwo"))
          : undefined,
    });
    expect(everything(swapped)).toEqual(everything(alone));
    expect(swapped.problems).toMatchObject([{ code: "dwarf-split-other" }]);
  },
);

test("a package of split debug information is found beside the ELF", (context) => {
  const { reference: plain, build } = split(clang386, 4);
  needsCommands(context, ...build.toolchain.commands, "llvm-dwp");
  const reference = open(buildFixture(plain, folder, 2));
  const path = buildFixture(build, folder, 2);
  execFileSync("llvm-dwp", ["-e", path, "-o", `${path}.dwp`], { timeout: 20_000 });
  const objects = path.replace(/\.elf$/, "");
  for (const name of readdirSync(objects))
    if (name.endsWith(".dwo")) renameSync(join(objects, name), join(objects, `${name}.away`));
  expect(everything(open(path))).toEqual(everything(reference));
});

test("an unstripped copy that .gnu_debuglink names is read, one of another build is not", async (context) => {
  const build = builds.find(({ toolchain }) => toolchain.name === "riscv gcc");
  if (build === undefined) throw new Error("no build of RISC-V");
  needsCommands(context, ...build.toolchain.commands, "riscv64-unknown-elf-objcopy");
  const whole = buildFixture(build, folder, 2);
  const stripped = join(folder, "stripped.elf");
  const debug = join(folder, "stripped.debug");
  const objcopy = (...args: readonly string[]): Buffer =>
    execFileSync("riscv64-unknown-elf-objcopy", args, { cwd: folder });
  objcopy("--only-keep-debug", whole, debug);
  objcopy("-S", `--add-gnu-debuglink=${debug}`, whole, stripped);
  const reference = open(whole);
  const linked = open(stripped);
  expect(everything(linked)).toEqual(everything(reference));
  expect(linked.knows).toBe("lines");
  const { address } = reference.find("fixture_sink")[0] ?? { address: 0 };
  expect(linked.variableAt(address)?.name).toBe("fixture_sink");
  const [start = 0] = reference.elf.executable;
  expect(linked.read(start, 64)).toEqual(reference.read(start, 64));
  expect(linked.sha256).not.toBe(reference.sha256);

  copyFileSync(whole, debug);
  const wrong = await runCli(["symbolize", stripped, `0x${start.toString(16)}`], folder);
  expect(wrong).toMatchObject({ exitCode: 3, out: "" });
  expect(wrong.err).toContain(
    "stripped.debug is not the debug information of this ELF (its checksum differs): it is not used",
  );
  writeFileSync(debug, "no ELF");
  renameSync(debug, join(folder, "elsewhere"));
  const missing = await runCli(["symbolize", stripped, `0x${start.toString(16)}`], folder);
  expect(missing.err).toContain(
    "the debug information is in stripped.debug (.gnu_debuglink), which is not beside the ELF",
  );
});
