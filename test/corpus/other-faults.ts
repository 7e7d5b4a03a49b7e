// Programs for the detectors beside leaks: faults that the probe reports, faults that only the host sees, failed allocations, split
// heaps, growth with a known end, waste; each next to a healthy twin.
import { FaultKind } from "../../src/wire/protocol.ts";
import { ordinaryWork } from "./ordinary-work.ts";
import { second, type Block, type CorpusProgram, type Program } from "./program.ts";

const minute = 60 * second;

export const otherPrograms: readonly CorpusProgram[] = [
  {
    name: "double free",
    expect: [{ rule: "double-free", function: "packet" }],
    play(p) {
      ordinaryWork(p);
      p.after(30 * second, () => {
        const block = p.malloc("packet:data", 64);
        p.free(block);
        p.fault({
          kind: FaultKind.DOUBLE_FREE,
          pointer: block.address,
          blockAddress: block.address,
          blockSize: 64,
          allocSite: block.site,
          freeSite: p.site("packet_done"),
          freeTime: p.now,
          detectedSite: p.site("packet_error"),
        });
      });
      p.run(minute);
    },
  },
  {
    name: "overflow into the neighbour",
    expect: [{ rule: "overflow", function: "name" }],
    play(p) {
      ordinaryWork(p);
      p.after(10 * second, () => {
        const block = p.malloc("name:text", 32);
        p.malloc("neighbour:table", 64);
        p.fault({
          kind: FaultKind.OVERFLOW,
          pointer: block.address,
          blockAddress: block.address,
          blockSize: 32,
          allocSite: block.site,
          detectedSite: p.site("check"),
          damageOffset: 32,
          damageLength: 5,
          damageBytes: new TextEncoder().encode("olaf\0"),
        });
      });
      p.run(minute);
    },
  },
  {
    name: "write after free",
    expect: [{ rule: "write-after-free", function: "session" }],
    play(p) {
      ordinaryWork(p);
      p.after(10 * second, () => {
        const block = p.malloc("session:state", 32);
        p.free(block);
        p.fault({
          kind: FaultKind.WRITE_AFTER_FREE,
          pointer: block.address,
          blockAddress: block.address,
          blockSize: 32,
          allocSite: block.site,
          freeSite: p.site("session_end"),
          detectedSite: p.site("check"),
          damageOffset: 8,
          damageLength: 4,
          damageBytes: Uint8Array.of(1, 0, 0, 0),
        });
      });
      p.run(minute);
    },
  },
  {
    name: "free of a pointer into a stack",
    expect: [{ rule: "wild-free", function: "cleanup" }],
    play(p) {
      ordinaryWork(p);
      p.after(10 * second, () => p.sink.free(p.now, 0x3ffa_1234, p.site("cleanup"), 3, 0, false));
      p.run(minute);
    },
  },
  {
    name: "healthy: frees of blocks from before tracking",
    expect: [],
    play(p) {
      ordinaryWork(p);
      p.repeat(
        () => p.around(5 * second),
        () => p.sink.free(p.now, 0x3ffb_0000 + p.heapBytes - 4096, 0, 3, 0, false),
      );
      p.run(minute);
    },
  },
  {
    name: "request that fails in a split heap",
    expect: [{ rule: "allocation-failure", function: "tls_record" }, { rule: "fragmentation" }],
    mayAlso: ["equal-blocks"],
    play(p) {
      split(p, 1000);
      p.tryMalloc("tls_record:buffer", 1 << 20);
      p.run(minute);
    },
  },
  {
    name: "heap split by small blocks that stay",
    expect: [{ rule: "fragmentation" }],
    mayAlso: ["equal-blocks"],
    play(p) {
      split(p, 1500);
      p.run(minute);
    },
  },
  {
    name: "healthy: large blocks freed in the order in which they came",
    expect: [],
    play(p) {
      ordinaryWork(p);
      p.after(10 * second, () => {
        const blocks = Array.from({ length: 100 }, () => p.malloc("frame:pixels", 2000));
        for (const block of blocks) p.free(block);
      });
      p.run(minute);
    },
  },
  {
    name: "memory that will be used up",
    expect: [{ rule: "leak", function: "download" }, { rule: "exhaustion" }],
    play(p) {
      ordinaryWork(p);
      p.repeat(
        () => p.between(1.5, 2.5) * second,
        () => p.malloc("download:chunk", 1024),
      );
      p.run(10 * minute);
    },
  },
  {
    name: "buffer that is allocated for every sample",
    expect: [{ rule: "temporary-allocations", function: "filter" }],
    play(p) {
      ordinaryWork(p);
      p.repeat(
        () => 0.02 * second,
        () => {
          p.inTask("filter");
          p.free(p.malloc("filter:window", 128));
        },
      );
      p.run(minute);
    },
  },
  {
    name: "thousand tiny blocks",
    expect: [
      { rule: "block-overhead", function: "symbol" },
      { rule: "equal-blocks", function: "symbol" },
    ],
    play(p) {
      ordinaryWork(p);
      for (let i = 0; i < 1200; i++) p.malloc("symbol:name", 4);
      p.run(minute);
    },
  },
];

/** Fills the heap with pairs of a large and a small block, then frees the large ones: nothing but holes of one size. */
function split(p: Program, large: number): void {
  p.report();
  const freed: Block[] = [];
  p.inTask("net");
  const pairs = Math.floor((p.heapBytes - 4096) / (large + 40));
  for (let i = 0; i < pairs; i++) {
    p.now += 1000;
    freed.push(p.malloc("receive:packet", large));
    p.malloc("device_list:entry", 20);
  }
  for (const block of freed) {
    p.now += 100;
    p.free(block);
  }
}
