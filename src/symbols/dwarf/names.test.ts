// A function's names, through what its DIE refers to.
import { expect, test } from "vitest";
import { debugInfo, dwarfWith, usualShape, type Attribute, type MadeDie } from "../../../test/symbols/made-dwarf.ts";
import { text, u32 } from "../../../test/symbols/made-elf.ts";
import { DW_AT, DW_FORM, DW_TAG } from "./constants.ts";
import { nameOfDie } from "./names.ts";
import { unitAt } from "./units.ts";

const plain = (name: string): Attribute => [DW_AT.name, DW_FORM.string, text(name)];
const linkage = (name: string): Attribute => [DW_AT.linkageName, DW_FORM.string, text(name)];
const mips = (name: string): Attribute => [DW_AT.mipsLinkageName, DW_FORM.string, text(name)];
const origin = (label: string): Attribute => [DW_AT.abstractOrigin, DW_FORM.ref4, (at) => u32(at(label).inUnit)];
const declared = (label: string): Attribute => [DW_AT.specification, DW_FORM.refAddr, (at) => u32(at(label).absolute)];
const size: Attribute = [DW_AT.byteSize, DW_FORM.udata, [7]];

/** The names of the DIE "f", in a unit with others, behind a unit of its own. */
function nameOf(attributes: readonly Attribute[], others: readonly MadeDie[] = []): unknown {
  const die = (label: string, its: readonly Attribute[]): MadeDie => ({
    tag: DW_TAG.subprogram,
    label,
    attributes: its,
  });
  let at = 0;
  const f: MadeDie = {
    ...die("f", attributes),
    attributes: [
      ...attributes,
      [
        DW_AT.declaration,
        DW_FORM.data1,
        (place) => {
          at = place("f").absolute;
          return [1];
        },
      ],
    ],
  };
  const units = [
    { ...usualShape, root: { tag: DW_TAG.compileUnit, children: [die("far", [plain("far"), linkage("_far")])] } },
    { ...usualShape, root: { tag: DW_TAG.compileUnit, children: [f, ...others] } },
  ];
  const dwarf = dwarfWith(debugInfo(units));
  expect(unitAt(dwarf, at)?.index).toBe(1);
  return nameOfDie(dwarf, at);
}

const other = (label: string, ...attributes: readonly Attribute[]): MadeDie => ({
  tag: DW_TAG.subprogram,
  label,
  attributes,
});

test("the linker's name before all others, wherever it stands", () => {
  expect(nameOf([size, plain("f")])).toEqual({ linkage: undefined, plain: "f" });
  expect(nameOf([plain("f"), size, linkage("_f")])).toEqual({ linkage: "_f", plain: "f" });
  expect(nameOf([mips("_f")])).toEqual({ linkage: "_f", plain: undefined });
  expect(nameOf([linkage(""), plain("f")])).toEqual({ linkage: undefined, plain: "f" });
  expect(nameOf([plain("")])).toEqual({ linkage: undefined, plain: undefined });
  expect(nameOf([])).toEqual({ linkage: undefined, plain: undefined });
});

test("through an abstract instance to its declaration, in another unit too; the first plain name counts", () => {
  expect(nameOf([origin("a")], [other("a", plain("a"), size)])).toEqual({ linkage: undefined, plain: "a" });
  expect(nameOf([origin("a")], [other("a", declared("b"), plain("a")), other("b", plain("b"), linkage("_b"))])).toEqual(
    { linkage: "_b", plain: "a" },
  );
  expect(nameOf([declared("far"), size])).toEqual({ linkage: "_far", plain: "far" });
  expect(nameOf([plain("f"), declared("far")])).toEqual({ linkage: "_far", plain: "f" });
});

test("references that lead nowhere, or to themselves, end", () => {
  expect(nameOf([plain("f"), [DW_AT.abstractOrigin, DW_FORM.ref4, u32(3)]])).toEqual({
    linkage: undefined,
    plain: "f",
  });
  expect(nameOf([plain("f"), [DW_AT.abstractOrigin, DW_FORM.refAddr, u32(0xffff)]])).toEqual({
    linkage: undefined,
    plain: "f",
  });
  expect(nameOf([plain("f"), origin("f")])).toEqual({ linkage: undefined, plain: "f" });
});
