// The commands that ask a recording, on one with a leak, an overflow, a failed request and marks: that each answers, in text that fits 80
// columns and in JSON that parses.
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { createRecordingFile } from "../../src/capture/recording-file.ts";
import { exactly, likely, unknown } from "../../src/base/quantity.ts";
import type { DiffView } from "../../src/report/diff.ts";
import type { FragmentationView } from "../../src/report/fragmentation-view.ts";
import type { SitesView } from "../../src/report/top-sites.ts";
import type { VerdictView } from "../../src/report/verdict.ts";
import { FaultKind } from "../../src/wire/protocol.ts";
import { ordinaryWork } from "../corpus/ordinary-work.ts";
import { dram, Program, second } from "../corpus/program.ts";
import { runCli, scratchFolder } from "./run-cli.ts";

const folder = scratchFolder();
const file = join(folder, "run.memmap");

function record(path: string, leaked: number): void {
  const recording = createRecordingFile(path);
  const p = new Program(recording.writer, 7, { regions: [dram(1 << 10)] });
  ordinaryWork(p);
  p.repeat(
    () => p.between(2, 3) * second,
    () => p.malloc("http_get:response", leaked),
  );
  p.after(100 * second, () => {
    p.mark("connected");
    const block = p.malloc("name:text", 32);
    p.fault({
      kind: FaultKind.OVERFLOW,
      pointer: block.address,
      blockAddress: block.address,
      blockSize: 32,
      allocSite: block.site,
      damageOffset: 32,
      damageLength: 2,
      damageBytes: Uint8Array.of(0x21, 0),
    });
    p.tryMalloc("frame:pixels", 2 << 20);
  });
  p.run(300 * second);
  recording.close();
}

beforeAll(() => {
  record(file, 256);
  record(join(folder, "other.memmap"), 512);
});

async function ask(...args: string[]): Promise<string> {
  const { exitCode, out, err } = await runCli(args, folder);
  expect(err).toBe("");
  expect(exitCode).toBe(0);
  return out;
}

function widest(text: string): number {
  return Math.max(...text.split("\n").map((line) => [...line].length));
}

describe("report", () => {
  test("the verdict comes first, most urgent finding first, within 80 columns", async () => {
    const out = await ask("report", file);
    expect(out).toMatch(/^3 errors, 1 warning/);
    const order = [
      "Overflow: 2 bytes",
      "Allocation of 2.00 MiB",
      "Leak: ",
      "will be refused about",
      "Memory\n",
      "Trust\n",
    ];
    const places = order.map((text) => out.indexOf(text));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(out.split("\n").filter((line) => [...line].length > 80)).toEqual([]);
    expect(out).not.toContain("\u001b");
  });

  test("JSON has the same, --fail-on decides the exit code", async () => {
    const verdict = JSON.parse(await ask("report", file, "--json")) as VerdictView;
    expect(verdict.findings.map(({ rule }) => rule)).toEqual([
      "overflow",
      "allocation-failure",
      "leak",
      "exhaustion",
      "kept",
    ]);
    expect(verdict.findings[2]?.stations[0]).toMatchObject({
      site: { function: "http_get", variable: "response" },
      task: "main",
    });
    expect((await runCli(["report", file, "--fail-on", "error"], folder)).exitCode).toBe(1);
    expect((await runCli(["report", file, "--to", "90s", "--fail-on", "bad"], folder)).exitCode).toBe(2);
  });

  test("a window leaves out what happened outside of it", async () => {
    const verdict = JSON.parse(await ask("report", file, "--to", "50s", "--json")) as VerdictView;
    expect(verdict.findings.map(({ rule }) => rule)).not.toContain("overflow");
  });
});

test("leaks, faults and failures show their findings only", async () => {
  expect(await ask("leaks", file)).toContain("http_get.c");
  expect(await ask("leaks", file)).not.toContain("Overflow");
  expect(await ask("faults", file)).toContain("Overflow");
  expect(await ask("failures", file)).toContain("frame.c");
  expect(await ask("faults", file, "--to", "50s")).toBe("No heap fault was found.\n");
});

test("top by site and by any other key", async () => {
  const [, first] = (await ask("top", file)).split("\n");
  expect(first).toContain("http_get.c");
  expect(await ask("top", file, "--by", "task")).toContain("main");
  const { sites } = JSON.parse(await ask("top", file, "--sort", "allocations", "--json")) as SitesView;
  expect(sites[0]?.site.function).toBe("read_sensor");
});

test("timeline shows what happened when", async () => {
  const out = await ask("timeline", file, "--limit", "10");
  expect(out).toContain("mark connected");
  expect(out).toContain("failed: 2.00 MiB");
  expect(out.trimEnd().split("\n")).toHaveLength(11);
});

test("map and fragmentation know the region", async () => {
  expect(await ask("map", file)).toMatch(/DRAM.*free in \d+ holes?/);
  expect(await ask("fragmentation", file, "--at", "mark:connected")).toContain("score");
});

test("fragmentation --caps answers per region and per capability, at any moment, as heap_caps_get_info does", async () => {
  const out = await ask("fragmentation", file, "--caps", "--at", "mark:connected");
  expect(out).toMatch(/^At 1 min 40 s\n\nregion +size +used +free +largest +holes +lowest\nDRAM/);
  expect(out).toMatch(/^capability .*\n(.*\n)*8BIT .*\n(.*\n)*DEFAULT /m);
  expect(widest(out)).toBeLessThanOrEqual(80);
  const json = async (at: string): Promise<FragmentationView> =>
    JSON.parse(await ask("fragmentation", file, "--at", at, "--json")) as FragmentationView;
  const then = await json("mark:connected");
  const sum = then.regions.reduce((total, { freeBytes }) => total + likely(freeBytes), 0);
  const eightBit = then.caps.find(({ name }) => name === "8BIT");
  expect(eightBit?.freeBytes).toEqual(exactly(sum));
  expect(likely(eightBit?.largestFreeBytes ?? unknown)).toBe(
    Math.max(...then.regions.map((one) => likely(one.largestFreeBytes))),
  );
  // The leak takes 256 bytes and a header about every 2.5 s.
  const freeAtEnd = (await json("end")).caps[0]?.freeBytes ?? unknown;
  expect(likely(freeAtEnd, Infinity)).toBeLessThan(likely(then.caps[0]?.freeBytes ?? unknown) - 10_000);
});

test("report --verbose has the capabilities too, and fits 80 columns", async () => {
  const out = await ask("report", file, "--verbose");
  expect(out).toMatch(/capability +size/);
  expect(widest(out)).toBeLessThanOrEqual(80);
});

test("diff of two recordings and of two moments", async () => {
  const two = await ask("diff", file, "other.memmap");
  expect(two).toContain("http_get.c");
  const moments = JSON.parse(await ask("diff", file, "--from", "mark:connected", "--json")) as DiffView;
  expect(moments.sites[0]?.site.function).toBe("http_get");
  expect(likely(moments.sites[0]?.change.liveBytes ?? unknown)).toBeGreaterThan(10_000);
  expect((await runCli(["diff", file], folder)).exitCode).toBe(2);
});

test("query composes terms and says what is wrong with a bad one", async () => {
  expect(await ask("query", file, "func:http_get live>10s")).toContain("http_get.c");
  const bad = await runCli(["query", file, "sise>3"], folder);
  expect(bad.exitCode).toBe(2);
  expect(bad.err).toContain("hint:");
});
