// Lines of figures are read by their places once their layout is known: what comes out is what stands there, whatever the line is dressed in.
import fc from "fast-check";
import { expect, test } from "vitest";
import { readSeries } from "../src/detect/log/read-series.ts";
import { RunRecorder } from "../src/heap/run-recorder.ts";
import { importFile } from "../src/import/recognize.ts";

interface Told {
  readonly label: string;
  readonly values: readonly number[];
  readonly times: readonly number[];
}

async function seriesOf(log: string): Promise<readonly Told[]> {
  const recorder = new RunRecorder();
  await importFile([{ name: "a.log", bytes: new TextEncoder().encode(log) }], recorder);
  recorder.flush();
  return readSeries(recorder.run.tables).map(({ label, values, times }) => ({
    label,
    values,
    times: times.map((time) => time - (times[0] ?? 0)),
  }));
}

/** Milliseconds and what is free: numbers of one to seven digits, large enough to be bytes. */
const rows = fc.array(
  fc.record({ step: fc.integer({ min: 1, max: 90_000 }), free: fc.integer({ min: 1000, max: 8_000_000 }) }),
  {
    minLength: 3,
    maxLength: 60,
  },
);

const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
const ofDay = (ms: number): string =>
  `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(ms % 1000).padStart(3, "0")}`;

/** Ways to print them; each line holds other numbers as well. */
const looks: Readonly<Record<string, (ms: number, free: number, i: number) => string>> = {
  "an ESP_LOG line": (ms, free, i) => `I (${ms}) mem: loop ${i} free heap ${free} largest ${free >> 1}`,
  "a coloured ESP_LOG line": (ms, free, i) =>
    `\u001b[0;3${i % 8}mW (${ms}) mem: free heap ${free}, ${i} clients, rssi -${i}\u001b[0m`,
  "a wall clock": (ms, free, i) => `${ofDay(ms)} -> [${i}] free heap: ${free}`,
  "dmesg's seconds": (ms, free) =>
    `[${String(Math.floor(ms / 1000)).padStart(5)}.${String(ms % 1000).padStart(3, "0")}000] free heap: ${free}`,
  "a message with an identifier": (ms, free, i) => `I (${ms}) app: request #${i}, free heap ${free}`,
  "behind the 64th byte": (ms, free, i) =>
    `I (${ms}) app: a message of many words about nothing at all that goes on and on ${i} free heap ${free}`,
  "a block whose first line is its time": (ms, free, i) => `uptime: ${ms} ms\nclients: ${i % 5}\nfree heap: ${free}`,
  "a row of CSV": (ms, free, i) => `${i === 0 ? "time_ms,free_heap,tasks\n" : ""}${ms},${free},${i % 9}`,
};

test.for(Object.entries(looks))("%s: every reading and its time", async ([, look]) => {
  await fc.assert(
    fc.asyncProperty(rows, async (steps) => {
      let ms = 1000;
      const told = steps.map(({ step, free }) => ({ ms: (ms += step), free }));
      const log = told.map((row, i) => look(row.ms, row.free, i)).join("\n");
      const series = (await seriesOf(`${log}\n`)).find(({ label }) => /free/.test(label));
      expect(series?.values).toEqual(told.map(({ free }) => free));
      expect(series?.times.map((time) => Math.round(time / 1000))).toEqual(
        told.map((row) => row.ms - (told[0]?.ms ?? 0)),
      );
    }),
    { numRuns: 40 },
  );
});

test("units and fractions are those of the line that was read with care", async () => {
  const values = [199.5, 198.25, 187, 1.5, 210.75, 99.125];
  const log = values.map((value, i) => `free heap: ${value.toFixed(3)} KB of 320 KB (${i})\n`).join("");
  const series = (await seriesOf(log)).find(({ label }) => /free/.test(label));
  expect(series?.values).toEqual(values.map((value) => Math.round(value * 1024)));
});

test("a number that no memory has is none, whatever stood in its place before", async () => {
  const free = ["180000", "179000", "178000", "123456789012345678901234", "177000", "176000"];
  const log = free.map((value, i) => `I (${1000 * (i + 1)}) mem: free heap ${value}\n`).join("");
  const series = (await seriesOf(log)).find(({ label }) => /free/.test(label));
  expect(series?.values).toEqual([180_000, 179_000, 178_000, 177_000, 176_000]);
});

test("small values behind commas are no header of columns", async () => {
  const log = [46, 45, 44, 44].map((free, i) => `client ${i}, free heap ${free}\n`).join("");
  expect((await seriesOf(log)).map(({ label, values }) => [label, values])).toEqual([
    ["free heap", [46, 45, 44, 44].map((free) => free * 1024)],
  ]);
});

/** Pieces of lines whose numbers decide what they mean, each with values of which one is an accident. */
const telling: readonly (readonly [string, (code: number) => string, readonly number[]])[] = [
  ["a decimal code", (code) => `E (1) tcp: connect failed, errno ${code}`, [113, 104, 11, 12]],
  ["a negative one", (code) => `W (1) tls: handshake returned ${code}`, [-80, -26, -32512]],
  ["a hexadecimal one", (code) => `E (1) app: init failed: 0x${code.toString(16)}`, [0x103, 0x102, 0x101]],
  ["one with a tag", (code) => `I (1) NimBLE: advertise; status=${code}`, [0, 2, 6]],
  ["beside a hexadecimal number", (code) => `E (1) tcp: 0x3ffb1234 failed, errno ${code} (0x${code.toString(16)})`, [5, 12]], // prettier-ignore
];

test.for(telling)(
  "%s among the numbers of a line that was often harmless is still an accident",
  async ([, line, codes]) => {
    const harmless = codes.slice(0, -1);
    const order = [...harmless, ...harmless, ...codes, ...harmless];
    const recorder = new RunRecorder();
    const log = ["I (0) mem: free heap 20000", ...order.map(line), ""].join("\n");
    await importFile([{ name: "a.log", bytes: new TextEncoder().encode(log) }], recorder);
    expect(recorder.run.tables.incidents.map((incident) => incident.line)).toEqual([1 + 3 * harmless.length + 1]);
  },
);
