// What to call the place of an accident.

import { formatAddress } from "../../base/format.ts";
import { fileName } from "../../base/paths.ts";
import { valueAt } from "../../base/values.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import { isAllocatorFrame } from "../../heap/site-names.ts";
import { isSystemFrame } from "../../symbols/system-frames.ts";
import { placeIn, readableName, shortName } from "../../symbols/whose-code.ts";
import type { NamedFrame } from "../../wire/fields.ts";
import type { Names } from "../names.ts";

/** The value of one of its facts. */
export function factOf({ facts = [] }: RunIncident, name: string): string | undefined {
  return facts.find((fact) => fact.startsWith(`${name} `))?.slice(name.length + 1);
}

/** `LINE WORDS` of a fact that quotes a line. */
export function quoteOf(
  incident: RunIncident,
  fact: string,
): { readonly line: number; readonly quote: string } | undefined {
  const [, line, quote = ""] = /^(\d+) (.*)$/.exec(factOf(incident, fact) ?? "") ?? [];
  return line === undefined ? undefined : { line: Number(line), quote };
}

/** What the program called an error right before it, where that is no accident of its own. */
export function errorBefore(
  incident: RunIncident,
  before: readonly RunIncident[],
): { readonly line: number; readonly quote: string } | undefined {
  const error = quoteOf(incident, "error before");
  return before.some(({ line, lastLine }) => line === error?.line || lastLine === error?.line) ? undefined : error;
}

/** What to call the place of an accident: its first own frame, or the address as the log prints it where nothing has a name. */
export function placeName(names: Names, incident: RunIncident): string | undefined {
  const { site = 0, pc } = incident;
  const own = ownName(names, incident);
  const isNameless = (names.site(site).function ?? "") === "";
  return own ?? (isNameless && pc !== undefined ? formatAddress(pc) : undefined);
}

/**
 * Frames of an accident, innermost first: unwound from its registers and stack where they and the ELF are there, else its backtrace, without the heap's
 * own frames at its beginning.
 */
export function framesOf(names: Names, incident: RunIncident): readonly NamedFrame[] {
  const unwound = names.stackOf(incident);
  return unwound.length > 0 ? unwound : names.site(incident.site ?? 0).frames;
}

/** The same with them. */
export function allFramesOf(names: Names, incident: RunIncident): readonly NamedFrame[] {
  const unwound = names.stackOf(incident);
  return unwound.length > 0 ? unwound : names.site(incident.site ?? 0).stack;
}

/** Index of the frame that `ownName` names. */
export function ownFrameOf(names: Names, incident: RunIncident): number | undefined {
  const place = placeIn(framesOf(names, incident), isPassedOver);
  return place === undefined || place.isOwn ? place?.at : (place.through ?? place.at);
}

const isPassedOver = (frame: NamedFrame): boolean =>
  isSystemFrame(frame.function, frame.file) || isAllocatorFrame(frame);

/**
 * The first frame that is the program's own, and the library's function in which it happened; where all are libraries', that function. Undefined where
 * neither the ELF nor the log name one.
 */
export function ownName(names: Names, incident: RunIncident): string | undefined {
  const frames = framesOf(names, incident);
  const place = placeIn(frames, isPassedOver);
  if (place === undefined) return undefined;
  const { at, through, isOwn } = place;
  const own = valueAt(frames, at);
  const library = through === undefined ? undefined : valueAt(frames, through);
  if (!isOwn) return placeOf(library ?? own);
  const told = names.site(incident.site ?? 0);
  // A container's own frames are its allocator's.
  const way =
    library !== undefined
      ? shortName(library.function)
      : told.function === own.function && told.through?.startsWith("std::") === true
        ? told.through
        : undefined;
  return way === undefined ? placeOf(own) : `${placeOf(own)} through ${way}`;
}

export function placeOf({ function: name, file, line }: NamedFrame): string {
  const place = file === undefined ? "" : `${fileName(file)}${line === undefined ? "" : `:${line}`} `;
  return `${place}${readableName(name)}`;
}
