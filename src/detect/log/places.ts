// What to call the place of an accident: the first frame that is the program's own.

import { formatAddress } from "../../base/format.ts";
import { fileName } from "../../base/paths.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import { isSystemFrame } from "../../symbols/system-frames.ts";
import type { NamedFrame } from "../../wire/fields.ts";
import type { Names } from "../names.ts";

/** What to call the place of an accident: its first own frame, or the address as the log prints it where nothing has a name. */
export function placeName(names: Names, incident: RunIncident): string | undefined {
  const { site = 0, pc } = incident;
  const own = ownName(names, incident);
  const isNameless = (names.site(site).function ?? "") === "";
  return own ?? (isNameless && pc !== undefined ? formatAddress(pc) : undefined);
}

/** Frames of an accident, innermost first: unwound from its registers and stack where they and the ELF are there, else its backtrace. */
export function framesOf(names: Names, incident: RunIncident): readonly NamedFrame[] {
  const unwound = names.stackOf(incident);
  return unwound.length > 0 ? unwound : names.site(incident.site ?? 0).frames;
}

/** The first frame with a name that is neither the panic handler's nor the heap's, where the ELF or the log name it. */
export function ownName(names: Names, incident: RunIncident): string | undefined {
  const frame = framesOf(names, incident).find(
    ({ function: name }) => name !== "" && !name.startsWith("0x") && !isSystemFrame(name),
  );
  return frame === undefined ? undefined : placeOf(frame);
}

export function placeOf({ function: name, file, line }: NamedFrame): string {
  const place = file === undefined ? "" : `${fileName(file)}${line === undefined ? "" : `:${line}`} `;
  return `${place}${name}`;
}
