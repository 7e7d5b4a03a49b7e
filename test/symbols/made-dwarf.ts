// Debug information made by hand, of any version and width: a unit's DIEs with their abbreviations, and line programs. Format: DWARF 5, chapters 6 and 7.
import { Unzlib } from "fflate";
import { readElf } from "../../src/symbols/elf.ts";
import { readDwarf, type Dwarf } from "../../src/symbols/dwarf/units.ts";
import { elf, text, u16, u32 } from "./made-elf.ts";

export type Bytes = readonly number[];

export const u64 = (value: number): Bytes => [...u32(value % 2 ** 32), ...u32(Math.floor(value / 2 ** 32))];

export function uleb(value: number): Bytes {
  const low = value % 128;
  return value < 128 ? [low] : [low | 0x80, ...uleb(Math.floor(value / 128))];
}

export function sleb(value: number): Bytes {
  const low = ((value % 128) + 128) % 128;
  const rest = Math.floor(value / 128);
  const isLast = rest === 0 ? low < 64 : rest === -1 && low >= 64;
  return isLast ? [low] : [low | 0x80, ...sleb(rest)];
}

export interface Format {
  readonly version: number;
  readonly offsetSize: 4 | 8;
  readonly addressSize: 4 | 8;
}

export const formats: readonly Format[] = [2, 3, 4, 5].flatMap((version) =>
  ([4, 8] as const).flatMap((offsetSize) =>
    ([4, 8] as const).map((addressSize) => ({ version, offsetSize, addressSize })),
  ),
);

export const sized = (value: number, size: 4 | 8): Bytes => (size === 8 ? u64(value) : u32(value));

/** The length in front of what it counts, in the 32 or the 64-bit format. */
const counted = (offsetSize: 4 | 8, body: Bytes): Bytes =>
  offsetSize === 8 ? [...u32(0xffff_ffff), ...u64(body.length), ...body] : [...u32(body.length), ...body];

/** Where the DIE of a label is: from the start of .debug_info, and from that of its unit. */
export type Place = (label: string) => { readonly absolute: number; readonly inUnit: number };

/** An attribute: its number, its form, and the value's bytes, which are as many wherever what they refer to lies. */
export type Attribute = readonly [
  attribute: number,
  form: number,
  value: Bytes | ((at: Place) => Bytes),
  implicit?: number,
];

export interface MadeDie {
  readonly tag: number;
  readonly label?: string;
  readonly attributes?: readonly Attribute[];
  readonly children?: readonly MadeDie[];
}

export interface MadeUnit extends Format {
  readonly root: MadeDie;
  /** `DW_UT_*`, in version 5. */
  readonly type?: number;
  /** Behind the header, for some types. */
  readonly more?: Bytes;
}

/** .debug_info and .debug_abbrev: each unit has a table of its own, each DIE a declaration of its own. */
export function debugInfo(units: readonly MadeUnit[]): { readonly info: Bytes; readonly abbrev: Bytes } {
  const places = new Map<string, { absolute: number; inUnit: number }>();
  const nowhere = { absolute: 0, inUnit: 0 };
  let abbrev: number[] = [];
  let info: number[] = [];
  // Twice: what is referred to may come later.
  for (const at of [() => nowhere, (label: string) => places.get(label) ?? nowhere]) {
    abbrev = [];
    info = [];
    for (const { version, offsetSize, addressSize, root, type = 1, more = [] } of units) {
      const table = sized(abbrev.length, offsetSize);
      const header =
        version >= 5
          ? [...u16(version), type, addressSize, ...table, ...more]
          : [...u16(version), ...table, addressSize];
      const body: number[] = [...header];
      const start = info.length;
      const lengthSize = offsetSize === 8 ? 12 : 4;
      let code = 0;
      const encode = ({ tag, label, attributes = [], children }: MadeDie): void => {
        if (label !== undefined)
          places.set(label, { absolute: start + lengthSize + body.length, inUnit: lengthSize + body.length });
        body.push(...uleb(++code));
        const specs = attributes.flatMap(([attribute, form, , implicit]) => [
          ...uleb(attribute),
          ...uleb(form),
          ...(implicit === undefined ? [] : sleb(implicit)),
        ]);
        abbrev.push(...uleb(code), ...uleb(tag), children === undefined ? 0 : 1, ...specs, 0, 0);
        for (const [, , value] of attributes) body.push(...(typeof value === "function" ? value(at) : value));
        if (children === undefined) return;
        for (const child of children) encode(child);
        body.push(0);
      };
      encode(root);
      abbrev.push(0);
      info.push(...counted(offsetSize, body));
    }
  }
  return { info, abbrev };
}

export const CODE = 0x4200_0000;
export const CODE_SIZE = 0x4000;

/** An ELF with code, data from 0x3fc80000 on, and these debug sections, by their names without ".debug_". */
function elfWith(sections: Readonly<Record<string, Bytes>>, symbols: Bytes = []): Uint8Array {
  return elf([
    { name: ".text", type: 8, flags: 6, address: CODE, bytes: [], size: CODE_SIZE },
    ...Object.entries(sections).map(([name, bytes]) => ({ name: `.debug_${name}`, flags: 0, address: 0, bytes })),
    ...(symbols.length === 0 ? [] : [{ name: ".symtab", type: 2, flags: 0, address: 0, bytes: symbols }]),
  ]);
}

export function dwarfWith(sections: Readonly<Record<string, Bytes>>): Dwarf {
  return readDwarf(readElf(elfWith(sections), { zlib: () => Unzlib }));
}

/** What a line program is read by. */
export interface LineShape extends Format {
  readonly minInstructionLength: number;
  /** From version 4 on. */
  readonly maxOperations: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly directories: readonly string[];
  readonly files: readonly (readonly [name: string, directory: number])[];
}

export const usualShape: LineShape = {
  version: 4,
  offsetSize: 4,
  addressSize: 4,
  minInstructionLength: 1,
  maxOperations: 1,
  lineBase: -5,
  lineRange: 14,
  opcodeBase: 13,
  directories: [],
  files: [],
};

const OPERANDS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 2, 3];
const STRING = 0x08;
const UDATA = 0x0f;

/** A unit's part of .debug_line. In version 5 the first directory and the first file are the unit's own. */
export function lineTable(shape: LineShape, program: Bytes): Bytes {
  const { version, offsetSize, addressSize, directories, files } = shape;
  const tables =
    version >= 5
      ? [
          ...[1, ...uleb(1), ...uleb(STRING), ...uleb(directories.length), ...directories.flatMap(text)],
          ...[2, ...uleb(1), ...uleb(STRING), ...uleb(2), ...uleb(UDATA), ...uleb(files.length)],
          ...files.flatMap(([name, directory]) => [...text(name), ...uleb(directory)]),
        ]
      : [
          ...directories.flatMap(text),
          0,
          ...files.flatMap(([name, directory]) => [...text(name), ...uleb(directory), ...uleb(300), ...uleb(70000)]),
          0,
        ];
  const parameters = [
    shape.minInstructionLength,
    ...(version >= 4 ? [shape.maxOperations] : []),
    1,
    shape.lineBase & 0xff,
    shape.lineRange,
    shape.opcodeBase,
    ...OPERANDS.slice(0, shape.opcodeBase - 1),
    ...tables,
  ];
  const body = [
    ...u16(version),
    ...(version >= 5 ? [addressSize, 0] : []),
    ...sized(parameters.length, offsetSize),
    ...parameters,
    ...program,
  ];
  return counted(offsetSize, body);
}

/** Standard and extended opcodes. */
export const op = {
  copy: [1],
  advancePc: (by: number): Bytes => [2, ...uleb(by)],
  advanceLine: (by: number): Bytes => [3, ...sleb(by)],
  setFile: (file: number): Bytes => [4, ...uleb(file)],
  setColumn: (column: number): Bytes => [5, ...uleb(column)],
  constAddPc: [8],
  fixedAdvancePc: (by: number): Bytes => [9, ...u16(by)],
  extended: (kind: number, operands: Bytes = []): Bytes => [0, ...uleb(operands.length + 1), kind, ...operands],
  endSequence: [0, 1, 1],
  setAddress: (address: number): Bytes => [0, 5, 2, ...u32(address)],
} as const;
