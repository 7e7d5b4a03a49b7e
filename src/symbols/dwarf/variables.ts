// Variables with a fixed address: where each one is defined, and what of it an address lies in.
/* eslint-disable @typescript-eslint/no-non-null-assertion -- binary search on typed arrays that are sized before */
import { countUpTo } from "../../base/bisect.ts";
import type { Address, Bytes } from "../../base/units.ts";
import { DW_AT, DW_OP, DW_TAG } from "./constants.ts";
import { dieBlock, dieNumber, dieText, forEachDie, readDie, type Die } from "./dies.ts";
import { typeAtOffset } from "./layouts.ts";
import { addressAtIndex, unitAt, type Dwarf, type Unit } from "./units.ts";

/** Ascending by address; one for an address, the last one that defines it. */
export interface VariableIndex {
  readonly addresses: Float64Array;
  readonly dies: Uint32Array;
  /** Which of `dwarfs` each DIE is in. */
  readonly parts: Uint32Array;
  readonly dwarfs: readonly Dwarf[];
}

const VARIABLES: ReadonlySet<number> = new Set([DW_TAG.variable]);

export function indexVariables(dwarfs: readonly Dwarf[]): VariableIndex {
  const found = new Map<Address, { die: number; part: number }>();
  for (const [part, dwarf] of dwarfs.entries()) {
    for (const unit of dwarf.units) {
      forEachDie(dwarf, unit, VARIABLES, (offset) => {
        const die = readDie(dwarf, offset, unit);
        const address = die === undefined ? undefined : addressOf(dwarf, die);
        if (address !== undefined) found.set(address, { die: offset, part });
      });
    }
  }
  const sorted = [...found].sort((a, b) => a[0] - b[0]);
  return {
    addresses: Float64Array.from(sorted, ([address]) => address),
    dies: Uint32Array.from(sorted, ([, { die }]) => die),
    parts: Uint32Array.from(sorted, ([, { part }]) => part),
    dwarfs,
  };
}

function addressOf(dwarf: Dwarf, die: Die): Address | undefined {
  const location = dieBlock(dwarf, die, DW_AT.location);
  if (location === undefined) return undefined;
  const operation = location.u8();
  const { addressSize, root } = die.unit;
  let address: Address | undefined;
  if (operation === DW_OP.addr) address = location.unsigned(addressSize);
  else if (operation === DW_OP.addrx || operation === DW_OP.gnuAddrIndex)
    address = addressAtIndex(dwarf.sections, root.addrBase, addressSize, location.uleb());
  // More than the address alone is another kind of place.
  return address === undefined || address === 0 || location.overrun || !location.atEnd ? undefined : address;
}

/** Row of the last variable that begins at or before an address; -1 where there is none. */
function rowAt({ addresses }: VariableIndex, address: Address): number {
  return countUpTo(addresses, address) - 1;
}

/** The unit that defines the variable that begins at an address. */
export function unitOfVariable(index: VariableIndex, address: Address): Unit | undefined {
  const row = rowAt(index, address);
  return row >= 0 && index.addresses[row] === address
    ? unitAt(index.dwarfs[index.parts[row]!]!, index.dies[row]!)
    : undefined;
}

export interface VariableFacts {
  readonly unit: Unit;
  readonly address: Address;
  readonly name: string;
  /** 0 where the debug information does not say. */
  readonly size: Bytes;
  /** What lies at the offset: ".outbox.head", "[3].next", "" for the whole; and how far into it. */
  readonly member: string;
  readonly rest: Bytes;
  /** Index into the unit's table of files. */
  readonly file: number | undefined;
  readonly line: number | undefined;
}

/** The last variable that begins at or before an address, and what of it lies there if it reaches that far. */
export function variableFacts(index: VariableIndex, address: Address): VariableFacts | undefined {
  const row = rowAt(index, address);
  if (row < 0) return undefined;
  const dwarf = index.dwarfs[index.parts[row]!]!;
  const die = readDie(dwarf, index.dies[row]!);
  if (die === undefined) return undefined;
  const start = index.addresses[row]!;
  // A static member is declared in its class and defined elsewhere: the one refers to the other.
  const origin = dieNumber(dwarf, die, DW_AT.specification) ?? dieNumber(dwarf, die, DW_AT.abstractOrigin);
  const declaration = origin === undefined ? undefined : readDie(dwarf, origin);
  const has = (attribute: number): Die => (die.attributes.has(attribute) ? die : (declaration ?? die));
  const type = dieNumber(dwarf, has(DW_AT.type), DW_AT.type);
  const { size, path, rest } = typeAtOffset(
    dwarf,
    type === undefined ? undefined : readDie(dwarf, type),
    address - start,
  );
  return {
    unit: die.unit,
    address: start,
    name: dieText(dwarf, has(DW_AT.name), DW_AT.name),
    size,
    member: path,
    rest,
    file: dieNumber(dwarf, has(DW_AT.declFile), DW_AT.declFile),
    line: dieNumber(dwarf, has(DW_AT.declLine), DW_AT.declLine),
  };
}
