// Sink calls as lines of text and back: `alloc time=1007 address=0x3ffb0010 size=80 site=3 task=4 core=1`.
// The golden vectors (protocol/vectors) are written in it, and tests compare runs as lists of lines.
import type { Boot, Failure, Fault, Gap, Heartbeat, Region, Site, Task } from "../src/wire/records.ts";
import type { EventSink } from "../src/wire/events.ts";

/** Arguments of the calls that take plain values, in order. */
const positional = {
  alloc: ["time", "address", "size", "site", "task", "core"],
  free: ["time", "address", "site", "task", "core", "known"],
  reallocBegin: ["time", "address", "task", "core"],
  reallocEnd: ["time", "oldAddress", "address", "size", "site", "task", "core"],
  reallocFailed: ["time", "address", "size", "site", "task", "core"],
  mark: ["time", "name", "task", "core"],
  snapshotBegin: ["time"],
  live: ["address", "size", "site", "task", "moving"],
  snapshotEnd: ["time", "records"],
} as const;

const hexadecimal = new Set([
  ...["address", "oldAddress", "pointer", "blockAddress", "start", "end", "handle", "hash", "bootId", "caps"],
]);

type Value = string | number | boolean | Uint8Array | readonly number[] | undefined;
export type Fields = Readonly<Record<string, Value>>;

/** One line of the form `name key=value …`. */
export function formatLine(name: string, fields: object): string {
  const parts = Object.entries(fields as Fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${formatValue(key, value)}`);
  return [name, ...parts].join(" ");
}

function formatValue(key: string, value: Value): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  if (value instanceof Uint8Array) return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (typeof value === "number") return hexadecimal.has(key) ? `0x${value.toString(16)}` : String(value);
  return (value ?? []).map((item) => (key === "callers" ? `0x${item.toString(16)}` : String(item))).join(",");
}

export interface Line {
  readonly name: string;
  readonly fields: Readonly<Record<string, string | number | readonly number[]>>;
}

/** Reads a line back. `callers` and `activeTasks` become lists, `damageBytes` stays hexadecimal text. */
export function parseLine(line: string): Line {
  const [name = "", ...rest] = line.split(" ");
  const fields: Record<string, string | number | readonly number[]> = {};
  for (const match of rest.join(" ").matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|\S*)/g)) {
    const [, key = "", text = ""] = match;
    if (text.startsWith('"')) fields[key] = JSON.parse(text) as string;
    else if (key === "callers" || key === "activeTasks") fields[key] = text === "" ? [] : text.split(",").map(Number);
    else fields[key] = key === "damageBytes" ? text : Number(text);
  }
  return { name, fields };
}

/** Makes the call that a line describes. Lines of calls with objects (site, fault …) are not for this. */
export function callLine(line: Line, sink: Pick<EventSink, keyof typeof positional | "heartbeat">): void {
  const number = (key: string): number => Number(line.fields[key]);
  const flag = (key: string): boolean => number(key) === 1;
  switch (line.name) {
    case "alloc":
      sink.alloc(number("time"), number("address"), number("size"), number("site"), number("task"), number("core"));
      break;
    case "free":
      sink.free(number("time"), number("address"), number("site"), number("task"), number("core"), flag("known"));
      break;
    case "reallocBegin":
      sink.reallocBegin(number("time"), number("address"), number("task"), number("core"));
      break;
    case "reallocEnd":
      sink.reallocEnd(
        number("time"),
        number("oldAddress"),
        number("address"),
        number("size"),
        number("site"),
        number("task"),
        number("core"),
      );
      break;
    case "reallocFailed":
      sink.reallocFailed(
        number("time"),
        number("address"),
        number("size"),
        number("site"),
        number("task"),
        number("core"),
      );
      break;
    case "mark":
      sink.mark(number("time"), String(line.fields["name"]), number("task"), number("core"));
      break;
    case "snapshotBegin":
      sink.snapshotBegin(number("time"));
      break;
    case "live":
      sink.live(number("address"), number("size"), number("site"), number("task"), flag("moving"));
      break;
    case "snapshotEnd":
      sink.snapshotEnd(number("time"), number("records"));
      break;
    case "heartbeat": {
      const { time: _time, ...heartbeat } = line.fields;
      sink.heartbeat(number("time"), heartbeat as unknown as Heartbeat);
      break;
    }
    default:
      throw new Error(`no such call: ${line.name}`);
  }
}

/** Writes every call down. Pieces of text are joined until another call comes. */
export class LineSink implements EventSink {
  readonly lines: string[] = [];
  private textSoFar: number[] = [];

  /** All calls so far. */
  finish(): readonly string[] {
    if (this.textSoFar.length > 0) {
      const text = JSON.stringify(Buffer.from(this.textSoFar).toString("latin1"));
      this.lines.push(`text ${text.replace(/[\x7f-\xff]/g, (byte) => `\\u00${byte.charCodeAt(0).toString(16)}`)}`);
      this.textSoFar = [];
    }
    return this.lines;
  }

  private add(name: string, fields: object): void {
    this.finish();
    this.lines.push(formatLine(name, fields));
  }

  private call(name: keyof typeof positional, ...values: Value[]): void {
    this.add(name, Object.fromEntries(positional[name].map((key, index) => [key, values[index]])));
  }

  boot(boot: Boot): void {
    this.add("boot", boot);
  }
  site(site: Site): void {
    const { frames: _frames, ...fields } = site;
    this.add("site", fields);
  }
  task(task: Task): void {
    this.add("task", task);
  }
  alloc(time: number, address: number, size: number, site: number, task: number, core: number): void {
    this.call("alloc", time, address, size, site, task, core);
  }
  free(time: number, address: number, site: number, task: number, core: number, known: boolean): void {
    this.call("free", time, address, site, task, core, known);
  }
  reallocBegin(time: number, address: number, task: number, core: number): void {
    this.call("reallocBegin", time, address, task, core);
  }
  reallocEnd(
    time: number,
    oldAddress: number,
    address: number,
    size: number,
    site: number,
    task: number,
    core: number,
  ): void {
    this.call("reallocEnd", time, oldAddress, address, size, site, task, core);
  }
  reallocFailed(time: number, address: number, size: number, site: number, task: number, core: number): void {
    this.call("reallocFailed", time, address, size, site, task, core);
  }
  mark(time: number, name: string, task: number, core: number): void {
    this.call("mark", time, name, task, core);
  }
  snapshotBegin(time: number): void {
    this.call("snapshotBegin", time);
  }
  live(address: number, size: number, site: number, task: number, moving: boolean): void {
    this.call("live", address, size, site, task, moving);
  }
  snapshotEnd(time: number, records: number): void {
    this.call("snapshotEnd", time, records);
  }
  heartbeat(time: number, heartbeat: Heartbeat): void {
    this.add("heartbeat", { time, ...heartbeat });
  }
  regions(time: number, regions: readonly Region[]): void {
    this.add("regions", { time });
    for (const region of regions) this.add("region", region);
  }
  fault(fault: Fault): void {
    this.add("fault", fault);
  }
  failure(failure: Failure): void {
    const { regions, ...fields } = failure;
    this.add("failure", fields);
    for (const region of regions) this.add("region", region);
  }
  gap(gap: Gap): void {
    this.add("gap", { ...gap, lostEvents: gap.lostEvents ?? "unknown" });
  }
  text(bytes: Uint8Array): void {
    for (const byte of bytes) this.textSoFar.push(byte);
  }
}
