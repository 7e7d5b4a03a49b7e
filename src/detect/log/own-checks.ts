// What a program's own checks of its memory have found, in its own words: what they prove, and between which places to look.

import { formatAddress } from "../../base/format.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import { factOf, quoteOf } from "./places.ts";
import { FIND_WRITER, type Reading } from "./reading.ts";

export function ownCheck(incident: RunIncident): Reading | undefined {
  if (factOf(incident, "own check") === undefined) return undefined;
  const { kind, detail, address } = incident;
  const block = address === undefined ? "a block" : `the block at ${formatAddress(address)}`;
  if (kind === "double-free") {
    return {
      rule: "double-free", severity: "error", confidence: 0.9,
      title: `double free of ${block}, as a check of the program's own tells`,
      evidence: ["It is known by the program's own account of its blocks; ESP-IDF's heap says nothing here"],
      next: "Look at both places that free it, and set the pointer to NULL at the first",
    }; // prettier-ignore
  }
  if (kind === "write-after-free") {
    return {
      rule: "use-after-free", severity: "error", confidence: 0.9,
      title: `${block} was used after its free, as a check of the program's own tells`,
      evidence: ["It is known by the program's own account of its blocks; ESP-IDF's heap says nothing here"],
      next: "Look at who frees it, and at who keeps a pointer to it",
    }; // prettier-ignore
  }
  const passed = quoteOf(incident, "passed");
  const isOverrun = detail === "overrun";
  return {
    rule: isOverrun ? "overflow" : "heap-corruption",
    severity: "error",
    confidence: 0.9,
    title: isOverrun
      ? `${block} was written past its end, as a check of the program's own tells`
      : "the heap is damaged, as a check of the program's own tells",
    evidence: [
      isOverrun
        ? "What the program had put around it as a guard was overwritten"
        : "A block's header, its canary or the free list was overwritten, nearly always by an overflow of the block before it",
      passed === undefined
        ? "The write happened any time before this check"
        : `The last check that found nothing stands in line ${passed.line}, “${passed.quote}”: the write happened between these two lines`,
    ],
    next:
      passed === undefined
        ? isOverrun
          ? "Let that check run after each step that writes near there, halving the stretch until one step is left; where each block comes of malloc(), CONFIG_HEAP_POISONING_COMPREHENSIVE has such guards around all of them"
          : FIND_WRITER
        : "Check more often between those two places, halving the stretch until one call is left; set CONFIG_HEAP_POISONING_COMPREHENSIVE, and let the check print (heap_caps_check_integrity_all(true)): its canaries name the block",
  };
}
