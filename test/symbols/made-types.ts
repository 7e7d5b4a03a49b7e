// Types as DIEs, made by hand.
import { DW_AT, DW_FORM, DW_TAG } from "../../src/symbols/dwarf/constants.ts";
import { uleb, usualShape, type Attribute, type Format, type MadeDie, type MadeUnit } from "./made-dwarf.ts";
import { text, u32 } from "./made-elf.ts";

export const name = (value: string): Attribute => [DW_AT.name, DW_FORM.string, text(value)];
export const size = (bytes: number): Attribute => [DW_AT.byteSize, DW_FORM.udata, uleb(bytes)];
export const type = (label: string): Attribute => [DW_AT.type, DW_FORM.ref4, (at) => u32(at(label).inUnit)];
export const at = (offset: number): Attribute => [DW_AT.dataMemberLocation, DW_FORM.udata, uleb(offset)];
export const die = (
  tag: keyof typeof DW_TAG,
  label: string,
  attributes: readonly Attribute[],
  children?: readonly MadeDie[],
): MadeDie => ({
  tag: DW_TAG[tag],
  label,
  attributes,
  ...(children === undefined ? {} : { children }),
});
export const member = (...attributes: readonly Attribute[]): MadeDie => ({ tag: DW_TAG.member, attributes });

const basics = [
  die("baseType", "int", [name("int"), size(4)]),
  die("baseType", "char", [name("char"), size(1)]),
  die("baseType", "short", [name("short"), size(2)]),
];

export function unitOf(dies: readonly MadeDie[], format: Format = usualShape): MadeUnit {
  return { ...format, root: { tag: DW_TAG.compileUnit, attributes: [name("a.c")], children: [...basics, ...dies] } };
}
