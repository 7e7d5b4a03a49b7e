// What stands in overwritten memory, read as an engineer would: as text, as integers, as pointers. Often it names the culprit.
import { formatAddress, formatCount } from "../base/format.ts";

export interface DamageReading {
  /** `41 42 43 …`. */
  readonly hex: string;
  /** As characters, a dot for what is not printable; undefined where most is not. */
  readonly text?: string;
  /** Little-endian 32-bit words of the damage, as far as they look like small numbers. */
  readonly integers: readonly number[];
  /** Words that point somewhere, and whereto. */
  readonly pointers: readonly { readonly value: number; readonly target: string }[];
}

const BYTES_SHOWN = 16;
const CHARACTERS_SHOWN = 48;

/**
 * @param bytes what was found at `address`
 * @param pointsTo describes what an address is; undefined where it is nothing that is known
 */
export function readDamage(
  bytes: Uint8Array,
  address: number,
  pointsTo: (address: number) => string | undefined,
): DamageReading {
  const hex = [...bytes.subarray(0, BYTES_SHOWN)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const text = printable(bytes);
  const integers: number[] = [];
  const pointers: { value: number; target: string }[] = [];
  // Words lie at multiples of four on the chip, whatever the offset of the damage.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = (4 - (address & 3)) & 3; i + 4 <= bytes.length; i += 4) {
    const value = view.getUint32(i, true);
    const target = pointsTo(value);
    if (target !== undefined) pointers.push({ value, target });
    else if (value <= 0xffff || value >= 0xffff_ff00) integers.push(value | 0);
  }
  return {
    hex: bytes.length > BYTES_SHOWN ? `${hex} …` : hex,
    integers,
    pointers,
    ...(text !== undefined && { text }),
  };
}

/** Sentence parts without a full stop: `the bytes are 41 42 43 ("ABC")`. */
export function describeDamage(reading: DamageReading): readonly string[] {
  const sentences = [
    `The bytes there now: ${reading.hex}${reading.text === undefined ? "" : ` (as text "${reading.text}")`}`,
  ];
  for (const { value, target } of reading.pointers.slice(0, 2)) {
    sentences.push(`Among them the pointer ${formatAddress(value)}, ${target}`);
  }
  const numbers = reading.integers.filter((value) => value !== 0);
  if (numbers.length > 0) {
    sentences.push(`As numbers: ${numbers.slice(0, 4).map(formatCount).join(", ")}`);
  }
  return sentences;
}

function printable(bytes: Uint8Array): string | undefined {
  const isPrintable = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;
  const set = bytes.filter((byte) => byte !== 0);
  if (set.filter(isPrintable).length <= set.length / 2) return undefined;
  const text = [...bytes].map((byte) => (isPrintable(byte) ? String.fromCharCode(byte) : ".")).join("");
  return text.length > CHARACTERS_SHOWN ? `${text.slice(0, CHARACTERS_SHOWN)}…` : text;
}
