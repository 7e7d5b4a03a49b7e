// `memmap demo`, as a newcomer meets it, and the simulator as a source.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { SCENARIOS } from "../../simulator/scenarios.ts";
import { simulatorModule } from "../simulator.ts";
import { list } from "./recordings.ts";
import { runCli, scratchFolder } from "./run-cli.ts";

const folder = scratchFolder();

beforeAll(async () => {
  await simulatorModule(); // builds what the command loads
});

test("the tour ends in a verdict on every planted fault, with the recording on disk", async () => {
  const { exitCode, out, err } = await runCli(["demo"], folder);
  expect(exitCode).toBe(0);
  for (const part of [
    /leak.*http_client\.c:104 fetch_page/is,
    /double free.*allocated.*freed.*freed again/is,
    /overflow.*written behind the end/is,
    /write after free/i,
    /allocation of .* failed/i,
    /heartbeats verified/,
    / report memmap-demo\.memmap/,
  ]) {
    expect(out).toMatch(part);
  }
  expect(err).toContain("recording simulator: demo into memmap-demo.memmap");
  expect(await list(folder, "memmap-demo.memmap")).toMatchObject({ liveBytes: { certainty: "exact" } });
  expect((await runCli(["report", "memmap-demo.memmap"], folder)).out).toContain("errors");
  const verdict = out.slice(0, out.indexOf("The recording is"));
  expect(verdict.split("\n").filter((line) => [...line].length > 80)).toEqual([]);
});

test("what the life of an allocation quotes is what the demo says", async () => {
  const page = readFileSync("docs/life-of-an-allocation.md", "utf8");
  const [, quoted = ""] = /```\n([^]*?)```/.exec(page) ?? [];
  const { out } = await runCli(["demo", "leak", "-o", "quoted.memmap"], folder);
  const words = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
  expect(words(out)).toContain(words(quoted));
});

test("a healthy program is called healthy", async () => {
  const { out } = await runCli(["demo", "steady-state", "-o", "steady.memmap"], folder);
  expect(out).toContain("Nothing wrong was found");
});

test("--list names every scenario", async () => {
  const { out } = await runCli(["demo", "--list"], folder);
  for (const { name } of SCENARIOS) expect(out).toContain(name);
});

test("sim: is a source like any other; part of a name will do; the chip can be chosen", async () => {
  const args = ["record", "sim:leak@esp32c3", "-q", "--duration", "5s", "--snapshot-every", "1s", "-o", "sim.memmap"];
  const { exitCode, err } = await runCli(args, folder);
  expect(err).toContain("connected to leaking-http-client 1.0.0, ESP32-C3");
  expect(err).toContain("verified against the device's own account");
  expect(exitCode).toBe(0);
});

test("what does not exist is refused with what does", async () => {
  const scenario = await runCli(["demo", "nosuch"], folder);
  expect(scenario).toMatchObject({ exitCode: 2 });
  expect(scenario.err).toContain("leaking-http-client");
  const chip = await runCli(["record", "sim:overflow@esp33", "-o", "x.memmap"], folder);
  expect(chip).toMatchObject({ exitCode: 2 });
  expect(chip.err).toContain("esp32c3");
  expect(existsSync(join(folder, "x.memmap"))).toBe(false);
});

test("docs/cli.md names every option of the commands that it describes", async () => {
  const page = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");
  for (const command of ["demo", "record", "list", "ports"]) {
    const { out } = await runCli([command, "--help"], folder);
    const options = [...out.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm)].map((match) => match[1] ?? "");
    expect(options.length).toBeGreaterThan(1);
    for (const option of options) {
      if (option !== "--help") expect(page, `${command} ${option}`).toContain(option);
    }
  }
});
