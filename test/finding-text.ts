// Findings as words: all that is said of a case, to be kept in test/answers and compared.

import { crc32 } from "../src/base/crc32.ts";
import type { Finding } from "../src/detect/finding.ts";

/** All that is said of each case, to be kept as a file of words. */
export function told(cases: Readonly<Record<string, Finding | undefined | readonly Finding[]>>): string {
  const parts = Object.entries(cases).map(([name, said]) => {
    const findings = said === undefined ? [] : "rule" in said ? [said] : said;
    const none = said === undefined ? ["nothing"] : findings.length === 0 ? ["no findings"] : [];
    return [`## ${name}`, ...none, ...findings.flatMap(linesOf)].join("\n");
  });
  return `${parts.join("\n\n")}\n`;
}

/** Without the group, which follows from the detector. Of many blocks the first one, how many there are, and a checksum of them all. */
export function linesOf(finding: Finding): string[] {
  const { severity, rule, confidence, title, evidence, next, blocks, ...more } = finding;
  const rest = Object.entries(more).filter(([key]) => key !== "group");
  const all = JSON.stringify(blocks);
  const some = blocks.length < 2 ? blocks : [blocks[0], blocks.length, crc32(new TextEncoder().encode(all))];
  return [
    `${severity} ${rule} ${Number(confidence.toPrecision(6))}: ${title}`,
    ...evidence.map((sentence) => `  - ${sentence}`),
    `  > ${next}`,
    `  ${JSON.stringify({ ...Object.fromEntries(rest), blocks: some }, rounded)}`,
  ];
}

/** The last digits of what was calculated are the processor's. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(9)) : value;
}
