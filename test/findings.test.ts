// Findings on small heaps written as text or told by hand: that the sentences say what is true.
import { describe, expect, test } from "vitest";
import { detect, type DetectOptions } from "../src/detect/run.ts";
import type { Finding } from "../src/detect/finding.ts";
import { openModel } from "../src/heap/model.ts";
import type { Teller } from "../src/wire/teller.ts";
import type { Region } from "../src/wire/records.ts";
import { FaultKind, Method } from "../src/wire/protocol.ts";
import { resolverOf } from "../src/report/elf-resolver.ts";
import { makeVerdict } from "../src/report/verdict.ts";
import { openSymbols } from "../src/symbols/index.ts";
import { fixture } from "./symbols/fixtures.ts";
import { playText, recordRun, testBoot } from "./heap-text.ts";

async function findingsOf(
  text: string,
  more?: (sink: Teller) => void,
  options: DetectOptions = {},
): Promise<readonly Finding[]> {
  const run = recordRun((sink) => {
    playText(text, sink);
    more?.(sink);
  });
  return (await detect(await openModel(run), options)).findings;
}

const dram: Region = {
  name: "DRAM",
  start: 0x3ffb_0000,
  end: 0x3ffb_1000,
  caps: 0x180c,
  free: 0x1000,
  largestFree: 0xff8,
};

function addSite(sink: Teller, id: number, name: string, variable?: string): void {
  const site = { id, method: Method.MALLOC, caps: 0x1004, file: `main/${name}.c`, line: 10 * id, function: name };
  sink.record({ kind: "site", value: variable === undefined ? site : { ...site, variable } });
}

describe("restarts", () => {
  const restarted = (resetReason: number, ...lines: readonly string[]): Promise<readonly Finding[]> =>
    findingsOf(
      "malloc A@0x3ffb0104 64 main>init\n@2s free A main>done\n@3s malloc B@0x3ffb0204 32 main>fetch",
      (sink) => {
        sink.text(new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join("")));
        sink.record({ kind: "boot", value: { ...testBoot, bootId: 2, resetReason } });
        sink.text(new TextEncoder().encode("ets Jul 29 2019 12:21:46\r\nI (10) boot: hello\r\n"));
      },
    );
  const ofRestart = (findings: readonly Finding[]): readonly Finding[] =>
    findings.filter(({ rule }) => rule === "restart");

  test.each([4, 5, 6, 7, 15])("reset reason %s is one, also where nothing was printed", async (reason) => {
    const [finding] = ofRestart(await restarted(reason));
    expect(finding).toMatchObject({ severity: "error", since: 3e6 });
    expect(finding?.evidence).toContain("The board printed nothing before it");
  });

  test.each([1, 2, 3, 8, 9, 11])("reset reason %s is none", async (reason) => {
    expect(ofRestart(await restarted(reason, "I (2990) app: bye"))).toEqual([]);
  });

  test("has the line that says why, those around it, and what the heap did; nothing of the next boot", async () => {
    const [finding] = ofRestart(
      await restarted(
        4,
        "I (2000) app: closing",
        'assert failed: tlsf_free tlsf.c:1120 (!block_is_free(block) && "block already marked as free")',
        "Backtrace: 0x40081234:0x3ffb1234",
        "Rebooting...",
      ),
    );
    expect(finding?.title).toMatch(/^the program restarted by a panic at 3\.00 s, .*: assert failed: tlsf_free/);
    const evidence = finding?.evidence.join("\n") ?? "";
    expect(evidence).toContain("a double free that nobody had caught before");
    expect(evidence).toContain("the last call that was seen was the allocation of 0x3ffb0204 (32 B) from fetch");
    expect(evidence).toContain("  I (2000) app: closing");
    expect(evidence).toContain("  Backtrace: 0x40081234:0x3ffb1234");
    expect(evidence).not.toMatch(/Rebooting|hello|ets Jul/);
  });

  test("what a board says as it dies is believed without the next boot; the same again counts", async () => {
    const findings = await findingsOf("malloc A@0x3ffb0104 64 main>init", (sink) => {
      const say = (): void => sink.text(new TextEncoder().encode("abort() was called at PC 0x40081234 on core 0\n"));
      say();
      sink.record({ kind: "boot", value: { ...testBoot, bootId: 2 } });
      sink.alloc(5e6, 0x3ffb_0104, 64, 0, 3, 0);
      say();
    });
    expect(ofRestart(findings)).toMatchObject([
      { blockCount: 2, title: expect.stringMatching(/died .*2 times/) as unknown },
    ]);
  });
});

test("what was kept over some time and grows no more has its span; what was kept at once, its beginning", async () => {
  const spell = [60, 80, 100, 120].map((at, i) => `@${at}s malloc S${i} 1000 main>outage`);
  const findings = await findingsOf(
    ["malloc A 64 main>init", "malloc B 64 main>init", ...spell, "@600s malloc C 8 main>loop", "free C main>loop"].join(
      "\n",
    ),
  );
  const kept = findings.find(({ rule }) => rule === "kept");
  expect(kept?.evidence).toEqual([
    "4,000 B in 4 blocks between 60.0 s and 2 min 00 s, not growing since: outage",
    expect.stringMatching(/^128 B in 2 blocks since .*: init$/),
  ]);
});

describe("faults", () => {
  test("a double free tells all three sites", async () => {
    const [finding] = await findingsOf("malloc A@0x3ffb0104 64 main>init", (sink) => {
      addSite(sink, 11, "packet", "data");
      addSite(sink, 12, "done");
      addSite(sink, 13, "failed");
      sink.record({
        kind: "fault",
        value: {
          number: 1,
          kind: FaultKind.DOUBLE_FREE,
          time: 5e6,
          pointer: 0x3ffb_0204,
          blockAddress: 0x3ffb_0204,
          blockSize: 64,
          allocSite: 11,
          freeSite: 12,
          freeTime: 4e6,
          detectedSite: 13,
        },
      });
    });
    expect(finding).toMatchObject({ rule: "double-free", severity: "error", confidence: 1 });
    expect(finding?.sites.map(({ role }) => role)).toEqual(["allocated", "freed", "freed again"]);
    expect(finding?.next).toContain("`data`");
    expect(finding?.fingerprint).toBe("double-free|packet.c:packet:data|done.c:done:|failed.c:failed:");
  });

  test("an overflow says how far, with the bytes as text and pointer, and who lies behind", async () => {
    const [finding] = await findingsOf(
      `malloc A@0x3ffb0104 32 main>name
       malloc B@0x3ffb0130 64 main>table
       malloc C@0x3ffb0200 64 main>other`,
      (sink) => {
        const bytes = new Uint8Array(12);
        bytes.set(new TextEncoder().encode("anna"));
        new DataView(bytes.buffer).setUint32(4, 0x3ffb_0208, true);
        sink.record({
          kind: "fault",
          value: {
            number: 1,
            kind: FaultKind.OVERFLOW,
            time: 5e6,
            pointer: 0x3ffb_0104,
            blockAddress: 0x3ffb_0104,
            blockSize: 32,
            allocSite: 1,
            damageOffset: 32,
            damageLength: 12,
            damageBytes: bytes,
            lastGoodTime: 3e6,
            lastGoodTask: 0,
            activeTasks: [1, 2],
          },
        });
      },
    );
    expect(finding?.title).toBe("overflow: 12 bytes written behind the end of a block of 32 B");
    const text = finding?.evidence.join("\n") ?? "";
    expect(text).toContain("+1 to +12");
    expect(text).toContain("In that time the heap was used by");
    expect(text).toContain('as text "anna');
    expect(text).toContain("0x3ffb0208, 8 B inside a live block from other");
    expect(text).toContain("Behind it lies the block at 0x3ffb0130 (64 B, from table)");
    expect(text).toContain("whole at 3.00 s");
  });

  test("with the ELF, pointers among the bytes are functions, calls and variables by name", async () => {
    const symbols = openSymbols(fixture("riscv"));
    const start = (name: string): number => symbols.find(name)[0]?.address ?? 0;
    const returnTo = (symbols.elf.executable[0] ?? 0) + 0x56; // behind the call in app_main that the symbolize tests know
    expect(symbols.followsCall(returnTo)).toBe(true);
    const words = [start("app_main"), start("newest"), returnTo];
    for (const [index, said] of [
      /the pointer 0x420000\w\w, which is code of app_main at main\/app\.c:\d+/,
      /the pointer 0x4200\w{4}, which is newest at main\/app\.c:45 \[main\]/,
      /the pointer 0x42000076, which a call returns to, in app_main at main\/app\.c:72/,
    ].entries()) {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setUint32(0, words[index] ?? 0, true);
      const value = {
        number: 1,
        kind: FaultKind.WRITE_AFTER_FREE,
        time: 5e6,
        pointer: 0x3ffb_0204,
        blockAddress: 0x3ffb_0204,
        blockSize: 64,
        damageOffset: 4,
        damageLength: 4,
        damageBytes: bytes,
      };
      const [finding] = await findingsOf(
        "malloc A@0x3ffb0104 64 main>init",
        (sink) => {
          sink.record({ kind: "fault", value });
        },
        { resolver: resolverOf(symbols) },
      );
      expect(finding?.evidence.join("\n")).toMatch(said);
    }
  });

  test("the same fault in a loop is one finding", async () => {
    const findings = await findingsOf("malloc A 64 main>init", (sink) => {
      for (let number = 1; number <= 5; number++) {
        sink.record({
          kind: "fault",
          value: {
            number,
            kind: FaultKind.INTERIOR_FREE,
            time: number * 1e6,
            pointer: 0x3ffb_0008,
            blockAddress: 0x3ffb_0004,
            blockSize: 64,
            allocSite: 1,
            detectedSite: 1,
          },
        });
      }
    });
    expect(findings.filter(({ rule }) => rule === "interior-free")).toHaveLength(1);
    expect(findings[0]?.evidence.at(-1)).toBe("Happened 5 times, last at 5.00 s");
  });
});

describe("failures", () => {
  const text = `malloc A@0x3ffb0004 1020 main>large
    malloc B@0x3ffb0404 20 main>pin
    malloc C@0x3ffb041c 1020 main>large
    malloc D@0x3ffb081c 500 main>large
    malloc E@0x3ffb0a14 1512 main>rest
    free A main
    free C main`;

  test("the cheapest way to room goes through the smallest blocks", async () => {
    const findings = await findingsOf(text, (sink) => {
      addSite(sink, 20, "tls", "record");
      const region = { ...dram, free: 2048, largestFree: 1020 };
      sink.record({ kind: "regions", value: { time: 20_000, regions: [region] } });
      sink.record({
        kind: "failure",
        value: { number: 1, reason: 1, time: 20_000, size: 1500, caps: 4, site: 20, regions: [region] },
      });
    });
    const failure = findings.find(({ rule }) => rule === "allocation-failure");
    expect(failure?.title).toBe(
      "allocation of 1,500 B with 8BIT failed: 2,048 B were free, but the largest hole was 1,020 B",
    );
    expect(failure?.blocks.map(({ size }) => size)).toEqual([20]);
    expect(failure?.evidence.join("\n")).toContain(
      "Without 1 block of 20 B in all there would have been 2,068 B in one piece",
    );
    expect(failure?.next).toContain("pin");
  });

  test("too little memory is not called fragmentation, and memory of another kind is said", async () => {
    const spiram: Region = {
      name: "PSRAM",
      start: 0x3f80_0000,
      end: 0x3fc0_0000,
      caps: 0x1404,
      free: 4_000_000,
      largestFree: 4_000_000,
    };
    const findings = await findingsOf(text, (sink) => {
      const region = { ...dram, free: 2048, largestFree: 1020 };
      sink.record({ kind: "regions", value: { time: 20_000, regions: [region, spiram] } });
      sink.record({
        kind: "failure",
        value: { number: 1, reason: 1, time: 20_000, size: 3000, caps: 8, regions: [region] },
      });
    });
    const failure = findings.find(({ rule }) => rule === "allocation-failure");
    expect(failure?.title).toBe("allocation of 3,000 B with DMA failed: only 2,048 B were free there");
    expect(failure?.evidence.join("\n")).toContain("Another 3.81 MiB were free in regions that lack DMA");
  });

  test("capabilities that no region has, and a count that overflows", async () => {
    const findings = await findingsOf(text, (sink) => {
      sink.record({ kind: "regions", value: { time: 20_000, regions: [dram] } });
      sink.record({
        kind: "failure",
        value: { number: 1, reason: 1, time: 20_000, size: 100, caps: 0x400, regions: [] },
      });
      sink.record({
        kind: "failure",
        value: { number: 2, reason: 2, time: 20_001, size: 8, count: 0x4000_0000, caps: 4, regions: [] },
      });
    });
    expect(findings.filter(({ rule }) => rule === "allocation-failure").map(({ title }) => title)).toEqual([
      "allocation failed: 1,073,741,824 × 8 B exceeds the address space",
      "allocation of 100 B with SPIRAM failed: no region has these capabilities",
    ]);
  });
});

describe("what only the host sees", () => {
  test("a free outside all heaps is an error, one inside is not judged", async () => {
    const wild = await findingsOf("malloc A 16 main>init", (sink) => {
      sink.record({ kind: "regions", value: { time: 5000, regions: [dram] } });
      sink.record({ kind: "unknownFree", value: { time: 6000, address: 0x3f40_0000, site: 0, task: 3, core: 0 } });
      sink.record({ kind: "unknownFree", value: { time: 7000, address: 0x3ffb_0800, site: 0, task: 3, core: 0 } });
    });
    expect(wild.map(({ rule }) => rule)).toEqual(["wild-free", "kept"]);
  });

  test("nothing is concluded after a gap", async () => {
    const findings = await findingsOf(
      `malloc A 16 main>init
       gap 3`,
      (sink) => {
        sink.record({ kind: "regions", value: { time: 5000, regions: [dram] } });
        sink.record({ kind: "unknownFree", value: { time: 6000, address: 0x3f40_0000, site: 0, task: 3, core: 0 } });
      },
    );
    expect(findings.map(({ rule }) => rule)).toEqual(["kept"]);
  });
});

test("an empty run has a verdict", async () => {
  const verdict = await makeVerdict(await openModel(recordRun((sink) => playText("", sink))));
  expect(verdict.headline).toBe("Nothing wrong was found");
  expect(verdict.coverage.sentences).toEqual(["No heartbeat arrived: nothing proves that the reconstruction is whole"]);
});

describe("restarts and losses", () => {
  const leak = (rounds: number): string =>
    Array.from(
      { length: rounds },
      (_, i) => `+1s malloc L${i} 64 main>leaky\nmalloc T${i} 32 main>busy\nfree T${i} main`,
    ).join("\n");

  test("a leak is judged within the longest boot", async () => {
    const findings = await findingsOf(leak(60), (sink) => {
      sink.record({ kind: "boot", value: { ...testBoot, bootId: 2 } });
      sink.alloc(1e6, 0x3ffb_0004, 16, 1, 3, 0);
    });
    const found = findings.find(({ rule }) => rule === "leak");
    expect(found).toMatchObject({ severity: "error", blockCount: 60 });
  });

  test("after a loss that nothing has repaired, a leak is no error", async () => {
    const findings = await findingsOf(`${leak(60)}\ngap ?`);
    const found = findings.find(({ rule }) => rule === "leak");
    expect(found?.severity).toBe("warning");
    expect(found?.evidence.at(-1)).toContain("may have been freed meanwhile");
  });
});

test("a leak that is reached in many ways is one leak", async () => {
  const text = Array.from(
    { length: 60 },
    (_, i) => `+1s malloc L${i} 64 main>caller${i % 15}>http.c:12:fetch\nmalloc T${i} 32 main>busy\nfree T${i} main`,
  ).join("\n");
  const findings = await findingsOf(text);
  expect(findings.filter(({ rule }) => rule === "leak")).toMatchObject([{ blockCount: 60, severity: "error" }]);
});
