// Says what the device has reported since it was last asked: boots, faults, failed allocations.
import { safeText } from "../../base/safe-text.ts";
import { makeNames } from "../../detect/names.ts";
import type { RunTables } from "../../heap/types.ts";
import type { Colours } from "../terminal/colours.ts";
import { bootSentence, failureSentence, faultSentence } from "./sentences.ts";

/** More of the same kind are counted at the end, not printed one by one: a fault in a loop would drown everything else. */
const SENTENCES_PER_KIND = 20;

export interface Announcer {
  /** Sentences on what is new in the tables. */
  news(tables: RunTables): string[];
}

export function makeAnnouncer(colours: Colours): Announcer {
  let boots = 0;
  let faults = 0;
  let failures = 0;
  return {
    news(tables) {
      const isQuiet = tables.boots.length === boots && tables.faults.length === faults;
      if (isQuiet && tables.failures.length === failures) return [];
      const names = makeNames(tables);
      const sentences: string[] = [];
      for (; boots < tables.boots.length; boots++) {
        const boot = tables.boots[boots];
        if (boot === undefined) continue;
        const sentence = safeText(bootSentence(boot, boots + 1, tables.boots[boots - 1]));
        sentences.push(boots === 0 ? colours.dim(sentence) : colours.yellow(sentence));
      }
      for (; faults < tables.faults.length; faults++) {
        const fault = tables.faults[faults];
        if (fault === undefined || faults > SENTENCES_PER_KIND) continue;
        sentences.push(`${colours.red("fault:")} ${safeText(faultSentence(fault, names))}`);
        if (faults === SENTENCES_PER_KIND) sentences.push("further faults are counted, not printed");
      }
      for (; failures < tables.failures.length; failures++) {
        const failure = tables.failures[failures];
        if (failure === undefined || failures > SENTENCES_PER_KIND) continue;
        sentences.push(`${colours.yellow("failed:")} ${safeText(failureSentence(failure, names))}`);
        if (failures === SENTENCES_PER_KIND) sentences.push("further failed allocations are counted, not printed");
      }
      return sentences;
    },
  };
}
