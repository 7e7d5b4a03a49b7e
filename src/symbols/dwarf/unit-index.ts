// Which units have code at an address, by ranges sorted once: those that .debug_aranges lists, or those that all units say to have.
/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays that are sized before */
import type { Address } from "../../base/units.ts";
import { executableRange, type Elf } from "../elf.ts";
import { forEachListed } from "./aranges.ts";
import { forEachCovered, readLineTable, type LineScratch } from "./lines.ts";
import { forEachRange } from "./ranges.ts";
import type { Dwarf } from "./units.ts";

/** Address ranges of units, ascending by start. */
export interface UnitIndex {
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  readonly units: Uint32Array;
  /** The largest end among a range and all before it: where it lies below the address, nothing further down can hold it. */
  readonly maxHighs: Float64Array;
}

/** Units share an address only in damaged files and, rarely, in assembler code; more than this many are not tried. */
const MAX_CANDIDATES = 64;

/** What all units say of themselves. */
export function indexUnits(dwarf: Dwarf, scratch: LineScratch): UnitIndex {
  const rows = new RangeRows(dwarf.elf);
  for (const unit of dwarf.units) {
    const { ranges, low, high, lineOffset } = unit.root;
    const add = (from: Address, to: Address): void => {
      rows.add(from, to, unit.index);
    };
    if (ranges !== undefined) forEachRange(dwarf, unit, ranges, add);
    else if (low !== undefined && high !== undefined && high > low) add(low, high);
    else if (lineOffset !== undefined) {
      // Some assembler units say nothing about addresses but in their line table.
      const lines = readLineTable(dwarf, unit, scratch);
      if (lines !== undefined) forEachCovered(lines, add);
    }
  }
  return rows.sorted();
}

/** What .debug_aranges says of them. */
export function indexListed(dwarf: Dwarf): UnitIndex {
  const rows = new RangeRows(dwarf.elf);
  forEachListed(dwarf, (low, high, unit) => {
    rows.add(low, high, unit.index);
  });
  return rows.sorted();
}

/** Growing columns, of ranges that begin in code: what the linker removed stays in the tables at address 0 or near it. */
class RangeRows {
  private readonly elf: Elf;
  private count = 0;
  private lows = new Float64Array(4096);
  private highs = new Float64Array(4096);
  private units = new Uint32Array(4096);
  // One range of code holds most of them.
  private codeLow = 0;
  private codeHigh = 0;

  constructor(elf: Elf) {
    this.elf = elf;
  }

  add(low: Address, high: Address, unit: number): void {
    if (low < this.codeLow || low >= this.codeHigh) {
      const code = executableRange(this.elf, low);
      if (code < 0) return;
      this.codeLow = this.elf.executable[code]!;
      this.codeHigh = this.elf.executable[code + 1]!;
    }
    const at = this.count++;
    if (at === this.lows.length) this.grow();
    this.lows[at] = low;
    this.highs[at] = high;
    this.units[at] = unit;
  }

  private grow(): void {
    const old = { lows: this.lows, highs: this.highs, units: this.units };
    this.lows = new Float64Array(old.lows.length * 2);
    this.highs = new Float64Array(old.lows.length * 2);
    this.units = new Uint32Array(old.lows.length * 2);
    this.lows.set(old.lows);
    this.highs.set(old.highs);
    this.units.set(old.units);
  }

  sorted(): UnitIndex {
    const { count } = this;
    const order = inOrder(this.lows.subarray(0, count), this.highs);
    const lows = new Float64Array(count);
    const highs = new Float64Array(count);
    const maxHighs = new Float64Array(count);
    const units = new Uint32Array(count);
    let max = 0;
    for (let i = 0; i < count; i++) {
      const row = order[i]!;
      const high = this.highs[row]!;
      if (high > max) max = high;
      lows[i] = this.lows[row]!;
      highs[i] = high;
      maxHighs[i] = max;
      units[i] = this.units[row]!;
    }
    return { lows, highs, maxHighs, units };
  }
}

/** Units that say to have code at an address, the one that begins last first. */
export function unitsAt({ lows, highs, maxHighs, units }: UnitIndex, address: Address): readonly number[] {
  let low = 0;
  let high = lows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lows[middle]! <= address) low = middle + 1;
    else high = middle;
  }
  const found: number[] = [];
  for (let i = low - 1, steps = 0; i >= 0 && steps < MAX_CANDIDATES && maxHighs[i]! > address; i--, steps++) {
    if (highs[i]! > address && !found.includes(units[i]!)) found.push(units[i]!);
  }
  return found;
}

/** Starts are below 2^33 and numbers exact to 2^53. */
const MAX_PACKED_ROWS = 2 ** 20;

/** Rows by start, the longest first of those that begin together. */
function inOrder(lows: Float64Array, highs: Float64Array): Uint32Array {
  const order = new Uint32Array(lows.length);
  const compare = (a: number, b: number): number => lows[a]! - lows[b]! || highs[b]! - highs[a]! || a - b;
  if (lows.length > MAX_PACKED_ROWS) {
    for (let row = 0; row < order.length; row++) order[row] = row;
    return order.sort(compare);
  }
  // A look-up is short: numbers are sorted without a function of ours that is called ten times for each, and ties, which are few, afterwards.
  const packed = new Float64Array(lows.length);
  for (let row = 0; row < packed.length; row++) packed[row] = lows[row]! * MAX_PACKED_ROWS + row;
  packed.sort();
  for (let i = 0; i < order.length; i++) order[i] = packed[i]! % MAX_PACKED_ROWS;
  for (let from = 0, to = 1; from < order.length; from = to++) {
    while (to < order.length && lows[order[to]!] === lows[order[from]!]) to++;
    if (to - from > 1) order.subarray(from, to).sort(compare);
  }
  return order;
}
