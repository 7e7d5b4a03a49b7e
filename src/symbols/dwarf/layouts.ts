// Layouts of structures by name: sizes, and the offset and size of each member. Memory images and tables in .rodata are read
// with these, so that a change in ESP-IDF's structures needs no change here.
import type { Bytes } from "../../base/units.ts";
import { DW_AT, DW_OP, DW_TAG } from "./constants.ts";
import { childrenOf, dieBlock, dieNumber, dieText, forEachDie, nameLocation, readDie, type Die } from "./dies.ts";
import { Budget } from "../problems.ts";
import type { Dwarf } from "./units.ts";

export interface Member {
  /** Members of unnamed structures inside are listed with the outer's: "lock.owner", or just "owner" when both are unnamed. */
  readonly name: string;
  /** From the start of the outermost structure. For a bit field, of the byte that its first bit is in. */
  readonly offset: Bytes;
  /** 0 when the debug information does not say. */
  readonly size: Bytes;
  /** As C would write it, such as "uint32_t", "char *" or "heap_t [3]"; empty for an unnamed structure. */
  readonly type: string;
  /** Elements, when the member is an array. */
  readonly count: number | undefined;
  /** Set for bit fields: the first bit, counted from the lowest of the byte at `offset`, and how many. */
  readonly bits: { readonly first: number; readonly count: number } | undefined;
}

export interface StructLayout {
  readonly name: string;
  readonly size: Bytes;
  /** By name, in the order of declaration. */
  readonly members: ReadonlyMap<string, Member>;
}

/** DIEs of named types, and where each one's name is: some tens of thousands in a firmware. */
export interface TypeIndex {
  readonly dies: Uint32Array;
  /** Index into `sections`. */
  readonly nameSections: Uint8Array;
  readonly nameOffsets: Uint32Array;
  readonly sections: readonly Uint8Array[];
}

interface TypeFacts {
  readonly name: string;
  readonly size: Bytes;
  readonly count: number | undefined;
  /** The structure or union itself, when it is one and has no name. */
  readonly unnamed: Die | undefined;
}

const NAMED_TYPES: ReadonlySet<number> = new Set([
  DW_TAG.structureType,
  DW_TAG.classType,
  DW_TAG.unionType,
  DW_TAG.typedef,
]);
const STRUCTURES: ReadonlySet<number> = new Set([DW_TAG.structureType, DW_TAG.classType, DW_TAG.unionType]);
const TRANSPARENT: ReadonlySet<number> = new Set([
  DW_TAG.typedef,
  DW_TAG.constType,
  DW_TAG.volatileType,
  DW_TAG.atomicType,
]);
const POINTERS: ReadonlySet<number> = new Set([DW_TAG.pointerType, DW_TAG.referenceType, DW_TAG.rvalueReferenceType]);

/** Types refer to types; a longer chain is a loop. */
const MAX_STEPS = 32;
/** Entries that are read for one structure, nested ones included: a damaged one can contain itself many times over. */
const MAX_ENTRIES = 20_000;

export function indexTypes(dwarf: Dwarf): TypeIndex {
  const { info, str, lineStr } = dwarf.sections;
  const sections = [info, str, lineStr];
  const dies: number[] = [];
  const nameSections: number[] = [];
  const nameOffsets: number[] = [];
  for (const unit of dwarf.units) {
    forEachDie(dwarf, unit, NAMED_TYPES, (offset) => {
      const name = nameLocation(dwarf, unit, offset);
      if (name === undefined) return;
      dies.push(offset);
      nameSections.push(sections.indexOf(name.bytes));
      nameOffsets.push(name.at);
    });
  }
  return {
    dies: Uint32Array.from(dies),
    nameSections: Uint8Array.from(nameSections),
    nameOffsets: Uint32Array.from(nameOffsets),
    sections,
  };
}

/** The layout of a structure, union, class or typedef of one; undefined when the firmware's debug information has none. */
export function layoutNamed(dwarf: Dwarf, index: TypeIndex, name: string): StructLayout | undefined {
  const wanted = name.replace(/^(struct|union|class) /, "");
  const bytes = new TextEncoder().encode(wanted);
  for (const [i, offset] of index.dies.entries()) {
    const section = index.sections[index.nameSections[i] ?? 0];
    if (section === undefined || !isTextAt(section, index.nameOffsets[i] ?? 0, bytes)) continue;
    const die = readDie(dwarf, offset);
    const structure = die === undefined ? undefined : structureOf(dwarf, die);
    if (structure === undefined || structure.attributes.has(DW_AT.declaration)) continue;
    const members = new Map<string, Member>();
    collectMembers(dwarf, structure, "", 0, members, new Budget(MAX_ENTRIES), 0);
    return { name: wanted, size: dieNumber(dwarf, structure, DW_AT.byteSize) ?? 0, members };
  }
  return undefined;
}

function isTextAt(section: Uint8Array, at: number, text: Uint8Array): boolean {
  if (section[at] !== text[0] || section[at + text.length] !== 0) return false;
  for (let i = 1; i < text.length; i++) if (section[at + i] !== text[i]) return false;
  return true;
}

/** Through typedefs and qualifiers to the structure. */
function structureOf(dwarf: Dwarf, start: Die): Die | undefined {
  let die: Die | undefined = start;
  for (let step = 0; die !== undefined && step < MAX_STEPS; step++) {
    if (STRUCTURES.has(die.tag)) return die;
    if (!TRANSPARENT.has(die.tag)) return undefined;
    die = typeOf(dwarf, die);
  }
  return undefined;
}

function typeOf(dwarf: Dwarf, die: Die): Die | undefined {
  const offset = dieNumber(dwarf, die, DW_AT.type);
  return offset === undefined ? undefined : readDie(dwarf, offset);
}

function collectMembers(
  dwarf: Dwarf,
  structure: Die,
  prefix: string,
  base: Bytes,
  members: Map<string, Member>,
  budget: Budget,
  depth: number,
): void {
  for (const child of childrenOf(dwarf, structure)) {
    if (!budget.take(1)) return;
    if (child.tag !== DW_TAG.member && child.tag !== DW_TAG.inheritance) continue;
    const own = dieText(dwarf, child, DW_AT.name);
    const type = typeOf(dwarf, child);
    const facts = factsOf(dwarf, type, 0);
    const offset = base + memberOffset(dwarf, child);
    const name = own === "" ? prefix : prefix + own;
    const inner = child.tag === DW_TAG.inheritance && type !== undefined ? structureOf(dwarf, type) : facts.unnamed;
    const isUnnamed = own === "";
    if (!isUnnamed) {
      const bits = bitsOf(dwarf, child, facts.size);
      const known = members.get(name);
      if (known === undefined) {
        members.set(name, {
          name,
          offset: offset + (bits?.byte ?? 0),
          size: facts.size,
          type: facts.name,
          count: facts.count,
          bits: bits === undefined ? undefined : { first: bits.first, count: bits.count },
        });
      }
    }
    if (inner !== undefined && depth < MAX_STEPS) {
      collectMembers(dwarf, inner, isUnnamed ? prefix : `${name}.`, offset, members, budget, depth + 1);
    }
  }
}

/**
 * What of a type lies at an offset: the path of members and indexes down to a scalar, as C would write it behind the variable's name, how far into that
 * the offset is, and the size of the whole type.
 */
export function typeAtOffset(
  dwarf: Dwarf,
  start: Die | undefined,
  offset: Bytes,
): { readonly size: Bytes; readonly path: string; readonly rest: Bytes } {
  const { size } = factsOf(dwarf, start, 0);
  const budget = new Budget(MAX_ENTRIES);
  let path = "";
  let rest = offset;
  let die = start;
  for (let step = 0; die !== undefined && step < MAX_STEPS && budget.take(1); step++) {
    if (TRANSPARENT.has(die.tag)) {
      die = typeOf(dwarf, die);
      continue;
    }
    if (die.tag === DW_TAG.arrayType) {
      const element = typeOf(dwarf, die);
      const elementSize = factsOf(dwarf, element, 0).size;
      if (elementSize === 0) break;
      const inner = innerCounts(dwarf, die).reduce((all, count) => all * count, 1);
      // Of an array of arrays only the first index is told apart; the rest is an offset.
      if (inner !== 1) {
        path += `[${Math.floor(rest / (elementSize * inner))}]`;
        rest %= elementSize * inner;
        break;
      }
      path += `[${Math.floor(rest / elementSize)}]`;
      rest %= elementSize;
      die = element;
      continue;
    }
    const member = STRUCTURES.has(die.tag) ? memberAt(dwarf, die, rest, budget) : undefined;
    if (member === undefined) break;
    path += member.name === "" ? "" : `.${member.name}`;
    rest -= member.offset;
    die = member.type;
  }
  return { size, path, rest };
}

/** Elements of all dimensions of an array but the first. */
function innerCounts(dwarf: Dwarf, array: Die): number[] {
  const counts: number[] = [];
  for (const range of childrenOf(dwarf, array)) {
    if (range.tag !== DW_TAG.subrangeType) continue;
    const upper = dieNumber(dwarf, range, DW_AT.upperBound);
    counts.push(dieNumber(dwarf, range, DW_AT.count) ?? (upper === undefined ? 0 : upper + 1));
  }
  return counts.slice(1);
}

/** The member of a structure, the first of a union, in which an offset lies. */
function memberAt(
  dwarf: Dwarf,
  structure: Die,
  at: Bytes,
  budget: Budget,
): { readonly name: string; readonly offset: Bytes; readonly type: Die | undefined } | undefined {
  for (const child of childrenOf(dwarf, structure)) {
    if (!budget.take(1)) return undefined;
    if (child.tag !== DW_TAG.member && child.tag !== DW_TAG.inheritance) continue;
    if (dieNumber(dwarf, child, DW_AT.bitSize) !== undefined) continue;
    const offset = memberOffset(dwarf, child);
    const type = typeOf(dwarf, child);
    const { size } = factsOf(dwarf, type, 0);
    if (at >= offset && at < offset + size) return { name: dieText(dwarf, child, DW_AT.name), offset, type };
  }
  return undefined;
}

function memberOffset(dwarf: Dwarf, member: Die): Bytes {
  const block = dieBlock(dwarf, member, DW_AT.dataMemberLocation);
  if (block === undefined) return dieNumber(dwarf, member, DW_AT.dataMemberLocation) ?? 0;
  // DWARF 2 gives an expression: "add this constant".
  return block.u8() === DW_OP.plusUconst ? block.uleb() : 0;
}

function bitsOf(dwarf: Dwarf, member: Die, size: Bytes): { byte: Bytes; first: number; count: number } | undefined {
  const count = dieNumber(dwarf, member, DW_AT.bitSize);
  if (count === undefined) return undefined;
  const fromStart = dieNumber(dwarf, member, DW_AT.dataBitOffset);
  if (fromStart !== undefined) return { byte: fromStart >> 3, first: fromStart & 7, count };
  // Up to version 3 bits are counted from the highest of the storage unit.
  const storage = dieNumber(dwarf, member, DW_AT.byteSize) ?? size;
  const first = storage * 8 - (dieNumber(dwarf, member, DW_AT.bitOffset) ?? 0) - count;
  return { byte: first >> 3, first: first & 7, count };
}

function factsOf(dwarf: Dwarf, die: Die | undefined, step: number): TypeFacts {
  if (die === undefined || step > MAX_STEPS) return { name: "void", size: 0, count: undefined, unnamed: undefined };
  const name = dieText(dwarf, die, DW_AT.name);
  const size = dieNumber(dwarf, die, DW_AT.byteSize);
  if (POINTERS.has(die.tag)) {
    const target = factsOf(dwarf, typeOf(dwarf, die), step + 1);
    const sign = die.tag === DW_TAG.pointerType ? "*" : "&";
    return { name: `${target.name} ${sign}`, size: size ?? die.unit.addressSize, count: undefined, unnamed: undefined };
  }
  if (TRANSPARENT.has(die.tag)) {
    const target = factsOf(dwarf, typeOf(dwarf, die), step + 1);
    return name === "" ? target : { ...target, name, unnamed: undefined };
  }
  if (die.tag === DW_TAG.arrayType) {
    const element = factsOf(dwarf, typeOf(dwarf, die), step + 1);
    let count = 1;
    for (const range of childrenOf(dwarf, die)) {
      if (range.tag !== DW_TAG.subrangeType) continue;
      const upper = dieNumber(dwarf, range, DW_AT.upperBound);
      count *= dieNumber(dwarf, range, DW_AT.count) ?? (upper === undefined ? 0 : upper + 1);
    }
    return { name: `${element.name} [${count}]`, size: element.size * count, count, unnamed: undefined };
  }
  if (die.tag === DW_TAG.subroutineType) return { name: "function", size: 0, count: undefined, unnamed: undefined };
  const isUnnamed = name === "" && STRUCTURES.has(die.tag);
  return { name, size: size ?? 0, count: undefined, unnamed: isUnnamed ? die : undefined };
}
