// A line's template: its fixed words, with a mark for each number. Lines of one template differ in numbers alone.

const MOST_LETTERS = 240;
const MARK = 0x23;
const SPACE = 0x20;
const SEPARATOR = 0x1f;
const HEX_DIGITS = 8;

/**
 * A number that lines of one template share: `Free heap: 1234 (0x3ffb0000)` is hashed as `free heap: # (#)`, numbers padded with blanks or tabs as if
 * with one blank, capitals as small letters. 53 bits, so that among a million templates two are alike with a chance of 1 in 10,000.
 * @param names what tells lines of the same words apart, in a fixed order
 */
export function templateOf(text: string, names: readonly string[] = []): number {
  let a = 0x2545f491;
  let b = 0x6c078965;
  for (const name of names) {
    for (let i = 0; i <= name.length; i++) {
      const code = i === name.length ? SEPARATOR : name.charCodeAt(i);
      a = mixed(a, code, 0x9e3779b1);
      b = mixed(b, code, 0x5f356495);
    }
  }
  const end = text.length;
  // Counted behind numbers, whose digits differ.
  for (let at = 0, letters = 0; at < end && letters < MOST_LETTERS; letters++) {
    let code = text.charCodeAt(at);
    if (isBlank(code)) {
      do at++;
      while (at < end && isBlank(text.charCodeAt(at)));
      code = SPACE;
    } else {
      const behind = isDigit(code) || isSign(code) ? numberEnd(text, at, end) : at;
      if (behind > at) code = MARK;
      else if (isCapital(code)) code |= 0x20;
      at = Math.max(behind, at + 1);
    }
    a = mixed(a, code, 0x9e3779b1);
    b = mixed(b, code, 0x5f356495);
  }
  return (a >>> 0) * 0x200000 + (b >>> 11);
}

function mixed(hash: number, code: number, factor: number): number {
  const product = Math.imul(hash ^ code, factor);
  return product ^ (product >>> 15);
}

/** Behind the number that begins at `at`: `0x3ffb0000`, `-5.25`, `10:20:30`, `1,024`; `at` where none does. */
function numberEnd(text: string, at: number, end: number): number {
  const first = text.charCodeAt(at);
  if (first === 0x30 && (text.charCodeAt(at + 1) | 0x20) === 0x78) {
    let behind = at + 2;
    while (behind < end && isHex(text.charCodeAt(behind))) behind++;
    if (behind > at + 2) return behind;
  }
  const filled = first === 0x30 ? filledHexEnd(text, at, end) : at;
  if (filled > at) return filled;
  let behind = isSign(first) ? at + 1 : at;
  if (behind >= end || !isDigit(text.charCodeAt(behind))) return at;
  for (;;) {
    while (behind < end && isDigit(text.charCodeAt(behind))) behind++;
    const mark = text.charCodeAt(behind);
    const goesOn = mark === 0x2e || mark === 0x2c || mark === 0x3a;
    if (!goesOn || behind + 1 >= end || !isDigit(text.charCodeAt(behind + 1))) return behind;
    behind++;
  }
}

/** Behind eight hexadecimal digits that stand by themselves, `0001D4C0`; `at` where they do not. */
function filledHexEnd(text: string, at: number, end: number): number {
  let behind = at;
  while (behind < end && isHex(text.charCodeAt(behind))) behind++;
  const next = text.charCodeAt(behind) | 0x20;
  const isWhole = behind >= end || !(isDigit(text.charCodeAt(behind)) || (next >= 0x61 && next <= 0x7a));
  return behind - at === HEX_DIGITS && isWhole ? behind : at;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === 0x09;
}

function isSign(code: number): boolean {
  return code === 0x2b || code === 0x2d;
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHex(code: number): boolean {
  return isDigit(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
}
