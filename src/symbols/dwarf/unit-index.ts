// Which units have code at an address, by ranges sorted once: those that .debug_aranges lists, or those that all units say to have.
/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays that are sized before */
import { countUpTo } from "../../base/bisect.ts";
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

/** Starts are below 2^33 and numbers exact to 2^53, so that a start and its row make one number. No firmware has a tenth of so many ranges. */
const MAX_ROWS = 2 ** 20;

/** Ranges that begin in code: what the linker removed stays in the tables at address 0 or near it. */
class RangeRows {
  private readonly elf: Elf;
  private readonly lows: number[] = [];
  private readonly highs: number[] = [];
  private readonly units: number[] = [];
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
    if (this.lows.length === MAX_ROWS) {
      this.elf.problems.add(
        "dwarf-limit",
        "the debug information lists more ranges of code than can be: the rest is left out",
      );
      return;
    }
    this.lows.push(low);
    this.highs.push(high);
    this.units.push(unit);
  }

  sorted(): UnitIndex {
    const count = this.lows.length;
    const order = inOrder(this.lows, this.highs);
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
  const found: number[] = [];
  for (
    let i = countUpTo(lows, address) - 1, steps = 0;
    i >= 0 && steps < MAX_CANDIDATES && maxHighs[i]! > address;
    i--, steps++
  ) {
    if (highs[i]! > address && !found.includes(units[i]!)) found.push(units[i]!);
  }
  return found;
}

/** Rows by start, the longest first of those that begin together. */
function inOrder(lows: readonly number[], highs: readonly number[]): Uint32Array {
  // A look-up is short: numbers are sorted without a function of ours that is called ten times for each, and ties, which are few, afterwards.
  const order = Uint32Array.from(
    Float64Array.from(lows, (low, row) => low * MAX_ROWS + row).sort(),
    (packed) => packed % MAX_ROWS,
  );
  for (let from = 0, to = 1; from < order.length; from = to++) {
    while (to < order.length && lows[order[to]!] === lows[order[from]!]) to++;
    if (to - from > 1) order.subarray(from, to).sort((a, b) => highs[b]! - highs[a]! || a - b);
  }
  return order;
}
