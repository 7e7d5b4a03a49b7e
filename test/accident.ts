// A log that tells of one accident, and what its first finding must and no finding may say.

import { expect } from "vitest";
import { answerTo } from "./log-answer.ts";

export const IDF = "/home/ada/esp/v5.3/esp-idf/components";
export const panic = (reason: string, registers: string, backtrace = ""): string =>
  `Guru Meditation Error: Core  0 panic'ed (${reason}). Exception was unhandled.\n\nCore  0 register dump:\n${registers}\n\n${backtrace}\n\nELF file SHA256: 0123456789abcdef\n`;

export interface Accident {
  readonly log: string;
  /** Severity and rule, then patterns. */
  readonly says: readonly [string, ...RegExp[]];
  readonly never?: readonly RegExp[];
}

export async function tells({ log, says: [first, ...says], never = [] }: Accident): Promise<void> {
  const { texts } = await answerTo(log);
  const all = texts.join("\n\n");
  expect(texts[0]?.startsWith(`${first}: `), all).toBe(true);
  for (const pattern of says) expect(texts[0]).toMatch(pattern);
  for (const pattern of never) expect(all).not.toMatch(pattern);
  expect(texts.filter((text) => text.startsWith("error")).length, all).toBeLessThan(2);
}
