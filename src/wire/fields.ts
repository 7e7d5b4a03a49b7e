// How a record is described: its fields by name, each with what it means, its place on the wire and its key in a recording. Wire decoder and
// encoder, the notes of recordings, run-wide ids and the probe's C header all read these descriptions (records.ts), and so does the compiler:
// RecordOf is the type of a described record.

import type { Address, Bytes, Caps, Microseconds } from "../base/units.ts";

/** A frame whose names are known without an ELF, as other tools' files bring them. */
export interface NamedFrame {
  readonly function: string;
  readonly file?: string;
  readonly line?: number;
  /** Library, component or executable. */
  readonly module?: string;
  readonly address?: number;
}

/** What a field may mean, and the type of its value. The unit follows from the meaning, and so do its forms on the wire and in a recording. */
export interface FieldValues {
  /** A number without a unit. A varint. */
  count: number;
  /** May be negative. A zigzag varint. */
  int: number;
  bytes: Bytes;
  /** Four bytes on the wire, as `word`. */
  address: Address;
  /** All 32 bits are used. */
  word: number;
  caps: Caps;
  /** On the wire in ticks. */
  time: Microseconds;
  /** A number that names a site, or a task: the device's on the wire, the run's own in a recording. */
  site: number;
  task: number;
  tasks: readonly number[];
  addresses: readonly Address[];
  /** Whole numbers without a unit. */
  numbers: readonly number[];
  times: readonly Microseconds[];
  texts: readonly string[];
  flag: boolean;
  text: string;
  /** 32 bytes on the wire, 64 hexadecimal digits elsewhere. */
  sha256: string;
  octets: Uint8Array;
  /** Innermost first; never on the wire. */
  frames: readonly NamedFrame[];
}

/** One of some values. Of another one, a later version's, nothing is known: with `else` it is taken for that, otherwise the record is skipped. */
export interface Choice<V extends number | string = number | string> {
  readonly oneOf: Readonly<Record<string, V>>;
  readonly else?: V;
}

/** Records within a record. */
export interface Records<D extends Description = Description> {
  readonly records: D;
  /** On the wire, only the first so many fields. */
  readonly wireFields?: number;
}

export type FieldType = keyof FieldValues | Choice | Records;

export interface Field {
  readonly type: FieldType;
  /** Key in a keyed frame, place in a record that is fields one behind the other. Absent: not on the wire, or in a form of its own. */
  readonly wire?: number;
  /** Key in a recording. Keys never change meaning. Absent: not recorded. */
  readonly saved?: number;
  /** May be absent from the record. Any other field has `default`, or else zero or nothing, where neither wire nor recording has it. */
  readonly optional?: true;
  readonly default?: number;
  /** A frame without it makes no sense. */
  readonly needed?: true;
  /** This field's part of a number that holds two: task × 4 + core. */
  readonly part?: "task" | "core";
  /** Name of the key in the C header, where not the field's own. */
  readonly header?: string;
}

export interface Fields {
  readonly [name: string]: Field;
}

/** A described record; the fields also in the orders in which they are written. */
export interface Description<F extends Fields = Fields> {
  readonly fields: F;
  readonly wire: readonly NamedField[];
  readonly saved: readonly NamedField[];
}

export interface NamedField extends Field {
  readonly name: string;
  readonly key: number;
}

export function describe<const F extends Fields>(fields: F): Description<F> {
  const by = (keyOf: (field: Field) => number | undefined): NamedField[] =>
    Object.entries<Field>(fields)
      .flatMap(([name, field]) => ({ ...field, name, key: keyOf(field) ?? 0 }))
      .filter(({ key }) => key > 0)
      .sort((a, b) => a.key - b.key);
  return { fields, wire: by((field) => field.wire), saved: by((field) => field.saved) };
}

type ValueOf<T extends FieldType> = T extends keyof FieldValues
  ? FieldValues[T]
  : T extends Choice<infer V>
    ? V
    : T extends Records<infer D>
      ? readonly RecordOf<D>[]
      : never;

type Optional<F extends Fields> = { [K in keyof F]: F[K] extends { readonly optional: true } ? K : never }[keyof F];

/** The record that a description describes. */
export type RecordOf<D> =
  D extends Description<infer F>
    ? Flat<
        { readonly [K in keyof F as K extends Optional<F> ? never : K]: ValueOf<F[K]["type"]> } & {
          readonly [K in keyof F as K extends Optional<F> ? K : never]?: ValueOf<F[K]["type"]>;
        }
      >
    : never;

/** As one object type, as people read it in messages. */
type Flat<T> = { [K in keyof T]: T[K] };

/** Values by the names of their fields: what a generic reader or writer sees of a record. */
export type AnyValues = Readonly<Record<string, unknown>>;

/**
 * The whole record from what was found of it, in the order of its description. This is the one place where values become a typed record: what is
 * not of its field's type is as good as not found.
 */
export function completed<D extends Description>(description: D, found: AnyValues): RecordOf<D> {
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries<Field>(description.fields)) {
    const given = found[name];
    const value = isOf(field.type, given) ? given : field.optional === true ? undefined : zeroOf(field);
    if (value !== undefined) values[name] = value;
  }
  return values as RecordOf<D>;
}

/** How values of a meaning are told from others, and which stands for none. */
interface ValueForm<T> {
  readonly zero: T;
  is(value: unknown): value is T;
}

const number: ValueForm<number> = { zero: 0, is: (value) => typeof value === "number" };
const text: ValueForm<string> = { zero: "", is: (value) => typeof value === "string" };
const flag: ValueForm<boolean> = { zero: false, is: (value) => typeof value === "boolean" };
const octets: ValueForm<Uint8Array> = { zero: new Uint8Array(0), is: (value) => value instanceof Uint8Array };
const numbers = listOf(number);

function listOf<T>(form: Pick<ValueForm<T>, "is">): ValueForm<readonly T[]> {
  return { zero: [], is: (value) => Array.isArray(value) && value.every((one) => form.is(one)) };
}

const forms: { readonly [K in keyof FieldValues]: ValueForm<FieldValues[K]> } = {
  count: number,
  int: number,
  bytes: number,
  address: number,
  word: number,
  caps: number,
  time: number,
  site: number,
  task: number,
  tasks: numbers,
  addresses: numbers,
  numbers,
  times: numbers,
  texts: listOf(text),
  flag,
  text,
  sha256: text,
  octets,
  frames: listOf({
    is: (value): value is NamedFrame => typeof value === "object" && value !== null && "function" in value,
  }),
};

/** Of records within records: they are completed themselves. */
function isOf(type: FieldType, value: unknown): boolean {
  if (typeof type !== "object") return forms[type].is(value);
  return "records" in type ? Array.isArray(value) : Object.values(type.oneOf).some((one) => one === value);
}

function zeroOf({ type, default: otherwise }: Field): unknown {
  if (typeof type === "object") return "records" in type ? [] : type.else;
  return otherwise ?? forms[type].zero;
}
