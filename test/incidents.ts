// What a log tells of, made up for a test, and the names of its places.

import type { RunIncident } from "../src/heap/run-records.ts";
import { RunRecorder } from "../src/heap/run-recorder.ts";
import { makeNames, type Names } from "../src/detect/names.ts";
import type { FrameResolver } from "../src/heap/types.ts";
import { Method } from "../src/wire/protocol.ts";
import type { NamedFrame } from "../src/wire/fields.ts";

/** An incident in line 10 of a log that tells no times. */
export function incident(kind: RunIncident["kind"], more: Partial<RunIncident> = {}): RunIncident {
  return { kind, boot: 0, time: 0, line: 10, lastLine: more.line ?? 10, count: 1, quote: `a line of ${kind}`, ...more };
}

const NOWHERE = { id: 0, deviceId: 0, boot: 0, method: 0, caps: 0 } as const;

/** Names of sites 1, 2 …, each told by its frames, innermost first. */
export function namesOf(stacks: readonly (readonly (string | NamedFrame)[])[], resolver?: FrameResolver): Names {
  const sites = stacks.map((stack, i) => ({
    id: i + 1,
    deviceId: i + 1,
    boot: 0,
    method: Method.MALLOC,
    caps: 0,
    frames: stack.map((frame) => (typeof frame === "string" ? { function: frame } : frame)),
  }));
  return makeNames({ ...new RunRecorder().tables, sites: [NOWHERE, ...sites] }, resolver);
}
