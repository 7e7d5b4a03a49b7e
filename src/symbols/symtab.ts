// The symbol table: functions that have no debug information (binary blobs, assembler, ROM), and variables by name.
// Format: gABI chapter 4, "Symbol Table".
/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays that are sized before */
import { countUpTo, countWhile } from "../base/bisect.ts";
import type { Address, Bytes } from "../base/units.ts";
import { stringAt } from "./cursor.ts";
import { isCode, isLoaded, sectionContents, type Elf } from "./elf.ts";

const SHT_SYMTAB = 2;
const STT_NOTYPE = 0;
const STT_OBJECT = 1;
const STT_FUNC = 2;
const STT_FILE = 4;
const STB_LOCAL = 0;
const SYMBOL_BYTES = 16;

export interface ElfSymbol {
  readonly name: string;
  readonly address: Address;
  readonly size: Bytes;
  /** The source file that a local symbol came from, as far as the table says. */
  readonly file: string | undefined;
}

export interface SymbolTable {
  readonly symbols: Uint8Array;
  readonly names: Uint8Array;
  /** Rows of `symbols` that name code, ascending by address; one for an address. */
  readonly code: Uint32Array;
  /** Their addresses. */
  readonly codeAddresses: Uint32Array;
  /** The end of the section that each lies in. */
  readonly codeLimits: Float64Array;
}

export function readSymbolTable(elf: Elf): SymbolTable {
  const section = elf.sections.find(({ type }) => type === SHT_SYMTAB);
  const strings = section === undefined ? undefined : elf.sections[section.link];
  const empty = new Uint8Array(0);
  const symbols = section === undefined ? empty : sectionContents(elf, section);
  const names = strings === undefined ? empty : sectionContents(elf, strings);
  const count = Math.floor(symbols.length / SYMBOL_BYTES);
  const best = new Map<Address, number>();
  for (let row = 0; row < count; row++) {
    const at = row * SYMBOL_BYTES;
    const type = symbols[at + 12]! & 0xf;
    if (type !== STT_FUNC && type !== STT_NOTYPE) continue;
    const home = elf.sections[symbols[at + 14]! | (symbols[at + 15]! << 8)];
    if (home === undefined || !isLoaded(home) || !isCode(home)) continue;
    if (type === STT_NOTYPE && isMarker(names, word(symbols, at))) continue;
    const address = word(symbols, at + 4);
    if (address < home.address || address >= home.address + home.size) continue;
    const known = best.get(address);
    if (known === undefined || rank(symbols, row) > rank(symbols, known)) best.set(address, row);
  }
  const code = Uint32Array.from(best.values()).sort(
    (a, b) => word(symbols, a * SYMBOL_BYTES + 4) - word(symbols, b * SYMBOL_BYTES + 4),
  );
  const codeAddresses = code.map((row) => word(symbols, row * SYMBOL_BYTES + 4));
  const codeLimits = Float64Array.from(code, (row) => {
    const at = row * SYMBOL_BYTES;
    const home = elf.sections[symbols[at + 14]! | (symbols[at + 15]! << 8)];
    return home === undefined ? 0 : home.address + home.size;
  });
  return { symbols, names, code, codeAddresses, codeLimits };
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** Names that assemblers make for themselves: "$x" and "$d" (RISC-V), ".L12" and no name at all. */
function isMarker(names: Uint8Array, at: number): boolean {
  const first = names[at];
  return first === undefined || first === 0 || first === 0x24 || (first === 0x2e && names[at + 1] === 0x4c);
}

/** Of several symbols at one address: functions before labels, then those with a size; the first of equals, as GNU tools do. */
function rank(symbols: Uint8Array, row: number): number {
  const at = row * SYMBOL_BYTES;
  return ((symbols[at + 12]! & 0xf) === STT_FUNC ? 2 : 0) + (word(symbols, at + 8) > 0 ? 1 : 0);
}

function sizeOf(table: SymbolTable, row: number): Bytes {
  return word(table.symbols, row * SYMBOL_BYTES + 8);
}

function symbolOfRow(table: SymbolTable, row: number): ElfSymbol {
  const { symbols, names } = table;
  const at = row * SYMBOL_BYTES;
  let file: string | undefined;
  // The symbol of a source file stands before the local symbols that came from it.
  if (symbols[at + 12]! >> 4 === STB_LOCAL) {
    for (let before = row - 1; before >= 0 && file === undefined; before--) {
      if ((symbols[before * SYMBOL_BYTES + 12]! & 0xf) === STT_FILE)
        file = stringAt(names, word(symbols, before * SYMBOL_BYTES));
    }
  }
  return {
    name: stringAt(names, word(symbols, at)),
    address: word(symbols, at + 4),
    size: word(symbols, at + 8),
    file,
  };
}

/** Labels inside of an assembler function: so many of them may stand between an address and the function's own symbol. */
const MAX_LABELS = 64;

/**
 * The function at an address: the one whose size holds it, else the nearest symbol before it in its section. Sizes do not
 * end a function, because assembler labels have none, and because what follows is its padding and its literals.
 */
export function codeSymbolAt(table: SymbolTable, address: Address): ElfSymbol | undefined {
  const { codeAddresses } = table;
  const at = countUpTo(codeAddresses, address) - 1;
  if (at < 0 || address >= table.codeLimits[at]!) return undefined;
  const nearest = table.code[at]!;
  if (sizeOf(table, nearest) === 0) {
    for (let i = at - 1; i >= 0 && i >= at - MAX_LABELS; i--) {
      const size = sizeOf(table, table.code[i]!);
      if (size === 0) continue;
      if (address < codeAddresses[i]! + size) return symbolOfRow(table, table.code[i]!);
      break;
    }
  }
  return symbolOfRow(table, nearest);
}

/** All symbols of a name, such as a global variable; static ones may occur more than once. */
export function symbolsNamed(table: SymbolTable, name: string): ElfSymbol[] {
  const { symbols, names } = table;
  const wanted = new TextEncoder().encode(name);
  const found: ElfSymbol[] = [];
  for (let row = 0; (row + 1) * SYMBOL_BYTES <= symbols.length; row++) {
    const type = symbols[row * SYMBOL_BYTES + 12]! & 0xf;
    if (type === STT_FILE) continue;
    const at = word(symbols, row * SYMBOL_BYTES);
    if (names[at + wanted.length] !== 0 || names[at] !== wanted[0]) continue;
    if (wanted.every((byte, i) => names[at + i] === byte)) found.push(symbolOfRow(table, row));
  }
  return found;
}

/** The variable whose size holds an address; the smallest of several. */
export function variableSymbolAt(table: SymbolTable, address: Address): ElfSymbol | undefined {
  const { symbols } = table;
  let best: number | undefined;
  for (let row = 0; (row + 1) * SYMBOL_BYTES <= symbols.length; row++) {
    if ((symbols[row * SYMBOL_BYTES + 12]! & 0xf) !== STT_OBJECT) continue;
    const start = word(symbols, row * SYMBOL_BYTES + 4);
    const size = sizeOf(table, row);
    if (address < start || address >= start + size) continue;
    if (best === undefined || size < sizeOf(table, best)) best = row;
  }
  return best === undefined ? undefined : symbolOfRow(table, best);
}

export interface SizedSymbol {
  readonly address: Address;
  readonly size: Bytes;
}

/** Functions and variables with a size, ascending by address, the larger first where several begin together. */
export function sizedSymbols({ symbols }: SymbolTable): SizedSymbol[] {
  const found: SizedSymbol[] = [];
  for (let at = 0; at + SYMBOL_BYTES <= symbols.length; at += SYMBOL_BYTES) {
    const type = symbols[at + 12]! & 0xf;
    const size = word(symbols, at + 8);
    if ((type === STT_OBJECT || type === STT_FUNC) && size > 0) found.push({ address: word(symbols, at + 4), size });
  }
  return found.sort((a, b) => a.address - b.address || b.size - a.size);
}

/** Calls `visit` for each of them that begins between two addresses. */
export function forEachSized(
  sorted: readonly SizedSymbol[],
  from: Address,
  to: Address,
  visit: (address: Address, size: Bytes) => void,
): void {
  for (
    let i = countWhile(sorted.length, (index) => sorted[index]!.address < from);
    i < sorted.length && sorted[i]!.address < to;
    i++
  )
    visit(sorted[i]!.address, sorted[i]!.size);
}
