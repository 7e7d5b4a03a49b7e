// DIEs one at a time, for readers that look at few of them: types, and where variables are.
/* eslint-disable @typescript-eslint/no-non-null-assertion -- `specs` is indexed in steps of three within its own bounds */
import { Cursor } from "../cursor.ts";
import { DW_AT, DW_FORM } from "./constants.ts";
import { readNumber, readText, skipForm, textOf } from "./forms.ts";
import { unitAt, type Dwarf, type Unit } from "./units.ts";

interface Attribute {
  readonly form: number;
  readonly implicit: number;
  /** Where the value is in .debug_info. */
  readonly pos: number;
}

export interface Die {
  readonly offset: number;
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly unit: Unit;
  readonly attributes: ReadonlyMap<number, Attribute>;
  /** Behind its attributes: its first child, if it has any, else its sibling. */
  readonly next: number;
}

/** Gives undefined for the end of a list of children and for what cannot be read. */
export function readDie(dwarf: Dwarf, offset: number, unit = unitAt(dwarf, offset)): Die | undefined {
  if (unit === undefined || offset < unit.dieOffset || offset >= unit.end) return undefined;
  const cursor = new Cursor(dwarf.sections.info, offset, unit.end);
  const abbreviation = unit.abbrevs.get(cursor.uleb());
  if (abbreviation === undefined) return undefined;
  const { specs } = unit.abbrevs;
  const attributes = new Map<number, Attribute>();
  for (let i = abbreviation.first; i < abbreviation.last; i += 3) {
    const form = specs[i + 1]!;
    attributes.set(specs[i]!, { form, implicit: specs[i + 2]!, pos: cursor.pos });
    skipForm(cursor, form, unit);
  }
  if (cursor.overrun) return undefined;
  return { offset, tag: abbreviation.tag, hasChildren: abbreviation.hasChildren, unit, attributes, next: cursor.pos };
}

export function dieNumber(dwarf: Dwarf, die: Die, attribute: number): number | undefined {
  const found = die.attributes.get(attribute);
  if (found === undefined) return undefined;
  return readNumber(new Cursor(dwarf.sections.info, found.pos, die.unit.end), found.form, die.unit, found.implicit);
}

export function dieText(dwarf: Dwarf, die: Die, attribute: number): string {
  const found = die.attributes.get(attribute);
  if (found === undefined) return "";
  return textOf(
    readText(new Cursor(dwarf.sections.info, found.pos, die.unit.end), found.form, die.unit, dwarf.sections),
  );
}

/** A block or expression as a cursor over it; undefined when the attribute is absent or of another form. */
export function dieBlock(dwarf: Dwarf, die: Die, attribute: number): Cursor | undefined {
  const found = die.attributes.get(attribute);
  if (found === undefined) return undefined;
  const cursor = new Cursor(dwarf.sections.info, found.pos, die.unit.end);
  let length: number;
  if (found.form === DW_FORM.exprloc || found.form === DW_FORM.block) length = cursor.uleb();
  else if (found.form === DW_FORM.block1) length = cursor.u8();
  else if (found.form === DW_FORM.block2) length = cursor.u16();
  else if (found.form === DW_FORM.block4) length = cursor.u32();
  else return undefined;
  return new Cursor(dwarf.sections.info, cursor.pos, Math.min(cursor.pos + length, die.unit.end));
}

/** The direct children of a DIE; what is below them is passed over. */
export function* childrenOf(dwarf: Dwarf, parent: Die): Generator<Die> {
  if (!parent.hasChildren) return;
  let at = parent.next;
  let depth = 0;
  const { info } = dwarf.sections;
  while (at < parent.unit.end) {
    if (info[at] === 0) {
      if (depth === 0) return;
      depth--;
      at++;
      continue;
    }
    const die = readDie(dwarf, at, parent.unit);
    if (die === undefined) return;
    if (depth === 0) yield die;
    if (die.hasChildren) depth++;
    at = die.next;
  }
}

/** Where the characters of a DIE's name are, without making a string of them; undefined when it has none. */
export function nameLocation(dwarf: Dwarf, unit: Unit, offset: number): ReturnType<typeof readText> {
  const cursor = new Cursor(dwarf.sections.info, offset, unit.end);
  const abbreviation = unit.abbrevs.get(cursor.uleb());
  if (abbreviation === undefined) return undefined;
  const { specs } = unit.abbrevs;
  for (let i = abbreviation.first; i < abbreviation.last && !cursor.overrun; i += 3) {
    if (specs[i]! === DW_AT.name) return readText(cursor, specs[i + 1]!, unit, dwarf.sections);
    skipForm(cursor, specs[i + 1]!, unit);
  }
  return undefined;
}

/** Calls `visit` with the offset of each DIE of a unit whose tag is wanted. Passes over the rest as fast as can be. */
export function forEachDie(dwarf: Dwarf, unit: Unit, tags: ReadonlySet<number>, visit: (offset: number) => void): void {
  const { abbrevs } = unit;
  const { specs } = abbrevs;
  const cursor = new Cursor(dwarf.sections.info, unit.dieOffset, unit.end);
  while (!cursor.atEnd) {
    const offset = cursor.pos;
    const code = cursor.uleb();
    if (code === 0) continue;
    const abbreviation = abbrevs.get(code);
    if (abbreviation === undefined) return;
    if (abbreviation.fixedSize >= 0) cursor.skip(abbreviation.fixedSize);
    else for (let i = abbreviation.first; i < abbreviation.last; i += 3) skipForm(cursor, specs[i + 1]!, unit);
    if (cursor.overrun) return;
    if (tags.has(abbreviation.tag)) visit(offset);
  }
}
