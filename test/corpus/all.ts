// The whole labelled corpus.
import { espIdfPrograms } from "./esp-idf.ts";
import { healthyPrograms } from "./healthy.ts";
import { hostFaultPrograms } from "./host-faults.ts";
import { leakingPrograms } from "./leaking.ts";
import { otherPrograms } from "./other-faults.ts";
import type { CorpusProgram } from "./program.ts";

export const allPrograms: readonly CorpusProgram[] = [
  ...leakingPrograms,
  ...healthyPrograms,
  ...espIdfPrograms,
  ...hostFaultPrograms,
  ...otherPrograms,
];
