// Every export, read by what others wrote: pprof-format, hyparquet, protobufjs with Perfetto's field numbers; the JSON ones by their shape.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { Profile } from "pprof-format";
import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { TABLE_NAMES, type Exporter, type ExportQuestion } from "../src/export/export.ts";
import { exporters } from "../src/export/exports.ts";
import { tables } from "../src/export/tables.ts";
import { openModel } from "../src/heap/model.ts";
import type { HeapModel } from "../src/heap/model-api.ts";
import { askedOf } from "../src/report/asked.ts";
import { recordRun, heapFromText } from "./heap-text.ts";
import { LOSSLESS, ReferenceDevice, steps } from "./random-run.ts";

const text = `
  malloc A 100 main>init
  @1s task wifi core 1
  malloc B 32 main>http.c:12:fetch>alloc.c:3:get caps:DMA var:buffer
  +5ms realloc A C 200 main>grow
  mark connected
  +1s malloc D 64 main>http.c:12:fetch>alloc.c:3:get
  free B main>done
  +1s malloc E 500 main>init`;

/** Names as a hostile firmware has them: every one must stay data. */
const hostile = `
  malloc A 100 main>=cmd|'/C_calc'!A0
  malloc B 10 main>x;y>"quoted",\u202eright\u0007
  mark =HYPERLINK("x")`;

async function questionOf(model: HeapModel, more: Partial<ExportQuestion> = {}): Promise<ExportQuestion> {
  return { asked: askedOf(model), name: "run.memmap", window: model.span, table: "blocks", cost: "liveBytes", ...more };
}

async function write(format: string, question: ExportQuestion): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  await exporterOf(format).write(question, { write: (bytes) => pieces.push(bytes.slice()) });
  return Buffer.concat(pieces);
}

function exporterOf(format: string): Exporter {
  const found = exporters.find((one) => one.format === format);
  if (found === undefined) throw new Error(`no exporter ${format}`);
  return found;
}

async function writeText(format: string, model: HeapModel, more: Partial<ExportQuestion> = {}): Promise<string> {
  return (await write(format, await questionOf(model, more))).toString();
}

interface PprofValues {
  readonly stack: readonly string[];
  readonly values: readonly number[];
  readonly tags: Readonly<Record<string, string>>;
}

function readPprof(bytes: Buffer): {
  readonly samples: readonly PprofValues[];
  readonly profile: Profile;
  readonly name: (at: unknown) => string;
} {
  const profile = Profile.decode(gunzipSync(bytes));
  const name = (at: unknown): string => profile.stringTable.strings[Number(at)] ?? "?";
  const functions = new Map(profile.function.map((one) => [Number(one.id), name(one.name)]));
  const locations = new Map(
    profile.location.map((one) => [Number(one.id), functions.get(Number(one.line[0]?.functionId)) ?? "?"]),
  );
  const samples = profile.sample.map((sample) => ({
    stack: sample.locationId.map((id) => locations.get(Number(id)) ?? "?"),
    values: sample.value.map(Number),
    tags: Object.fromEntries(sample.label.map(({ key, str }) => [name(key), name(str)])),
  }));
  return { samples, profile, name };
}

test("pprof: four values of each stack, leaf first, with tags; pprof-format reads it", async () => {
  const { samples, profile, name } = readPprof(await write("pprof", await questionOf(await heapFromText(text))));
  expect(profile.sampleType.map(({ type, unit }) => [name(type), name(unit)])).toEqual([
    ["alloc_objects", "count"],
    ["alloc_space", "bytes"],
    ["inuse_objects", "count"],
    ["inuse_space", "bytes"],
  ]);
  expect(name(profile.defaultSampleType)).toBe("inuse_space");
  expect(samples.find(({ tags }) => tags["variable"] === "buffer")).toEqual({
    stack: ["get", "fetch", "main"],
    values: [1, 32, 0, 0],
    tags: { caps: "DMA", method: "malloc", variable: "buffer" },
  });
  expect(samples.reduce((sum, { values }) => sum + (values[3] ?? 0), 0)).toBe(764);
  expect(profile.comment.map((at) => name(at))[0]).toContain("run.memmap");
});

test("collapsed and its differential form", async () => {
  const model = await heapFromText(text);
  const lines = (all: string): string[] => all.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines(await writeText("collapsed", model)).sort()).toEqual([
    "main;fetch;get 64",
    "main;grow 200",
    "main;init 500",
  ]);
  const asked = await questionOf(model, { cost: "allocations" });
  expect(lines((await write("collapsed", asked)).toString())).toContain("main;init 2");
  const between = { from: 1_010_000, to: model.span.to };
  expect(lines(await writeText("collapsed-diff", model, { window: between })).sort()).toEqual([
    "main;fetch;get 32 64",
    "main;grow 200 200",
    "main;init 0 500",
  ]);
  const other = await heapFromText("malloc A 7 main>init");
  const base = { asked: askedOf(other), time: other.span.to };
  expect(lines(await writeText("collapsed-diff", model, { base }))).toContain("main;init 7 500");
  // A reader takes a line that ends in a number for a stack.
  for (const line of (await writeText("collapsed", model)).split("\n"))
    if (line.startsWith("#")) expect(line).not.toMatch(/\d\.?\d*$/);
});

test("speedscope: every profile's weights add up to its end, every frame exists", async () => {
  const file = JSON.parse(await writeText("speedscope", await heapFromText(text))) as {
    readonly shared: { readonly frames: readonly { readonly name: string }[] };
    readonly profiles: readonly {
      readonly type: string;
      readonly name: string;
      readonly endValue: number;
      readonly samples: readonly (readonly number[])[];
      readonly weights: readonly number[];
    }[];
  };
  expect(Object.fromEntries(file.profiles.map(({ name, endValue }) => [name, endValue]))).toMatchObject({
    "live bytes": 764,
    "live blocks": 3,
    "allocated bytes": 896,
    allocations: 5,
  });
  for (const { type, samples, weights, endValue } of file.profiles) {
    expect(type).toBe("sampled");
    expect(samples).toHaveLength(weights.length);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(endValue);
    for (const frame of samples.flat()) expect(file.shared.frames[frame]).toBeDefined();
  }
});

interface Dhat {
  readonly pps: readonly Readonly<
    Record<"tb" | "tbk" | "tl" | "mb" | "gb" | "eb" | "ebk", number> & { fs: number[] }
  >[];
  readonly ftbl: readonly string[];
  readonly te: number;
  readonly tg: number;
  readonly cmd: string;
}

test("DHAT: totals, own peaks, the run's peak and lives of each stack", async () => {
  const model = await heapFromText(text);
  const file = JSON.parse(await writeText("dhat", model)) as Dhat;
  const of = (leaf: string): Dhat["pps"][number] | undefined =>
    file.pps.find(({ fs }) => file.ftbl[fs[0] ?? 0]?.includes(` ${leaf} `));
  expect(of("get")).toMatchObject({ tb: 96, tbk: 2, mb: 96, eb: 64, ebk: 1 });
  expect(of("init")).toMatchObject({ tb: 600, mb: 500, eb: 500 });
  expect(new Set(file.pps.map(({ fs }) => fs.join())).size).toBe(file.pps.length); // the viewer refuses one that comes twice
  expect(file.pps.reduce((sum, { gb }) => sum + gb, 0)).toBe((await model.peak()).bytes);
});

test("Firefox: columns of one length, retained bytes are what is live", async () => {
  const model = await heapFromText(text);
  const file = JSON.parse(await writeText("firefox", model)) as {
    readonly meta: { readonly preprocessedProfileVersion: number };
    readonly threads: readonly [
      {
        readonly nativeAllocations: Readonly<
          Record<"time" | "weight" | "stack" | "memoryAddress" | "threadId", number[]>
        > & {
          readonly length: number;
        };
        readonly stackTable: {
          readonly frame: number[];
          readonly prefix: (number | undefined)[];
          readonly length: number;
        };
        readonly frameTable: { readonly func: number[] };
        readonly funcTable: { readonly name: number[] };
        readonly stringArray: string[];
      },
    ];
    readonly counters: readonly [{ readonly samples: { readonly count: number[] } }];
  };
  const [thread] = file.threads;
  const { length, weight, stack, ...others } = thread.nativeAllocations;
  for (const column of [weight, stack, others.time, others.memoryAddress, others.threadId])
    expect(column).toHaveLength(length);
  expect(weight.reduce((sum, one) => sum + one, 0)).toBe(764);
  expect(file.counters[0].samples.count.reduce((sum, one) => sum + one, 0)).toBe(764);
  const names = thread.funcTable.name.map((at) => thread.stringArray[at]);
  const leaf = (at: number): string | undefined => names[thread.frameTable.func[thread.stackTable.frame[at] ?? 0] ?? 0];
  expect(leaf(stack[0] ?? 0)).toBe("init");
});

interface Packet {
  readonly timestamp?: number;
  readonly trustedPacketSequenceId: number;
  readonly trackDescriptor?: {
    readonly uuid: number;
    readonly name?: string;
    readonly parentUuid?: number;
    readonly counter?: object;
  };
  readonly trackEvent?: {
    readonly type: string;
    readonly trackUuid: number;
    readonly name?: string;
    readonly counterValue?: number;
    readonly callstack?: { readonly frames: readonly { readonly functionName: string }[] };
    readonly callstackWeight?: number;
    readonly debugAnnotations?: readonly {
      readonly name: string;
      readonly stringValue?: string;
      readonly uintValue?: number;
    }[];
  };
}

const schema = protobuf.parse(readFileSync(fileURLToPath(new URL("perfetto.proto", import.meta.url)), "utf8")).root;

function readPerfetto(bytes: Buffer): readonly Packet[] {
  const type = schema.lookupType("perfetto.Trace");
  return (type.toObject(type.decode(bytes), { longs: Number, enums: String }) as { packet: Packet[] }).packet;
}

test("Perfetto: tracks are described before they are used, lives nest, stacks are outermost first", async () => {
  const model = await heapFromText(`${text}\n gap 3\n malloc F 8 main>late`);
  const packets = readPerfetto(await write("perfetto", await questionOf(model)));
  const tracks = new Map<number, NonNullable<Packet["trackDescriptor"]>>();
  const open = new Map<number, number>();
  for (const { trackDescriptor, trackEvent, trustedPacketSequenceId } of packets) {
    expect(trustedPacketSequenceId).toBe(1);
    if (trackDescriptor !== undefined) {
      if (trackDescriptor.parentUuid !== undefined) expect(tracks.has(trackDescriptor.parentUuid)).toBe(true);
      tracks.set(trackDescriptor.uuid, trackDescriptor);
    }
    if (trackEvent === undefined) continue;
    const { trackUuid, type } = trackEvent;
    expect(tracks.has(trackUuid)).toBe(true);
    const depth = (open.get(trackUuid) ?? 0) + (type === "TYPE_SLICE_BEGIN" ? 1 : type === "TYPE_SLICE_END" ? -1 : 0);
    expect([0, 1]).toContain(depth);
    open.set(trackUuid, depth);
  }
  const events = packets.flatMap(({ trackEvent }) => trackEvent ?? []);
  const on = (name: string): Packet["trackEvent"][] =>
    events.filter(({ trackUuid }) => tracks.get(trackUuid)?.name === name);
  expect(
    on("blocks")
      .find((event) => event?.callstackWeight === 32)
      ?.callstack?.frames.map(({ functionName }) => functionName),
  ).toEqual(["main", "fetch", "get"]);
  expect(on("marks").map((event) => event?.name)).toContain("connected");
  expect(on("history is missing").map((event) => event?.name)).toContain("3 events lost (frames-lost)");
  expect(on("until the device has proven the numbers again").map((event) => event?.name)).toContain(
    "numbers are in doubt",
  );
  expect(on("live bytes").at(-1)?.counterValue).toBe((await model.totalsAt(model.span.to)).bytes.value);
  expect(on("how far to trust this").length).toBeGreaterThan(1);
});

async function readParquet(bytes: Buffer): Promise<Record<string, unknown>[]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  return (await parquetReadObjects({ file })) as Record<string, unknown>[];
}

/** A CSV reader that knows quotes only. */
function readCsv(all: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of all.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === "\r\n") rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}

describe.each(TABLE_NAMES)("the table %s", (table) => {
  test("has the same rows in Parquet and CSV", async () => {
    const model = await heapFromText(`${text}\n gap 3\n malloc F 8 main>late`);
    const bytes = await write("parquet", await questionOf(model, { table }));
    const rows = await readParquet(bytes);
    const [header, ...lines] = readCsv(await writeText("csv", model, { table }));
    expect(header).toEqual(tables[table].columns.map(({ name }) => name));
    expect(lines).toHaveLength(rows.length);
    expect(
      rows.map((row) =>
        Object.values(row).map((cell) => (cell === null ? "" : String(cell as string | bigint | boolean))),
      ),
    ).toEqual(lines);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const { key_value_metadata: notes } = await parquetMetadataAsync(file);
    expect(notes?.find(({ key }) => key === "memmap.notes")?.value).toContain("3 events missing");
  });
});

test("after a gap what may be gone is marked in every table", async () => {
  const model = await heapFromText(`${text}\n gap 3\n +1s malloc F 8 main>late`);
  const rowsOf = async (table: ExportQuestion["table"]): Promise<Record<string, unknown>[]> =>
    readParquet(await write("parquet", await questionOf(model, { table })));
  expect((await rowsOf("blocks")).filter(({ uncertain }) => uncertain === true)).toHaveLength(3);
  expect((await rowsOf("events")).filter(({ kind }) => kind === "gap")).toHaveLength(1);
  expect((await rowsOf("samples")).at(-1)?.["certainty"]).toBe("in doubt");
  expect((await rowsOf("sites")).map((row) => row["live_bytes_certainty"])).toContain("bounded");
});

test("names of a hostile firmware are data everywhere", async () => {
  const model = await heapFromText(hostile);
  const rows = readCsv(await writeText("csv", model));
  for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+@-]/);
  for (const { format } of exporters.filter(({ isBinary }) => isBinary !== true)) {
    expect(await writeText(format, model), format).not.toMatch(/[\p{Cf}]|\p{Cc}(?<![\r\n])/u);
  }
  const stacks = (await writeText("collapsed", model))
    .split("\n")
    .filter((line) => !line.startsWith("#") && line !== "");
  for (const line of stacks) expect(line.split(";").length, line).toBe(line.includes("x:y") ? 3 : 2);
});

test("a filter and a window hold in every format; an age is refused where blocks come and go", async () => {
  const model = await heapFromText(text);
  const filter = model.filter("task:wifi");
  const { samples } = readPprof(await write("pprof", await questionOf(model, { filter })));
  expect(samples.reduce((sum, { values }) => sum + (values[3] ?? 0), 0)).toBe(764);
  const aged = model.filter("live>1s");
  for (const format of ["heaptrack", "dhat", "massif", "perfetto", "firefox"]) {
    await expect(write(format, await questionOf(model, { filter: aged })), format).rejects.toMatchObject({
      code: "usage-export-age",
    });
  }
  const old = readPprof(await write("pprof", await questionOf(model, { filter: aged })));
  expect(old.samples.reduce((sum, { values }) => sum + (values[3] ?? 0), 0)).toBe(264);
});

test("of any run, every format agrees with the model on what is live", async () => {
  await fc.assert(
    fc.asyncProperty(steps(LOSSLESS, 80), async (all) => {
      const model = await openModel(recordRun((sink) => new ReferenceDevice(sink).play(all)));
      const live = await model.liveAt(model.span.to);
      const bytes = live.size.reduce((sum, size) => sum + size, 0);
      const { samples } = readPprof(await write("pprof", await questionOf(model)));
      expect(samples.reduce((sum, { values }) => sum + (values[3] ?? 0), 0)).toBe(bytes);
      const dhat = JSON.parse(await writeText("dhat", model)) as Dhat;
      expect(dhat.pps.reduce((sum, { eb }) => sum + eb, 0)).toBe(bytes);
      const firefox = JSON.parse(await writeText("firefox", model)) as {
        threads: [{ nativeAllocations: { weight: number[] } }];
      };
      expect(firefox.threads[0].nativeAllocations.weight.reduce((sum, one) => sum + one, 0)).toBe(bytes);
      const massif = await writeText("massif", model);
      expect(Number([...massif.matchAll(/^mem_heap_B=(\d+)$/gm)].at(-1)?.[1])).toBe(bytes);
      expect([...massif.matchAll(/^heap_tree=peak$/gm)]).toHaveLength(1);
      const rows = await readParquet(await write("parquet", await questionOf(model)));
      expect(rows.filter(({ end }) => end === "live")).toHaveLength(live.length);
      readPerfetto(await write("perfetto", await questionOf(model)));
    }),
    // One block that is freed in the microsecond of its birth: the peak and the end are one moment.
    {
      numRuns: 25,
      examples: [
        [
          [
            { action: "alloc", pick: 0, size: 1, wait: 0 },
            { action: "free", pick: 0, size: 0, wait: 0 },
          ],
        ],
      ],
    },
  );
});
