// Heaps written as text, for tests of everything that reads a model:
//
//   heapFromText(`
//     malloc A 100 main>init          A: name of the block; its address follows from the name, or A@0x3ffb0000
//     @2s task wifi core 1            from here on: 2 s after boot, by this task, on this core
//     malloc B 32 main>fetch caps:DMA var:buffer
//     +5ms realloc A 200 main>grow    5 ms later; a call may begin with a time
//     realloc A C 300 main>grow       moves the block: C is its new name
//     free B main>done
//     mark connected
//     gap 3                           three events are missing; "gap ?" for a number that is not known
//   `)
//
// A call stack is written outermost first. Its last word is the function; "http.c:12:fetch" gives file and line too.

import type { MemoryRun } from "../src/heap/run.ts";
import { openModel, type ModelOptions } from "../src/heap/model.ts";
import type { HeapModel } from "../src/heap/model-api.ts";
import { parseDuration } from "../src/base/duration.ts";
import { RunRecorder } from "../src/heap/run-recorder.ts";
import type { TrackerOptions } from "../src/heap/tracker.ts";
import type { Boot } from "../src/wire/records.ts";
import type { EventSink } from "../src/wire/events.ts";
import type { NamedFrame } from "../src/wire/fields.ts";
import { CAPS_NAMES, Method } from "../src/wire/protocol.ts";
import { Teller } from "../src/wire/teller.ts";

const HEAP_START = 0x3ffb_0000;
/** Time between two calls where the text says nothing. */
const STEP_MICROSECONDS = 1000;

export const testBoot: Boot = {
  bootId: 1,
  protocolVersion: 1,
  chip: "esp32",
  configuration: 0,
  tableCapacity: 0,
  sampleInterval: 1,
  stackDepth: 0,
};

export async function heapFromText(text: string, options: ModelOptions & TrackerOptions = {}): Promise<HeapModel> {
  return openModel(runFromText(text, options), options);
}

function runFromText(text: string, options: TrackerOptions = {}): MemoryRun {
  return recordRun((sink) => playText(text, sink), options);
}

/** Whatever `play` tells a sink, as a run in memory. */
export function recordRun(play: (sink: Teller) => void, options: TrackerOptions = {}): MemoryRun {
  const recorder = new RunRecorder(options);
  const teller = new Teller(recorder);
  play(teller);
  teller.flush();
  recorder.flush();
  return recorder.run;
}

/** Tells the text to a sink. */
export function playText(text: string, receiver: EventSink): void {
  const sink = new Teller(receiver);
  sink.record({ kind: "boot", value: testBoot });
  const player = new TextPlayer(sink);
  for (const line of text.split("\n")) player.play(line.trim());
  sink.flush();
}

class TextPlayer {
  private readonly sink: Teller;
  private time = 0;
  private task = 0;
  private core = 0;
  private nextAddress = HEAP_START;
  private readonly addresses = new Map<string, number>();
  private readonly sites = new Map<string, number>();
  private readonly tasks = new Map<string, number>();

  constructor(sink: Teller) {
    this.sink = sink;
  }

  play(line: string): void {
    if (line === "" || line.startsWith("#")) return;
    const words = line.split(/\s+/);
    if (this.takeTime(words[0] ?? "")) words.shift();
    else this.time += STEP_MICROSECONDS;
    this.takeContext(words);
    const [verb, ...rest] = words;
    if (verb === undefined) return;
    const { sink, time, task, core } = this;
    const plain = rest.filter((word) => !/^(caps|var):/.test(word));
    const [first = "", second = "", third = ""] = plain;
    switch (verb) {
      case "malloc":
      case "calloc":
        sink.alloc(time, this.place(first, Number(second)), Number(second), this.site(third, verb, rest), task, core);
        break;
      case "free":
        sink.free(time, this.addressOf(first), this.site(second, "free", rest), task, core);
        break;
      case "free?":
        sink.record({
          kind: "unknownFree",
          value: { time, address: this.addressOf(first), site: this.site(second, "free", rest), task, core },
        });
        break;
      case "realloc": {
        const moves = Number.isNaN(Number(second));
        const size = Number(moves ? third : second);
        const old = this.addressOf(first);
        sink.record({ kind: "reallocBegin", value: { time, address: old, task, core } });
        const address = moves ? this.place(second, size) : old;
        sink.record({
          kind: "reallocEnd",
          value: {
            time,
            oldAddress: old,
            address,
            size,
            site: this.site(plain[moves ? 3 : 2] ?? "", verb, rest),
            task,
            core,
          },
        });
        break;
      }
      case "mark":
        sink.record({ kind: "mark", value: { time, name: rest.join(" "), task, core } });
        break;
      case "gap":
        sink.record({
          kind: "gap",
          value: {
            time,
            reason: "frames-lost",
            lostFrames: 1,
            ...(first === "?" ? {} : { lostEvents: Number(first) }),
          },
        });
        break;
      default:
        throw new Error(`heap text: "${line}" does not begin with a verb`);
    }
  }

  private takeTime(word: string): boolean {
    const [, sign, duration = ""] = /^([@+])(\S+)$/.exec(word) ?? [];
    if (sign === undefined) return false;
    const microseconds = parseDuration(duration);
    if (microseconds === undefined) throw new Error(`heap text: ${word} is no time`);
    this.time = sign === "@" ? microseconds : this.time + microseconds;
    return true;
  }

  private takeContext(words: string[]): void {
    while (words[0] === "task" || words[0] === "core") {
      const [key, value = ""] = words.splice(0, 2);
      if (key === "core") this.core = Number(value);
      else this.task = this.taskId(value);
    }
  }

  private taskId(name: string): number {
    let id = this.tasks.get(name);
    if (id === undefined) {
      id = 3 + this.tasks.size;
      this.tasks.set(name, id);
      this.sink.record({ kind: "task", value: { id, name, handle: 0x3ffc_0000 + id * 16 } });
    }
    return id;
  }

  /** Blocks lie one behind the other, as TLSF would put them into an empty heap. */
  private place(word: string, size: number): number {
    const [name = "", wanted] = word.split("@");
    const address = wanted === undefined ? this.nextAddress + 4 : Number(wanted);
    if (wanted === undefined) this.nextAddress = address + Math.max(12, Math.ceil(size / 4) * 4);
    this.addresses.set(name, address);
    return address;
  }

  private addressOf(word: string): number {
    const address = this.addresses.get(word) ?? Number(word);
    if (Number.isNaN(address)) throw new Error(`heap text: no block is called ${word}`);
    return address;
  }

  private site(stack: string, verb: string, words: readonly string[]): number {
    if (stack === "") return 0;
    const caps = words.find((word) => word.startsWith("caps:"))?.slice(5) ?? "";
    const variable = words.find((word) => word.startsWith("var:"))?.slice(4);
    const key = `${verb} ${stack} ${caps} ${variable ?? ""}`;
    let id = this.sites.get(key);
    if (id === undefined) {
      id = this.sites.size + 1;
      this.sites.set(key, id);
      const frames = stack.split(">").map(frameFromText).reverse();
      this.sink.record({
        kind: "site",
        value: {
          id,
          method: methodOf(verb),
          caps: capsFromText(caps),
          frames,
          ...(variable === undefined ? {} : { variable }),
        },
      });
    }
    return id;
  }
}

function frameFromText(text: string): NamedFrame {
  const parts = text.split(":");
  const [file, line, name] = parts;
  return parts.length === 3 && file !== undefined && name !== undefined
    ? { function: name, file, line: Number(line) }
    : { function: text };
}

function methodOf(verb: string): (typeof Method)[keyof typeof Method] {
  if (verb === "calloc") return Method.CALLOC;
  if (verb === "realloc") return Method.REALLOC;
  return verb.startsWith("free") ? Method.FREE : Method.MALLOC;
}

function capsFromText(text: string): number {
  let caps = 0;
  for (const name of text.split("|").filter((part) => part !== "")) {
    const bit = Object.entries(CAPS_NAMES).find(([, known]) => known === name)?.[0];
    if (bit === undefined) throw new Error(`heap text: no capability is called ${name}`);
    caps |= 1 << Number(bit);
  }
  return caps >>> 0;
}
