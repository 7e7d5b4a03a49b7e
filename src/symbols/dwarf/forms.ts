// Attribute values: skipping one, reading one as a number, reading one as text.
import { Cursor, stringAt } from "../cursor.ts";
import { fixedFormSize } from "./abbrev.ts";
import { DW_FORM } from "./constants.ts";
import type { DebugSections, Encoding } from "./sections.ts";

/** An unknown form: nothing behind it can be read, so the cursor goes to the end and says `overrun`. */
function giveUp(cursor: Cursor): number {
  cursor.pos = cursor.end;
  cursor.overrun = true;
  return 0;
}

export function skipForm(cursor: Cursor, form: number, unit: Encoding): void {
  const size = fixedFormSize(form, unit.addressSize, unit.offsetSize);
  if (size >= 0) {
    cursor.skip(size);
    return;
  }
  switch (form) {
    case DW_FORM.string:
      cursor.skipString();
      return;
    case DW_FORM.block1:
      cursor.skip(cursor.u8());
      return;
    case DW_FORM.block2:
      cursor.skip(cursor.u16());
      return;
    case DW_FORM.block4:
      cursor.skip(cursor.u32());
      return;
    case DW_FORM.block:
    case DW_FORM.exprloc:
      cursor.skip(cursor.uleb());
      return;
    case DW_FORM.sdata:
    case DW_FORM.udata:
    case DW_FORM.refUdata:
    case DW_FORM.strx:
    case DW_FORM.addrx:
    case DW_FORM.loclistx:
    case DW_FORM.rnglistx:
    case DW_FORM.gnuAddrIndex:
    case DW_FORM.gnuStrIndex:
      cursor.skipLeb();
      return;
    case DW_FORM.refAddr:
      cursor.skip(unit.version <= 2 ? unit.addressSize : unit.offsetSize);
      return;
    case DW_FORM.indirect: {
      const actual = cursor.uleb();
      // An indirect form that names itself again is damage.
      if (actual === DW_FORM.indirect) giveUp(cursor);
      else skipForm(cursor, actual, unit);
      return;
    }
    default:
      giveUp(cursor);
  }
}

/**
 * A value as a number: constants and flags as they are, references as offsets in .debug_info, addresses and indexes into
 * .debug_addr as their index. Text and blocks give 0. The cursor always moves behind the value.
 *
 * @param implicit the constant that the abbreviation itself has, for the form that needs one
 */
export function readNumber(cursor: Cursor, form: number, unit: Encoding, implicit = 0): number {
  switch (form) {
    case DW_FORM.addr:
      return cursor.unsigned(unit.addressSize);
    case DW_FORM.data1:
    case DW_FORM.flag:
    case DW_FORM.strx1:
    case DW_FORM.addrx1:
      return cursor.u8();
    case DW_FORM.data2:
    case DW_FORM.strx2:
    case DW_FORM.addrx2:
      return cursor.u16();
    case DW_FORM.strx3:
    case DW_FORM.addrx3:
      return cursor.u24();
    case DW_FORM.data4:
    case DW_FORM.strx4:
    case DW_FORM.addrx4:
      return cursor.u32();
    case DW_FORM.data8:
      return cursor.u64();
    case DW_FORM.sdata:
      return cursor.sleb();
    case DW_FORM.udata:
    case DW_FORM.strx:
    case DW_FORM.addrx:
    case DW_FORM.rnglistx:
    case DW_FORM.loclistx:
    case DW_FORM.gnuAddrIndex:
    case DW_FORM.gnuStrIndex:
      return cursor.uleb();
    case DW_FORM.flagPresent:
      return 1;
    case DW_FORM.implicitConst:
      return implicit;
    case DW_FORM.secOffset:
    case DW_FORM.strp:
    case DW_FORM.lineStrp:
      return cursor.unsigned(unit.offsetSize);
    case DW_FORM.ref1:
      return unit.offset + cursor.u8();
    case DW_FORM.ref2:
      return unit.offset + cursor.u16();
    case DW_FORM.ref4:
      return unit.offset + cursor.u32();
    case DW_FORM.ref8:
      return unit.offset + cursor.u64();
    case DW_FORM.refUdata:
      return unit.offset + cursor.uleb();
    case DW_FORM.refAddr:
      return cursor.unsigned(unit.version <= 2 ? unit.addressSize : unit.offsetSize);
    case DW_FORM.indirect: {
      const actual = cursor.uleb();
      return actual === DW_FORM.indirect ? giveUp(cursor) : readNumber(cursor, actual, unit);
    }
    default:
      skipForm(cursor, form, unit);
      return 0;
  }
}

/** Whether the form's number is an index into .debug_addr. */
export function isAddressIndex(form: number): boolean {
  return form === DW_FORM.addrx || (form >= DW_FORM.addrx1 && form <= DW_FORM.addrx4) || form === DW_FORM.gnuAddrIndex;
}

/** Where the characters of a text value are: a section's bytes and an offset; undefined for other forms. Moves the cursor. */
export function readText(
  cursor: Cursor,
  form: number,
  unit: Encoding & { readonly strOffsetsBase: number },
  sections: DebugSections,
): { readonly bytes: Uint8Array; readonly at: number } | undefined {
  switch (form) {
    case DW_FORM.string: {
      const at = cursor.pos;
      cursor.skipString();
      return cursor.overrun ? undefined : { bytes: cursor.bytes, at };
    }
    case DW_FORM.strp:
      return { bytes: sections.str, at: cursor.unsigned(unit.offsetSize) };
    case DW_FORM.lineStrp:
      return { bytes: sections.lineStr, at: cursor.unsigned(unit.offsetSize) };
    case DW_FORM.strx:
    case DW_FORM.strx1:
    case DW_FORM.strx2:
    case DW_FORM.strx3:
    case DW_FORM.strx4:
    case DW_FORM.gnuStrIndex: {
      const index = readNumber(cursor, form, unit);
      const at = readOffset(sections.strOffsets, unit.strOffsetsBase + index * unit.offsetSize);
      return at === undefined ? undefined : { bytes: sections.str, at };
    }
    case DW_FORM.indirect: {
      const actual = cursor.uleb();
      if (actual !== DW_FORM.indirect) return readText(cursor, actual, unit, sections);
      giveUp(cursor);
      return undefined;
    }
    default:
      skipForm(cursor, form, unit);
      return undefined;
  }
}

/** A text value as a string; empty when there is none. */
export function textOf(text: { readonly bytes: Uint8Array; readonly at: number } | undefined): string {
  return text === undefined ? "" : stringAt(text.bytes, text.at);
}

/** A 32-bit entry of .debug_addr or .debug_str_offsets; undefined outside of it. */
export function readOffset(section: Uint8Array, at: number): number | undefined {
  const cursor = new Cursor(section, at);
  const entry = cursor.u32();
  return cursor.overrun ? undefined : entry;
}
