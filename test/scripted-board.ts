// A board as a script, for tests of what lies between the line and the user: it keeps its live set and so sends true heartbeats. The
// probe itself is tested with the simulator; this one also does what a healthy probe never does.
import { blockHash } from "../src/wire/protocol.ts";
import { StreamEncoder, type StreamEncoderOptions } from "../src/wire/stream-encoder.ts";
import type { Heartbeat } from "../src/wire/records.ts";
import { quietHeartbeat } from "./quiet-heartbeat.ts";
import { Teller } from "../src/wire/teller.ts";

interface Block {
  readonly size: number;
  readonly site: number;
}

const firstAddress = 0x3ffb_0000;

export class ScriptedBoard {
  private readonly chunks: Uint8Array[] = [];
  private readonly encoder: StreamEncoder;
  private readonly teller: Teller;
  private readonly blocks = new Map<number, Block>();
  private time = 0;
  private nextAddress = firstAddress;
  private peak = 0;
  private faults = 0;

  constructor(options: StreamEncoderOptions = {}) {
    this.encoder = new StreamEncoder((bytes) => this.chunks.push(bytes.slice()), options);
    this.teller = new Teller(this.encoder);
  }

  /** All bytes sent since the last call. */
  take(): Uint8Array {
    this.teller.flush();
    this.encoder.flush();
    return Buffer.concat(this.chunks.splice(0));
  }

  get live(): { readonly blocks: number; readonly bytes: number } {
    return { blocks: this.blocks.size, bytes: this.liveBytes() };
  }

  boot(bootId = 0x1234_5678): this {
    this.blocks.clear();
    this.time = 0;
    this.teller.record({
      kind: "boot",
      value: {
        bootId,
        protocolVersion: 1,
        chip: "ESP32",
        idfVersion: "v5.3.1",
        appName: "weather-station",
        appVersion: "1.4",
        configuration: 7,
        tableCapacity: 4096,
        sampleInterval: 1,
        stackDepth: 0,
        resetReason: this.nextAddress === firstAddress ? 1 : 4,
      },
    });
    this.teller.record({ kind: "task", value: { id: 3, name: "main", handle: 0x3ffb_8000 } });
    for (const [id, line, name] of [
      [1, 12, "app_main"],
      [2, 120, "http_get"],
    ] as const) {
      const file = id === 1 ? "main/main.c" : "components/http/client.c";
      this.teller.record({
        kind: "site",
        value: { id, method: 1, caps: 1 << 12, file, line, function: name, variable: "buffer" },
      });
    }
    return this;
  }

  wait(microseconds: number): this {
    this.time += microseconds;
    return this;
  }

  text(line: string): this {
    this.teller.text(new TextEncoder().encode(line));
    return this;
  }

  /** `count` blocks that stay; addresses are never used twice. */
  allocate(count: number, size = 64, site = 1): this {
    for (let i = 0; i < count; i++) {
      this.time += 10;
      this.teller.alloc(this.time, this.nextAddress, size, site, 3, 0);
      this.blocks.set(this.nextAddress, { size, site });
      this.nextAddress += size + 16;
      this.peak = Math.max(this.peak, this.liveBytes());
    }
    return this;
  }

  /** Frees the oldest blocks. */
  free(count: number): this {
    for (const address of [...this.blocks.keys()].slice(0, count)) {
      this.time += 10;
      this.teller.free(this.time, address, 0, 3, 0);
      this.blocks.delete(address);
    }
    return this;
  }

  doubleFree(): this {
    this.faults++;
    const site = { allocSite: 2, allocTask: 3, freeSite: 1, freeTask: 3, freeTime: this.time, detectedSite: 2 };
    const block = { pointer: firstAddress, blockAddress: firstAddress, blockSize: 64, task: 3, core: 0 };
    this.teller.record({
      kind: "fault",
      value: { number: this.faults, kind: 1, time: this.time, ...block, ...site },
    });
    return this;
  }

  mark(name: string): this {
    this.teller.record({ kind: "mark", value: { time: this.time, name, task: 3, core: 0 } });
    return this;
  }

  heartbeat(): this {
    let hash = 0;
    for (const [address, block] of this.blocks) hash = (hash + blockHash(address, block.size, block.site)) >>> 0;
    const heartbeat: Heartbeat = {
      ...quietHeartbeat,
      time: this.time,
      liveBlocks: this.blocks.size,
      liveBytes: this.liveBytes(),
      hash,
      peakBytes: this.peak,
      faults: this.faults,
    };
    this.teller.record({ kind: "heartbeat", value: heartbeat });
    return this;
  }

  snapshot(): this {
    this.teller.record({ kind: "snapshotBegin", value: { time: this.time } });
    for (const [address, { size, site }] of this.blocks)
      this.teller.record({ kind: "live", value: { address, size, site, task: 3, moving: false } });
    this.teller.record({ kind: "snapshotEnd", value: { time: this.time, records: this.blocks.size } });
    return this.heartbeat();
  }

  /** Frames that never arrive. */
  lose(frames: number, events: number): this {
    this.teller.record({
      kind: "gap",
      value: { time: this.time, reason: "frames-lost", lostFrames: frames, lostEvents: events },
    });
    return this;
  }

  private liveBytes(): number {
    let sum = 0;
    for (const { size } of this.blocks.values()) sum += size;
    return sum;
  }
}
