// Compiles C for the four places where the probe runs: the host (with sanitizers), RV32 for QEMU, Xtensa, WebAssembly. Used by the
// tests and by the build of the simulator. Paths are relative to the project's root; results go to .tmp/c.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { OutputStream, Tree } from "@yowasp/clang";
import { MemmapError } from "../src/base/errors.ts";

const run = promisify(execFile);

/** The folder with package.json; this file may run from tools/ or from dist/tools/. */
export const projectRoot = findRoot();

/** Every C file of the project compiles with these, on every compiler. */
export const STRICT_FLAGS = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-Wconversion"];

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
  return compileObjects("xtensa-lx106-elf", program, ["-Os", "-g", "-mlongcalls", "-mtext-section-literals"]);
}

/** The same for RV32. */
export async function compileForRv32(program: CProgram): Promise<ObjectSize[]> {
  return compileObjects("riscv64-unknown-elf", program, ["-march=rv32imc", "-mabi=ilp32", "-Os", "-g"]);
}

function compileObjects(tools: string, program: CProgram, flags: readonly string[]): Promise<ObjectSize[]> {
  const folder = `${tools}-${program.name}`;
  return Promise.all(
    program.sources.map(async (source) => {
      const single = { ...program, name: source.replaceAll(/[/.]/g, "-"), sources: [source] };
      const object = await compile(`${tools}-gcc`, folder, single, [...flags, ...FREESTANDING, "-c"], []);
      return { source, object, ...(await sizeOf(`${tools}-size`, object)) };
    }),
  );
}

const FREESTANDING = ["-ffreestanding", "-nostdlib", "-ffunction-sections", "-fdata-sections"];

export interface ObjectSize {
  readonly source: string;
  /** Path of the object file. */
  readonly object: string;
  readonly text: number;
  readonly data: number;
  readonly bss: number;
}

/** What GNU size says of an object or a program, in bytes. */
export async function sizeOf(sizeCommand: string, path: string): Promise<Omit<ObjectSize, "source" | "object">> {
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
 * time in a process. Options that begin with "-Wl," go to the linker.
 * @throws MemmapError "c-build-failed" with the compiler's output
 */
export async function buildForWasm(program: CProgram): Promise<Uint8Array> {
  const tree = sourceTree(program);
  const options = optionsOf(program);
  const compilerOptions = options.filter((option) => !option.startsWith("-Wl,"));
  const linkerOptions = options.flatMap((option) => (option.startsWith("-Wl,") ? option.slice(4).split(",") : []));
  const headers = hashOfHeaders(program);
  const objects: string[] = [];
  for (const source of program.sources) {
    // One at a time: this clang cannot start another process, not even of itself.
    const object = `${source.replaceAll("/", "-")}.o`;
    const args = ["clang", ...STRICT_FLAGS, ...WASM_FLAGS, ...compilerOptions, "-c", source, "-o", object];
    tree[object] = await cached(source, [headers, ...args], () => runClang(args, tree, object));
    objects.push(object);
  }
  return runClang(
    ["wasm-ld", "--no-entry", "--gc-sections", ...linkerOptions, ...objects, "-o", "out.wasm"],
    tree,
    "out.wasm",
  );
}

const WASM_FLAGS = ["--target=wasm32-unknown-unknown", "-O2", "-mbulk-memory", "-ffreestanding"];

/** What `make` resolved to the last time that the source and what it depends on were the same. */
async function cached(
  source: string,
  dependencies: readonly string[],
  make: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const hash = createHash("sha256")
    .update(JSON.stringify(dependencies))
    .update(readFileSync(join(projectRoot, source)));
  const path = join(projectRoot, ".tmp", "c", "wasm", `${hash.digest("hex")}.o`);
  if (existsSync(path)) return readFileSync(path);
  const made = await make();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}.new`, made);
  renameSync(`${path}.${process.pid}.new`, path);
  return made;
}

function hashOfHeaders(program: CProgram): string {
  const hash = createHash("sha256");
  for (const path of filesOf(program)) if (path.endsWith(".h")) hash.update(path).update(readFileSync(path));
  return hash.digest("hex");
}

async function runClang(args: string[], tree: Tree, result: string): Promise<Uint8Array> {
  const { runLLVM } = await import("@yowasp/clang");
  const messages: Uint8Array[] = [];
  const collect: OutputStream = (bytes) => {
    if (bytes) messages.push(bytes.slice());
  };
  try {
    const after = await runLLVM(args, tree, { stdout: collect, stderr: collect, fetchProgress: () => undefined });
    const made = after?.[result];
    if (made instanceof Uint8Array) return made;
  } catch (error) {
    if (messages.length === 0) throw error;
  }
  throw buildError(`${args[0]} for WebAssembly`, Buffer.concat(messages).toString());
}

/** Absolute paths of all C files and headers in the folders that the program names. */
export function filesOf(program: CProgram): string[] {
  const folders = new Set([...program.sources.map((source) => dirname(source)), ...(program.includeFolders ?? [])]);
  const paths = [...folders].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.[ch]$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  return [...new Set(paths)].sort();
}

/**
 * The compiler sees its own file system, which knows no "..": headers that only forward to another folder (for Arduino) are left out, and the
 * include path finds the real ones.
 */
function sourceTree(program: CProgram): Tree {
  const tree: Tree = {};
  for (const path of filesOf(program)) {
    const content = readFileSync(path);
    if (path.endsWith(".h") && content.includes('#include "../')) continue;
    insert(tree, relative(projectRoot, path).split(sep), content);
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
