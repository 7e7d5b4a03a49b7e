// What a sink is told as lines of text and back: `alloc time=1007 address=0x3ffb0010 size=80 site=3 task=4 core=1`.
// The golden vectors (protocol/vectors) are written in it, and tests compare runs as lists of lines.
import { type EventBatch, eventsOf } from "../src/wire/event-batch.ts";
import type { EventSink } from "../src/wire/events.ts";
import { completed, type Description, type FieldType, type RecordOf } from "../src/wire/fields.ts";
import { type AnyRecord, region, type RecordKind, records, type Region } from "../src/wire/records.ts";

/** Fields of one name have one type wherever they stand. */
const types = new Map<string, FieldType>(
  [...Object.values<Description>(records), region].flatMap(({ fields }) =>
    Object.entries(fields).map(([name, { type }]) => [name, type] as const),
  ),
);

type Value = string | number | boolean | Uint8Array | readonly number[] | undefined;
export type Fields = Readonly<Record<string, Value>>;

/** One line of the form `name key=value …`. */
function formatLine(name: string, fields: object): string {
  const parts = Object.entries(fields as Fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${formatValue(key, value)}`);
  return [name, ...parts].join(" ");
}

function formatValue(key: string, value: Value): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  if (value instanceof Uint8Array) return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (typeof value === "number") return formatNumber(key, value);
  return (value ?? []).map((item) => formatNumber(key, item)).join(",");
}

function formatNumber(key: string, value: number): string {
  const type = types.get(key);
  const isHexadecimal = type === "address" || type === "addresses" || type === "word" || type === "caps";
  return isHexadecimal ? `0x${value.toString(16)}` : String(value);
}

export interface Line {
  readonly name: string;
  readonly fields: Readonly<Record<string, string | number | readonly number[]>>;
}

/** Reads a line back. Lists become lists, bytes stay hexadecimal text. */
export function parseLine(line: string): Line {
  const [name = "", ...rest] = line.split(" ");
  const fields: Record<string, string | number | readonly number[]> = {};
  for (const match of rest.join(" ").matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|\S*)/g)) {
    const [, key = "", text = ""] = match;
    if (text.startsWith('"')) fields[key] = JSON.parse(text) as string;
    else if (types.get(key) === "addresses" || types.get(key) === "tasks")
      fields[key] = text === "" ? [] : text.split(",").map(Number);
    else fields[key] = types.get(key) === "octets" ? text : Number(text);
  }
  return { name, fields };
}

/** The record's value that a line describes; `regions` where it has some. */
export function valueOf<K extends RecordKind>(
  kind: K,
  line: Line,
  regions: readonly Region[] = [],
): RecordOf<(typeof records)[K]> {
  return completed(records[kind], { ...typed(line), regions });
}

export function regionOf(line: Line): Region {
  return completed(region, typed(line));
}

function typed({ fields }: Line): Readonly<Record<string, unknown>> {
  return Object.fromEntries<unknown>(
    Object.entries(fields).map(([key, value]) => {
      if (types.get(key) === "flag") return [key, value === 1];
      if (types.get(key) === "octets") return [key, Uint8Array.from(Buffer.from(String(value), "hex"))];
      return [key, value];
    }),
  );
}

/** Writes down all it is told. Pieces of text are joined until something else comes. */
export class LineSink implements EventSink {
  readonly lines: string[] = [];
  private textSoFar: number[] = [];

  /** All so far. */
  finish(): readonly string[] {
    if (this.textSoFar.length > 0) {
      const text = JSON.stringify(Buffer.from(this.textSoFar).toString("latin1"));
      this.lines.push(`text ${text.replace(/[\x7f-\xff]/g, (byte) => `\\u00${byte.charCodeAt(0).toString(16)}`)}`);
      this.textSoFar = [];
    }
    return this.lines;
  }

  calls(batch: EventBatch): void {
    for (const { isFree, time, address, size, site, task, core } of eventsOf(batch)) {
      if (isFree) this.add("free", { time, address, site, task, core, known: true });
      else this.add("alloc", { time, address, size, site, task, core });
    }
  }

  record({ kind, value }: AnyRecord): void {
    switch (kind) {
      case "site": {
        const { frames: _frames, ...fields } = value;
        this.add(kind, fields);
        break;
      }
      case "unknownFree":
        this.add("free", { ...value, known: false });
        break;
      case "regions":
      case "failure": {
        const { regions, ...fields } = value;
        this.add(kind, fields);
        for (const each of regions) this.add("region", each);
        break;
      }
      case "gap":
        this.add(kind, { ...value, lostEvents: value.lostEvents ?? "unknown" });
        break;
      default:
        this.add(kind, value);
    }
  }

  text(bytes: Uint8Array): void {
    for (const byte of bytes) this.textSoFar.push(byte);
  }

  private add(name: string, fields: object): void {
    this.finish();
    this.lines.push(formatLine(name, fields));
  }
}
