// Crashes of a log with the firmware's ELF: registers and stack are unwound, backtraces name their calls, and what the log has named keeps its names.

import { describe, expect, test } from "vitest";
import { RunRecorder } from "../src/heap/run-recorder.ts";
import { openModel } from "../src/heap/model.ts";
import { importFile } from "../src/import/recognize.ts";
import { resolverOf } from "../src/report/elf-resolver.ts";
import type { FindingView } from "../src/report/finding-view.ts";
import { makeVerdict } from "../src/report/verdict.ts";
import { openSymbols } from "../src/symbols/index.ts";
import { fixture, type FixtureName } from "./symbols/fixtures.ts";

function elf(name: FixtureName) {
  const symbols = openSymbols(fixture(name));
  const at = (symbol: string, offset: number): string =>
    `0x${((symbols.find(symbol)[0]?.address ?? 0) + offset).toString(16).padStart(8, "0")}`;
  return { resolver: resolverOf(symbols), at };
}

async function findingsOf(
  log: string,
  { resolver }: Pick<ReturnType<typeof elf>, "resolver">,
): Promise<readonly FindingView[]> {
  const recorder = new RunRecorder();
  await importFile([{ name: "console.log", bytes: new TextEncoder().encode(log) }], recorder);
  recorder.flush();
  const model = await openModel(recorder.run, { resolver });
  return (await makeVerdict(model, { resolver })).findings;
}

describe("RISC-V", () => {
  const { resolver, at } = elf("riscv");
  const panic = (pc: string, ra: string, word: string): string =>
    [
      "Guru Meditation Error: Core  0 panic'ed (Load access fault). Exception was unhandled.",
      "",
      "Core  0 register dump:",
      `MEPC    : ${pc}  RA      : ${ra}  SP      : 0x3fc8ea70  GP      : 0x3fc8a000`,
      "MCAUSE  : 0x00000005  MTVAL   : 0x00000010",
      "",
      "Stack memory:",
      ...Array.from({ length: 4 }, (_, row) => `${(0x3fc8ea70 + 32 * row).toString(16)}: ${Array.from({ length: 8 }, () => word).join(" ")}`),
      "",
      "ELF file SHA256: 0123456789abcdef",
    ].join("\n"); // prettier-ignore

  test("registers and stack are unwound: the caller stands on the stack, not in RA", async () => {
    // Behind its prologue, poll_sensor's own return address is on the stack; RA is what its last call left.
    const [finding] = await findingsOf(panic(at("poll_sensor", 0x10), at("malloc", 6), at("app_main", 0x18)), {
      resolver,
    });
    expect(finding?.rule).toBe("crash");
    expect(finding?.stations[0]?.site.text).toMatch(/poll_sensor/);
    expect(finding?.evidence.join("\n")).toMatch(
      /unwound from the registers and the stack: .*poll_sensor ← .*app_main/,
    );
    expect(finding?.evidence.join("\n")).not.toMatch(/← .*malloc/);
  });

  test("the place where it stopped is named itself, not the one before it", async () => {
    const [finding] = await findingsOf(panic(at("sensor_sum", 0), at("app_main", 0x18), "0x00000000"), { resolver });
    expect(finding?.stations[0]?.site.text).toMatch(/:22 sensor_sum/);
  });

  test("a backtrace: its first counter is a place, the others are return addresses", async () => {
    const log = `abort() was called at PC ${at("sensor_sum", 0)} on core 0\nMEPC    : ${at("sensor_sum", 0)}  RA      : 0x00000000\nBacktrace: ${at("sensor_sum", 0)}:0x3fc8ea70 ${at("app_main", 0x18)}:0x3fc8ea80`;
    const [finding] = await findingsOf(log, { resolver });
    expect(finding?.stations[0]?.frames.map(({ function: name, line }) => `${name}:${line ?? 0}`)).toEqual([
      "sensor_sum:22",
      "app_main:72",
    ]);
  });
});

describe("Xtensa", () => {
  const { resolver, at } = elf("xtensa");

  test("a backtrace names its calls as they are printed, over more than one line", async () => {
    const log = `Guru Meditation Error: Core  1 panic'ed (LoadProhibited). Exception was unhandled.\nPC      : ${at("reading_create", 0x0b)}  PS      : 0x00060b30\nEXCVADDR: 0x00000004\n\nBacktrace: ${at("reading_create", 0x0b)}:0x3ffb5740\n${at("poll_sensor", 6)}:0x3ffb5760\n\nELF file SHA256: 00`;
    const [finding] = await findingsOf(log, { resolver });
    expect(finding?.stations[0]?.site.text).toMatch(/:50 reading_create/);
    expect(finding?.stations[0]?.frames.map(({ function: name, line }) => `${name}:${line ?? 0}`)).toEqual([
      "reading_create:50",
      "poll_sensor:66",
    ]);
  });

  test("names that the log has already are kept, and the panic handler's frames are not the place", async () => {
    const log = `abort() was called at PC ${at("poll_sensor", 9)} on core 0\n\nBacktrace: 0x40081a2e:0x3ffb5720 ${at("reading_create", 0x0b)}:0x3ffb5740 ${at("poll_sensor", 6)}:0x3ffb5760\n0x40081a2e: panic_abort at /idf/panic.c:4\n${at("reading_create", 0x0b)}: my_reader at /other/reader.c:7\n${at("poll_sensor", 6)}: my_loop at /other/loop.c:8\n`;
    const [finding] = await findingsOf(log, { resolver });
    expect(finding?.stations[0]?.site.text).toMatch(/reader\.c:7 my_reader/);
  });
});
