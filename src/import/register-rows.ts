/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Rows of ESP-IDF's register dump, read from a line's bytes: a third of what a crash prints.

/** The names that its panic handler gives them, on Xtensa and on RISC-V. */
const NAMES =
  "PC PS A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 SAR EXCCAUSE EXCVADDR LBEG LEND LCOUNT MEPC RA SP GP TP T0 T1 T2 T3 T4 T5 T6 S0/FP S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 S11 MSTATUS MTVEC MCAUSE MTVAL MHARTID".split(" "); // prettier-ignore

/** What is not seen, at a line's end. */
const SPACE = 0x20;
const COLON = 0x3a;
/** Registers in a row. */
const MOST = 8;
const VALUE = "0x00000000".length;

/** By a number that its letters make, which no two of these share. */
const BY_LETTERS: ReadonlyMap<number, string> = new Map(
  NAMES.map((name) => [[...name].reduce((sum, letter) => withLetter(sum, letter.charCodeAt(0)), 0), name]),
);

function withLetter(letters: number, byte: number): number {
  return (Math.imul(letters, 59) + byte) | 0;
}

/** By byte, the value of a hexadecimal digit as the handler writes it; 16 for what is none. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : 16,
);

/** Of the row that is read. */
const names: string[] = Array.from({ length: MOST }, () => "");
const values = new Float64Array(MOST);

/** @returns true for such a row, or a blank line; what an earlier one has told of a register stays */
export function takeRegisterRow(
  registers: Map<string, number>,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  let stop = end;
  while (stop > start && bytes[stop - 1]! <= SPACE) stop--;
  let count = 0;
  for (let at = start; at < stop; at = behindBlanks(bytes, at + VALUE)) {
    const colon = count === MOST ? -1 : endOfName(bytes, at, stop, count);
    if (colon < 0) return false;
    at = colon + ": ".length;
    if (at + VALUE > stop || !isValue(bytes, at, count)) return false;
    count++;
  }
  if (count === 1) return false;
  for (let i = 0; i < count; i++) if (!registers.has(names[i]!)) registers.set(names[i]!, values[i]!);
  return true;
}

/** @returns the colon behind a name that is known; negative where there is none */
function endOfName(bytes: Uint8Array, start: number, stop: number, place: number): number {
  let letters = 0;
  let end = start;
  for (; end < stop && bytes[end]! > SPACE && bytes[end] !== COLON; end++) letters = withLetter(letters, bytes[end]!);
  const name = BY_LETTERS.get(letters);
  if (name?.length !== end - start) return -1;
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== bytes[start + i]) return -1;
  names[place] = name;
  const colon = behindBlanks(bytes, end);
  return bytes[colon] === COLON && bytes[colon + 1] === SPACE ? colon : -1;
}

/** Eight digits behind 0x, and no more. */
function isValue(bytes: Uint8Array, start: number, place: number): boolean {
  if (bytes[start] !== 0x30 || bytes[start + 1] !== 0x78) return false;
  let value = 0;
  for (let i = start + 2; i < start + VALUE; i++) {
    const digit = DIGITS[bytes[i]!]!;
    if (digit === 16) return false;
    value = value * 16 + digit;
  }
  values[place] = value;
  return true;
}

function behindBlanks(bytes: Uint8Array, at: number): number {
  while (bytes[at] === SPACE) at++;
  return at;
}
