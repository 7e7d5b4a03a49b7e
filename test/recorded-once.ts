// The run that test/fixtures/format-1.memmap holds: something of everything that a recording can hold. The file was written by memmap 0.1.0 and
// is never written again; a later format gets its own file and its own run. Do not change this one either.
import type { EventSink } from "../src/wire/events.ts";
import { blockHash, FailureReason, FaultKind, Method } from "../src/wire/protocol.ts";
import { Teller } from "../src/wire/teller.ts";

export function playRecordedOnce(receiver: EventSink): void {
  const sink = new Teller(receiver);
  sink.record({
    kind: "boot",
    value: {
      bootId: 0xb001,
      protocolVersion: 1,
      chip: "ESP32-S3",
      idfVersion: "v5.4.1",
      appName: "weather",
      appVersion: "1.0",
      elfSha256: "5a".repeat(32),
      configuration: 5,
      tableCapacity: 2048,
      sampleInterval: 1,
      stackDepth: 4,
      resetReason: 1,
      cores: 2,
      redZoneBytes: 8,
      quarantineBytes: 4096,
    },
  });
  sink.text(new TextEncoder().encode("I (12) boot: Grüße\n"));
  sink.record({ kind: "task", value: { id: 3, name: "wifi", handle: 0x3ffb_8000 } });
  sink.record({
    kind: "site",
    value: {
      id: 1,
      method: Method.MALLOC,
      caps: 12,
      file: "main/http.c",
      line: 41,
      function: "fetch",
      variable: "body",
    },
  });
  sink.record({ kind: "site", value: { id: 2, method: Method.CALLOC, caps: 8, callers: [0x4200_1234, 0x4200_5678] } });
  const frames = [
    { function: "malloc" },
    { function: "parse", file: "json.c", line: 7, module: "json", address: 0x4200_0010 },
  ];
  sink.record({ kind: "site", value: { id: 3, method: Method.REALLOC, caps: 0, frames } });
  const region = { start: 0x3ffb_0000, end: 0x3ffc_0000, caps: 12, free: 60_000, largestFree: 50_000 };
  sink.record({ kind: "regions", value: { time: 500, regions: [{ ...region, name: "DRAM", minimumFree: 59_000 }] } });
  sink.alloc(1000, 0x3ffb_0004, 100, 1, 3, 1);
  sink.alloc(1010, 0x3ffb_0070, 33, 2, 0, 0);
  sink.alloc(1020, 0x3f80_0004, 70_000, 1, 3, 1);
  sink.record({ kind: "mark", value: { time: 2000, name: "connected", task: 3, core: 1 } });
  sink.record({ kind: "reallocBegin", value: { time: 3000, address: 0x3ffb_0070, task: 3, core: 0 } });
  sink.record({
    kind: "reallocEnd",
    value: { time: 3005, oldAddress: 0x3ffb_0070, address: 0x3ffb_0100, size: 64, site: 3, task: 3, core: 0 },
  });
  sink.free(4000, 0x3f80_0004, 2, 3, 1);
  sink.record({ kind: "unknownFree", value: { time: 4100, address: 0x3ffb_0fff, site: 0, task: 3, core: 1 } });
  sink.record({ kind: "reallocBegin", value: { time: 4200, address: 0x3ffb_0100, task: 3, core: 0 } });
  sink.record({
    kind: "reallocFailed",
    value: { time: 4210, address: 0x3ffb_0100, size: 1e6, site: 3, task: 3, core: 0 },
  });
  sink.record({
    kind: "failure",
    value: {
      number: 1,
      reason: FailureReason.NO_MEMORY,
      time: 4210,
      task: 3,
      core: 0,
      size: 1e6,
      caps: 12,
      site: 3,
      alignment: 4,
      quarantineReleased: 16,
      regions: [region],
    },
  });
  sink.record({
    kind: "fault",
    value: {
      number: 1,
      kind: FaultKind.OVERFLOW,
      time: 4300,
      eventNumber: 9,
      task: 3,
      core: 1,
      pointer: 0x3ffb_0004,
      blockAddress: 0x3ffb_0004,
      blockSize: 100,
      allocSite: 1,
      allocTask: 3,
      detectedSite: 2,
      damageOffset: 100,
      damageLength: 4,
      damageBytes: Uint8Array.from([1, 2, 3, 4]),
      lastGoodTime: 4000,
      lastGoodTask: 0,
    },
  });
  sink.record({ kind: "gap", value: { time: 5000, reason: "frames-lost", lostFrames: 2, lostEvents: 3 } });
  sink.record({ kind: "snapshotBegin", value: { time: 6000 } });
  sink.record({ kind: "live", value: { address: 0x3ffb_0100, size: 64, site: 3, task: 3, moving: false } });
  sink.record({ kind: "live", value: { address: 0x3ffb_0200, size: 16, site: 2, task: 0, moving: false } });
  sink.record({ kind: "snapshotEnd", value: { time: 6010, records: 2 } });
  sink.record({
    kind: "heartbeat",
    value: {
      time: 6020,
      liveBlocks: 2,
      liveBytes: 80,
      hash: (blockHash(0x3ffb_0100, 64, 3) + blockHash(0x3ffb_0200, 16, 2)) >>> 0,
      peakBytes: 70_200,
      tableFull: 1,
      unknownFrees: 1,
      droppedEvents: 0,
      faults: 1,
      failures: 1,
      droppedReports: 0,
      quarantinedBytes: 128,
      quarantinedBlocks: 2,
    },
  });
  sink.record({ kind: "task", value: { id: 3, name: "wifi", handle: 0x3ffb_8000, deleted: true } });
  sink.record({
    kind: "boot",
    value: {
      bootId: 0xb002,
      protocolVersion: 1,
      configuration: 0,
      tableCapacity: 0,
      sampleInterval: 1,
      stackDepth: 0,
    },
  });
  sink.alloc(50, 0x3ffb_0003, 5, 1, 3, 0);
  sink.flush();
}
