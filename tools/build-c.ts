// Compiles C for the four places where the probe runs: the host (with sanitizers), RV32 for QEMU, Xtensa, WebAssembly. Used by the
// tests and by the build of the simulator. Paths are relative to the project's root; results go to .tmp/c.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { OutputStream, Tree } from "@yowasp/clang";
import { MemmapError } from "../src/base/errors.ts";

const run = promisify(execFile);

/** The folder with package.json; this file may run from tools/ or from dist/tools/. */
export const projectRoot = findRoot();

/** Every C file of the project compiles with these, on every compiler. */
export const STRICT_FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-Wconversion"];

export interface CProgram {
  /** Names the result; programs that are built at the same time need different names. */
  readonly name: string;
  /** C or assembler files, relative to the project's root. */
  readonly sources: readonly string[];
  readonly includeFolders?: readonly string[];
  readonly defines?: Readonly<Record<string, string | number>>;
  /** Further options of compiler and linker, such as "-Wl,--wrap=heap_caps_free". */
  readonly flags?: readonly string[];
}

export type Sanitizer = "address" | "thread" | "none";

/**
 * Builds a program for this machine; resolves to its path. "address" is ASan and UBSan together; both stop at the first error.
 * @throws MemmapError "c-build-failed" with the compiler's output
 */
export async function buildForHost(program: CProgram, sanitizer: Sanitizer = "address"): Promise<string> {
  const sanitize = {
    address: ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    thread: ["-fsanitize=thread"],
    none: [],
  }[sanitizer];
  return compile(
    "gcc",
    `host-${sanitizer}`,
    program,
    ["-O1", "-g", "-fno-omit-frame-pointer", ...sanitize],
    ["-lpthread"],
  );
}

/** RV32IMC as on an ESP32-C3, without any C library: bring memcpy and a linker script along (simulator/bare does). */
export async function buildForRv32(program: CProgram, optimization: "-Os" | "-O2" = "-Os"): Promise<string> {
  const flags = ["-march=rv32imc", "-mabi=ilp32", optimization, "-g", ...FREESTANDING, "-nostartfiles", "-static"];
  return compile("riscv64-unknown-elf-gcc", "rv32", program, flags, ["-lgcc"]);
}

/** Compiles for Xtensa (lx106, call0) without linking; resolves to code, data and bss of each source in bytes. */
export async function compileForXtensa(program: CProgram): Promise<ObjectSize[]> {
  const flags = ["-Os", "-g", "-mlongcalls", "-mtext-section-literals", ...FREESTANDING, "-c"];
  return Promise.all(
    program.sources.map(async (source) => {
      const name = source.replaceAll(/[/.]/g, "-");
      const object = await compile(
        "xtensa-lx106-elf-gcc",
        `xtensa-${program.name}`,
        { ...program, name, sources: [source] },
        flags,
        [],
      );
      return { source, ...(await sizeOf("xtensa-lx106-elf-size", object)) };
    }),
  );
}

const FREESTANDING = ["-ffreestanding", "-nostdlib", "-ffunction-sections", "-fdata-sections"];

export interface ObjectSize {
  readonly source: string;
  readonly text: number;
  readonly data: number;
  readonly bss: number;
}

/** What GNU size says of an object or a program, in bytes. */
export async function sizeOf(sizeCommand: string, path: string): Promise<Omit<ObjectSize, "source">> {
  const { stdout } = await run(sizeCommand, [path]);
  const [text = 0, data = 0, bss = 0] = (stdout.split("\n")[1] ?? "").trim().split(/\s+/).map(Number);
  return { text, data, bss };
}

async function compile(
  compiler: string,
  folder: string,
  program: CProgram,
  flags: readonly string[],
  libraries: readonly string[],
): Promise<string> {
  const output = join(projectRoot, ".tmp", "c", folder, program.name);
  const fresh = `${output}.${process.pid}.new`; // moved into place when whole: another test may be running the old one
  mkdirSync(dirname(output), { recursive: true });
  const args = [...STRICT_FLAGS, ...flags, ...optionsOf(program), ...program.sources, "-o", fresh, ...libraries];
  try {
    await run(compiler, args, { cwd: projectRoot });
  } catch (error) {
    rmSync(fresh, { force: true });
    throw buildError(compiler, error instanceof Error && "stderr" in error ? String(error.stderr) : String(error));
  }
  renameSync(fresh, output);
  return output;
}

function optionsOf(program: CProgram): string[] {
  return [
    ...(program.includeFolders ?? []).map((folder) => `-I${folder}`),
    ...Object.entries(program.defines ?? {}).map(([name, value]) => `-D${name}=${value}`),
    ...(program.flags ?? []),
  ];
}

function buildError(compiler: string, output: string): MemmapError {
  return new MemmapError(`${compiler}: ${output.trim()}`, {
    code: "c-build-failed",
    hint: "Read the compiler's message above.",
  });
}

/**
 * Compiles and links a WebAssembly module with the clang that npm brings. Needs no installed compiler; takes about 3 s the first
 * time in a process.
 * @throws MemmapError "c-build-failed" with the compiler's output
 */
export async function buildForWasm(program: CProgram): Promise<Uint8Array> {
  const { runLLVM } = await import("@yowasp/clang");
  const flags = [
    "--target=wasm32-unknown-unknown",
    "-O2",
    "-mbulk-memory",
    "-ffreestanding",
    "-nostdlib",
    "-Wl,--no-entry",
  ];
  const args = ["clang", ...STRICT_FLAGS, ...flags, ...optionsOf(program), ...program.sources, "-o", "out.wasm"];
  const messages: Uint8Array[] = [];
  const options = {
    stdout: collectInto(messages),
    stderr: collectInto(messages),
  };
  try {
    const tree = await runLLVM(args, sourceTree(program), options);
    const module = tree?.["out.wasm"];
    if (module instanceof Uint8Array) return module;
  } catch (error) {
    if (messages.length === 0) throw error;
  }
  throw buildError("clang (wasm)", Buffer.concat(messages).toString());
}

function collectInto(messages: Uint8Array[]): OutputStream {
  return (bytes) => {
    if (bytes) messages.push(bytes.slice());
  };
}

/** The compiler sees its own file system: all sources and headers of the folders that the program names. */
function sourceTree(program: CProgram): Tree {
  const tree: Tree = {};
  const folders = new Set([...program.sources.map((source) => dirname(source)), ...(program.includeFolders ?? [])]);
  for (const folder of folders) {
    for (const entry of readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(c|h)$/.test(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      insert(tree, relative(projectRoot, path).split(sep), readFileSync(path));
    }
  }
  return tree;
}

function insert(tree: Tree, path: readonly string[], content: Uint8Array): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) {
    tree[name] = content;
    return;
  }
  const existing = tree[name];
  const folder: Tree = typeof existing === "object" && !(existing instanceof Uint8Array) ? existing : {};
  tree[name] = folder;
  insert(folder, rest, content);
}

function findRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return here.endsWith(join("dist", "tools")) ? join(here, "..", "..") : join(here, "..");
}
