// What a damaged section of a recording means.

import { DamagedPart } from "../heap/damage.ts";
import { SectionId } from "./chunk-format.ts";

/** What a section that cannot be read means, by its id; others are a later version's. */
const PARTS: Readonly<Record<number, DamagedPart>> = {
  [SectionId.ROWS]: DamagedPart.EVENTS,
  [SectionId.NOTES]: DamagedPart.NOTES,
  [SectionId.TEXT]: DamagedPart.TEXT,
  [SectionId.KEY_FRAME]: DamagedPart.SHORTCUT,
  [SectionId.TOTALS]: DamagedPart.SHORTCUT,
  [SectionId.STACKS]: DamagedPart.NAMES,
  [SectionId.NOTES_COPY]: DamagedPart.COPY,
  [SectionId.STACKS_COPY]: DamagedPart.COPY,
  [SectionId.HEADER_BEFORE]: DamagedPart.COPY,
};

export function partOf(section: number): DamagedPart {
  return PARTS[section] ?? DamagedPart.UNKNOWN;
}
