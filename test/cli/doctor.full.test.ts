// `memmap doctor` and `memmap init` as a user calls them: projects, recordings, the simulated board and QEMU's, whose probe is asked for its self-test.
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildForRv32 } from "../../tools/build-c.ts";
import { qemuProgram, QEMU_COMMANDS, startQemu } from "../qemu.ts";
import { ScriptedBoard } from "../scripted-board.ts";
import { needsCommands } from "../toolchain.ts";
import { runCli, scratchFolder } from "./run-cli.ts";

const folder = scratchFolder();
const doctor = (...args: string[]): ReturnType<typeof runCli> => runCli(["doctor", ...args], folder);
/** Lines as one text, however they were wrapped. */
const words = (out: string): string => out.replace(/\s+/g, " ");

test("the simulated board: everything is seen, the share of the heap is told", async () => {
  const { out, exitCode } = await doctor("sim:demo");
  expect(words(out)).toContain(
    "ok a probe streams here and answers ok malloc is seen ok new: the program does not use it ok heap_caps_calloc is seen",
  );
  expect(words(out)).toMatch(/of [\d.]+ KiB that the heap has given out, the probe knows/);
  expect(exitCode).toBe(0);
});

test("QEMU: the same over its UART, and its ELF has all wraps", async (context) => {
  needsCommands(context, ...QEMU_COMMANDS);
  const elf = await buildForRv32(qemuProgram());
  const qemu = await startQemu(elf);
  try {
    const { out } = await doctor("--wait", "60", `tcp://127.0.0.1:${qemu.port}`, elf);
    expect(words(out)).toContain("ok malloc is seen");
    expect(words(out)).toContain("ok heap_caps_calloc is seen");
    expect(words(out)).toContain("ok the ways into the heap are wrapped");
    expect(words(out)).toContain("ok the probe speaks version 1 of the protocol");
  } finally {
    await qemu.stop();
  }
});

test("a line on which no probe speaks, and one that is silent", async () => {
  const noise = createServer((socket) => socket.end("I (31) boot: hello\n"));
  await new Promise<void>((resolve) => noise.listen(0, "127.0.0.1", resolve));
  const address = noise.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { out, exitCode } = await doctor("--wait", "3", `tcp://127.0.0.1:${port}`);
  noise.close();
  expect(words(out)).toContain("nothing of a probe among them");
  expect(exitCode).toBe(1);
});

test("a project is examined, set up, and examined again", async () => {
  const project = join(folder, "weather");
  mkdirSync(join(project, "main"), { recursive: true });
  writeFileSync(
    join(project, "CMakeLists.txt"),
    "include($ENV{IDF_PATH}/tools/cmake/project.cmake)\nproject(weather)\n",
  );
  writeFileSync(join(project, "main", "main.c"), "void app_main(void)\n{\n}\n");
  const before = await doctor("weather");
  expect(words(before.out)).toContain(
    "without all that memmap needs: components/memmap, sdkconfig.defaults, main/main.c",
  );
  expect(before.exitCode).toBe(1);
  const asked = await runCli(["init", "weather"], folder);
  expect(asked.out).toContain("Nothing was changed.");
  const done = await runCli(["init", "weather", "--yes"], folder);
  expect(done.out).toContain("Next:\n  idf.py build flash\n  memmap record PORT -o run.memmap\n");
  const after = await doctor("weather");
  expect(words(after.out)).toContain("ok weather is an ESP-IDF project with memmap in it");
  expect(after.exitCode).toBe(0);
  writeFileSync(join(project, "sdkconfig"), "CONFIG_MEMMAP_ENABLE=y\nCONFIG_HEAP_TRACING_STANDALONE=y\n");
  expect(words((await doctor("weather")).out)).toContain("!! ESP-IDF's heap tracing is on");
  expect((await runCli(["init", "weather", "--undo"], folder)).out).toContain("main/main.c: as it was");
  expect((await runCli(["init", "weather", "--undo"], folder)).exitCode).toBe(3);
});

test("an ELF without the probe, one of another firmware, and a recording with a gap", async (context) => {
  const board = new ScriptedBoard().boot().allocate(4).heartbeat().lose(2, 6).allocate(1);
  await runCli(["record", "-", "-o", "gap.memmap"], folder, board.take());
  expect(words((await doctor("gap.memmap")).out)).toMatch(/note 1 gap/);
  expect((await doctor("none.memmap")).exitCode).toBe(3);
  writeFileSync(join(folder, "broken.elf"), "no ELF");
  expect(words((await doctor("broken.elf")).out)).toContain("!! ");
  needsCommands(context, ...QEMU_COMMANDS);
  const elf = await buildForRv32(qemuProgram());
  utimesSync(elf, new Date(), new Date());
  await runCli(["demo", "-o", "demo.memmap"], folder);
  expect(words((await doctor("demo.memmap", elf)).out)).toContain("which ELF runs on the board is not known");
});
