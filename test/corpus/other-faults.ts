// Programs for the detectors beside leaks: faults that the probe reports, failed allocations, split heaps, growth with a known end, waste; and
// healthy ones that come near.
import { FaultKind } from "../../src/wire/protocol.ts";
import { ordinaryWork } from "./ordinary-work.ts";
import { inPsram, psram, second, type Block, type CorpusProgram, type Program } from "./program.ts";

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
    name: "healthy: blocks of every size up to 4 MiB, in regions of all three kinds",
    board: {
      regions: [
        psram(13 << 10),
        { name: "RTC", start: 0x5000_0000, bytes: 8 << 10, caps: 0x8004 },
        { name: "DRAM", start: 0x3ffb_0000, bytes: 200 << 10, caps: 0x180e },
      ],
    },
    expect: [],
    tempts: ["host faults", "faults", "fragmentation"],
    play(p) {
      let size = 1;
      p.repeat(
        () => 0.05 * second,
        () => {
          const kinds = [inPsram, ...(size < 1500 ? [0x8004] : []), ...(size < 40_000 ? [0x1808] : [])];
          const blocks = kinds.flatMap((caps) => {
            const [block, behind] = [
              p.malloc("sweep:frame", size, caps),
              p.malloc("sweep:small", 1 + (size % 100), caps),
            ];
            return [p.realloc(block, Math.max(1, Math.round(size * p.between(0.3, 1.5)))), behind];
          });
          p.freeAfter(0.02 * second, ...blocks);
          size = size >= 2.5 * 2 ** 20 ? 1 : size + Math.max(1, Math.round(size / 40));
        },
      );
      p.run(minute);
    },
  },
  {
    name: "healthy: blocks freed by other tasks, their addresses used again at once",
    expect: [],
    tempts: ["faults"],
    play(p) {
      p.repeat(
        () => p.around(0.05 * second),
        () => {
          p.inTask("net");
          const packet = p.malloc("receive:packet", 300);
          p.inTask("app");
          p.free(packet);
          p.free(p.malloc("answer:packet", 300));
        },
      );
      p.run(minute);
    },
    mayAlso: ["temporary-allocations", "churn"],
  },
  {
    name: "panic in the heap, of a double free that nobody reported",
    expect: [{ rule: "restart", evidence: /a double free that nobody had caught before/ }],
    play(p) {
      ordinaryWork(p);
      p.after(40 * second, () => {
        p.print("I (40000) app: closing the session");
        p.print('assert failed: tlsf_free tlsf.c:1120 (!block_is_free(block) && "block already marked as free")');
        p.print("Backtrace: 0x40081234:0x3ffb1234\r\nRebooting...\r\nets Jul 29 2019 12:21:46");
        p.restart(4);
      });
      p.run(minute);
    },
  },
  {
    name: "task watchdog, and nothing printed",
    expect: [{ rule: "restart" }],
    play(p) {
      ordinaryWork(p);
      p.after(40 * second, () => p.restart(6));
      p.run(minute);
    },
  },
  {
    name: "healthy: restart by esp_restart() after an update",
    expect: [],
    tempts: ["restarts"],
    play(p) {
      ordinaryWork(p);
      p.after(40 * second, () => {
        p.print("W (39000) app: the last update failed, asserting nothing");
        p.print("I (40000) ota: rebooting");
        p.restart(3);
      });
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
    name: "healthy: heap used up to the last bytes, and nothing refused",
    expect: [],
    tempts: ["failures"],
    mayAlso: ["equal-blocks"],
    play(p) {
      p.report();
      const blocks: Block[] = [];
      for (let left = p.heapBytes; left > 3000; left -= 2020) blocks.push(p.malloc("frame:pixels", 2000));
      p.repeat(
        () => p.around(0.5 * second),
        () => {
          const [oldest] = blocks.splice(0, 1);
          if (oldest !== undefined) p.free(oldest);
          blocks.push(p.malloc("frame:pixels", 2000));
        },
      );
      p.run(minute);
    },
  },
  {
    name: "healthy: steady pool of blocks of all sizes",
    expect: [],
    tempts: ["fragmentation"],
    play(p) {
      const pool: Block[] = [];
      p.repeat(
        () => p.around(0.05 * second),
        () => {
          const victim = Math.floor(p.between(0, pool.length));
          const [old] = pool.length < 300 ? [] : pool.splice(victim, 1);
          if (old !== undefined) p.free(old);
          pool.push(p.malloc("pool_take:item", Math.round(p.between(20, 2000))));
        },
      );
      p.run(3 * minute);
    },
  },
  {
    name: "healthy: heap that was split in the same way at boot",
    expect: [],
    tempts: ["fragmentation"],
    mayAlso: ["equal-blocks"],
    play(p) {
      split(p, 1000, "silently");
      p.run(minute);
    },
  },
  {
    name: "healthy: large blocks freed in the order in which they came",
    expect: [],
    tempts: ["fragmentation"],
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
    name: "healthy: bursts that come closer and closer to the end of the memory",
    expect: [],
    tempts: ["forecast"],
    play(p) {
      ordinaryWork(p);
      let size = 1000;
      p.repeat(
        () => p.between(12, 18) * second,
        () => {
          size += 700;
          const burst = Array.from({ length: 100 }, () => p.malloc("burst:chunk", size));
          p.after(4 * second, () => {
            for (const block of burst) p.free(block);
          });
        },
      );
      p.run(8 * minute);
    },
  },
  {
    name: "healthy: cache that fills up in the second half",
    expect: [],
    tempts: ["forecast", "leaks"],
    mayAlso: ["equal-blocks"],
    play(p) {
      ordinaryWork(p);
      p.after(5 * minute, () => {
        let entries = 0;
        p.repeat(
          () => p.around(second),
          () => {
            if (entries++ < 150) p.malloc("tile_cache:tile", 4096);
          },
        );
      });
      p.run(10 * minute);
    },
  },
  {
    name: "healthy: buffer that is kept and used again for every sample",
    expect: [],
    tempts: ["waste"],
    play(p) {
      ordinaryWork(p);
      let window = p.malloc("filter:window", 512);
      p.repeat(
        () => 0.02 * second,
        () => {
          // Every thousandth sample needs another size.
          if (p.chance(0.001)) window = p.realloc(window, window.size === 512 ? 640 : 512);
        },
      );
      p.run(minute);
    },
  },
  {
    name: "healthy: rare temporary buffers, and few large blocks",
    expect: [],
    tempts: ["waste"],
    play(p) {
      ordinaryWork(p);
      for (let i = 0; i < 60; i++) p.malloc("font:glyphs", 700 + 8 * i);
      p.repeat(
        () => p.around(0.5 * second),
        () => p.free(p.malloc("format:text", 80)),
      );
      p.run(5 * minute);
    },
  },
  {
    name: "packets that keep the allocator busy",
    expect: [{ rule: "churn", function: "receive", evidence: /Never more than about \d+ blocks/ }],
    play(p) {
      ordinaryWork(p);
      p.repeat(
        () => p.around(0.005 * second),
        () => {
          p.inTask("net");
          const packet = p.malloc("receive:packet", Math.round(p.between(60, 1500)));
          p.after(p.around(0.1 * second), () => {
            p.inTask("app");
            p.free(packet);
          });
        },
      );
      p.run(minute);
    },
  },
  {
    name: "set-up that stays, and nothing else",
    expect: [{ rule: "kept" }],
    play(p) {
      for (let i = 0; i < 20; i++) p.malloc("init:table", 100 + i);
      p.run(minute);
    },
  },
  {
    name: "healthy: program that gives everything back",
    expect: [],
    tempts: ["kept"],
    play(p) {
      const blocks = Array.from({ length: 20 }, (_, i) => p.malloc("init:table", 100 + i));
      p.after(50 * second, () => {
        for (const block of blocks) p.free(block);
      });
      p.run(minute);
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
function split(p: Program, large: number, how?: "silently"): void {
  if (how !== "silently") p.report();
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
