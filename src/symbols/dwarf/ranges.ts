// Address ranges of units and functions: .debug_ranges (DWARF 3-4, section 2.17.3) and .debug_rnglists (DWARF 5, 7.25).
import type { Address } from "../../base/units.ts";
import { Cursor } from "../cursor.ts";
import { DW_FORM } from "./constants.ts";
import { readOffset } from "./forms.ts";
import { addressAtIndex, type Dwarf, type RangesReference, type Unit } from "./units.ts";

const DW_RLE = {
  endOfList: 0,
  baseAddressx: 1,
  startxEndx: 2,
  startxLength: 3,
  offsetPair: 4,
  baseAddress: 5,
  startEnd: 6,
  startLength: 7,
} as const;

/** Calls `visit` for each non-empty range, as it stands in the file: the caller drops those that the linker left at 0. */
export function forEachRange(
  dwarf: Dwarf,
  unit: Unit,
  reference: RangesReference,
  visit: (low: Address, high: Address) => void,
): void {
  if (unit.version >= 5) readRangeList(dwarf, unit, reference, visit);
  else readRanges(dwarf, unit, unit.root.rangesBase + reference.value, visit);
}

function readRanges(dwarf: Dwarf, unit: Unit, offset: number, visit: (low: Address, high: Address) => void): void {
  const cursor = new Cursor(dwarf.sections.ranges, offset);
  const isWide = unit.addressSize === 8;
  // A start of all ones says that the second number is the new base.
  const newBase = isWide ? 2 ** 64 - 1 : 0xffffffff;
  let base = unit.root.low ?? 0;
  while (!cursor.overrun) {
    const low = isWide ? cursor.u64() : cursor.u32();
    const high = isWide ? cursor.u64() : cursor.u32();
    if (cursor.overrun || (low === 0 && high === 0)) break;
    if (!takeRange(dwarf)) return;
    if (low >= newBase) base = high;
    else if (high > low) visit((base + low) % 2 ** 32, ((base + low) % 2 ** 32) + (high - low));
  }
  if (cursor.overrun) dwarf.problems.add("dwarf-ranges", "a list of address ranges is cut");
}

function readRangeList(
  dwarf: Dwarf,
  unit: Unit,
  reference: RangesReference,
  visit: (low: Address, high: Address) => void,
): void {
  const { rnglists } = dwarf.sections;
  let offset = reference.value;
  if (reference.form === DW_FORM.rnglistx) {
    const entry = readOffset(rnglists, unit.root.rnglistsBase + reference.value * unit.offsetSize);
    offset = entry === undefined ? rnglists.length : unit.root.rnglistsBase + entry;
  }
  const cursor = new Cursor(rnglists, offset);
  const indexed = (): Address =>
    addressAtIndex(dwarf.sections, unit.root.addrBase, unit.addressSize, cursor.uleb()) ?? 0;
  const plain = (): Address => cursor.unsigned(unit.addressSize);
  let base = unit.root.low ?? 0;
  while (!cursor.overrun) {
    const kind = cursor.u8();
    if (kind === DW_RLE.endOfList || !takeRange(dwarf)) break;
    let low = 0;
    let high = 0;
    switch (kind) {
      case DW_RLE.baseAddressx:
        base = indexed();
        break;
      case DW_RLE.baseAddress:
        base = plain();
        break;
      case DW_RLE.startxEndx:
        low = indexed();
        high = indexed();
        break;
      case DW_RLE.startxLength:
        low = indexed();
        high = low + cursor.uleb();
        break;
      case DW_RLE.offsetPair:
        low = base + cursor.uleb();
        high = base + cursor.uleb();
        break;
      case DW_RLE.startEnd:
        low = plain();
        high = plain();
        break;
      case DW_RLE.startLength:
        low = plain();
        high = low + cursor.uleb();
        break;
      default:
        cursor.skip(cursor.end + 1);
    }
    if (high > low && !cursor.overrun) visit(low, high);
  }
  if (cursor.overrun) dwarf.problems.add("dwarf-ranges", "a list of address ranges is cut");
}

function takeRange(dwarf: Dwarf): boolean {
  if (dwarf.budget.take(1)) return true;
  dwarf.problems.add("dwarf-limit", "the debug information refers to itself beyond reason: the rest is left out");
  return false;
}
