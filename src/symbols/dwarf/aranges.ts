// Which unit has which code, as compilers and assemblers list it beside the units themselves: .debug_aranges, a set of ranges for each unit. Nothing says
// that the list is complete or right. Format: DWARF 2-5 section 6.1.2.
import type { Address } from "../../base/units.ts";
import { debugSection } from "../elf.ts";
import { unitAt, type Dwarf, type Unit } from "./units.ts";

/** Bytes of a set's header as 32-bit producers write it: length, version, unit, size of an address and of a segment, padding to a range's own size. */
const HEADER_BYTES = 16;
/** Start and size. */
const RANGE_BYTES = 8;

/** Calls `visit` for each range that is listed. Sets of another form, and those that belong to no unit, are passed over. */
export function forEachListed(dwarf: Dwarf, visit: (low: Address, high: Address, unit: Unit) => void): void {
  const bytes = debugSection(dwarf.elf, ".debug_aranges");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let sets = 0;
  for (let at = 0; at + HEADER_BYTES <= bytes.length; sets++) {
    const end = at + 4 + view.getUint32(at, true);
    if (end > bytes.length) return;
    const offset = view.getUint32(at + 6, true);
    // They stand in the order of the units.
    const likely = dwarf.units[sets];
    const unit = likely?.offset === offset ? likely : unitAt(dwarf, offset);
    const isKnown = view.getUint16(at + 4, true) === 2 && view.getUint16(at + 10, true) === 4;
    if (isKnown && unit?.offset === offset) {
      // A pair of zeros ends the set, but stands for what the linker has left out as well.
      for (let range = at + HEADER_BYTES; range + RANGE_BYTES <= end; range += RANGE_BYTES) {
        const low = view.getUint32(range, true);
        const size = view.getUint32(range + 4, true);
        if (size > 0) visit(low, low + size, unit);
      }
    }
    at = end;
  }
}
