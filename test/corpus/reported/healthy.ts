// What looks like a leak for a while in programs that have none.
import { dram, inPsram, psram, second, type Block, type CorpusProgram } from "../program.ts";
import { every, firmware, healthy, hour, minute, nowAndThen, tls, use, webServer } from "./report.ts";

const withPsram = { regions: [dram(220), psram(4096)] };

export const healthyReports: readonly CorpusProgram[] = [
  ...[5, 8, 12].map((seconds) =>
    healthy(`boot of ${seconds} seconds`, (p) => {
      for (let i = 0; i < 24 * seconds; i++) {
        const part = Math.floor(p.between(0, 9));
        p.after(p.between(0, seconds) * second, () => {
          const block = p.malloc(`start_part${part}:state<app_main`, Math.round(p.between(16, 900)));
          if (p.chance(0.3)) p.freeAfter(p.between(0.05, 1) * second, block);
        });
      }
      p.run(seconds * second);
    }),
  ),
  healthy("Wi-Fi that comes up during the whole recording of twenty seconds", (p) => {
    firmware(p, 0.3);
    for (let i = 0; i < 32; i++) p.after(i * 0.6 * second, () => p.malloc("rx_buffer:buffer<wifi_start", 1600));
    for (let i = 0; i < 14; i++) p.after((3 + i) * second, () => p.malloc("event_post:loop<wifi_start", 80));
    p.run(20 * second);
  }),
  healthy("slow warm-up: pools that fill ever more slowly", (p) => {
    firmware(p);
    let pooled = 0;
    nowAndThen(p, 2 * second, () => {
      if (p.random() * 120 > pooled) {
        pooled++;
        p.malloc("pool_more:object<render", 120);
      }
    });
    p.run(25 * minute);
  }),
  healthy("clients that connect and stay", (p) => {
    firmware(p);
    for (let i = 0; i < 9; i++) {
      p.after(p.between(0, 38) * minute, () => {
        p.malloc("client_new:client<on_connect", 420);
        p.malloc("client_buffer:buffer<on_connect", 1436);
      });
    }
    p.run(40 * minute);
  }),
  healthy("fourteen set-ups of one queue each", (p) => {
    firmware(p);
    for (let i = 0; i < 14; i++)
      p.after((0.5 + 2 * i) * minute, () => p.malloc(`xQueueCreate:queue<part${i}_init<app_main`, 92 + 8 * i));
    p.run(30 * minute);
  }),
  healthy("one-time set-up that is reached from many callers", (p) => {
    firmware(p);
    for (let i = 0; i < 30; i++) {
      p.after(p.between(0, 19) * minute, () => p.malloc(`mutex_new:mutex<lazy${i}<use_part${i}`, 84));
    }
    p.run(20 * minute);
  }),
  healthy("Wi-Fi that reconnects and gives everything back", (p) => {
    firmware(p);
    every(p, 50 * second, () => {
      p.inTask("wifi");
      for (let i = 0; i < 12; i++) use(p, "wifi_rx_alloc:buffer<wifi_start", 1600, 30 * second);
      use(p, "netif_state:netif<wifi_start", 264, 35 * second);
    });
    p.run(30 * minute);
  }),
  healthy("update over the air in chunks", (p) => {
    firmware(p);
    p.after(5 * minute, () => {
      tls(p, "ota_task", 4 * minute);
      const buffer = p.malloc("ota_begin:buffer<ota_task", 4096);
      p.freeAfter(4 * minute, buffer);
      for (let i = 0; i < 240; i++) p.after(i * second, () => use(p, "ota_chunk:chunk<ota_task", 1436, 0.3 * second));
    });
    p.run(15 * minute);
  }),
  healthy("TLS tickets, eight at most", (p) => {
    firmware(p);
    const tickets: Block[] = [];
    nowAndThen(p, 40 * second, () => {
      tls(p, "cloud_sync", 4 * second);
      tickets.push(p.malloc("ticket_save:ticket<cloud_sync", 190));
      if (tickets.length > 8) p.free(tickets.shift() as Block);
    });
    p.run(40 * minute);
  }),
  healthy("names resolved once and kept for an hour", (p) => {
    firmware(p);
    const hosts = new Set<number>();
    nowAndThen(p, 10 * second, () => {
      const host = Math.floor(12 * p.random() * p.random());
      if (!hosts.has(host)) p.malloc("dns_cache:entry<resolve", 60);
      hosts.add(host);
      use(p, "dns_query:query<resolve", 80, second);
    });
    p.run(35 * minute);
  }),
  healthy("mDNS table that turns over", (p) => {
    firmware(p);
    nowAndThen(p, 9 * second, () => use(p, "mdns_record:record<mdns_parse", 70, 75 * second));
    p.run(25 * minute);
  }),
  healthy("LVGL screens that are made and deleted", (p) => {
    firmware(p);
    let screen: Block[] = [];
    nowAndThen(p, 20 * second, () => {
      p.inTask("lvgl");
      screen.forEach((block) => p.free(block));
      screen = Array.from({ length: Math.round(p.between(12, 40)) }, () =>
        p.malloc("obj_create:obj<load_screen", Math.round(p.between(40, 160))),
      );
    });
    p.run(25 * minute);
  }),
  healthy(
    "camera with two frames",
    (p) => {
      firmware(p);
      for (let i = 0; i < 2; i++) p.malloc("cam_init:fb<app_main", 61_440, inPsram);
      every(p, 0.4 * second, () => use(p, "jpg_part:part<stream", 4096, 0.1 * second, inPsram));
      p.run(10 * minute);
    },
    withPsram,
  ),
  healthy("BLE devices of a building, each remembered once", (p) => {
    firmware(p);
    const known = new Set<number>();
    nowAndThen(p, 2 * second, () => {
      const device = Math.floor(p.between(0, 45));
      use(p, "adv_report:report<gap_event", 62, 0.2 * second);
      if (!known.has(device)) p.malloc("device_add:device<gap_event", 96);
      known.add(device);
    });
    p.run(25 * minute);
  }),
  healthy("MQTT outbox that fills while the broker is away, and empties", (p) => {
    firmware(p);
    const outbox: Block[] = [];
    let isAway = false;
    p.after(9 * minute, () => (isAway = true));
    p.after(17 * minute, () => (isAway = false));
    every(p, 4 * second, () => {
      outbox.push(p.malloc("outbox_item:item<mqtt_publish", Math.round(p.between(90, 260))));
      if (isAway) return;
      for (const block of outbox.splice(0)) p.freeAfter(0.3 * second, block);
    });
    p.run(30 * minute);
  }),
  healthy("day and night: more clients towards the end", (p) => {
    firmware(p);
    p.repeat(
      () => (p.around(1) * 8 * second) / (0.3 + Math.max(0, Math.sin((p.now / (40 * minute)) * Math.PI * 2.4))),
      () => use(p, "visit_new:visit<on_request", 240, 20 * second),
    );
    p.run(40 * minute);
  }),
  healthy("history of 240 readings, full after two thirds", (p) => {
    firmware(p);
    const history: Block[] = [];
    every(p, 5 * second, () => {
      history.push(p.malloc("history_put:reading<logger", 36));
      if (history.length > 240) p.free(history.shift() as Block);
    });
    p.run(30 * minute);
  }),
  healthy("documents that are parsed and dropped", (p) => {
    firmware(p);
    nowAndThen(p, 3 * second, () => {
      const document = p.malloc("json_doc:doc<handle_message", 2048);
      for (let i = 0; i < 8; i++) use(p, "json_string:text<handle_message", p.between(8, 60), 0.2 * second);
      p.freeAfter(p.between(0.2, 0.6) * second, document);
    });
    p.run(15 * minute);
  }),
  healthy("log that is flushed every four minutes", (p) => {
    firmware(p);
    const lines: Block[] = [];
    nowAndThen(p, 1.2 * second, () => lines.push(p.malloc("log_keep:line<log_write", Math.round(p.between(40, 120)))));
    every(p, 4 * minute, () => lines.splice(0).forEach((block) => p.free(block)));
    p.run(27 * minute);
  }),
  healthy("thousands of packets a minute in a steady state", (p) => {
    firmware(p);
    nowAndThen(p, 0.05 * second, () => use(p, "pbuf_alloc:p<ethernet_input", p.between(60, 1500), 0.04 * second));
    p.run(8 * minute);
  }),
  healthy("settings that are read again: the new ones before the old are freed", (p) => {
    firmware(p);
    let settings = p.malloc("settings_load:settings<app_main", 1200);
    every(p, 70 * second, () => {
      const next = p.malloc("settings_load:settings<app_main", 1200 + Math.round(p.between(-80, 80)));
      p.free(settings);
      settings = next;
    });
    p.run(40 * minute);
  }),
  healthy("certificates of five servers, each at its first connection", (p) => {
    firmware(p);
    for (let i = 0; i < 5; i++) {
      p.after(p.between(1, 33) * minute, () => {
        for (let j = 0; j < 3; j++) p.malloc("cert_parse:cert<trust_store", Math.round(p.between(300, 1300)));
      });
    }
    nowAndThen(p, 60 * second, () => tls(p, "call_home", 3 * second));
    p.run(35 * minute);
  }),
  healthy("files of a page, read when they are asked for", (p) => {
    firmware(p);
    webServer(p);
    const cached = new Set<number>();
    nowAndThen(p, 25 * second, () => {
      const file = Math.floor(20 * p.random() ** 2);
      if (!cached.has(file)) p.malloc("asset_load:data<send_file", 700 + 37 * file);
      cached.add(file);
    });
    p.run(40 * minute);
  }),
  healthy("upload in batches of five minutes", (p) => {
    firmware(p);
    let batch: Block[] = [];
    every(p, 2.5 * second, () => batch.push(p.malloc("batch_add:point<sample", 44)));
    every(p, 5 * minute, () => {
      p.freeAfter(6 * second, ...batch);
      batch = [];
    });
    p.run(34 * minute);
  }),
  healthy("workers that are made as the load asks, six at most", (p) => {
    firmware(p);
    let workers = 0;
    nowAndThen(p, 100 * second, () => {
      if (workers++ >= 6) return;
      p.malloc("worker_tcb:tcb<pool_grow", 340);
      p.malloc("worker_stack:stack<pool_grow", 3072);
    });
    nowAndThen(p, second, () => use(p, "work_item:item<submit", 60, 1.5 * second));
    p.run(30 * minute);
  }),
  healthy("translations that are loaded one screen after the other", (p) => {
    firmware(p);
    for (let i = 0; i < 12; i++)
      p.after((1 + 1.4 * i) * minute, () => {
        for (let j = 0; j < 6; j++) p.malloc("text_load:text<open_screen", Math.round(p.between(20, 200)));
      });
    p.run(30 * minute);
  }),
  healthy("strings that are put together and dropped", (p) => {
    firmware(p);
    nowAndThen(p, 0.7 * second, () => {
      let text = p.malloc("string_reserve:buffer<make_topic", 16);
      for (let i = 0; i < 4; i++) text = p.realloc(text, text.size * 2);
      p.freeAfter(p.between(0.02, 0.3) * second, text);
    });
    p.run(12 * minute);
  }),
  healthy(
    "video frames of all sizes in PSRAM",
    (p) => {
      firmware(p);
      const frames = [153_600, 307_200, 614_400, 460_800];
      nowAndThen(p, 3 * second, () =>
        use(p, "frame_alloc:frame<decode", frames[Math.floor(p.between(0, 4))] ?? 0, 1.5 * second, inPsram),
      );
      p.run(20 * minute);
    },
    withPsram,
  ),
  healthy("long polls: some last for minutes", (p) => {
    firmware(p);
    nowAndThen(p, 6 * second, () => {
      const poll = p.malloc("poll_new:poll<on_subscribe", 210);
      p.freeAfter(p.chance(0.1) ? p.between(60, 240) * second : p.between(1, 10) * second, poll);
    });
    p.run(35 * minute);
  }),
  healthy("timers of lwIP, as many as were ever in use", (p) => {
    firmware(p);
    const idle: Block[] = [];
    nowAndThen(p, 0.8 * second, () => {
      const timer = idle.pop() ?? p.malloc("timeout_new:timeout<tcp_timer", 20);
      p.after(p.around(4 * second), () => idle.push(timer));
    });
    p.run(25 * minute);
  }),
  healthy("tasks that hand their results to others before they end", (p) => {
    firmware(p);
    let number = 0;
    nowAndThen(p, 18 * second, () => {
      const name = `fetch${number++}`;
      p.inTask(name);
      const result = p.malloc("result_new:result<fetch_task", 300);
      use(p, "fetch_scratch:scratch<fetch_task", 900, 2 * second);
      p.after(6 * second, () => {
        p.endTask(name);
        p.inTask("ui");
        p.freeAfter(p.between(1, 20) * second, result);
      });
    });
    p.run(25 * minute);
  }),
  healthy(
    "a tool of the host: it reads, builds its tables and ends",
    (p) => {
      for (let i = 0; i < 900; i++) {
        p.after(p.between(0, 0.9) * second, () => {
          const block = p.malloc(`object_alloc:object<read_object<walk`, Math.round(p.between(32, 400)));
          if (p.chance(0.15)) p.freeAfter(0.02 * second, block);
        });
        p.after(p.between(0, 0.9) * second, () => p.malloc("pack_window:window<open_pack", 256));
      }
      p.run(second, 2);
    },
    { origin: "heaptrack" },
  ),
  healthy(
    "a compiler of the host: everything grows and nothing is given back",
    (p) => {
      nowAndThen(p, 0.004 * second, () => p.malloc("tree_node:node<parse_unit", Math.round(p.between(24, 120))));
      nowAndThen(p, 0.01 * second, () => use(p, "token_text:text<lex", p.between(4, 40), 0.02 * second));
      nowAndThen(p, 0.05 * second, () => p.malloc("symbol_add:symbol<parse_unit", 88));
      p.run(12 * second, 2);
    },
    { origin: "heaptrack" },
  ),
  healthy(
    "recording joined late, in a steady state",
    (p) => {
      firmware(p);
      webServer(p);
      nowAndThen(p, 5 * second, () => use(p, "visit_new:visit<on_request", 240, 30 * second));
      p.run(60 * minute);
    },
    { joinsAt: 30 * minute },
  ),
  healthy(
    "sampled recording of a busy program",
    (p) => {
      firmware(p, 0.2);
      webServer(p, second);
      nowAndThen(p, 0.2 * second, () => use(p, "event_new:event<bus", 40, 2 * second));
      p.run(20 * minute);
    },
    { sampleInterval: 8 },
  ),
  healthy("day of a device that does something every hour", (p) => {
    firmware(p, 30);
    every(p, hour, () => {
      tls(p, "hourly_report", 20 * second);
      for (let i = 0; i < 20; i++) use(p, "report_line:line<hourly_report", 80, 30 * second);
    });
    p.run(20 * hour);
  }),
];
