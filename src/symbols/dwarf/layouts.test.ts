// Structures of every kind, described by hand: what lies where in them.
import { describe, expect, test } from "vitest";
import {
  debugInfo,
  dwarfWith,
  formats,
  sized,
  uleb,
  usualShape,
  type Attribute,
  type Bytes,
  type Format,
  type MadeDie,
} from "../../../test/symbols/made-dwarf.ts";
import { at, die, member, name, size, type, unitOf } from "../../../test/symbols/made-types.ts";
import { text, u16, u32 } from "../../../test/symbols/made-elf.ts";
import { DW_AT, DW_FORM, DW_TAG } from "./constants.ts";
import { indexTypes, layoutNamed, type StructLayout } from "./layouts.ts";

const layoutOf = (wanted: string, dies: readonly MadeDie[], format: Format = usualShape): StructLayout | undefined => {
  const dwarf = dwarfWith(debugInfo([unitOf(dies, format)]));
  return layoutNamed(dwarf, indexTypes(dwarf), wanted);
};
const membersOf = (layout: StructLayout | undefined): unknown =>
  layout && [...layout.members.values()].map((one) => [one.name, one.offset, one.size, one.type, one.count, one.bits]);

test.each(formats)("version $version, $offsetSize, $addressSize: members with their types", (format) => {
  const reference = format.version >= 3 ? format.offsetSize : format.addressSize;
  const absolute: Attribute = [DW_AT.type, DW_FORM.refAddr, (place) => sized(place("int").absolute, reference)];
  const box = die(
    "structureType",
    "box",
    [name("box"), size(20)],
    [
      member(name("a"), absolute, at(0)),
      member(name("next"), [DW_AT.type, DW_FORM.ref2, (place) => u16(place("pointer").inUnit)], at(4)),
      member(name("c"), [DW_AT.type, DW_FORM.refUdata, uleb(0)], at(12)),
    ],
  );
  expect(membersOf(layoutOf("box", [box, die("pointerType", "pointer", [type("box")])], format))).toEqual([
    ["a", 0, 4, "int", undefined, undefined],
    ["next", 4, format.addressSize, "box *", undefined, undefined],
    ["c", 12, 0, "void", undefined, undefined],
  ]);
});

test("types as C writes them", () => {
  const types: MadeDie[] = [
    die("pointerType", "void*", [size(4)]),
    die("pointerType", "char*", [size(4), type("const")]),
    die("constType", "const", [type("char")]),
    die("pointerType", "char**", [type("char*")]),
    die("referenceType", "int&", [size(4), type("int")]),
    die("rvalueReferenceType", "int&&", [size(4), type("int")]),
    die("typedef", "int_t", [name("int_t"), type("volatile")]),
    die("volatileType", "volatile", [type("int")]),
    die("atomicType", "atomic", [type("short")]),
    die("arrayType", "int[3]", [type("int_t")], [die("subrangeType", "", [[DW_AT.upperBound, DW_FORM.data1, [2]]])]),
    die(
      "arrayType",
      "char[2][5]",
      [type("char")],
      [
        die("subrangeType", "", [[DW_AT.count, DW_FORM.data1, [2]]]),
        die("baseType", "between", [size(1)]),
        die("subrangeType", "", [[DW_AT.upperBound, DW_FORM.data1, [4]]]),
      ],
    ),
    die("arrayType", "int[]", [type("int")], [die("subrangeType", "", [])]),
    die("arrayType", "plain", [type("int")]),
    die("subroutineType", "f", []),
    die("pointerType", "f*", [type("f")]),
    die("enumerationType", "enum", [name("colour"), size(1)]),
    die("structureType", "known", [name("known"), size(8)]),
  ];
  const wanted = [
    "void*",
    "char*",
    "char**",
    "int&",
    "int&&",
    "int_t",
    "volatile",
    "atomic",
    "int[3]",
    "char[2][5]",
    "int[]",
    "plain",
    "f",
    "f*",
    "enum",
    "known",
  ];
  const box = die(
    "structureType",
    "box",
    [name("box"), size(200)],
    wanted.map((label, i) => member(name(label), type(label), at(i))),
  );
  expect(membersOf(layoutOf("box", [...types, box]))).toEqual(
    (
      [
        ["void *", 4],
        ["char *", 4],
        ["char * *", 4],
        ["int &", 4],
        ["int &", 4],
        ["int_t", 4],
        ["int", 4],
        ["short", 2],
        ["int_t [3]", 12, 3],
        ["char [10]", 10, 10],
        ["int [0]", 0, 0],
        ["int [1]", 4, 1],
        ["function", 0],
        ["function *", 4],
        ["colour", 1],
        ["known", 8],
      ] as const
    ).map(([shown, bytes, count], i) => [wanted[i], i, bytes, shown, count, undefined]),
  );
});

test("what refers to what refers is followed some thirty steps, and there is void", () => {
  /** `count` types of a kind, each of the next, the last of int. */
  const chain = (count: number, tag: keyof typeof DW_TAG): MadeDie[] =>
    Array.from({ length: count }, (_, i) => die(tag, `t${i}`, [type(i + 1 < count ? `t${i + 1}` : "int")]));
  const typeOfChain = (count: number, tag: keyof typeof DW_TAG): string | undefined => {
    const box = die("structureType", "box", [name("box"), size(4)], [member(name("m"), type("t0"), at(0))]);
    return layoutOf("box", [...chain(count, tag), box])?.members.get("m")?.type;
  };
  for (const [count, innermost] of [
    [1, "int"],
    [2, "int"],
    [32, "int"],
    [33, "void"],
    [40, "void"],
  ] as const) {
    const steps = Math.min(count, 33);
    expect(typeOfChain(count, "pointerType")).toBe(innermost + " *".repeat(steps));
    expect(typeOfChain(count, "constType")).toBe(innermost);
    expect(typeOfChain(count, "arrayType")).toBe(innermost + " [1]".repeat(steps));
  }
  const byTypedefs = (count: number): StructLayout | undefined => {
    const last = die("structureType", "end", [size(8)]);
    const typedefs = Array.from({ length: count }, (_, i) =>
      die("typedef", `t${i}`, [name(i === 0 ? "alias" : `alias${i}`), type(i + 1 < count ? `t${i + 1}` : "end")]),
    );
    return layoutOf("alias", [...typedefs, last]);
  };
  expect([byTypedefs(1)?.size, byTypedefs(31)?.size, byTypedefs(32)?.size]).toEqual([8, 8, undefined]);
  const nested = (count: number): readonly string[] => {
    const inner = Array.from({ length: count }, (_, i) =>
      die("structureType", `s${i}`, [size(4)], [
        ...(i + 1 < count ? [member(type(`s${i + 1}`), at(0))] : []),
        member(name(`m${i}`), type("int"), at(0)),
      ]),
    );
    const box = die("structureType", "box", [name("box"), size(4)], [member(type("s0"), at(0))]);
    return [...(layoutOf("box", [...inner, box])?.members.keys() ?? [])];
  };
  expect([nested(3), nested(32).length, nested(33).length]).toEqual([["m2", "m1", "m0"], 32, 32]);
}); // prettier-ignore

test("what has no name belongs to the outer, what has one stands below it, what is inherited is its own", () => {
  const inner = die(
    "structureType",
    "inner",
    [size(8)],
    [member(name("x"), type("int"), at(0)), member(name("y"), type("int"), at(4))],
  );
  const union = die(
    "unionType",
    "union",
    [size(4)],
    [member(name("word"), type("int")), member(name("byte"), type("char"))],
  );
  const deep = die(
    "structureType",
    "deep",
    [size(12)],
    [member(type("union"), at(0)), member(name("in"), type("inner"), at(4))],
  );
  const base = die(
    "structureType",
    "base",
    [name("base"), size(4)],
    [member(name("b"), type("int"), at(0)), member(name("word"), type("int"), at(0))],
  );
  const alias = die("typedef", "alias", [name("alias_t"), type("inner")]);
  const box = die(
    "classType",
    "box",
    [name("box"), size(60)],
    [
      { tag: DW_TAG.inheritance, attributes: [type("base"), at(0)] },
      die("typedef", "", [name("not a member"), type("int")]),
      member(type("union"), at(8)),
      member(name("pair"), type("inner"), at(16)),
      member(name("low"), type("deep"), at(24)),
      member(name("named"), type("base"), at(40)),
      member(name("alias"), type("alias"), at(44)),
    ],
  );
  const layout = layoutOf("class box", [inner, union, deep, base, alias, box]);
  expect(layout).toMatchObject({ name: "box", size: 60 });
  expect([...(layout?.members.values() ?? [])].map((one) => [one.name, one.offset])).toEqual([
    ["b", 0],
    ["word", 0],
    ["byte", 8],
    ["pair", 16],
    ["pair.x", 16],
    ["pair.y", 20],
    ["low", 24],
    ["low.word", 24],
    ["low.byte", 24],
    ["low.in", 28],
    ["low.in.x", 28],
    ["low.in.y", 32],
    ["named", 40],
    ["alias", 44],
  ]);
});

test("bit fields: from the start of the structure, and up to version 3 from the highest bit of where they are stored", () => {
  const bits = (count: number): Attribute => [DW_AT.bitSize, DW_FORM.data1, [count]];
  const box = die(
    "structureType",
    "box",
    [name("box"), size(8)],
    [
      member(name("first"), type("int"), bits(3), [DW_AT.dataBitOffset, DW_FORM.data1, [0]]),
      member(name("across"), type("int"), bits(7), [DW_AT.dataBitOffset, DW_FORM.data1, [13]]),
      member(
        name("old"),
        type("int"),
        bits(5),
        at(4),
        [DW_AT.byteSize, DW_FORM.data1, [4]],
        [DW_AT.bitOffset, DW_FORM.data1, [16]],
      ),
      member(name("small"), type("short"), bits(2), at(4), [DW_AT.bitOffset, DW_FORM.data1, [1]]),
    ],
  );
  expect(membersOf(layoutOf("box", [box]))).toEqual([
    ["first", 0, 4, "int", undefined, { first: 0, count: 3 }],
    ["across", 1, 4, "int", undefined, { first: 5, count: 7 }],
    // Bits 11 to 15 of the word at 4.
    ["old", 5, 4, "int", undefined, { first: 3, count: 5 }],
    // Bits 13 and 14 of the half word.
    ["small", 5, 2, "short", undefined, { first: 5, count: 2 }],
  ]);
});

test("places as an expression, of any form", () => {
  const place = (form: number, ...bytes: Bytes): Attribute => [DW_AT.dataMemberLocation, form, bytes];
  const box = die(
    "structureType",
    "box",
    [name("box"), size(8)],
    [
      member(name("a"), place(DW_FORM.block1, 3, 0x23, 0x81, 1)),
      member(name("b"), place(DW_FORM.exprloc, 2, 0x23, 5)),
      member(name("c"), place(DW_FORM.block, 2, 0x23, 6)),
      member(name("d"), place(DW_FORM.block2, 2, 0, 0x23, 7)),
      member(name("e"), place(DW_FORM.block4, 2, 0, 0, 0, 0x23, 8)),
      member(name("f"), place(DW_FORM.block1, 2, 0x10, 9)),
      member(name("g")),
    ],
  );
  expect([...(layoutOf("box", [box])?.members.values() ?? [])].map(({ offset }) => offset)).toEqual([
    129, 5, 6, 7, 8, 0, 0,
  ]);
});

describe("the one of a name", () => {
  const one = (bytes: number): MadeDie =>
    die("structureType", "", [name("box"), size(bytes)], [member(name("m"), type("int"), at(bytes))]);

  test("by any word for it, and by a typedef's", () => {
    const named = die("unionType", "u", [name("u"), size(4)], []);
    const alias = die("typedef", "", [name("u_t"), type("u")]);
    for (const wanted of ["u", "union u", "struct u", "class u", "u_t"])
      expect(layoutOf(wanted, [named, alias])).toMatchObject({ size: 4 });
    expect(layoutOf("u_t", [named, alias])?.name).toBe("u_t");
    expect(layoutOf("union u", [named, alias])?.name).toBe("u");
    for (const wanted of ["", "v", "uu", "u_", "enum u", "int"])
      expect(layoutOf(wanted, [named, alias])).toBeUndefined();
  });

  test("the first that is whole, whatever its unit's width", () => {
    const declared = die("structureType", "", [name("box"), [DW_AT.declaration, DW_FORM.flagPresent, []]]);
    const wide = formats.find(({ version, offsetSize }) => version === 5 && offsetSize === 8);
    const dwarf = dwarfWith(debugInfo([unitOf([declared]), unitOf([one(8)], wide), unitOf([one(12)])]));
    expect(layoutNamed(dwarf, indexTypes(dwarf), "box")).toMatchObject({
      size: 8,
      members: new Map([["m", { offset: 8 }]]),
    });
  });

  test("wherever its name stands", () => {
    const strings: readonly Attribute[] = [
      [DW_AT.name, DW_FORM.strp, u32(2)],
      [DW_AT.name, DW_FORM.lineStrp, u32(3)],
    ];
    for (const named of strings) {
      const unit = unitOf([die("structureType", "", [size(6), named])]);
      const dwarf = dwarfWith({
        ...debugInfo([unit]),
        str: [9, 9, ...text("box")],
        line_str: [9, 9, 9, ...text("box")],
      });
      expect(layoutNamed(dwarf, indexTypes(dwarf), "box")).toMatchObject({ size: 6 });
    }
  });

  test("a typedef of what is no structure is none, and one without a size has 0", () => {
    expect(layoutOf("n", [die("typedef", "", [name("n"), type("int")])])).toBeUndefined();
    expect(layoutOf("p", [die("pointerType", "p", []), die("typedef", "", [name("p"), type("p")])])).toBeUndefined();
    expect(layoutOf("box", [die("structureType", "", [name("box")])])).toEqual({
      name: "box",
      size: 0,
      members: new Map(),
    });
  });
});
