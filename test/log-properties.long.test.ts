// What holds for every log: other clothes change no finding, and of a cut one nothing is told but what is left of it. The short form takes some dresses
// and cuts of each log, the long one all.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { NamedSeries } from "../src/import/log-series.ts";
import { atLength, covered } from "./length.ts";
import { type Answer, answerTo } from "./log-answer.ts";
import { dresses } from "./log-dresses.ts";
import { events, figures } from "./log-looks.ts";
import { sharedData } from "./shared-data.ts";

interface Log {
  readonly name: string;
  readonly text: string;
  readonly series?: readonly NamedSeries[];
}

const folder = sharedData("cases");
const cases: readonly Log[] =
  folder === undefined
    ? []
    : readdirSync(folder).map((name) => ({ name, text: readFileSync(`${folder}/${name}/input.txt`, "utf8") }));
const fixtures = new URL("./fixtures/import/", import.meta.url);
const own: readonly Log[] = readdirSync(fixtures)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => ({ name, text: readFileSync(new URL(name, fixtures), "utf8") }));
const looks: readonly Log[] = Object.entries({ ...figures, ...events }).map(([name, { log, series }]) => ({
  name,
  text: log,
  ...(series !== undefined && { series }),
}));
const logs = [...cases, ...own, ...looks];

async function answer({ series }: Log, text: string | Uint8Array): Promise<Answer | undefined> {
  return answerTo(text, series === undefined ? {} : { series }).catch(() => undefined);
}

/** What is wrong and how bad: stamps may add times, and lines in between move places. */
function essence(found: Answer | undefined): unknown {
  return found?.verdict.findings.filter(({ severity }) => severity !== "note").map(({ rule, severity, affectedBytes }) => [rule, severity, affectedBytes]); // prettier-ignore
}

/** Some of them, other ones for each log. */
function some<T>(all: readonly T[], log: number): readonly T[] {
  const count = atLength({ short: 2, long: all.length });
  return Array.from({ length: Math.min(count, all.length) }, (_, i) => all[(log * 3 + i * 5) % all.length] as T);
}

/** Letters that these cannot hold, or lines between a call at a prompt and its value, which belong to no call then: not the same log. */
function isFit(name: string, { text }: Log): boolean {
  const isPlain = [...text].every((letter) => letter.charCodeAt(0) < 0x100);
  const isPrompt = /^>>> /m.test(text);
  return !(name.includes("Latin-1") && !isPlain) && !(name.includes("lines in between") && isPrompt);
}

describe.each(logs.map((log, i) => ({ log, i, name: log.name })))("$name", ({ log, i }) => {
  test("the same findings in other clothes", async () => {
    const plain = essence(await answer(log, log.text));
    expect(plain).toBeDefined();
    const tried = some(Object.entries(dresses).filter(([name]) => isFit(name, log)), i); // prettier-ignore
    for (const [name, dress] of tried) expect(essence(await answer(log, dress(log.text))), name).toEqual(plain);
    covered(`${tried.length} dresses`);
  });

  test("of a cut log only what is left of it is told", async () => {
    const lines = log.text.split("\n");
    const cuts = some(Array.from({ length: 12 }, (_, k) => Math.floor((lines.length * (k + 1)) / 13)), i); // prettier-ignore
    for (const kept of cuts) {
      const found = await answer(log, lines.slice(0, kept).join("\n"));
      for (const { log: place } of found?.verdict.findings ?? []) {
        expect(place?.line ?? 0).toBeLessThanOrEqual(kept);
        const line = lines[(place?.line ?? 1) - 1] ?? "";
        // A value alone stands with the call before it.
        const told = /^\d+$/.test(line) ? `${lines[(place?.line ?? 1) - 2] ?? ""}${line}` : line;
        const letters = (text: string): string => text.replaceAll(/[^\p{L}\d]+/gu, "");
        if (place !== undefined && !place.quote.startsWith("Heap summary"))
          expect(letters(told)).toContain(letters(place.quote).slice(0, 20));
      }
    }
    covered(`${cuts.length} cuts`);
  });
});
