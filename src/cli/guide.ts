// What memmap knows about hunting: for people, for agents with a shell (`memmap guide`) and for those that speak the Model Context Protocol.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MemmapError } from "../base/errors.ts";
import { similar } from "../base/similar.ts";
import { detectors } from "../detect/detectors.ts";
import { packagePath } from "./package.ts";
import { wrap } from "./terminal/wrap.ts";

/** Of the guide, whatever shows it: an agent, a terminal. */
const COLUMNS = 80;

/** Each rule once, in the order of the detectors, with the pages that explain it: of the heap itself first. */
export function rulePages(): ReadonlyMap<string, readonly string[]> {
  const pages = new Map<string, string[]>();
  for (const { rules, page } of detectors) {
    for (const rule of Object.keys(rules)) {
      const known = pages.get(rule) ?? [];
      if (!known.includes(page)) pages.set(rule, [...known, page]);
    }
  }
  return pages;
}

export const GUIDE = `Hunting a leak in five commands

  1. memmap record PORT -o run.memmap
       restart the board, record, repeat the suspected action ten times, Ctrl-C
  2. memmap report run.memmap
       the verdict: ranked findings, each with place, evidence and next step
  3. memmap leaks run.memmap
       what grows, how fast, since when; what is expected is listed apart
  4. memmap diff run.memmap --from mark:A --to mark:B
       what one repetition left behind; the firmware marks it: memmap_mark("A")
  5. memmap query run.memmap 'site:http_client.c live>1m'
       the blocks themselves: address, size, age, task

After the fix record again, and: memmap diff run.memmap fixed.memmap

An allocation failed   memmap failures run.memmap, then
                       memmap fragmentation run.memmap
Would a block fit      memmap fits run.memmap --size 16717 --caps INTERNAL
Corruption             memmap faults run.memmap, then the block's life story and
                       neighbours: memmap block run.memmap 0xADDRESS
What was live when     memmap list|top|map run.memmap --at 12.5s|50%|mark:A|peak
No board at hand       memmap demo (simulator), memmap report console.log
                       (a log), memmap import (other tools' files)
Nothing comes          memmap doctor PROJECT PORT

Rules
  - Name the evidence: a finding's fingerprint, file:line, a block's address.
    A number with ~ is an estimate, "at least" a bound, "unknown" unknown.
  - Read the lines on trust at the end of a report before concluding: gaps, a
    full table and samples make numbers uncertain.
  - No finding means that nothing was found in what ran, not that nothing is
    there.
  - Give --elf build/NAME.elf where call sites are bare addresses.
  - Scripts and agents: --json (docs/json.md), --limit; exit codes 0 fine,
    1 over budget, 2 usage, 3 input.

memmap guide RULE explains a rule:
${wrap([...rulePages().keys()].join(", "), COLUMNS, "  ").join("\n")}
`;

/** The pages of the docs that explain a rule or a detector. */
export function explain(name: string): string {
  const named = detectors.find((one) => one.name === name)?.page;
  const pages = rulePages().get(name) ?? (named === undefined ? [] : [named]);
  if (pages.length === 0) {
    const [nearest] = similar(name, [...rulePages().keys()], 1);
    throw new MemmapError(`there is no rule ${name}`, {
      code: "usage-rule",
      hint: nearest === undefined ? "`memmap guide` names all rules." : `Did you mean \`memmap guide ${nearest}\`?`,
    });
  }
  return pages.map(pageText).join("\n");
}

/** A page of docs/detectors. */
export function pageText(page: string): string {
  const pages = packagePath("docs", "detectors");
  if (existsSync(pages)) return readFileSync(join(pages, `${page}.md`), "utf8");
  throw new MemmapError("memmap's docs are missing", { code: "docs-missing", hint: "Install memmap again." });
}
