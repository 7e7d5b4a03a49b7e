// One source and one compiler, with the options that all C of the project is compiled with: for tests of what the compiler says, and of what is in
// the object. Programs are built by buildProbeTest().
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll } from "vitest";
import { projectRoot, STRICT_FLAGS } from "../../tools/build-c.ts";
import { PROBE_INCLUDES } from "./sources.ts";

export const CROSS_COMPILERS = ["riscv64-unknown-elf-gcc", "xtensa-lx106-elf-gcc"] as const;

const idfFolders = ["test/firmware/idf", "test/firmware/idf/private"];

/** ESP-IDF's port and the transports. */
export const espIdfPort = ["firmware/memmap/port", "firmware/memmap/transports"].flatMap((folder) =>
  readdirSync(join(projectRoot, folder))
    .filter((name) => /espidf.*\.c$/.test(name) || (folder.endsWith("transports") && name.endsWith(".c")))
    .map((name) => `${folder}/${name}`),
);

export const include = (folders: readonly string[]): string[] => folders.map((path) => `-I${path}`);

/** As within ESP-IDF: the probe, own declarations of what it uses of ESP-IDF, and a small C library. */
export const espIdfIncludes = include([...idfFolders, "simulator/libc/include", ...PROBE_INCLUDES]);

/** Compiles one source without linking; gives the path of the object, which is gone when the test file has ended. */
export type Compile = (compiler: string, source: string, flags: readonly string[]) => string;

/** Called once in a test file. */
export function objectFolder(): Compile {
  const folder = mkdtempSync(join(tmpdir(), "memmap-objects-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  return (compiler, source, flags) => {
    const object = join(folder, `${basename(source)}.o`);
    const args = [...STRICT_FLAGS, ...flags, "-c", source, "-o", object];
    execFileSync(compiler, args, { cwd: projectRoot, stdio: "pipe" });
    return object;
  };
}
