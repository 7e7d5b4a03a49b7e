// Compiles C for the four places where the probe runs: the host (with sanitizers), RV32 for QEMU, Xtensa, WebAssembly. Used by the
// tests and by the build of the simulator. Paths are relative to the project's root; results go to .tmp/c.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
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
  /** C or assembler files, or objects made of some, relative to the project's root. */
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
  return build("gcc", `host-${sanitizer}`, program, hostFlags(sanitizer), ["-lpthread"]);
}

/** Compiles what buildForHost() links; resolves to code, data and bss of each source in bytes. */
export async function compileForHost(program: CProgram, sanitizer: Sanitizer): Promise<ObjectSize[]> {
  return sizesOf("size", await compile("gcc", program, hostFlags(sanitizer)));
}

/**
 * Compiled quickly where what is looked for does not depend on it: the sanitizers see every access. `npm run test:long` looks at what the optimizer makes
 * of it, too.
 */
function hostFlags(sanitizer: Sanitizer): readonly string[] {
  const quickly = process.env["MEMMAP_LONG"] === undefined ? "-O0" : "-O1";
  const flags = {
    address: [quickly, "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    thread: [quickly, "-fsanitize=thread"],
    none: ["-O1"],
  }[sanitizer];
  return [...flags, "-g", "-fno-omit-frame-pointer"];
}

/** RV32IMC as on an ESP32-C3, without any C library: bring memcpy and a linker script along (simulator/bare does). */
export async function buildForRv32(program: CProgram, optimization: "-Os" | "-O2" = "-Os"): Promise<string> {
  const flags = ["-march=rv32imc", "-mabi=ilp32", optimization, "-g", ...FREESTANDING, "-nostartfiles", "-static"];
  return build("riscv64-unknown-elf-gcc", "rv32", program, flags, ["-lgcc"]);
}

/** Compiles for Xtensa (lx106, call0) without linking; resolves to code, data and bss of each source in bytes. */
export async function compileForXtensa(program: CProgram): Promise<ObjectSize[]> {
  return compileObjects("xtensa-lx106-elf", program, ["-Os", "-g", "-mlongcalls", "-mtext-section-literals"]);
}

/** The same for RV32. */
export async function compileForRv32(program: CProgram): Promise<ObjectSize[]> {
  return compileObjects("riscv64-unknown-elf", program, ["-march=rv32imc", "-mabi=ilp32", "-Os", "-g"]);
}

async function compileObjects(tools: string, program: CProgram, flags: readonly string[]): Promise<ObjectSize[]> {
  return sizesOf(`${tools}-size`, await compile(`${tools}-gcc`, program, [...flags, ...FREESTANDING]));
}

async function sizesOf(sizeCommand: string, objects: ReadonlyMap<string, string>): Promise<ObjectSize[]> {
  return Promise.all(
    [...objects].map(async ([source, object]) => ({ source, object, ...(await sizeOf(sizeCommand, object)) })),
  );
}

const FREESTANDING = ["-ffreestanding", "-nostdlib", "-ffunction-sections", "-fdata-sections"];

export interface ObjectSize {
  readonly source: string;
  /** Path of the object file, relative to the project's root. */
  readonly object: string;
  readonly text: number;
  readonly data: number;
  readonly bss: number;
}

/** What GNU size says of an object or a program, in bytes. */
async function sizeOf(sizeCommand: string, path: string): Promise<Omit<ObjectSize, "source" | "object">> {
  const { stdout } = await run(sizeCommand, [path], { cwd: projectRoot });
  const [text = 0, data = 0, bss = 0] = (stdout.split("\n")[1] ?? "").trim().split(/\s+/).map(Number);
  return { text, data, bss };
}

/** Links a program from its sources' objects; resolves to its path. */
async function build(
  compiler: string,
  folder: string,
  program: CProgram,
  flags: readonly string[],
  libraries: readonly string[],
): Promise<string> {
  const objects = await compile(compiler, program, flags);
  const output = join(projectRoot, ".tmp", "c", folder, program.name);
  await make(compiler, [...flags, ...(program.flags ?? []), ...objects.values(), ...libraries], output);
  return output;
}

/**
 * The object of each source: what is an object already, else what was compiled from the same text, headers and options, now or earlier. Most sources do
 * not look at what one program defines and another does not: what is the same behind the preprocessor is compiled once.
 */
async function compile(
  compiler: string,
  program: CProgram,
  flags: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const options = [...STRICT_FLAGS, ...flags, ...optionsOf(program)].filter((option) => !option.startsWith("-Wl,"));
  const { stdout: version } = await run(compiler, ["-dumpfullversion"]);
  const dependencies = [compiler, version, hashOfHeaders(program), ...options];
  const objects = new Map<string, string>();
  for (const source of program.sources) {
    const isMade = source.endsWith(".o");
    const object = isMade ? source : cachePath(compiler, source, dependencies);
    const output = join(projectRoot, object);
    if (!isMade && !existsSync(output)) {
      const same = join(
        projectRoot,
        cachePath(compiler, source, [version, ...(await seenBy(compiler, source, options))]),
      );
      if (!existsSync(same)) await make(compiler, [...options, "-c", source], same);
      keep(output, readFileSync(same));
    }
    objects.set(source, object);
  }
  return objects;
}

/** What decides over an object: the text that the compiler sees, and how it compiles it. */
async function seenBy(compiler: string, source: string, options: readonly string[]): Promise<readonly string[]> {
  const { stdout: text } = await run(compiler, [...options, "-E", source], { cwd: projectRoot, maxBuffer: 1 << 26 });
  return [text, ...options.filter((option) => !/^-[DI]/.test(option))];
}

/** Runs a compiler, and moves the result into place when it is whole: another test may be running the old one. */
async function make(compiler: string, args: readonly string[], output: string): Promise<void> {
  const fresh = `${output}.${process.pid}.new`;
  mkdirSync(dirname(output), { recursive: true });
  try {
    await run(compiler, [...args, "-o", fresh], { cwd: projectRoot });
  } catch (error) {
    rmSync(fresh, { force: true });
    throw buildError(compiler, error instanceof Error && "stderr" in error ? String(error.stderr) : String(error));
  }
  renameSync(fresh, output);
}

const OBJECTS = join(".tmp", "c", "objects");
/** As many as some runs of all tests make, each of other sources. */
const MOST_OBJECTS = 6000;
const DAY = 24 * 3600 * 1000;

/** Forgets what was compiled before today, where there is too much of it. */
export function forgetOldObjects(): void {
  const folder = join(projectRoot, OBJECTS);
  if (!existsSync(folder)) return;
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".o"));
  if (paths.length <= MOST_OBJECTS) return;
  for (const path of paths.map((name) => join(folder, name))) {
    if (Date.now() - statSync(path).mtimeMs > DAY) rmSync(dirname(path), { recursive: true, force: true });
  }
}

/** Where what is made of a source is kept, relative to the project's root; another place for each text and for all that it depends on. */
function cachePath(compiler: string, source: string, dependencies: readonly string[]): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([source, ...dependencies]))
    .update(readFileSync(join(projectRoot, source)));
  return join(OBJECTS, compiler, hash.digest("hex"), `${basename(source)}.o`);
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
    const path = join(projectRoot, cachePath("wasm", source, [headers, ...args]));
    if (!existsSync(path)) keep(path, await runClang(args, tree, object));
    tree[object] = readFileSync(path);
    objects.push(object);
  }
  return runClang(
    ["wasm-ld", "--no-entry", "--gc-sections", ...linkerOptions, ...objects, "-o", "out.wasm"],
    tree,
    "out.wasm",
  );
}

/** Writes a file that another process may be writing too. */
function keep(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}.new`, bytes);
  renameSync(`${path}.${process.pid}.new`, path);
}

const WASM_FLAGS = ["--target=wasm32-unknown-unknown", "-O2", "-mbulk-memory", "-ffreestanding"];

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
  const sources = program.sources.filter((source) => !source.endsWith(".o"));
  const folders = new Set([...sources.map((source) => dirname(source)), ...(program.includeFolders ?? [])]);
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
