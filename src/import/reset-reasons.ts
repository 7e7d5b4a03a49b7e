// Why a board restarted, as its program says after it, or the ESP8266's boot code: a watchdog, a crash, or too low a voltage.

import { RESET_REASON, SAFE_MODE } from "./crash-wordings.ts";
import type { IncidentDraft } from "./incident-book.ts";

const ALONE = "reason alone 1";
/** Settings, and what did not happen. */
const NO_REASON = /\b(?:no|not|none|without|disabled?|enabled?|init\w*|start(?:ed|ing)?)\b/i;

export function resetReasonIn(text: string): Pick<IncidentDraft, "kind" | "detail" | "facts"> | undefined {
  const interpreters = SAFE_MODE.exec(text)?.[0];
  if (interpreters !== undefined) return { kind: "panic", detail: interpreters, facts: [ALONE] };
  const match = RESET_REASON.exec(text);
  if (match === null) return undefined;
  const words = (match[1] ?? match[2] ?? match[3] ?? "").trim();
  if (NO_REASON.test(words)) return undefined;
  if (/brown-?out/i.test(words)) return { kind: "panic", detail: "Brownout detector", facts: [ALONE] };
  return { kind: /dog|wdt/i.test(words) ? "watchdog" : "panic", detail: words, facts: [ALONE] };
}

/** Nothing but the reason of a restart: what comes next tells it in full, or is another accident. */
export function isReasonAlone({ facts = [] }: Pick<IncidentDraft, "facts">): boolean {
  return facts.includes(ALONE);
}
