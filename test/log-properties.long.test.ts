// What holds for every log: other clothes change no finding, and of a cut one nothing is told but what is left of it. The short form takes a dress
// and a cut of each log, the long one all.

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

/** Some of them, other ones for each log. Names alone decide which: the same ones in each checkout, and when logs or dresses are added. */
function some(all: readonly string[], log: string): readonly string[] {
  const order = new Map(all.map((name) => [name, scattered(`${log}, ${name}`)]));
  return [...all]
    .sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
    .slice(0, atLength({ short: 1, long: all.length }));
}

/** The FNV hash of a text, whose bits are mixed: names that differ in the last letter are far from each other. */
function scattered(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/**
 * Letters that these cannot hold, or lines between a call at a prompt, or words, and their value, which belong to no call then, or between the rows of a
 * table that stand together for one task: not the same log.
 */
function isFit(name: string, { text }: Log): boolean {
  const isPlain = [...text].every((letter) => letter.charCodeAt(0) < 0x100);
  const belongTogether = /^(?:(?:>>>|>|\w+>) \S|\d+$|│.*DELETED)/m.test(text);
  return !(name.includes("Latin-1") && !isPlain) && !(name.includes("lines in between") && belongTogether);
}

describe.each(logs)("$name", (log) => {
  test("the same findings in other clothes", async () => {
    const plain = essence(await answer(log, log.text));
    expect(plain).toBeDefined();
    const tried = some(Object.keys(dresses).filter((name) => isFit(name, log)), log.name); // prettier-ignore
    for (const name of tried) expect(essence(await answer(log, dresses[name]?.(log.text) ?? "")), name).toEqual(plain);
    covered(`${tried.length} dresses`);
  });

  test("of a cut log only what is left of it is told", async () => {
    const lines = log.text.split("\n");
    const cuts = some(
      Array.from({ length: 12 }, (_, k) => `${k + 1}/13`),
      log.name,
    );
    for (const cut of cuts) {
      const kept = Math.floor((lines.length * Number.parseInt(cut, 10)) / 13);
      const found = await answer(log, lines.slice(0, kept).join("\n"));
      for (const { log: place } of found?.verdict.findings ?? []) {
        expect(place?.line ?? 0).toBeLessThanOrEqual(kept);
        const line = lines[(place?.line ?? 1) - 1] ?? "";
        // A value alone stands with the call or the name before it.
        const told = /^\d+$|^\s*"\w+": "?\d+"?,?$/.test(line) ? `${lines[(place?.line ?? 1) - 2] ?? ""}${line}` : line;
        const letters = (text: string): string => text.replaceAll(/[^\p{L}\d]+/gu, "");
        if (place !== undefined && !place.quote.startsWith("Heap summary"))
          expect(letters(told)).toContain(letters(place.quote).slice(0, 20));
      }
    }
    covered(`${cuts.length} cuts`);
  });
});
