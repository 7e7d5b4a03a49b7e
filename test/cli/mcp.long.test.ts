// `memmap mcp`, driven by a real client over standard input and output, in both forms of the protocol; its answers are the command line's.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, type ClientOptions } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { detectors } from "../../src/detect/detectors.ts";
import type { DiffView } from "../../src/report/diff.ts";
import type { FindingsView } from "../../src/report/findings-view.ts";
import type { QueryView } from "../../src/report/query-view.ts";
import type { VerdictView } from "../../src/report/verdict.ts";
import { ScriptedBoard } from "../scripted-board.ts";
import { atLength, covered } from "../length.ts";
import { cliScript, runCli, scratchFolder } from "./run-cli.ts";

const folder = scratchFolder();

async function connect(
  options: ClientOptions & { readonly says?: boolean; readonly args?: readonly string[] },
): Promise<Client> {
  const { says, args = [], ...rest } = options;
  const capabilities = says === undefined ? {} : { elicitation: {} };
  const client = new Client({ name: "test", version: "1" }, { capabilities, ...rest });
  if (says !== undefined) {
    client.setRequestHandler("elicitation/create", () =>
      Promise.resolve({ action: "accept", content: { open: says } }),
    );
  }
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [cliScript, "mcp", ...args],
      cwd: folder,
      stderr: "ignore",
    }),
  );
  return client;
}

async function call(
  client: Client,
  name: string,
  args: Record<string, string>,
): Promise<{ readonly text: string; readonly isError: boolean }> {
  const result = await client.callTool({ name, arguments: args });
  const [content] = result.content;
  const text = content?.type === "text" ? content.text : "";
  expect(Buffer.byteLength(text), name).toBeLessThanOrEqual(4096);
  return { text, isError: result.isError === true };
}

async function view<T>(...args: string[]): Promise<T> {
  const { out, exitCode } = await runCli([...args, "--json"], folder);
  expect(exitCode).toBe(0);
  return JSON.parse(out) as T;
}

beforeAll(async () => {
  await runCli(["demo", "-o", "demo.memmap"], folder);
  const board = new ScriptedBoard().boot().allocate(4).heartbeat().lose(2, 6).allocate(1);
  await runCli(["record", "-", "-o", "gap.memmap"], folder, board.take());
});

describe.each([
  ["of 2025", {}],
  ["of 2026", { versionNegotiation: { mode: "auto" } }],
] as const)("the protocol %s", (_year, options) => {
  let client: Client;
  beforeAll(async () => {
    client = await connect(options);
  });
  afterAll(() => client.close());

  test("eight tools at most, each with a schema that forbids what it does not know", async () => {
    const { tools } = await client.listTools();
    expect(tools.length).toBeLessThanOrEqual(8);
    for (const { name, description, inputSchema, annotations } of tools) {
      expect(name).toMatch(/^heap_/);
      expect(description?.length).toBeGreaterThan(40);
      expect(inputSchema["additionalProperties"]).toBe(false);
      expect(annotations?.readOnlyHint).toBe(name !== "heap_record");
    }
  });

  test("the verdict: every finding of the command line, with its id, place and next step", async () => {
    const { headline, findings } = await view<VerdictView>("report", "demo.memmap");
    const { text } = await call(client, "heap_verdict", { file: "demo.memmap" });
    expect(text).toContain(headline);
    for (const { number, title, fingerprint, next, site } of findings) {
      expect(text).toContain(`F${number} `);
      for (const words of [title, fingerprint, next, `[${site?.file ?? ""}:${site?.line ?? ""}]`])
        expect(text).toContain(words);
    }
  });

  test("a port is opened only when somebody has said so", async () => {
    const port = { source: "tcp://127.0.0.1:9", duration: "1s", output: "port.memmap" };
    const cannot = await call(client, "heap_record", port);
    expect(cannot).toEqual({ isError: true, text: expect.stringContaining("nobody could be asked") as string });
    const no = await connect({ ...options, says: false });
    expect((await call(no, "heap_record", port)).text).toContain("does not want");
    await no.close();
    expect(existsSync(join(folder, "port.memmap"))).toBe(false);
  });
});

describe("the other answers", () => {
  let client: Client;
  beforeAll(async () => {
    client = await connect({});
  });
  afterAll(() => client.close());

  test("a finding in full, by number and by id", async () => {
    const { findings } = await view<VerdictView>("report", "demo.memmap");
    const asked = findings.slice(0, atLength({ short: 1, long: 5 }));
    for (const { number, fingerprint, evidence } of asked) {
      const byNumber = await call(client, "heap_finding", { file: "demo.memmap", finding: `F${number}` });
      expect(await call(client, "heap_finding", { file: "demo.memmap", finding: fingerprint })).toEqual(byNumber);
      for (const sentence of evidence) expect(byNumber.text).toContain(sentence.trim());
    }
    const { text, isError } = await call(client, "heap_finding", { file: "demo.memmap", finding: "F99" });
    expect({ text, isError }).toEqual({
      isError: true,
      text: expect.stringContaining("there is no finding F99") as string,
    });
    covered(`${asked.length} of ${findings.length} findings in full`);
  });

  test("leaks and failures are those of the command line", async () => {
    for (const [tool, command] of [
      ["heap_leaks", "leaks"],
      ["heap_failure", "failures"],
    ] as const) {
      const { findings } = await view<FindingsView>(command, "demo.memmap");
      const { text } = await call(client, tool, { file: "demo.memmap" });
      expect(findings.length).toBeGreaterThan(0);
      for (const { title, fingerprint } of findings)
        for (const words of [title, fingerprint]) expect(text).toContain(words);
    }
  });

  test("a site, a query, a moment and the difference of two", async () => {
    const { sites, blocks } = await view<QueryView>("query", "demo.memmap", "site:fetch_page");
    const site = await call(client, "heap_site", { file: "demo.memmap", site: "fetch_page" });
    expect(site.text).toContain(`${sites[0]?.site.text ?? "?"} [${sites[0]?.site.file ?? ""}`);
    expect(site.text).toContain(`oldest of ${blocks.length} live blocks`);
    const query = await call(client, "heap_query", { file: "demo.memmap", query: "site:fetch_page size>100" });
    expect(query.text).toMatch(/^site:fetch_page size>100: 22\.0 KiB live in 44 blocks/);
    const moment = await call(client, "heap_moment", { file: "demo.memmap", at: "50%" });
    expect(moment.text).toMatch(/live in 105 blocks at 90\.0 s/);
    const { sites: changed } = await view<DiffView>("diff", "demo.memmap", "--from", "50%");
    const diff = await call(client, "heap_moment", { file: "demo.memmap", since: "50%" });
    for (const { site: changedSite } of changed) expect(diff.text).toContain(changedSite.text);
  });

  test("what is not known is said", async () => {
    const { text } = await call(client, "heap_verdict", { file: "gap.memmap" });
    expect(text).toContain("NOT complete");
    expect(text).toContain("Free memory: not known");
    expect(text).toMatch(/Trust: 1 gap/);
  });

  test("a log that tells of no single blocks has no totals of them", async () => {
    const readings = Array.from(
      { length: 9 },
      (_, i) => `I (${1000 + 10_000 * i}) app: Free heap: ${180_000 - 1200 * i}\n`,
    );
    writeFileSync(join(folder, "console.log"), readings.join(""));
    const { text } = await call(client, "heap_verdict", { file: "console.log" });
    expect(text).toMatch(/^1 warning in 81\.0 s of console log, /);
    expect(text).toContain("The console log tells of no single blocks");
    expect(text).not.toMatch(/not known live|did not report/);
  });

  test("mistakes are the command line's own sentences, and never act", async () => {
    const none = await call(client, "heap_verdict", { file: "none.memmap" });
    expect(none).toEqual({ isError: true, text: expect.stringMatching(/^error: .*none\.memmap.*\nhint: /) as string });
    const option = await call(client, "heap_verdict", { file: "--html=evil.html" });
    expect(option.isError).toBe(true);
    expect(existsSync(join(folder, "evil.html"))).toBe(false);
    expect((await call(client, "heap_verdict", { file: "-" })).text).toContain("standard input");
    const long = await call(client, "heap_record", { source: "sim:demo", duration: "5h", output: "x.memmap" });
    expect(long.text).toContain("belongs into a shell");
  });
});

test("an allowed port is tried; the simulator needs no permission", async () => {
  const client = await connect({ says: true });
  const { text } = await call(client, "heap_record", {
    source: "/dev/none-of-these",
    duration: "1s",
    output: "no.memmap",
  });
  expect(text).toContain("/dev/none-of-these");
  const recorded = await call(client, "heap_record", { source: "sim:overflow", duration: "20s", output: "sim.memmap" });
  expect(recorded).toMatchObject({ isError: false });
  expect((await call(client, "heap_verdict", { file: "sim.memmap" })).text).toContain("overflow");
  await client.close();
});

test("every detector and every rule has a page, and the guide names the rules", async () => {
  const client = await connect({});
  const { resources } = await client.listResources();
  const uris = resources.map(({ uri }) => uri);
  for (const { name, rules } of detectors) {
    expect(uris).toContain(`memmap://detectors/${name}`);
    for (const rule of Object.keys(rules)) {
      expect(uris).toContain(`memmap://rules/${rule}`);
      const { contents } = await client.readResource({ uri: `memmap://rules/${rule}` });
      const [page] = contents;
      expect(page !== undefined && "text" in page ? page.text : "").toMatch(/^#/);
    }
  }
  await client.close();
  covered(`${uris.length} pages of ${detectors.length} detectors and their rules`);
  const { out } = await runCli(["guide"], folder);
  for (const { rules } of detectors) for (const rule of Object.keys(rules)) expect(out).toContain(rule);
  expect((await runCli(["guide", "leak"], folder)).out).toMatch(/^# Leaks/);
  expect((await runCli(["guide", "leek"], folder)).err).toContain("memmap guide leak");
});

test("a long answer says what was cut and how to get it", async () => {
  const { fit } = await import("../../src/cli/mcp/answer.ts");
  const text = fit(
    Array.from({ length: 500 }, (_, i) => `line ${i} ü`),
    "`memmap leaks run.memmap`",
  );
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
  expect(text).toMatch(/\n\[cut to 4 KB: \d+ lines left out; all of it: `memmap leaks run\.memmap`\]$/);
});
