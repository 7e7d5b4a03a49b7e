// Abbreviation tables (.debug_abbrev): what attributes a DIE has, in what form. Decoded as far as someone asked, because the
// index over all units needs only the first declaration of each table.
/* eslint-disable @typescript-eslint/no-non-null-assertion -- a hot loop on bytes, which end it where they end */
import { Cursor } from "../cursor.ts";
import type { Budget } from "../problems.ts";
import { DW_FORM } from "./constants.ts";

export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** The first of its triples (attribute, form, implicit constant) in the table's `specs`, and the one behind its last. */
  readonly first: number;
  readonly last: number;
  /** Bytes that a DIE takes behind its code when that is the same for all, else -1. */
  readonly fixedSize: number;
}

/** Codes are dense in all known producers; a table with larger ones goes through a map instead of an array. */
const DENSE_CODES = 65_536;

export class AbbrevTable {
  /** Triples of attribute, form and implicit constant. */
  readonly specs: number[] = [];
  private readonly dense: (Abbreviation | undefined)[] = [];
  private sparse: Map<number, Abbreviation> | undefined;
  private readonly section: Uint8Array;
  private readonly offset: number;
  private readonly cursor: Cursor;
  private readonly addressSize: number;
  private readonly offsetSize: number;
  private readonly budget: Budget;
  private complete = false;

  /** @param budget bytes of .debug_abbrev that all tables together may still read */
  constructor(section: Uint8Array, offset: number, addressSize: number, offsetSize: number, budget: Budget) {
    this.section = section;
    this.offset = offset;
    this.cursor = new Cursor(section, offset);
    this.addressSize = addressSize;
    this.offsetSize = offsetSize;
    this.budget = budget;
  }

  /**
   * Where the declaration of a code goes on behind the code: its tag, whether it has children, its attributes. Decodes nothing: of most units only the root
   * is ever read.
   *
   * @param budget bytes of .debug_abbrev that all searches together may still read
   */
  find(code: number, budget: Budget): Cursor | undefined {
    const cursor = new Cursor(this.section, this.offset);
    for (;;) {
      const from = cursor.pos;
      const found = cursor.uleb();
      if (found === 0 || cursor.overrun) return undefined;
      if (found === code) return cursor;
      cursor.skip(sizeOfDeclaration(this.section, cursor.pos));
      if (cursor.overrun || !budget.take(cursor.pos - from)) return undefined;
    }
  }

  get(code: number): Abbreviation | undefined {
    const known = this.dense[code];
    if (known !== undefined) return known;
    if (this.complete) return this.sparse?.get(code);
    while (!this.complete) if (this.decodeOne() === code) break;
    return this.dense[code] ?? this.sparse?.get(code);
  }

  /** Gives the code that was decoded, 0 at the end of the table. */
  private decodeOne(): number {
    const cursor = this.cursor;
    const code = cursor.uleb();
    if (code === 0 || cursor.overrun) {
      this.complete = true;
      return 0;
    }
    const tag = cursor.uleb();
    const hasChildren = cursor.u8() !== 0;
    const first = this.specs.length;
    let fixedSize = 0;
    for (;;) {
      const attribute = cursor.uleb();
      const form = cursor.uleb();
      const constant = form === DW_FORM.implicitConst ? cursor.sleb() : 0;
      if (cursor.overrun || !this.budget.take(2)) {
        this.complete = true;
        return 0;
      }
      if (attribute === 0 && form === 0) break;
      this.specs.push(attribute, form, constant);
      const size = fixedFormSize(form, this.addressSize, this.offsetSize);
      fixedSize = size < 0 || fixedSize < 0 ? -1 : fixedSize + size;
    }
    const abbreviation = { tag, hasChildren, first, last: this.specs.length, fixedSize };
    if (code < DENSE_CODES) {
      while (this.dense.length <= code) this.dense.push(undefined);
      this.dense[code] ??= abbreviation;
    } else {
      this.sparse ??= new Map();
      if (!this.sparse.has(code)) this.sparse.set(code, abbreviation);
    }
    return code;
  }
}

/**
 * Bytes of a declaration behind its code. The compiler may declare a hundred kinds of DIE before the root, so that this is the hottest loop of a look-up: it
 * calls nothing, which the engine would spend longer on inlining than there is to read.
 */
function sizeOfDeclaration(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at++]! >= 0x80); // the tag
  at++; // whether it has children
  while (at < bytes.length) {
    const attribute = bytes[at];
    while (bytes[at++]! >= 0x80);
    const form = bytes[at];
    while (bytes[at++]! >= 0x80);
    if (attribute === 0 && form === 0) break;
    if (form === DW_FORM.implicitConst) while (bytes[at++]! >= 0x80);
  }
  return at - start;
}

/** Bytes that a form takes, -1 when that depends on the value. */
export function fixedFormSize(form: number, addressSize: number, offsetSize: number): number {
  switch (form) {
    case DW_FORM.flagPresent:
    case DW_FORM.implicitConst:
      return 0;
    case DW_FORM.data1:
    case DW_FORM.ref1:
    case DW_FORM.flag:
    case DW_FORM.strx1:
    case DW_FORM.addrx1:
      return 1;
    case DW_FORM.data2:
    case DW_FORM.ref2:
    case DW_FORM.strx2:
    case DW_FORM.addrx2:
      return 2;
    case DW_FORM.strx3:
    case DW_FORM.addrx3:
      return 3;
    case DW_FORM.data4:
    case DW_FORM.ref4:
    case DW_FORM.strx4:
    case DW_FORM.addrx4:
    case DW_FORM.refSup4:
      return 4;
    case DW_FORM.data8:
    case DW_FORM.ref8:
    case DW_FORM.refSig8:
    case DW_FORM.refSup8:
      return 8;
    case DW_FORM.data16:
      return 16;
    case DW_FORM.addr:
      return addressSize;
    case DW_FORM.strp:
    case DW_FORM.lineStrp:
    case DW_FORM.secOffset:
    case DW_FORM.strpSup:
    case DW_FORM.gnuRefAlt:
    case DW_FORM.gnuStrpAlt:
      return offsetSize;
    default:
      // refAddr among them: its size changed between versions 2 and 3.
      return -1;
  }
}
