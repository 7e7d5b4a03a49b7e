// Recordings with bare return addresses and the ELF that names them: the right one, and one of another build.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { createRecordingFile } from "../../src/capture/recording-file.ts";
import { openSymbols } from "../../src/symbols/index.ts";
import { Method } from "../../src/wire/protocol.ts";
import { fixture } from "../symbols/fixtures.ts";
import { Teller } from "../../src/wire/teller.ts";
import { runCli, scratchFolder } from "./run-cli.ts";

const folder = scratchFolder();
const elf = fixture("riscv");
const views = ["report", "leaks", "top", "list", "query live>1s"];

/** One allocation each second from main(), never freed, by the firmware whose ELF has this SHA-256. */
function record(name: string, elfSha256: string): void {
  const recording = createRecordingFile(join(folder, name));
  const teller = new Teller(recording.writer);
  const known = {
    bootId: 1,
    protocolVersion: 1,
    configuration: 0,
    tableCapacity: 64,
    sampleInterval: 1,
    stackDepth: 1,
  };
  const caller = (openSymbols(elf).find("app_main")[0]?.address ?? 0) + 4;
  teller.record({ kind: "boot", value: { ...known, elfSha256 } });
  teller.record({ kind: "site", value: { id: 1, method: Method.MALLOC, caps: 4, callers: [caller] } });
  for (let second = 1; second <= 60; second++) teller.alloc(second * 1e6, 0x3fc80000 + second * 64, 32, 1, 3, 0);
  teller.flush();
  recording.close();
}

beforeAll(() => {
  writeFileSync(join(folder, "app.elf"), elf);
  record("right.memmap", openSymbols(elf).sha256);
  record("wrong.memmap", "ab".repeat(32));
});

async function ask(view: string, file: string): Promise<{ out: string; err: string }> {
  const [command = "", ...rest] = view.split(" ");
  const { exitCode, out, err } = await runCli([command, file, ...rest, "--elf", "app.elf"], folder);
  expect(exitCode).toBe(0);
  return { out, err };
}

test.each(views)("%s names addresses from the ELF that was running", async (view) => {
  const { out, err } = await ask(view, "right.memmap");
  expect(err).toBe("");
  expect(out).toContain("app_main");
});

test.each(views)("%s says that the ELF is of another build", async (view) => {
  const { out, err } = await ask(view, "wrong.memmap");
  expect(err).toContain("WRONG ELF");
  expect(err).toContain("abababab");
  expect(out).toContain("app_main");
});

test.each(views)("%s --json says so too, for whoever reads no standard error", async (view) => {
  const wrongElf = async (file: string): Promise<unknown> =>
    (JSON.parse((await ask(`${view} --json`, file)).out) as { wrongElf?: string }).wrongElf;
  expect(await wrongElf("right.memmap")).toBeUndefined();
  expect(await wrongElf("wrong.memmap")).toContain("its SHA-256 begins with");
});
