// Checks that a program makes of its memory in words of its own: of the heap's integrity, of canaries, of blocks that are freed twice, of stacks.

import type { IncidentKind } from "../wire/log-records.ts";
import type { IncidentDraft } from "./incident-book.ts";
import type { LogLine } from "./log-text.ts";

/** What a check of the whole heap is called, and how it ended. */
const CHECK =
  /\bheap\b.{0,24}\b(?:integrity|consistency|sanity|corrupt(?:ed|ion)?)\b|(?:\b|_)check_integrity\w*|\bmemory corruption\b/i;
const FAILS =
  /\bfail(?:ed|ure|s)?\b|\bcorrupt(?:ed|ion)\b|\bbroken\b|\bbad\b|\bdamaged?\b|\berrors?\b|(?:=>?|:|returned|is) ?false\b|\bNOT (?:ok|intact)\b/i;
const PASSES = /\b(?:ok(?:ay)?|pass(?:ed|es)?|intact|good|clean|true)\b/i;
const DOUBLE_FREE = /\bdouble[ -]?free\b(?!\?)/i;
const USED_AFTER = /(?<!Bug type: )\buse[ -]after[ -]free\b/i;
const CANARY =
  /\b(?:canary|guard|red ?zone|magic|sentinel)\b.{0,64}\b(?:mismatch|corrupt(?:ed|ion)?|overwritten|damaged|dead|destroyed|violated|trampled)\b|\bbuffer (?:overrun|overflow) (?:detected|of|at|in)\b/i;
/** Of a task: behind the words or before them. */
const STACK_OF =
  /\bstack[ _-]?over(?:flow(?:ed)?|run)\b[!:\s-]{0,4}(?:detected )?(?:in|by|for|of|from|at)?\s*(?:the )?task\b(?: name)?\s*[:=]?\s*['"“(]?([A-Za-z_][\w.-]*)|\btask\b\s*[:=]?\s*['"“]([\w .-]+)['"”](?:'s)? (?:has |had )?(?:a )?stack[ _-]?over(?:flow(?:ed)?|run)\b/i;
/** Settings, counters and what did not happen. */
const NONE =
  /\b(?:no|not|without|0|zero|enabled?|disabled?|detection|protection|hook|start(?:ing|ed)?|running|begin|every|interval|if|would|may|might|can|could|avoid|prevents?|possible)\b/i;

/** What an accident may begin with. */
export const OWN_CHECKS: readonly RegExp[] = [CHECK, DOUBLE_FREE, USED_AFTER, CANARY, STACK_OF];

const OWN = "own check 1";

type OwnCheck = Pick<IncidentDraft, "kind" | "detail" | "task" | "address" | "expected" | "facts">;

/** Remembers the last check that found nothing, for the one that does. */
export class OwnChecks {
  private passed: { readonly line: number; readonly quote: string } | undefined;

  in({ text, number }: Pick<LogLine, "text" | "number">): OwnCheck | undefined {
    const check = ownCheckIn(text);
    if (check === "passed") this.passed = { line: number, quote: text.trim() };
    if (check === undefined || check === "passed") return undefined;
    const { passed } = this;
    const { facts = [] } = check;
    return passed === undefined || facts.length === 0
      ? check
      : { ...check, facts: [...facts, `passed ${passed.line} ${passed.quote}`] };
  }
}

/** Undefined where a line tells of none; "passed" of a check of the heap that found nothing. */
function ownCheckIn(text: string): OwnCheck | "passed" | undefined {
  const isOfHeap = CHECK.test(text);
  if (isOfHeap && (!FAILS.test(text) || NONE.test(text)))
    return PASSES.test(text) || NONE.test(text) ? "passed" : undefined;
  if (NONE.test(text)) return undefined;
  const stack = STACK_OF.exec(text);
  if (stack !== null) return { kind: "stack-overflow", task: (stack[1] ?? stack[2] ?? "").trim() };
  const found = FOUND.find(({ words }) => words.test(text));
  if (found === undefined) return undefined;
  const { kind, detail } = found;
  const address = /\b0x([0-9a-f]{8})\b/i.exec(text)?.[1];
  return { kind, detail, facts: [OWN], ...(address === undefined ? {} : { address: Number.parseInt(address, 16) }) };
}

const FOUND: readonly { readonly words: RegExp; readonly kind: IncidentKind; readonly detail: string }[] = [
  { words: DOUBLE_FREE, kind: "double-free", detail: "double free" },
  { words: USED_AFTER, kind: "write-after-free", detail: "use after free" },
  { words: CANARY, kind: "heap-metadata", detail: "overrun" },
  { words: CHECK, kind: "heap-metadata", detail: "check" },
];
