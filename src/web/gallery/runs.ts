// Fixed runs for the gallery: small, without a clock or chance, one for each state that a part of the page can be in.
import { openModel } from "../../heap/model.ts";
import { RunRecorder } from "../../heap/run-recorder.ts";
import { askedOf } from "../../report/asked.ts";
import { freeze, type Frozen } from "../../report/frozen.ts";
import { Teller } from "../../wire/teller.ts";
import { FailureReason, FaultKind, Method } from "../../wire/protocol.ts";

export interface GalleryRun {
  readonly title: string;
  readonly frozen: Frozen;
}

const HEAP_START = 0x3ffb_8a58;
const HEAP_END = 0x3ffe_0000;
const SECOND = 1e6;
const boot = {
  bootId: 7,
  protocolVersion: 1,
  chip: "ESP32",
  idfVersion: "v5.5.1",
  appName: "gallery",
  appVersion: "1.0",
  configuration: 7,
  tableCapacity: 1024,
  sampleInterval: 1,
  stackDepth: 4,
};

export async function galleryRuns(): Promise<readonly GalleryRun[]> {
  return [
    await make("a leak, a fault, a failed allocation, a restart and a loss", everything),
    await make("nothing wrong", nothingWrong),
    await make("no region known, no names: an imported log", bare),
    await make("names as long as they come, and text in another direction", longNames),
  ];
}

async function make(title: string, play: (sink: Teller) => void): Promise<GalleryRun> {
  const recorder = new RunRecorder();
  const teller = new Teller(recorder);
  play(teller);
  teller.flush();
  recorder.flush();
  const asked = askedOf(await openModel(recorder.run));
  return { title, frozen: await freeze({ asked, name: title, size: 4096 }) };
}

function regions(sink: Teller, time: number, free: number, largestFree: number): void {
  sink.record({
    kind: "regions",
    value: { time, regions: [{ name: "DRAM", start: HEAP_START, end: HEAP_END, caps: 0x1004, free, largestFree }] },
  });
}

function everything(sink: Teller): void {
  sink.record({ kind: "boot", value: boot });
  sink.record({ kind: "task", value: { id: 3, name: "http", handle: 0x3ffb_0000 } });
  const frames = [
    { function: "fetch", file: "main/http.c", line: 40 },
    { function: "http_task", file: "main/http.c", line: 90 },
  ];
  sink.record({
    kind: "site",
    value: {
      id: 1,
      method: Method.MALLOC,
      caps: 4,
      file: "main/http.c",
      line: 40,
      function: "fetch",
      variable: "page",
      frames,
    },
  });
  sink.record({
    kind: "site",
    value: { id: 2, method: Method.CALLOC, caps: 4, file: "components/tls/session.c", line: 12, function: "keep" },
  });
  regions(sink, 0, 160_000, 155_000);
  for (let i = 0; i < 120; i++) {
    const time = (1 + i) * SECOND;
    const address = HEAP_START + 1024 + i * 1100;
    sink.alloc(time, address, 256, 1, 3, 0);
    sink.alloc(time + 1000, address + 300, 64, 2, 3, 0);
    if (i % 3 !== 0) sink.free(time + 500_000, address, 1, 3, 0);
  }
  sink.record({ kind: "mark", value: { time: 30 * SECOND, name: "connected", task: 3, core: 0 } });
  sink.text(new TextEncoder().encode("I (30000) http: connected\nE (60000) http: no memory\n"));
  sink.record({
    kind: "fault",
    value: {
      number: 1,
      kind: FaultKind.OVERFLOW,
      time: 55 * SECOND,
      task: 3,
      pointer: HEAP_START + 1024,
      blockAddress: HEAP_START + 1024,
      blockSize: 256,
      allocSite: 1,
      allocTask: 3,
      detectedSite: 2,
      damageOffset: 256,
      damageLength: 6,
      damageBytes: new TextEncoder().encode("GET /x"),
      lastGoodTime: 54 * SECOND,
    },
  });
  sink.record({
    kind: "failure",
    value: {
      number: 1,
      reason: FailureReason.NO_MEMORY,
      time: 60 * SECOND,
      task: 3,
      size: 65_536,
      caps: 4,
      site: 1,
      regions: [{ start: HEAP_START, end: HEAP_END, caps: 0x1004, free: 120_000, largestFree: 30_000 }],
    },
  });
  sink.record({ kind: "gap", value: { time: 80 * SECOND, reason: "frames-lost", lostFrames: 2, lostEvents: 17 } });
  regions(sink, 121 * SECOND, 110_000, 26_000);
  sink.record({ kind: "boot", value: { ...boot, bootId: 8 } });
  sink.alloc(2 * SECOND, HEAP_START + 2048, 100, 1, 3, 0);
}

function nothingWrong(sink: Teller): void {
  sink.record({ kind: "boot", value: boot });
  sink.record({ kind: "task", value: { id: 3, name: "sensor", handle: 0x3ffb_0000 } });
  sink.record({
    kind: "site",
    value: { id: 1, method: Method.MALLOC, caps: 4, file: "main/sensor.c", line: 10, function: "read" },
  });
  regions(sink, 0, 160_000, 155_000);
  for (let i = 0; i < 200; i++) {
    sink.alloc(i * SECOND, HEAP_START + 1024, 128, 1, 3, 0);
    sink.free(i * SECOND + 300_000, HEAP_START + 1024, 1, 3, 0);
  }
}

function bare(sink: Teller): void {
  sink.record({ kind: "boot", value: { ...boot, configuration: 0, origin: "console log" } });
  for (let i = 0; i < 8; i++)
    sink.record({
      kind: "site",
      value: { id: i + 1, method: Method.UNKNOWN, caps: 0, callers: [0x400d_1000 + i * 64] },
    });
  for (let i = 0; i < 64; i++) sink.alloc(i * SECOND, 0x3ffb_9000 + i * 96, 24 + (i % 5) * 12, 1 + (i % 8), 0, 0);
}

function longNames(sink: Teller): void {
  const long = "esp_wifi_internal_reserve_a_very_long_name_of_a_function_that_nobody_would_write_but_somebody_did";
  sink.record({ kind: "boot", value: { ...boot, appName: long } });
  sink.record({ kind: "task", value: { id: 3, name: "مهمة <b>x</b>", handle: 0x3ffb_0000 } });
  sink.record({
    kind: "site",
    value: {
      id: 1,
      method: Method.MALLOC,
      caps: 4,
      file: `components/${long}/${long}.cpp`,
      line: 12_345,
      function: long,
      variable: long,
    },
  });
  regions(sink, 0, 160_000, 155_000);
  for (let i = 0; i < 40; i++) sink.alloc(i * SECOND, HEAP_START + 1024 + i * 512, 333, 1, 3, 0);
}
