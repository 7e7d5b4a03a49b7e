// All programs of this folder, in the two halves of split.ts; those whose outcome was seen when they were written are developed on.
import type { CorpusProgram } from "../program.ts";
import { deviceLeaks } from "./device-leaks.ts";
import { healthyReports } from "./healthy.ts";
import { networkLeaks } from "./network-leaks.ts";
import { roomPrograms } from "./room.ts";
import { seenHealthy } from "./seen-healthy.ts";
import { seenLeaks } from "./seen-leaks.ts";
import { isHeldOut } from "./split.ts";

const reported: readonly CorpusProgram[] = [...networkLeaks, ...deviceLeaks, ...healthyReports, ...roomPrograms];

export const developed: readonly CorpusProgram[] = [
  ...reported.filter((program) => !isHeldOut(program)),
  ...seenLeaks,
  ...seenHealthy,
];
/** Only the last lines of bench/detectors.ts may know how these come out. */
export const heldOut = reported.filter(isHeldOut);
