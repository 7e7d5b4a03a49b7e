// Memory that will be used up, heaps that are split, requests that are refused. When the first request fails is known: the bench goes on after the
// end of the recording until one does.
import { dram, inPsram, psram, second, type Block, type Board, type CorpusProgram, type Program } from "../program.ts";
import { every, firmware, leaking, minute, nowAndThen, tls, use, webServer } from "./report.ts";

type Play = CorpusProgram["play"];

/** Nothing leaks; requests are refused. */
function refused(name: string, play: Play, board: Board, rules: CorpusProgram["expect"]): CorpusProgram {
  return { name, board, leaks: [], expect: rules, mayAlso: ["fragmentation", "equal-blocks", "kept"], play };
}

const small = { regions: [dram(180)] };
const withPsram = { regions: [dram(180), psram(2048)] };
const twoRegions = { regions: [dram(120), dram(110, 0x3ffe_0000)] };

/** Pairs of a block that goes and a small one that stays. */
function split(p: Program, place: string, large: number, pairs: number, gap: number): void {
  const going: Block[] = [];
  for (let i = 0; i < pairs; i++) {
    p.after(i * gap, () => {
      going.push(p.malloc("rx_packet:packet<receive", large));
      p.malloc(`${place}:entry<receive`, 28);
    });
  }
  p.after(pairs * gap, () => going.forEach((block) => p.free(block)));
}

export const roomPrograms: readonly CorpusProgram[] = [
  leaking(
    "small heap, a leak, and TLS every two minutes",
    ["headers_add"],
    (p) => {
      firmware(p);
      every(p, 10 * second, () => p.lose("headers_add:header<fetch", 60));
      every(p, 2 * minute, () => tls(p, "fetch", 4 * second));
      p.run(60 * minute);
    },
    small,
  ),
  leaking(
    "leak that a 16 KB record will feel first",
    ["page_add"],
    (p) => {
      firmware(p);
      every(p, 20 * second, () => p.lose("page_add:page<crawl", 130));
      every(p, 45 * second, () => {
        const record = p.tryMalloc("tls_record:record<fetch", 16_717);
        if (record !== undefined) p.freeAfter(3 * second, record);
      });
      p.run(90 * minute);
    },
    small,
  ),
  leaking(
    "leak in PSRAM beside a healthy internal heap",
    ["thumb_add"],
    (p) => {
      firmware(p);
      webServer(p);
      every(p, 10 * second, () => p.lose("thumb_add:pixels<gallery", 2400, inPsram));
      p.run(50 * minute);
    },
    withPsram,
  ),
  leaking(
    "malloc that falls back to PSRAM when the internal heap is full",
    ["item_new"],
    (p) => {
      firmware(p);
      every(p, second, () => p.lose("item_new:item<collect", 70));
      p.run(25 * minute);
    },
    withPsram,
  ),
  leaking(
    "two leaks in a small heap",
    ["node_a", "node_b"],
    (p) => {
      firmware(p);
      every(p, 12 * second, () => p.lose("node_a:node<walk", 44));
      nowAndThen(p, 40 * second, () => p.lose("node_b:node<walk_back", 120));
      p.run(60 * minute);
    },
    small,
  ),
  leaking(
    "leak under a load that swings",
    ["ticket_new"],
    (p) => {
      firmware(p);
      p.repeat(
        () => p.around(2 * second) * (1.4 + Math.sin(p.now / (4 * minute))),
        () => use(p, "visit_new:visit<on_request", 700, 15 * second),
      );
      every(p, 9 * second, () => p.lose("ticket_new:ticket<on_request", 66));
      p.run(50 * minute);
    },
    small,
  ),
  leaking(
    "leak of random sizes at random times",
    ["blob_keep"],
    (p) => {
      firmware(p);
      nowAndThen(p, 30 * second, () => p.lose("blob_keep:blob<receive", Math.round(p.between(16, 600))));
      p.run(70 * minute);
    },
    small,
  ),
  leaking(
    "leak between long-lived sessions",
    ["auth_ctx"],
    (p) => {
      firmware(p);
      nowAndThen(p, 15 * second, () => use(p, "session_new:session<on_open", p.between(300, 1500), 90 * second));
      every(p, 18 * second, () => p.lose("auth_ctx:ctx<on_open", 104));
      p.run(60 * minute);
    },
    small,
  ),
  leaking(
    "leak that lies between frames of a display",
    ["glyph_add"],
    (p) => {
      firmware(p);
      every(p, 5 * second, () => use(p, "line_buffer:line<flush", 9600, second));
      every(p, 15 * second, () => p.lose("glyph_add:glyph<draw_text", 90));
      p.run(60 * minute);
    },
    small,
  ),
  leaking(
    "slow leak, days from the end",
    ["lease_add"],
    (p) => {
      firmware(p, 5);
      every(p, 4 * minute, () => p.lose("lease_add:lease<dhcp", 60));
      p.run(6 * 60 * minute);
    },
    small,
  ),
  leaking(
    "leak over two internal regions",
    ["row_add"],
    (p) => {
      firmware(p);
      every(p, 7 * second, () => p.lose("row_add:row<import", 96));
      every(p, 30 * second, () => {
        const buffer = p.tryMalloc("csv_buffer:buffer<import", 8192);
        if (buffer !== undefined) p.freeAfter(4 * second, buffer);
      });
      p.run(50 * minute);
    },
    twoRegions,
  ),
  leaking(
    "bursts of losses with quiet between",
    ["retry_keep"],
    (p) => {
      firmware(p);
      every(p, 5 * minute, () => {
        for (let i = 0; i < 12; i++) p.after(i * second, () => p.lose("retry_keep:packet<resend", 140));
      });
      p.run(80 * minute);
    },
    small,
  ),

  refused(
    "TLS record refused in a heap split by small entries",
    (p) => {
      firmware(p);
      split(p, "device_entry", 6000, 22, second);
      p.after(minute, () => p.tryMalloc("tls_record:record<fetch", 16_717));
      p.run(2 * minute);
    },
    small,
    [{ rule: "allocation-failure", function: "tls_record" }],
  ),
  refused(
    "room of exactly the size asked for is not enough",
    (p) => {
      p.report();
      const holes: Block[] = [];
      for (let i = 0; i < 9; i++) {
        p.now += second;
        holes.push(p.malloc("rx_packet:packet<receive", 8300));
        p.malloc("peer_entry:entry<receive", 24);
        holes.push(p.malloc("rx_packet:packet<receive", 8360));
        p.malloc("table_entry:entry<receive", 200);
      }
      const rest: Block[] = [];
      for (let block = p.tryMalloc("filler:data<app_main", 2000); block !== undefined;) {
        rest.push(block);
        block = p.tryMalloc("filler:data<app_main", 2000);
      }
      p.now += second;
      for (const block of holes) p.free(block);
      p.now += second;
      p.tryMalloc("tls_record:record<fetch", 16_717);
      p.run(minute);
    },
    { regions: [dram(320)] },
    [
      { rule: "allocation-failure", function: "tls_record" },
      { rule: "allocation-failure", function: "filler" },
    ],
  ),
  refused(
    "two regions, each too full, together enough",
    (p) => {
      firmware(p);
      p.after(10 * second, () => {
        p.malloc("model_load:weights<app_main", 70_000);
        p.malloc("model_load:weights<app_main", 60_000);
      });
      p.after(minute, () => p.tryMalloc("frame_new:frame<capture", 72_000));
      p.run(2 * minute);
    },
    twoRegions,
    [{ rule: "allocation-failure", function: "frame_new" }],
  ),
  refused(
    "PSRAM split by thumbnails when a frame is asked for",
    (p) => {
      firmware(p);
      const going: Block[] = [];
      for (let i = 0; i < 12; i++) {
        p.after(i * second, () => {
          going.push(p.malloc("decode:frame<player", 150_000, inPsram));
          p.malloc("thumb:pixels<player", 4800, inPsram);
        });
      }
      p.after(20 * second, () => going.forEach((block) => p.free(block)));
      p.after(40 * second, () => p.tryMalloc("frame_new:frame<capture", 614_400, inPsram));
      p.run(minute);
    },
    withPsram,
    [{ rule: "allocation-failure", function: "frame_new" }],
  ),
  refused(
    "blocks that the probe does not see stand in the way",
    (p) => {
      firmware(p);
      const going: Block[] = [];
      for (let i = 0; i < 20; i++) {
        p.after(i * second, () => {
          going.push(p.malloc("rx_packet:packet<receive", 6000));
          p.malloc(i % 2 === 0 ? "rom_alloc:state<blob" : "peer_entry:entry<receive", 64);
        });
      }
      p.after(30 * second, () => going.forEach((block) => p.free(block)));
      p.after(minute, () => p.tryMalloc("tls_record:record<fetch", 30_000));
      p.run(2 * minute);
    },
    { ...small, hidden: ["rom_alloc"] },
    [{ rule: "allocation-failure", function: "tls_record" }],
  ),
  refused(
    "one hidden block of a hundred bytes",
    (p) => {
      firmware(p);
      split(p, "device_entry", 5000, 24, second);
      p.after(12.5 * second, () => p.malloc("rom_alloc:state<blob", 100));
      p.after(minute, () => p.tryMalloc("tls_record:record<fetch", 16_717));
      p.run(2 * minute);
    },
    { ...small, hidden: ["rom_alloc"] },
    [{ rule: "allocation-failure", function: "tls_record" }],
  ),
  refused(
    "frame buffers that the internal heap never had room for",
    (p) => {
      firmware(p);
      p.after(minute, () => p.tryMalloc("fb_new:fb<display_init", 153_600));
      p.run(2 * minute);
    },
    twoRegions,
    [{ rule: "allocation-failure", function: "fb_new" }],
  ),
  refused(
    "DMA buffer refused while PSRAM is empty",
    (p) => {
      firmware(p);
      p.after(10 * second, () => p.malloc("lv_buffer:buffer<display_init", 150_000));
      p.after(minute, () => p.tryMalloc("spi_buffer:buffer<display_flush", 32_768, 1 << 3));
      p.run(2 * minute);
    },
    withPsram,
    [{ rule: "allocation-failure", function: "spi_buffer" }],
  ),
  refused(
    "heap that logs have split for hours",
    (p) => {
      firmware(p);
      const lines: Block[] = [];
      nowAndThen(p, 2 * second, () => {
        lines.push(p.malloc("log_line:line<log_write", Math.round(p.between(60, 400))));
        if (lines.length > 120) p.free(lines.splice(Math.floor(p.between(0, 40)), 1)[0] as Block);
      });
      nowAndThen(p, 8 * second, () => use(p, "rx_packet:packet<receive", p.between(400, 6000), 6 * second));
      every(p, 4 * minute, () => {
        const record = p.tryMalloc("tls_record:record<fetch", 40_000);
        if (record !== undefined) p.freeAfter(2 * second, record);
      });
      p.run(30 * minute);
    },
    { regions: [dram(120)] },
    [],
  ),
  refused(
    "network buffers in a heap of two walls",
    (p) => {
      firmware(p);
      const going: Block[] = [];
      p.after(3 * second, () => {
        for (let i = 0; i < 3; i++) {
          going.push(p.malloc("load:buffer<boot", 30_000));
          for (let j = 0; j <= i; j++) p.malloc(`wall${i}:item<boot`, 100);
        }
        p.malloc("rest:data<boot", 40_000);
      });
      p.after(10 * second, () => going.forEach((block) => p.free(block)));
      p.after(minute, () => p.tryMalloc("net_pool:pool<net_init", 61_000));
      p.run(2 * minute);
    },
    small,
    [{ rule: "allocation-failure", function: "net_pool" }],
  ),
  refused(
    "last straw: lack of memory, not of order",
    (p) => {
      firmware(p);
      p.after(5 * second, () => {
        for (let i = 0; i < 30; i++) p.malloc("asset:data<load_assets", 5200);
      });
      p.after(minute, () => p.tryMalloc("tls_record:record<fetch", 33_000));
      p.run(2 * minute);
    },
    small,
    [{ rule: "allocation-failure", function: "tls_record" }],
  ),
  refused(
    "a thousand small blocks between large ones",
    (p) => {
      p.report();
      const going: Block[] = [];
      for (let i = 0; i < 110; i++) {
        p.now += 100;
        going.push(p.malloc("chunk:data<stream", Math.round(p.between(700, 1500))));
        p.malloc("meta:tag<stream", Math.round(p.between(12, 60)));
      }
      for (const block of going) p.free(block);
      p.after(20 * second, () => p.tryMalloc("decoder:state<stream", 29_000));
      p.run(minute);
    },
    { regions: [dram(140)] },
    [{ rule: "allocation-failure", function: "decoder" }],
  ),
];
