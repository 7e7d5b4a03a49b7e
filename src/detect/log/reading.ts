// What is read from one accident of a log: a finding without its places.

import { Urgency } from "../urgency.ts";
import type { Finding } from "../finding.ts";

export const accidentRules = {
  overflow: Urgency.DAMAGE,
  underflow: Urgency.DAMAGE,
  "write-after-free": Urgency.DAMAGE,
  "double-free": Urgency.MISUSE,
  "wild-free": Urgency.MISUSE,
  "use-after-free": Urgency.MISUSE,
  "read-after-free": Urgency.MISUSE,
  "heap-corruption": Urgency.CONTRADICTION,
  "stack-overflow": Urgency.CONTRADICTION,
  uninitialized: Urgency.CONTRADICTION,
  "out-of-bounds": Urgency.CONTRADICTION,
  sanitizer: Urgency.CONTRADICTION,
  crash: Urgency.FAILURE,
} as const;
export type AccidentRule = keyof typeof accidentRules;

export interface Reading {
  readonly rule: AccidentRule;
  readonly severity: Finding["severity"];
  readonly confidence: number;
  readonly title: string;
  readonly evidence: readonly string[];
  readonly next: string;
}

export const FIND_WRITER =
  "Set CONFIG_HEAP_POISONING_COMPREHENSIVE and call heap_caps_check_integrity_all(true) between suspects: the first call that complains brackets the culprit; memmap's probe names block, owner and time";

/** umm_malloc of the ESP8266 core has a switch of its own. */
export const FIND_UMM_WRITER =
  "Build with -DUMM_POISON_CHECK, with which each call of the heap looks at all blocks: the first one that complains brackets the culprit";

export const word = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, "0").toUpperCase()}`;

export function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Fill and canaries of multi_heap_poisoning.c, and FreeRTOS's fill of stacks. */
export const FREED = 0xfefefefe;
export const FRESH = 0xcececece;
export const HEAD = 0xabba1234;
export const TAIL = 0xbaad5678;
export const STACK_FILL = 0xa5a5a5a5;
/** What the ESP32 reads through its cache while that is off. */
export const NO_CACHE = 0xbad00bad;
