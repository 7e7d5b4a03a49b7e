// What the lines right before an end say of its reason: why a bootloader did not take a program, which exception nobody caught.

import { NOT_TAKEN, THROWN, THROWN_WHAT } from "./crash-wordings.ts";
import type { IncidentDraft } from "./incident-book.ts";
import type { LastLines } from "./last-lines.ts";

/** @param since no earlier line counts */
export function saidBefore(
  lines: LastLines | undefined,
  number: number,
  since: number,
  { kind, known }: Pick<IncidentDraft, "kind" | "known">,
): Pick<IncidentDraft, "facts"> {
  if (known === "no-program") {
    const why = lines?.firstBefore(number, since, NOT_TAKEN);
    return why === undefined ? {} : { facts: [`not taken ${why.line} ${why.quote}`] };
  }
  const thrown = kind === "abort" ? lines?.firstBefore(number, since, THROWN) : undefined;
  if (thrown === undefined) return {};
  const type = THROWN.exec(thrown.quote)?.[1] ?? "";
  const what = THROWN_WHAT.exec(lines?.firstBefore(number, thrown.line, THROWN_WHAT)?.quote ?? "")?.[1];
  return { facts: [`thrown ${thrown.line} ${type}${what === undefined ? "" : ` (${what.trim()})`}`] };
}
