// What screens, files, tasks, containers and shared helpers lose.
import { dram, inPsram, psram, second, type Block, type CorpusProgram } from "../program.ts";
import { every, firmware, hour, leaking, minute, nowAndThen, use, webServer } from "./report.ts";

const withPsram = { regions: [dram(220), psram(4096)] };

export const deviceLeaks: readonly CorpusProgram[] = [
  leaking("LVGL styles initialized again for every screen", ["style_props"], (p) => {
    firmware(p);
    nowAndThen(p, 14 * second, () => {
      p.inTask("lvgl");
      const objects = Array.from({ length: 9 }, () =>
        p.malloc("obj_create:obj<show_screen", Math.round(p.between(48, 120))),
      );
      p.freeAfter(p.between(5, 25) * second, ...objects);
      for (let i = 0; i < 3; i++) p.lose("style_props:props<show_screen", 36);
    });
    p.run(25 * minute);
  }),
  leaking(
    "LVGL draws objects of scale 0: a layer a frame",
    ["layer_create"],
    (p) => {
      firmware(p);
      every(p, 0.5 * second, () => {
        p.inTask("lvgl");
        use(p, "draw_task:task<refr_area", 96, 0.03 * second);
        if (p.chance(0.4)) p.lose("layer_create:layer<refr_obj", 68, inPsram);
      });
      p.run(15 * minute);
    },
    withPsram,
  ),
  leaking(
    "switch that is updated once a second: 672 bytes of PSRAM each",
    ["switch_update"],
    (p) => {
      firmware(p);
      every(p, second, () => p.lose("switch_update:anim<set_state", 672, inPsram));
      p.run(8 * minute);
    },
    withPsram,
  ),
  leaking(
    "camera frames that are not returned when sending fails",
    ["cam_fb_get"],
    (p) => {
      firmware(p);
      every(p, 2 * second, () => {
        const frame = p.malloc("cam_fb_get:fb<capture_handler", Math.round(p.between(12_000, 40_000)), inPsram);
        if (p.chance(0.03)) p.isLost(frame);
        else p.freeAfter(p.between(0.2, 0.8) * second, frame);
      });
      p.run(35 * minute);
    },
    withPsram,
  ),
  leaking(
    "task created with caps and deleted without",
    ["task_tcb", "task_stack"],
    (p) => {
      firmware(p);
      let number = 0;
      every(p, 40 * second, () => {
        const name = `render${number++}`;
        p.inTask("app");
        p.lose("task_tcb:tcb<render_start", 352);
        p.lose("task_stack:stack<render_start", 4096, inPsram);
        p.inTask(name);
        use(p, "canvas:canvas<render_loop", 900, 5 * second);
        p.after(12 * second, () => p.endTask(name));
      });
      p.run(40 * minute);
    },
    withPsram,
  ),
  leaking("a task for each connection that is never deleted", ["conn_stack", "conn_tcb"], (p) => {
    firmware(p);
    nowAndThen(p, 75 * second, () => {
      p.inTask("server");
      p.lose("conn_tcb:tcb<on_accept", 340);
      p.lose("conn_stack:stack<on_accept", 3072);
    });
    p.run(80 * minute);
  }),
  leaking("esp_timer made at each button press", ["timer_new"], (p) => {
    firmware(p);
    nowAndThen(p, 22 * second, () => {
      p.inTask("button");
      p.lose("timer_new:timer<on_press", 56);
      use(p, "click_event:event<on_press", 16, 0.3 * second);
    });
    p.run(40 * minute);
  }),
  leaking("log file that is opened and never closed", ["__sfp", "__smakebuf_r"], (p) => {
    firmware(p);
    every(p, 60 * second, () => {
      p.lose("__sfp:file<append_log", 104);
      p.lose("__smakebuf_r:buffer<append_log", 128);
    });
    p.run(90 * minute);
  }),
  leaking("UART driver installed again after each error", ["uart_ring"], (p) => {
    firmware(p);
    nowAndThen(p, 55 * second, () => {
      p.lose("uart_ring:ring<uart_reset", 1124);
      use(p, "uart_queue:queue<uart_reset", 180, 10 * second);
    });
    p.run(50 * minute);
  }),
  leaking("NVS iterator that is not released after a break", ["nvs_iter"], (p) => {
    firmware(p);
    nowAndThen(p, 10 * second, () => {
      const iterator = p.malloc("nvs_iter:iterator<find_key", 96);
      if (p.chance(0.35)) p.isLost(iterator);
      else p.freeAfter(0.05 * second, iterator);
    });
    p.run(30 * minute);
  }),
  leaking(
    "audio pipeline: two ring buffers remain of each track",
    ["ring_create"],
    (p) => {
      firmware(p);
      every(p, 3.2 * minute, () => {
        p.inTask("audio");
        for (let i = 0; i < 4; i++) {
          const ring = p.malloc("ring_create:ring<play_track", 2048, inPsram);
          if (i < 2) p.isLost(ring);
          else p.freeAfter(p.between(100, 170) * second, ring);
        }
        use(p, "decoder_open:state<play_track", 6000, 150 * second);
      });
      p.run(3 * hour);
    },
    withPsram,
  ),
  leaking("LED strip encoder created for every effect", ["rmt_encoder"], (p) => {
    firmware(p);
    nowAndThen(p, 16 * second, () => {
      p.lose("rmt_encoder:encoder<start_effect", 88);
      use(p, "effect_new:effect<start_effect", 240, 12 * second);
    });
    p.run(25 * minute);
  }),
  leaking("sd card index that keeps a node and a text for each file seen", ["dir_node", "dir_name"], (p) => {
    firmware(p);
    nowAndThen(p, 7 * second, () => {
      p.lose("dir_node:node<index_dir", 20);
      p.lose("dir_name:name<index_dir", Math.round(p.between(12, 60)));
    });
    p.run(30 * minute);
  }),
  leaking("sessions that hold each other by shared pointers", ["make_session", "make_peer", "control_block"], (p) => {
    firmware(p);
    nowAndThen(p, 35 * second, () => {
      p.lose("make_session:session<on_client", 148);
      p.lose("make_peer:peer<on_client", 96);
      p.lose("control_block:block<on_client", 16);
    });
    p.run(50 * minute);
  }),
  leaking("queue whose consumer is slower than its producer", ["fifo_push"], (p) => {
    firmware(p);
    const fifo: Block[] = [];
    every(p, 0.8 * second, () => {
      p.inTask("sampler");
      fifo.push(p.malloc("fifo_push:sample<sampler_task", 72));
    });
    every(p, 1.1 * second, () => {
      p.inTask("writer");
      const oldest = fifo.shift();
      if (oldest !== undefined) p.free(oldest);
    });
    p.run(40 * minute);
  }),
  leaking("queue that grows while the broker is slow, its blocks all young", ["queue_put"], (p) => {
    firmware(p);
    const queue: Block[] = [];
    every(p, 0.5 * second, () => queue.push(p.malloc("queue_put:event<event_task", Math.round(p.between(40, 120)))));
    every(p, 0.56 * second, () => {
      const oldest = queue.shift();
      if (oldest !== undefined) p.free(oldest);
    });
    p.run(50 * minute);
  }),
  leaking("std::vector of samples that grows by new and free", ["vector_grow"], (p) => {
    firmware(p);
    let vector = p.malloc("vector_grow:samples<record_sample", 64);
    let used = 0;
    every(p, 0.5 * second, () => {
      used += 8;
      if (used <= vector.size) return;
      const larger = p.malloc("vector_grow:samples<record_sample", vector.size * 2);
      p.free(vector);
      vector = larger;
    });
    p.run(50 * minute);
  }),
  leaking("Arduino String that is appended to for ever", ["string_reserve"], (p) => {
    firmware(p);
    let text = p.malloc("string_reserve:buffer<append_log", 32);
    every(p, 3 * second, () => (text = p.realloc(text, text.size + Math.round(p.between(16, 48)))));
    p.run(30 * minute);
  }),
  leaking("page that is built anew, each time longer", ["page_buffer"], (p) => {
    firmware(p);
    let page = p.malloc("page_buffer:html<render_page", 2000);
    every(p, 20 * second, () => {
      const next = p.malloc("page_buffer:html<render_page", page.size + 40);
      p.free(page);
      page = next;
    });
    p.run(60 * minute);
  }),
  leaking("hash table that rehashes for ever, and its entries", ["rehash~", "entry_new"], (p) => {
    firmware(p);
    let table = p.malloc("rehash:buckets<count_event", 128);
    let entries = 0;
    every(p, 2 * second, () => {
      p.lose("entry_new:entry<count_event", 28);
      if (++entries * 4 <= table.size) return;
      const larger = p.malloc("rehash:buckets<count_event", table.size * 2);
      p.free(table);
      table = larger;
    });
    p.run(45 * minute);
  }),
  leaking(
    "image cache in PSRAM that has no bound",
    ["image_load"],
    (p) => {
      firmware(p);
      nowAndThen(p, 9 * second, () =>
        p.lose("image_load:pixels<show_image", Math.round(p.between(4000, 14_000)), inPsram),
      );
      p.run(20 * minute);
    },
    withPsram,
  ),
  leaking(
    "copy_text: what the web handler copies is lost, what the screen copies is not",
    ["copy_text<http_handler"],
    (p) => {
      firmware(p);
      nowAndThen(p, 6 * second, () => p.lose("copy_text:text<http_handler<httpd_task", Math.round(p.between(20, 90))));
      nowAndThen(p, second, () => use(p, "copy_text:text<ui_update<lvgl_task", p.between(10, 60), 0.5 * second));
      p.run(30 * minute);
    },
  ),
  leaking("std::map: the nodes of one of two maps", ["map_node<register_session"], (p) => {
    firmware(p);
    nowAndThen(p, 10 * second, () => p.lose("map_node:node<register_session<on_login", 48));
    nowAndThen(p, 2 * second, () => use(p, "map_node:node<track_request<on_request", 48, 4 * second));
    p.run(35 * minute);
  }),
  leaking("strdup of the settings: one of four callers forgets", ["config_get<build_banner"], (p) => {
    firmware(p);
    for (const caller of ["mqtt_connect", "show_info", "wifi_join"])
      nowAndThen(p, 4 * second, () => use(p, `config_get:value<${caller}`, p.between(8, 40), 0.2 * second));
    nowAndThen(p, 9 * second, () => p.lose("config_get:value<build_banner", Math.round(p.between(8, 40))));
    p.run(30 * minute);
  }),
  leaking("own malloc of the project, through which everything goes", ["mem_get<parse_frame"], (p) => {
    firmware(p);
    for (let i = 0; i < 8; i++) p.malloc(`mem_get:block<init_part${i}<app_main`, 200 + i);
    nowAndThen(p, 0.9 * second, () => use(p, "mem_get:block<read_bus<bus_task", 64, 0.3 * second));
    nowAndThen(p, 8 * second, () => p.lose("mem_get:block<parse_frame<bus_task", 72));
    p.run(30 * minute);
  }),
  leaking("buffers of two parsers, one of which returns early", ["buffer_new<parse_xml"], (p) => {
    firmware(p);
    nowAndThen(p, 2 * second, () => use(p, "buffer_new:buffer<parse_json", 256, 0.5 * second));
    nowAndThen(p, 2 * second, () => {
      const buffer = p.malloc("buffer_new:buffer<parse_xml", 256);
      if (p.chance(0.07)) p.isLost(buffer);
      else p.freeAfter(p.between(0.2, 0.8) * second, buffer);
    });
    p.run(35 * minute);
  }),
  leaking("cache of one screen is bounded, the same cache of another is not", ["cache_put<chart_screen"], (p) => {
    firmware(p);
    let first = 0;
    nowAndThen(p, 4 * second, () => {
      if (first++ < 60) p.malloc("cache_put:tile<map_screen", 160);
    });
    nowAndThen(p, 12 * second, () => p.lose("cache_put:tile<chart_screen", 160));
    p.run(40 * minute);
  }),
  leaking("both callers of a helper lose what it returns", ["join_path<list_dir", "join_path<serve_file"], (p) => {
    firmware(p);
    nowAndThen(p, 9 * second, () => p.lose("join_path:path<list_dir", Math.round(p.between(20, 80))));
    nowAndThen(p, 14 * second, () => p.lose("join_path:path<serve_file", Math.round(p.between(20, 80))));
    p.run(30 * minute);
  }),
  leaking("deep stack: the third frame out decides", ["blob_alloc"], (p) => {
    firmware(p);
    nowAndThen(p, 10 * second, () => p.lose("blob_alloc:blob<blob_read<load_theme<settings_page", 320));
    nowAndThen(p, 3 * second, () => use(p, "blob_alloc:blob<blob_read<load_icon<home_page", 320, second));
    p.run(30 * minute);
  }),
  leaking(
    "table of the probe is full long before the end",
    ["audio_chunk"],
    (p) => {
      firmware(p);
      every(p, 0.25 * second, () => p.lose("audio_chunk:chunk<on_audio", 48));
      p.run(30 * minute);
    },
    { tableCapacity: 2048 },
  ),
  leaking(
    "memory used up by one site, and the program limps on",
    ["history_add"],
    (p) => {
      firmware(p);
      every(p, second, () => {
        const entry = p.tryMalloc("history_add:entry<poll", 120);
        if (entry !== undefined) p.isLost(entry);
      });
      p.run(40 * minute);
    },
    { regions: [dram(180)] },
  ),
  leaking(
    "recording joined after an hour of leaking",
    ["job_result"],
    (p) => {
      firmware(p);
      every(p, 8 * second, () => p.lose("job_result:result<scheduler", 96));
      p.run(95 * minute);
    },
    { joinsAt: 60 * minute },
  ),
  leaking(
    "one in eight allocations tracked",
    ["scan_result"],
    (p) => {
      firmware(p, 0.3);
      every(p, 0.7 * second, () => p.lose("scan_result:result<wifi_scan", 80));
      p.run(30 * minute);
    },
    { sampleInterval: 8 },
  ),
  leaking("one block in twenty minutes, over half a day", ["renew_lease"], (p) => {
    firmware(p, 20);
    every(p, 20 * minute, () => p.lose("renew_lease:lease<dhcp_timer", 72));
    p.run(12 * hour);
  }),
  leaking("leak that gets faster with the number of its listeners", ["notify_copy"], (p) => {
    firmware(p);
    let listeners = 1;
    every(p, 90 * second, () => listeners++);
    every(p, 20 * second, () => {
      for (let i = 0; i < listeners; i++) p.lose("notify_copy:event<notify_all", 40);
    });
    p.run(25 * minute);
  }),
  leaking("leak that begins with the first error, after two thirds of the run", ["error_report"], (p) => {
    firmware(p);
    webServer(p);
    p.after(24 * minute, () => every(p, 9 * second, () => p.lose("error_report:text<on_error", 210)));
    p.run(40 * minute);
  }),
  leaking("subscriptions given back only at shutdown", ["subscribe_add?"], (p) => {
    firmware(p);
    const all: Block[] = [];
    every(p, 8 * second, () => all.push(p.malloc("subscribe_add:entry<bus_open", 56)));
    p.after(30 * minute - 5 * second, () => {
      for (const block of all.splice(0)) p.free(block);
    });
    p.run(30 * minute);
  }),
];
