// Variables described by hand: which one is at an address, and what of it lies there.
import { describe, expect, test } from "vitest";
import {
  CODE,
  debugInfo,
  dwarfWith,
  type Attribute,
  type MadeDie,
  type MadeUnit,
} from "../../../test/symbols/made-dwarf.ts";
import { at, die, member, name, size, type, unitOf } from "../../../test/symbols/made-types.ts";
import { u16, u32 } from "../../../test/symbols/made-elf.ts";
import { DW_AT, DW_FORM, DW_TAG } from "./constants.ts";
import { indexVariables, unitOfVariable, variableFacts } from "./variables.ts";

describe("variables", () => {
  const address = (where: number): Attribute => [DW_AT.location, DW_FORM.exprloc, [5, 3, ...u32(where)]];
  const variable = (...attributes: readonly Attribute[]): MadeDie => ({ tag: DW_TAG.variable, attributes });
  const DATA = 0x3fc8_0000;

  const types = [
    die(
      "structureType",
      "point",
      [name("point"), size(8)],
      [member(name("x"), type("int"), at(0)), member(name("y"), type("int"), at(4))],
    ),
    die("arrayType", "points", [type("point")], [die("subrangeType", "", [[DW_AT.count, DW_FORM.data1, [3]]])]),
    die(
      "arrayType",
      "grid",
      [type("short")],
      [
        die("subrangeType", "", [[DW_AT.count, DW_FORM.data1, [2]]]),
        die("subrangeType", "", [[DW_AT.upperBound, DW_FORM.data1, [4]]]),
      ],
    ),
    die("arrayType", "empty", [type("none")], [die("subrangeType", "", [[DW_AT.count, DW_FORM.data1, [2]]])]),
    die("structureType", "none", [size(0)]),
    die("unionType", "unnamed", [size(4)], [member(name("whole"), type("int")), member(name("low"), type("char"))]),
    die("structureType", "base", [name("base"), size(4)], [member(name("b"), type("short"), at(2))]),
    die(
      "structureType",
      "outer",
      [name("outer"), size(40)],
      [
        { tag: DW_TAG.inheritance, attributes: [type("base"), at(0)] },
        member(type("unnamed"), at(4)),
        member(name("flag"), type("int"), at(8), [DW_AT.bitSize, DW_FORM.data1, [3]]),
        member(name("all"), type("points"), at(12)),
        die("typedef", "", [name("x"), type("int")]),
      ],
    ),
    die("typedef", "outer_t", [name("outer_t"), type("const outer")]),
    die("constType", "const outer", [type("outer")]),
  ];

  const at1 = (label: string, offset: number): unknown => {
    const dwarf = dwarfWith(debugInfo([unitOf([...types, variable(name("v"), type(label), address(DATA))])]));
    const facts = variableFacts(indexVariables([dwarf]), DATA + offset);
    return facts && [facts.member, facts.rest];
  };

  test.each([
    ["int", 0, "", 0],
    ["int", 3, "", 3],
    ["point", 0, ".x", 0],
    ["point", 3, ".x", 3],
    ["point", 4, ".y", 0],
    ["point", 7, ".y", 3],
    ["points", 0, "[0].x", 0],
    ["points", 13, "[1].y", 1],
    ["points", 23, "[2].y", 3],
    ["grid", 9, "[0]", 9],
    ["grid", 10, "[1]", 0],
    ["grid", 13, "[1]", 3],
    ["empty", 0, "", 0],
    ["outer_t", 0, "", 0],
    ["outer_t", 2, ".b", 0],
    ["outer_t", 3, ".b", 1],
    ["outer_t", 5, ".whole", 1],
    ["outer_t", 8, "", 8],
    ["outer_t", 12, ".all[0].x", 0],
    ["outer_t", 35, ".all[2].y", 3],
    ["outer_t", 36, "", 36],
  ] as const)("of %s, offset %i: %s+%i", (label, offset, path, rest) => {
    const found = at1(label, offset);
    if (label === "empty") expect(found).toEqual(at1("none", offset));
    else expect(found).toEqual([path, rest]);
  });

  test("the last one at or before an address, whose size says how far it reaches", () => {
    const unit = unitOf([
      ...types,
      variable(
        name("p"),
        type("point"),
        address(DATA + 16),
        [DW_AT.declFile, DW_FORM.data1, [2]],
        [DW_AT.declLine, DW_FORM.data2, u16(300)],
      ),
      variable(name("i"), type("int"), address(DATA)),
      variable(name("unsized"), address(DATA + 32)),
      // None of these has a place of its own.
      variable(name("zero"), type("int"), address(0)),
      variable(name("computed"), type("int"), [DW_AT.location, DW_FORM.exprloc, [6, 3, ...u32(DATA + 4), 0x9f]]),
      variable(name("cut"), type("int"), [DW_AT.location, DW_FORM.exprloc, [4, 3, 1, 2, 3]]),
      variable(name("local"), type("int"), [DW_AT.location, DW_FORM.exprloc, [2, 0x91, 4]]),
      variable(name("list"), type("int"), [DW_AT.location, DW_FORM.secOffset, u32(5)]),
      variable(name("declared"), type("int")),
    ]);
    const dwarf = dwarfWith(debugInfo([unit]));
    const index = indexVariables([dwarf]);
    expect([...index.addresses]).toEqual([DATA, DATA + 16, DATA + 32]);
    const facts = [-1, 0, 3, 4, 16, 23, 24].map((offset) => variableFacts(index, DATA + offset));
    expect(facts.map((one) => one && [one.name, one.address - DATA, one.size])).toEqual([
      undefined,
      ["i", 0, 4],
      ["i", 0, 4],
      ["i", 0, 4],
      ["p", 16, 8],
      ["p", 16, 8],
      ["p", 16, 8],
    ]);
    expect([facts[1]?.file, facts[1]?.line, facts[4]?.file, facts[4]?.line]).toEqual([undefined, undefined, 2, 300]);
    expect(variableFacts(index, DATA + 32)).toMatchObject({ name: "unsized", size: 0, member: "", rest: 0 });
    expect([0, 16, 17].map((offset) => unitOfVariable(index, DATA + offset)?.index)).toEqual([0, 0, undefined]);
    expect(unitOfVariable(index, DATA - 1)).toBeUndefined();
  });

  test("by an index into .debug_addr, and with what its declaration says", () => {
    const unit = {
      ...unitOf([
        ...types,
        die("variable", "declared", [name("counter"), type("point"), [DW_AT.declLine, DW_FORM.data1, [7]]]),
        variable(
          [DW_AT.specification, DW_FORM.ref4, (place) => u32(place("declared").inUnit)],
          [DW_AT.location, DW_FORM.exprloc, [2, 0xa1, 1]],
        ),
        variable(
          [DW_AT.abstractOrigin, DW_FORM.ref4, (place) => u32(place("declared").inUnit)],
          [DW_AT.declLine, DW_FORM.data1, [9]],
          [DW_AT.location, DW_FORM.exprloc, [2, 0xfb, 2]],
        ),
      ]),
      version: 5,
    };
    const dwarf = dwarfWith({
      ...debugInfo([unit]),
      addr: [...u32(0), ...u32(0), ...u32(CODE), ...u32(DATA), ...u32(DATA + 64)],
    });
    const index = indexVariables([dwarf]);
    expect(variableFacts(index, DATA + 4)).toMatchObject({ name: "counter", size: 8, member: ".y", rest: 0, line: 7 });
    expect(variableFacts(index, DATA + 64)).toMatchObject({ name: "counter", member: ".x", line: 9 });
  });

  test("of two at one address the last one, of any of several files", () => {
    const unit = (value: string): MadeUnit => unitOf([variable(name(value), type("int"), address(DATA))]);
    const dwarfs = [dwarfWith(debugInfo([unit("a"), unit("b")])), dwarfWith(debugInfo([unit("c"), unit("d")]))];
    expect(variableFacts(indexVariables(dwarfs), DATA)).toMatchObject({ name: "d", unit: { index: 1 } });
    expect(variableFacts(indexVariables(dwarfs.slice(0, 1)), DATA)).toMatchObject({ name: "b" });
  });
});
