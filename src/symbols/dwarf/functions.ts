// Which function, and which calls inlined into it, an address belongs to: one pass over the DIEs of a unit, flattened into
// stretches of code that each know their innermost function.
/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays and on `specs`, in steps of three */
import { countUpTo } from "../../base/bisect.ts";
import type { Address } from "../../base/units.ts";
import { Cursor } from "../cursor.ts";
import { isExecutable } from "../elf.ts";
import { DW_AT, DW_TAG } from "./constants.ts";
import { isAddressIndex, readNumber, skipForm } from "./forms.ts";
import { forEachRange } from "./ranges.ts";
import { addressAtIndex, highOf, type Dwarf, type RangesReference, type Unit } from "./units.ts";

/** Functions with code, in the order of their DIEs; a function's index is its row. */
export interface FunctionTable {
  /** Of the DIE in .debug_info. */
  readonly dies: Uint32Array;
  /** The function that this one is inlined into; -1 when it is not inlined. */
  readonly callers: Int32Array;
  /** Where the inlined call stands in the caller. */
  readonly callFiles: Uint16Array;
  readonly callLines: Uint32Array;
  readonly callColumns: Uint16Array;
  /** First address of each function. */
  readonly lows: Uint32Array;
  /** Where each stretch of code begins, ascending; it ends where the next begins. */
  readonly starts: Uint32Array;
  /** The innermost function of each stretch, -1 for none. */
  readonly innermost: Int32Array;
}

interface CodeRange {
  readonly low: Address;
  readonly high: Address;
  readonly function: number;
}

/** DIEs nest some ten deep; a file in which they nest deeper than this is damaged. */
const MAX_DEPTH = 4096;

export function readFunctions(dwarf: Dwarf, unit: Unit): FunctionTable {
  const dies: number[] = [];
  const callers: number[] = [];
  const calls: number[] = [];
  const lows: number[] = [];
  const ranges: CodeRange[] = [];
  const { abbrevs } = unit;
  const { specs } = abbrevs;
  const cursor = new Cursor(dwarf.sections.info, unit.dieOffset, unit.end);
  /** The function that encloses the DIEs of each depth. */
  const enclosing: number[] = [-1];
  let depth = 0;

  while (!cursor.atEnd) {
    const die = cursor.pos;
    const code = cursor.uleb();
    if (code === 0) {
      if (--depth <= 0) break;
      continue;
    }
    const abbreviation = abbrevs.get(code);
    if (abbreviation === undefined) {
      dwarf.problems.add("dwarf-info", "part of .debug_info has no abbreviation and is left out");
      break;
    }
    let own = enclosing[depth]!;
    const { tag } = abbreviation;
    if (tag === DW_TAG.subprogram || tag === DW_TAG.inlinedSubroutine) {
      let low: number | undefined;
      let high: { form: number; value: number } | undefined;
      let reference: RangesReference | undefined;
      let file = 0;
      let line = 0;
      let column = 0;
      for (let i = abbreviation.first; i < abbreviation.last; i += 3) {
        const form = specs[i + 1]!;
        switch (specs[i]!) {
          case DW_AT.lowPc:
            low = readNumber(cursor, form, unit);
            if (isAddressIndex(form)) low = addressAtIndex(dwarf.sections, unit.root.addrBase, unit.addressSize, low);
            break;
          case DW_AT.highPc:
            high = { form, value: readNumber(cursor, form, unit, specs[i + 2]) };
            break;
          case DW_AT.ranges:
            reference = { form, value: readNumber(cursor, form, unit) };
            break;
          case DW_AT.callFile:
            file = readNumber(cursor, form, unit, specs[i + 2]);
            break;
          case DW_AT.callLine:
            line = readNumber(cursor, form, unit, specs[i + 2]);
            break;
          case DW_AT.callColumn:
            column = readNumber(cursor, form, unit, specs[i + 2]);
            break;
          default:
            skipForm(cursor, form, unit);
        }
      }
      const index = dies.length;
      const before = ranges.length;
      const add = (from: Address, to: Address): void => {
        if (isExecutable(dwarf.elf, from)) ranges.push({ low: from, high: to, function: index });
      };
      if (reference !== undefined) forEachRange(dwarf, unit, reference, add);
      else {
        const end = highOf(low, high, unit, dwarf.sections, unit.root.addrBase);
        if (low !== undefined && end !== undefined && end > low) add(low, end);
      }
      // In .dwo files of chips whose linker relaxes code GCC leaves ends and range lists empty: such a function has no code of its own, but calls that
      // are inlined into it have.
      const isStart = low !== undefined && isExecutable(dwarf.elf, low);
      const isPlaced = isStart || (tag === DW_TAG.inlinedSubroutine && own >= 0 && reference !== undefined);
      if ((ranges.length > before || isPlaced) && dwarf.budget.take(1)) {
        dies.push(die);
        callers.push(tag === DW_TAG.inlinedSubroutine ? own : -1);
        calls.push(file, line, column);
        lows.push(low ?? ranges[before]?.low ?? 0);
        own = index;
      } else if (tag === DW_TAG.subprogram) {
        // A declaration or an abstract instance: what is inside of it is called by no code.
        own = -1;
      }
    } else if (abbreviation.fixedSize >= 0) {
      cursor.skip(abbreviation.fixedSize);
    } else {
      for (let i = abbreviation.first; i < abbreviation.last; i += 3) skipForm(cursor, specs[i + 1]!, unit);
    }
    if (cursor.overrun) {
      dwarf.problems.add("dwarf-info", "a unit of .debug_info is cut or damaged");
      break;
    }
    if (abbreviation.hasChildren) {
      if (++depth > MAX_DEPTH) {
        dwarf.problems.add("dwarf-info", "a unit of .debug_info is cut or damaged");
        break;
      }
      enclosing[depth] = own;
    } else if (depth === 0) {
      break;
    }
  }

  const count = dies.length;
  const callFiles = new Uint16Array(count);
  const callLines = new Uint32Array(count);
  const callColumns = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    callFiles[i] = Math.min(calls[i * 3]!, 0xffff);
    callLines[i] = calls[i * 3 + 1]!;
    callColumns[i] = calls[i * 3 + 2]!;
  }
  return {
    dies: Uint32Array.from(dies),
    callers: Int32Array.from(callers),
    callFiles,
    callLines,
    callColumns,
    lows: Uint32Array.from(lows),
    ...flatten(ranges),
  };
}

/** Nested ranges to stretches: where several hold an address, the one that began last, the innermost one, has it. */
function flatten(ranges: CodeRange[]): Pick<FunctionTable, "starts" | "innermost"> {
  ranges.sort((a, b) => a.low - b.low || b.high - a.high || a.function - b.function);
  const starts: number[] = [];
  const innermost: number[] = [];
  const open: CodeRange[] = [];
  const begin = (address: Address, owner: number): void => {
    const last = starts.length - 1;
    if (last >= 0 && starts[last] === address) innermost[last] = owner;
    else if (last < 0 || innermost[last] !== owner) {
      starts.push(address);
      innermost.push(owner);
    }
  };
  const closeUntil = (address: Address): void => {
    let top = open.at(-1);
    while (top !== undefined && top.high <= address) {
      const end = top.high;
      open.pop();
      // Ranges that overlap without nesting: what lies below may have ended already.
      top = open.at(-1);
      while (top !== undefined && top.high <= end) {
        open.pop();
        top = open.at(-1);
      }
      begin(end, top === undefined ? -1 : top.function);
    }
  };
  for (const range of ranges) {
    closeUntil(range.low);
    begin(range.low, range.function);
    open.push(range);
  }
  closeUntil(Infinity);
  return { starts: Uint32Array.from(starts), innermost: Int32Array.from(innermost) };
}

/** The innermost function at an address, -1 for none. */
export function functionAt(table: FunctionTable, address: Address): number {
  return table.innermost[countUpTo(table.starts, address) - 1] ?? -1;
}
