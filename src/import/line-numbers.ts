// The numbers of a line: which stand by themselves, how they are written, and their units.

/** A number that stands by itself: no part of an address, a version, a time, an IP, an identifier; or `free=0x1d4c0`, shorter than an address or filled up
 * with zeros; `free=0001D4C0`, eight digits that begin with a zero. */
const NUMBER =
  /(?<=[a-z]["']?\s?[=:]\s?["']?)(0x(?=0|[\da-f]{2,7}\b)[\da-f]{2,8}|0[\da-f]{7})\b(?![.:])|(?<![\w.#-]|\d:|\.(?:c|cc|cpp|h|hpp|py|rs|ino|S|lua|go):|(?:[\da-fA-F]{2}:){2}|(?<!\[\d{3,9}(?:,\d{1,10}){0,6})\d,|[a-zA-Z][-.])([+-])?(\d{1,3}(?:,\d{3})+(?!\d)|\d{1,3}(?:\.\d{3})+(?= ?(?:bytes?|B)\b)|\d{1,3}(?:[\u00a0\u202f'_]\d{3})+(?![\d_])|\d{1,3}(?: \d{3})+(?= (?:octets|байт|bajt|bayt|tavu))|\d+,\d{1,2}(?= ?(?:[kM]i?B\b|%))|\d+)(\.\d+(?:e\+?\d{1,2}\b)?)?(?!\d|-?bits?\b|[\w.]*\d[.:]\d|[:.]\d|(?!(?:k(?:ilo)?|m(?:ega)?)?(?:i?b|bytes?|octets)\b)\w*[g-zG-Z_]\w{3,}|[a-z_]+\d|(?!db)[a-f]{2,}\b|x(?:[0-9a-fA-F]|\b))/gi;
/** Words of a unit right behind a number. */
const UNIT =
  /^\s?(?:([bB]ytes?\b|B\b|octets\b|байт[аів]?|Б(?!\p{L})|字节|字節|バイト|바이트|bajt(?:ów|y|u)?\b|bayt\b|tavua?\b)|([kK](?:i?[bB](?:ytes?)?)?\b|kilobytes?\b|[кК]Б(?!\p{L}))|(M(?:i?B(?:ytes?)?)?\b|megabytes?\b|МБ(?!\p{L}))|(%|percent\b|pct\b))(?!\s*[=:])/u;
/** Numbers of a line that are looked at. */
const MOST_NUMBERS = 512;
const FACTORS = [1, 1, 1024, 1024 * 1024];

export interface LineNumber {
  readonly start: number;
  readonly end: number;
  readonly afterUnit: number;
  readonly value: number;
  readonly unit: "bytes" | "percent" | "none";
  /** Bytes of a unit that is told. */
  readonly factor: number | undefined;
  /** As it stands there, without its unit. */
  readonly read: number;
  readonly signed: boolean;
  readonly isNegative: boolean;
}

/** Where a number stands among a line's letters, to be read there in other lines of the same letters. */
export interface NumberPlace {
  readonly start: number;
  readonly end: number;
  readonly hasFraction: boolean;
  /** Bytes of its unit, to whole ones of which it is rounded; undefined where no unit of bytes is told. */
  readonly factor: number | undefined;
}

/** By index; undefined for those that are not read by their decimal digits alone. */
export function placesOf(line: string): readonly (NumberPlace | undefined)[] {
  return numbersIn(line).map(({ start, end, factor, signed, read }) => {
    const digits = line.slice(start, end);
    // "120.344 Bytes" is no fraction.
    const isPlain = !signed && /^\d+(?:\.\d+)?$/.test(digits) && Number(digits) === read;
    return isPlain ? { start, end, factor, hasFraction: digits.includes(".") } : undefined;
  });
}

export function numbersIn(text: string): readonly LineNumber[] {
  const numbers: LineNumber[] = [];
  for (const match of text.matchAll(NUMBER)) {
    if (numbers.length >= MOST_NUMBERS) break;
    const [whole, hex, sign, digits = "", fraction = ""] = match;
    const start = match.index;
    const end = start + whole.length;
    const unit = UNIT.exec(text.slice(end, end + 12));
    const kind = unit === null ? -1 : unit.slice(1).findIndex((group) => group !== undefined);
    // "122,3 KB"
    const plain = /,\d{1,2}$/.test(digits) ? digits.replace(",", ".") : digits.replace(/[,.'_\s]/g, "");
    const value = hex === undefined ? Number(plain + fraction) : Number.parseInt(hex, 16);
    const factor = kind >= 0 && kind < 3 ? (FACTORS[kind + 1] ?? 1) : undefined;
    numbers.push({
      start,
      end,
      afterUnit: end + (unit?.[0].length ?? 0),
      value: factor === undefined ? value : Math.round(value * factor),
      unit: kind === 3 ? "percent" : kind >= 0 ? "bytes" : "none",
      factor,
      read: value,
      signed: sign !== undefined,
      isNegative: sign === "-",
    });
  }
  return withPoints(text, withUnitOfWhole(text, numbers));
}

/** `143.2/320.0 kB`: a part has the unit of its whole. */
function withUnitOfWhole(text: string, numbers: readonly LineNumber[]): readonly LineNumber[] {
  return numbers.map((number, i) => {
    const whole = numbers[i + 1];
    if (whole?.factor === undefined || whole.factor === 1 || number.unit !== "none" || number.read > whole.read)
      return number;
    if (number.signed || !/^ ?\/ ?$/.test(text.slice(number.end, whole.start))) return number;
    return { ...number, unit: "bytes", factor: whole.factor, value: Math.round(number.read * whole.factor) };
  });
}

/** "libre: 182.344 bytes (bloque 110.580)": points between the thousands of one number stand in the others of its line as well. */
function withPoints(text: string, numbers: readonly LineNumber[]): readonly LineNumber[] {
  const hasPoints = ({ start, end }: LineNumber): boolean => /^\d{1,3}\.\d{3}$/.test(text.slice(start, end));
  if (!numbers.some((number) => hasPoints(number) && Number.isInteger(number.read))) return numbers;
  return numbers.map((number) => {
    if (number.unit !== "none" || !hasPoints(number) || Number.isInteger(number.read)) return number;
    const value = Number(text.slice(number.start, number.end).replace(".", ""));
    return { ...number, value, read: value };
  });
}
