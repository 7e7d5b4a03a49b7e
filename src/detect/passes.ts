// The passes that detectors share: one over the events for all that watch them, and what rests on it. Only what is needed is made.
import { assert } from "../base/assert.ts";
import type { Window } from "../heap/types.ts";
import { AddressWatch } from "./address-watch.ts";
import { lastEvents, type DetectContext } from "./context.ts";
import type { Pass, Passes } from "./detector.ts";
import { unknownFrees } from "./host-faults.ts";
import { findLeaks } from "./leaks.ts";
import type { LogFindings } from "./log/findings-of-log.ts";
import { Surveyor } from "./survey.ts";

/** @param boots the parts of the window within one boot each, in order, one of them the stretch */
export async function makePasses(
  context: DetectContext,
  boots: readonly Window[],
  needed: ReadonlySet<Pass>,
): Promise<Partial<Passes>> {
  const { model, stretch, regions } = context;
  const surveyor =
    needed.has("survey") || needed.has("leaks")
      ? new Surveyor(
          model.tables,
          stretch,
          regions.map(({ region }) => region),
        )
      : undefined;
  const addresses = needed.has("addresses") ? new AddressWatch(unknownFrees(context)) : undefined;
  for (const part of aroundStretch(boots, stretch)) {
    const visitors = [part === stretch ? surveyor : undefined, addresses].filter((visitor) => visitor !== undefined);
    if (visitors.length > 0) await model.scan(part, visitors);
  }
  const survey = surveyor?.result;
  return {
    ...(survey !== undefined && { survey, leaks: findLeaks(context, survey) }),
    ...(addresses !== undefined && { addresses }),
    ...(needed.has("log") && { log: await logOf(context) }),
    ...(needed.has("activity") && { activity: await model.activity(lastEvents(model, stretch, EVENTS_FOR_WASTE)) }),
  };
}

/** What reads a log is a fifth of all detectors: loaded only where there is one, as the page counts every byte. */
async function logOf(context: DetectContext): Promise<LogFindings> {
  const { incidents, series } = context.model.tables;
  if (incidents.length === 0 && series.length === 0) {
    return { accidents: [], leaks: [], failed: [], traces: [], figures: [] };
  }
  const { findingsOfLog } = await import("./log/findings-of-log.ts");
  return findingsOfLog(context);
}

/** The boots before the stretch as one part, it, and those behind it: a board that restarts all the time has thousands, and each scan begins at a key frame. */
function aroundStretch(boots: readonly Window[], stretch: Window): readonly Window[] {
  const at = boots.indexOf(stretch);
  const joined = (some: readonly Window[]): readonly Window[] => {
    const [first, last] = [some[0], some.at(-1)];
    return first === undefined || last === undefined ? [] : [{ from: first.from, to: last.to }];
  };
  return [...joined(boots.slice(0, at)), stretch, ...joined(boots.slice(at + 1))];
}

/** The passes that a detector needs, all of which are made. */
export function passesFor<Needs extends Pass>(passes: Partial<Passes>, needs: readonly Needs[]): Pick<Passes, Needs> {
  for (const pass of needs) assert(passes[pass] !== undefined, `pass "${pass}" was not made`);
  return passes as Pick<Passes, Needs>;
}

/** Waste repeats itself: about this many events show it. */
const EVENTS_FOR_WASTE = 2e6;
