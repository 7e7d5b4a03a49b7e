import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { heapFromText } from "../../test/heap-text.ts";
import { askedOf } from "../report/asked.ts";
import type { BlockRows } from "../report/block-rows.ts";
import { freeze } from "../report/frozen.ts";
import { answer } from "../report/questions.ts";
import { thaw } from "../report/thaw.ts";
import { fromBase64, htmlReport, readReport } from "./html-report.ts";
import { redact } from "./redact.ts";

const text = `
  malloc A 100 main>secret_http.c:12:secret_fetch var:secret_buffer
  malloc B 64 main>secret_http.c:30:parse
  mark ~array:f8:AAAA
  free B main
  malloc C 32 main>json.c:3:load`;

async function asked() {
  return askedOf(await heapFromText(text));
}

test("a report that was written and read again answers as the run itself does", async () => {
  const run = await asked();
  const frozen = await freeze({ asked: run, name: "run", size: 1 });
  const html = await htmlReport("<body><!--data--></body>", frozen, (bytes) => gzipSync(bytes));
  const data = />([A-Za-z0-9+/=]+)<\/script>/.exec(html)?.[1] ?? "";
  const read = readReport(gunzipSync(fromBase64(data)).toString());
  expect(read).toEqual(frozen);
  expect(read.run.marks[0]?.name).toBe("~array:f8:AAAA");
  const { span } = run.model;
  for (const question of [
    { kind: "totals", time: span.to, filter: "" },
    { kind: "map", time: span.to, filter: "" },
    { kind: "flame", window: span, cost: "liveBytes", group: "stack", inverted: false, filter: "" },
    { kind: "verdict", window: span },
  ] as const) {
    expect(thaw(read, question)).toEqual(await answer(run, question));
  }
});

test("tables of a report are sorted and cut as those of a run", async () => {
  const run = await asked();
  const frozen = await freeze({ asked: run, name: "run", size: 1 });
  for (const order of ["size", "age", "address", "site"] as const) {
    for (const descending of [false, true]) {
      const question = {
        kind: "blocks",
        time: run.model.span.to,
        filter: "",
        order,
        descending,
        offset: 0,
        count: 2,
      } as const;
      const sitesOf = ({ site, siteNames }: BlockRows): unknown => Array.from(site, (name) => siteNames[name]);
      const sites = sitesOf(thaw(frozen, question));
      expect(sites).toHaveLength(2);
      expect(sites).toEqual(sitesOf(await answer(run, question)));
    }
  }
});

test("what was left out is an error that says so", async () => {
  const frozen = await freeze({ asked: await asked(), name: "run", size: 1 });
  expect(() => thaw(frozen, { kind: "leak", site: "nowhere", window: frozen.window })).toThrow(/does not hold/);
});

test("a redacted report has no name of the source, and the same numbers", async () => {
  const run = await asked();
  const frozen = await freeze({ asked: run, name: "secret.memmap", size: 1 });
  const redacted = redact(frozen, run.model.tables);
  const said = JSON.stringify(redacted);
  expect(said).not.toContain("secret");
  expect(said).not.toContain("json.c");
  expect(redacted.verdict.totals).toEqual(frozen.verdict.totals);
  expect(redacted.folded[0]).toContain("Redacted");
});

/** Text that no compressor makes smaller. */
function noise(seed: string, length: number): string {
  return createHash("shake256", { outputLength: length }).update(seed).digest("base64").slice(0, length);
}

test("whatever a board sends, the file stays below 5 MB and says what it lacks", async () => {
  const frozen = await freeze({ asked: await asked(), name: "run", size: 1 });
  const [moment, flame, site] = [frozen.moments[0], frozen.flames[0], frozen.sites[0]];
  if (moment === undefined || flame === undefined || site === undefined) throw new Error("nothing to grow");
  const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
  const lines = [...many(1500, (i) => noise(`line ${i}`, 500)), "x".repeat(3_000_000)];
  const grown = {
    ...frozen,
    log: {
      ...frozen.log,
      text: lines,
      time: new Float64Array(lines.length),
      line: new Uint32Array(lines.length),
    },
    sites: many(500, (i) => ({ ...site, site: { text: noise(`site ${i}`, 400) } })),
    moments: many(24, (i) => {
      const siteNames = many(600, (n) => noise(`moment ${i} ${n}`, 300));
      return { ...moment, time: i, name: i === 23 ? "end" : "mark", map: { ...moment.map, siteNames } };
    }),
    flames: many(8, (i) => ({
      ...flame,
      tree: { ...flame.tree, names: many(500, (n) => noise(`flame ${i} ${n}`, 300)) },
    })),
  };
  const html = await htmlReport("<body><!--data--></body>", grown, (bytes) => gzipSync(bytes, { level: 1 }));
  expect(html.length).toBeLessThan(5_000_000);
  const read = readReport(gunzipSync(fromBase64(/>([A-Za-z0-9+/=]+)<\/script>/.exec(html)?.[1] ?? "")).toString());
  expect(read.folded.join(" ")).toMatch(/too large: most of the log.*too large: the heap map/);
  expect(read.moments.map(({ name }) => name)).toContain("end");
  expect(read.log.text).toHaveLength(read.log.time.length);
  expect(read.log.line).toHaveLength(read.log.time.length);
  expect(read.verdict).toEqual(frozen.verdict);
  expect(read.curves).toEqual(frozen.curves);
}, 60_000);
