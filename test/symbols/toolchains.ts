// Builds the fixtures with real compilers: one ELF for each compiler, optimization and DWARF version.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The sources, also of the compiled test. */
export const fixtures = fileURLToPath(new URL("./fixtures", import.meta.url)).replace(/dist([\\/]test[\\/])/, "$1");

export interface Toolchain {
  readonly name: string;
  /** The commands it needs. */
  readonly commands: readonly string[];
  /** The GNU addr2line that reads its output. */
  readonly addr2line: string;
  readonly compile: (language: "c" | "cpp") => readonly string[];
  readonly link: readonly string[];
}

const freestanding = ["-ffreestanding", "-nostdlib", "-ffunction-sections", "-fdata-sections", "-fno-builtin"];
const plainCpp = ["-std=c++17", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"];

export const toolchains: readonly Toolchain[] = [
  {
    name: "riscv gcc",
    commands: ["riscv64-unknown-elf-gcc", "riscv64-unknown-elf-g++", "riscv64-unknown-elf-addr2line"],
    addr2line: "riscv64-unknown-elf-addr2line",
    compile: (language) => [
      language === "c" ? "riscv64-unknown-elf-gcc" : "riscv64-unknown-elf-g++",
      "-march=rv32imc",
      "-mabi=ilp32",
      ...freestanding,
      ...(language === "c" ? [] : plainCpp),
    ],
    link: [
      "riscv64-unknown-elf-gcc",
      "-march=rv32imc",
      "-mabi=ilp32",
      "-nostdlib",
      "-Wl,--gc-sections,-Ttext=0x42000020",
    ],
  },
  {
    name: "xtensa gcc",
    commands: ["xtensa-lx106-elf-gcc", "xtensa-lx106-elf-g++", "xtensa-lx106-elf-addr2line"],
    addr2line: "xtensa-lx106-elf-addr2line",
    compile: (language) => [
      language === "c" ? "xtensa-lx106-elf-gcc" : "xtensa-lx106-elf-g++",
      "-mlongcalls",
      ...freestanding,
      ...(language === "c" ? [] : plainCpp),
    ],
    link: ["xtensa-lx106-elf-gcc", "-nostdlib", "-Wl,--gc-sections,-e,_start,-Ttext=0x400d0020"],
  },
  {
    name: "riscv clang",
    commands: ["clang", "clang++", "ld.lld", "riscv64-unknown-elf-addr2line"],
    addr2line: "riscv64-unknown-elf-addr2line",
    compile: (language) => [
      language === "c" ? "clang" : "clang++",
      "--target=riscv32",
      "-march=rv32imc",
      "-mabi=ilp32",
      ...freestanding,
      ...(language === "c" ? [] : plainCpp),
    ],
    link: ["ld.lld", "--gc-sections", "-Ttext=0x42000020", "-e", "_start"],
  },
];

export interface Build {
  readonly toolchain: Toolchain;
  readonly optimization: "-Og" | "-Os" | "-O2";
  readonly dwarf: 2 | 3 | 4 | 5;
  readonly language: "c" | "cpp";
  /** More options, for other encodings of the same. */
  readonly extra?: string;
  /** What debug information says in place of the folders of this machine. */
  readonly paths?: string;
}

const matrix: readonly Build[] = toolchains.flatMap((toolchain) =>
  (["-Og", "-Os", "-O2"] as const).flatMap((optimization) =>
    ([4, 5] as const).flatMap((dwarf) =>
      (["c", "cpp"] as const).map((language) => ({ toolchain, optimization, dwarf, language })),
    ),
  ),
);

/** Encodings that ESP-IDF does not use by itself: old versions, the 64-bit format, type units, compressed sections. */
const encodings: readonly Build[] = toolchains.flatMap((toolchain) => {
  const rest = { toolchain, optimization: "-O2", language: "cpp" } as const;
  const common: Build[] = [
    { ...rest, dwarf: 2 },
    { ...rest, dwarf: 3 },
    { ...rest, dwarf: 4, extra: "-fdebug-types-section" },
    { ...rest, dwarf: 5, extra: "-fdebug-types-section" },
    { ...rest, dwarf: 5, extra: "-gz=zlib" },
  ];
  return toolchain.name === "riscv gcc" ? [...common, { ...rest, dwarf: 5, extra: "-gdwarf64" }] : common;
});

export const builds: readonly Build[] = [...matrix, ...encodings];

/**
 * Each compiler with each optimization, DWARF version and language, but not with all pairs of them; each encoding as GCC and as clang write it. The two
 * GCCs write the same.
 */
export const fewBuilds: readonly Build[] = [
  ...matrix.filter((_, i) => i % 4 === (i >> 2) % 4),
  ...encodings.filter(({ toolchain }) => toolchain.name !== "xtensa gcc"),
];

export function nameOfBuild({ toolchain, optimization, dwarf, language, extra = "" }: Build): string {
  return `${toolchain.name} ${optimization} DWARF ${dwarf} ${language === "c" ? "C" : "C++"} ${extra}`.trim();
}

/** Compiles the fixture's units, 2 or 16, each a bit different, and links them in `folder`; gives the path of the ELF. */
export function buildFixture(build: Build, folder: string, units: 2 | 16): string {
  const { toolchain, optimization, dwarf, language, extra, paths } = build;
  const stem = nameOfBuild(build).replaceAll(/[^A-Za-z0-9]+/g, "-");
  const own = join(folder, stem);
  mkdirSync(own, { recursive: true });
  const mapped = paths === undefined ? [] : [own, fixtures].map((path) => `-ffile-prefix-map=${path}=${paths}`);
  const options = [optimization, `-gdwarf-${dwarf}`, ...(extra === undefined ? [] : [extra]), ...mapped, "-c"];
  const run = (command: readonly string[]): void => {
    const [program = "", ...args] = command;
    execFileSync(program, args, { stdio: ["ignore", "ignore", "pipe"], cwd: own });
  };
  const objects = [join(own, "main.o")];
  const few = units === 2 ? ["-DFEW"] : [];
  run([...toolchain.compile("c"), ...options, ...few, join(fixtures, "main.c"), "-o", "main.o"]);
  for (let unit = 1; unit <= units; unit++) {
    const object = join(own, `unit${unit}.o`);
    run([
      ...toolchain.compile(language),
      ...options,
      `-DUNIT=${unit}`,
      join(fixtures, `unit.${language}`),
      "-o",
      object,
    ]);
    objects.push(object);
  }
  const elf = join(folder, `${stem}.elf`);
  run([...toolchain.link, ...objects, "-o", elf]);
  return elf;
}
