// The reference workload: what an ESP-like program asks of its heap. Five tasks handle packets, parse JSON into trees, do the
// arithmetic of TLS, keep application objects and build strings, through 77 call sites. `generateWorkload` makes it up, the
// same for the same seed; `recordedWorkload` loads the recorded one, with addresses of ESP-IDF's own heap, where it is there.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Site } from "../src/wire/records.ts";
import { Method } from "../src/wire/protocol.ts";
import { ToyHeap } from "./toy-heap.ts";
import { sharedData } from "./shared-data.ts";

export interface HeapCall {
  readonly kind: "malloc" | "free" | "realloc";
  /** Microseconds since boot. */
  readonly time: number;
  readonly address: number;
  /** 0 for a free. */
  readonly size: number;
  /** Counts from 1 in order of first use; 0 for a free. */
  readonly site: number;
  /** Real tasks begin at 3. */
  readonly task: number;
  /** realloc: where the block was. */
  readonly oldAddress: number;
}

export const firstTask = 3;
export const taskNames = ["wifi", "http", "tls", "app", "telemetry"] as const;
const Task = { WIFI: 0, HTTP: 1, TLS: 2, APP: 3, TELEMETRY: 4 } as const;
const siteCount = 77;

/** At least `calls` calls. */
export function generateWorkload(calls: number, seed = 1): HeapCall[] {
  const program = new Program(seed);
  while (program.calls.length < calls) {
    const dice = program.random(1000);
    if (dice < 550) parseJson(program);
    else if (dice < 750) handlePacket(program);
    else if (dice < 850) doBigNumbers(program);
    else if (dice < 960) buildStrings(program);
    else keepObject(program);
    program.pause(dice < 30 ? 40_000 : 1500);
  }
  return program.calls;
}

/** The recorded workload of the shared data, or undefined where that is absent. */
export function recordedWorkload(): HeapCall[] | undefined {
  const path = sharedData("workload/tlsf-200k.csv.gz");
  if (path === undefined) return undefined;
  const rows = gunzipSync(readFileSync(path)).toString("utf8").trim().split("\n").slice(1);
  const siteIds = new Map<string, number>();
  let time = 0;
  return rows.map((row) => {
    const [kind, address, size, siteName = "0", task, pause, oldAddress] = row.split(",");
    time += Number(pause);
    const isFree = kind === "free";
    if (!isFree && !siteIds.has(siteName)) siteIds.set(siteName, siteIds.size + 1);
    return {
      kind: kind as HeapCall["kind"],
      time,
      address: Number(address),
      size: isFree ? 0 : Number(size),
      site: isFree ? 0 : (siteIds.get(siteName) ?? 0),
      task: firstTask - 1 + Number(task),
      oldAddress: Number(oldAddress),
    };
  });
}

/** What the probe would tell about a site: paths of about 35 characters, functions of about 20. */
export function siteOf(id: number): Site {
  const folders = [
    "components/http_client/src",
    "components/json_store/src",
    "managed_components/mqtt/lib",
    "main/app",
  ];
  const files = ["connection_pool.c", "tree_builder.c", "packet_queue.c", "session.c", "text_buffer.c", "settings.c"];
  const verbs = ["create", "append", "parse", "receive", "copy", "resize", "open"];
  const nouns = ["node", "string_value", "packet_buffer", "session_key", "subscription", "record_list"];
  const pick = (list: readonly string[], divisor: number): string => list[Math.floor(id / divisor) % list.length] ?? "";
  return {
    id,
    method: id % 5 === 0 ? Method.CALLOC : Method.MALLOC,
    caps: 0x1800,
    file: `${pick(folders, 20)}/${pick(files, 4)}`,
    line: 40 + ((id * 37) % 600),
    function: `${pick(nouns, 3)}_${pick(verbs, 1)}_item`,
  };
}

/** A program under way: its clock, its dice, its heap and the calls that it has made. */
class Program {
  readonly calls: HeapCall[] = [];
  readonly objects: number[] = [];
  private readonly heap = new ToyHeap(0x3ffb0000);
  private readonly siteIds = new Map<number, number>();
  private time = 0;
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0 || 1;
  }

  /** 0 … limit-1; xorshift. */
  random(limit: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % limit;
  }

  pause(longest: number): void {
    this.time += this.random(longest);
  }

  malloc(task: number, place: number, size: number): number {
    this.tick();
    const address = this.heap.malloc(size);
    this.add("malloc", task, address, size, this.site(place), 0);
    return address;
  }

  free(task: number, address: number): void {
    this.tick();
    this.heap.free(address);
    this.add("free", task, address, 0, 0, 0);
  }

  realloc(task: number, place: number, oldAddress: number, size: number): number {
    this.tick();
    const address = this.heap.realloc(oldAddress, size);
    this.add("realloc", task, address, size, this.site(place), oldAddress);
    return address;
  }

  /** Code between two calls: mostly a few microseconds. */
  private tick(): void {
    this.time += 1 + this.random(this.random(8) === 0 ? 40 : 10);
  }

  private add(
    kind: HeapCall["kind"],
    task: number,
    address: number,
    size: number,
    site: number,
    oldAddress: number,
  ): void {
    this.calls.push({ kind, time: this.time, address, size, site, task: firstTask + task, oldAddress });
  }

  /** Ids in order of first use, as the probe gives them. */
  private site(place: number): number {
    const id = this.siteIds.get(place) ?? this.siteIds.size + 1;
    this.siteIds.set(place, id);
    return id;
  }
}

// The places that allocate, 0 … 76: one for packets and one for their headers, three for JSON, two for request buffers,
// six for big numbers, three for strings, the rest for application objects.
const Place = {
  PACKET: 0,
  HEADER: 1,
  NODE: 2,
  KEY: 3,
  VALUE: 4,
  BODY: 5,
  GROW: 6,
  BIG_NUMBER: 7,
  STRING: 13,
  OBJECT: 16,
};

function parseJson(program: Program): void {
  const task = Task.HTTP;
  let body = program.malloc(task, Place.BODY, 256);
  for (let size = 512; size <= 2048 && program.random(3) > 0; size *= 2) {
    body = program.realloc(task, Place.GROW, body, size);
  }
  const tree: number[] = [];
  for (let left = 6 + program.random(50); left > 0; left--) {
    tree.push(program.malloc(task, Place.NODE, 40));
    tree.push(program.malloc(task, Place.KEY, 3 + program.random(18)));
    if (program.random(3) === 0) tree.push(program.malloc(task, Place.VALUE, 2 + program.random(47)));
  }
  for (const node of tree) program.free(task, node);
  program.free(task, body);
}

function handlePacket(program: Program): void {
  const packets: number[] = [];
  for (let left = 1 + program.random(6); left > 0; left--) {
    packets.push(program.malloc(Task.WIFI, Place.PACKET, 60 + program.random(1541)));
    if (program.random(4) === 0) packets.push(program.malloc(Task.WIFI, Place.HEADER, 52));
    program.pause(100);
  }
  // The stack hands them to the application, which frees them.
  for (const packet of packets) program.free(Task.APP, packet);
}

function doBigNumbers(program: Program): void {
  const numbers: number[] = [];
  for (let left = 10 + program.random(40); left > 0; left--) {
    if (numbers.length > 0 && program.random(5) < 2) program.free(Task.TLS, numbers.pop() ?? 0);
    else numbers.push(program.malloc(Task.TLS, Place.BIG_NUMBER + program.random(6), 4 * (1 + program.random(66))));
  }
  while (numbers.length > 0) program.free(Task.TLS, numbers.pop() ?? 0);
}

function buildStrings(program: Program): void {
  const strings = [0, 1, 2].map((which) =>
    program.malloc(Task.TELEMETRY, Place.STRING + which, 8 + program.random(120)),
  );
  for (const text of strings) program.free(Task.TELEMETRY, text);
}

/** Application objects live long; about 400 at once. */
function keepObject(program: Program): void {
  const { objects } = program;
  for (let count = 0; count < 6; count++) {
    const place = Place.OBJECT + program.random(siteCount - Place.OBJECT);
    objects.push(program.malloc(Task.APP, place, 8 + ((place * 29) % 180)));
    if (objects.length <= 400) continue;
    const [victim] = objects.splice(program.random(objects.length), 1);
    if (victim !== undefined) program.free(Task.APP, victim);
  }
}
