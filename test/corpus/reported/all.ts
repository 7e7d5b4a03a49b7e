// All programs of this folder, in the two halves of split.ts.
import type { CorpusProgram } from "../program.ts";
import { deviceLeaks } from "./device-leaks.ts";
import { healthyReports } from "./healthy.ts";
import { networkLeaks } from "./network-leaks.ts";
import { roomPrograms } from "./room.ts";
import { isHeldOut } from "./split.ts";

const reported: readonly CorpusProgram[] = [...networkLeaks, ...deviceLeaks, ...healthyReports, ...roomPrograms];

export const developed = reported.filter((program) => !isHeldOut(program));
/** Only the last lines of bench/detectors.ts may know how these come out. */
export const heldOut = reported.filter(isHeldOut);
