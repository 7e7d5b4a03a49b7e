// More of what people report: losses on error paths, in one mode, at reconnects that come in clusters, of several sizes at once, beneath caches and
// heavy traffic. What memmap says of them was read when they were written: developed on, whatever their names.
import { dram, inPsram, psram, second, type Block, type CorpusProgram } from "../program.ts";
import {
  dropOldest,
  every,
  firmware,
  hour,
  leaking,
  minute,
  nowAndThen,
  tls,
  use,
  useOrLose,
  webServer,
} from "./report.ts";

const withPsram = { regions: [dram(200), psram(8192)] };
const large = { regions: [dram(280)] };

export const seenLeaks: readonly CorpusProgram[] = [
  leaking("station config at each retry, back-off doubles up to five minutes", ["sta_cfg_dup"], (p) => {
    firmware(p);
    webServer(p, 9 * second);
    const outage = (length: number): void => {
      let pause = 1;
      const end = p.now + length;
      const step = (): void => {
        if (p.now > end) return;
        p.inTask("wifi");
        p.lose("sta_cfg_dup:cfg<wifi_begin<reconnect", 232);
        use(p, "scan_ap:list<wifi_begin<reconnect", 900, 2 * second);
        p.after(pause * second, step);
        pause = Math.min(300, pause * 2);
      };
      step();
    };
    for (let i = 0; i < 7; i++)
      p.after((4 + i * 14 + p.between(0, 6)) * minute, () => outage(p.between(3, 10) * minute));
    p.run(110 * minute);
  }),
  leaking("failed broker connects, ten tries in a second, every five minutes", ["client_conn"], (p) => {
    firmware(p);
    every(p, 5 * minute, () => {
      for (let i = 0; i < 10; i++)
        p.after(i * 0.1 * second, () => {
          p.lose("client_conn:sock<mqtt_connect", Math.round(p.between(108, 836)));
          use(p, "mqtt_pkt:pkt<mqtt_connect", 128, 0.1 * second);
        });
    });
    p.run(95 * minute);
  }),
  leaking(
    "TLS context stays at each automatic reconnect, six in an hour",
    ["ssl_in?", "ssl_out?", "crt_raw?"],
    (p) => {
      firmware(p);
      webServer(p, 10 * second);
      p.malloc("ssl_in:buf<transport_connect", 6717);
      p.malloc("ssl_out:buf<transport_connect", 4429);
      for (let i = 0; i < 6; i++)
        p.after((5 + i * 11 + p.between(0, 5)) * minute, () => {
          p.inTask("mqtt");
          p.lose("ssl_in:buf<transport_connect", 6717);
          p.lose("ssl_out:buf<transport_connect", 4429);
          for (let j = 0; j < 3; j++) p.lose("crt_raw:der<transport_connect", Math.round(p.between(700, 1400)));
        });
      p.run(75 * minute);
    },
    large,
  ),
  leaking("fewer bytes a minute at first, then ever more", ["state_msg"], (p) => {
    firmware(p);
    let perMinute = 2;
    every(p, minute, () => {
      for (let i = 0; i < perMinute; i++)
        p.after(p.between(0, 1) * minute, () =>
          p.lose("state_msg:buffer<api_send_state", Math.round(p.between(12, 48))),
        );
      perMinute = perMinute * 1.12;
    });
    p.run(38 * minute);
  }),
  leaking("one encrypted frame in two hundred", ["noise_frame"], (p) => {
    firmware(p, 0.5);
    nowAndThen(p, 0.8 * second, () =>
      useOrLose(p, "noise_frame:frame<api_loop", p.between(48, 240), 0.005, 0.2 * second),
    );
    p.run(70 * minute);
  }),
  leaking(
    "jpg buffer lost only while motion is reported",
    ["fmt2jpg<motion_report"],
    (p) => {
      firmware(p);
      const isMotion = (): boolean => (p.now / (8 * minute)) % 1 < 0.3;
      every(p, second, () => use(p, "fmt2jpg:jpg<stream_loop", p.between(8000, 20000), 0.4 * second, inPsram));
      nowAndThen(p, 9 * second, () => {
        if (isMotion()) p.lose("fmt2jpg:jpg<motion_report", Math.round(p.between(8000, 20000)), inPsram);
      });
      p.run(60 * minute);
    },
    withPsram,
  ),
  leaking("packets of one of two tasks that share the queueing function", ["packet_dup"], (p) => {
    firmware(p);
    nowAndThen(p, 1.1 * second, () => {
      p.inTask("uplink");
      use(p, "packet_dup:pkt<enqueue<uplink_task", 180, 0.8 * second);
    });
    nowAndThen(p, 1.6 * second, () => {
      p.inTask("downlink");
      useOrLose(p, "packet_dup:pkt<enqueue<downlink_task", 180, 0.06, 0.8 * second);
    });
    p.run(30 * minute);
  }),
  leaking("the same stack in two tasks, one of which is suspended and never frees", ["vlog_fmt"], (p) => {
    firmware(p);
    nowAndThen(p, 2 * second, () => {
      p.inTask("sensor");
      use(p, "vlog_fmt:line<log_line", p.between(40, 160), 0.1 * second);
    });
    nowAndThen(p, 25 * second, () => {
      p.inTask("mixer");
      p.lose("vlog_fmt:line<log_line", Math.round(p.between(40, 160)));
    });
    p.run(45 * minute);
  }),
  leaking(
    "three leaks of very different size",
    ["tag_new", "page_new", "reply_new"],
    (p) => {
      firmware(p);
      every(p, 3 * second, () => p.lose("tag_new:tag<rfid_poll", 16));
      every(p, 4 * minute, () => p.lose("page_new:page<history_save", 4096));
      nowAndThen(p, 1.5 * second, () => useOrLose(p, "reply_new:reply<modbus_poll", 300, 0.02, 0.5 * second));
      p.run(64 * minute);
    },
    large,
  ),
  leaking("entries of a cache that is emptied every six minutes, one in eighty forgotten", ["entry_new"], (p) => {
    firmware(p);
    const cache: Block[] = [];
    nowAndThen(p, 1.6 * second, () => {
      const b = p.malloc("entry_new:entry<cache_put", 92);
      if (p.chance(1 / 80)) p.isLost(b);
      else cache.push(b);
    });
    every(p, 6 * minute, () => cache.splice(0).forEach((b) => p.free(b)));
    p.run(80 * minute);
  }),
  leaking("twenty lost among hundred thousand packets", ["pbuf_new"], (p) => {
    firmware(p);
    nowAndThen(p, 0.04 * second, () => use(p, "pbuf_new:p<emac_rx", p.between(60, 1500), 0.05 * second));
    nowAndThen(p, 2.6 * minute, () => p.lose("pbuf_new:p<emac_rx", Math.round(p.between(60, 1500))));
    p.run(58 * minute);
  }),
  leaking("report that is appended to, capacity by half more", ["str_reserve?"], (p) => {
    firmware(p);
    let b = p.malloc("str_reserve:buf<report_add", 48);
    let used = 0;
    every(p, 4 * second, () => {
      used += Math.round(p.between(10, 60));
      if (used > b.size) b = p.realloc(b, Math.round(b.size * 1.5));
    });
    p.run(50 * minute);
  }),
  leaking(
    "a third of the short tasks keep stack and control block",
    ["tcb_new", "stack_new"],
    (p) => {
      firmware(p);
      let n = 0;
      nowAndThen(p, 22 * second, () => {
        p.inTask("app");
        const name = `job${n++}`;
        const lost = p.chance(0.33);
        const t = p.malloc("tcb_new:tcb<task_create<spawn_job", 344),
          s = p.malloc("stack_new:stack<task_create<spawn_job", 2560);
        p.inTask(name);
        use(p, "job_buf:buf<job_main", 400, 2 * second);
        p.after(p.between(3, 8) * second, () => {
          p.endTask(name);
          if (lost) [t, s].forEach((x) => p.isLost(x));
          else p.freeAfter(0.2 * second, t, s);
        });
      });
      p.run(55 * minute);
    },
    large,
  ),
  leaking(
    "audio pipeline keeps two kilobytes of every title",
    ["elem_event", "elem_rb"],
    (p) => {
      firmware(p);
      nowAndThen(p, 4 * minute, () => {
        p.inTask("player");
        for (let i = 0; i < 3; i++) p.lose("elem_event:queue<element_init<play_title", 180);
        p.lose("elem_rb:rb<element_init<play_title", 1500);
        use(p, "codec:state<element_init<play_title", 9000, 150 * second, inPsram);
      });
      p.run(2.5 * hour);
    },
    withPsram,
  ),
  leaking("mixer task: local vectors stay at each stop", ["fixed_vector"], (p) => {
    firmware(p, 3);
    let n = 0;
    nowAndThen(p, 6 * minute, () => {
      const name = `mix${n++}`;
      p.inTask(name);
      p.lose("fixed_vector:data<audio_mixer_task", Math.round(p.between(20, 80)));
      use(p, "transfer_buf:data<audio_mixer_task", 2048, 60 * second);
      p.after(80 * second, () => p.endTask(name));
    });
    p.run(4 * hour);
  }),
  leaking("messages queued to a client that went away, for some minutes each time", ["resp_arg", "resp_data"], (p) => {
    firmware(p);
    let gone = false;
    const flip = (): void => {
      gone = !gone;
      p.after(gone ? p.between(1, 4) * minute : p.between(6, 14) * minute, flip);
    };
    p.after(3 * minute, flip);
    every(p, 3 * second, () => {
      const a = p.malloc("resp_arg:arg<ws_queue", 24),
        d = p.malloc("resp_data:data<ws_queue", Math.round(p.between(50, 250)));
      if (gone && p.chance(0.6)) [a, d].forEach((b) => p.isLost(b));
      else p.freeAfter(0.2 * second, a, d);
    });
    p.run(75 * minute);
  }),
  leaking(
    "184 bytes for each visit of a websocket client, while closed connections wait two minutes",
    ["ws_client"],
    (p) => {
      firmware(p);
      nowAndThen(p, 35 * second, () => {
        p.inTask("async_tcp");
        p.lose("ws_client:client<on_event", 184);
        p.freeAfter(p.between(118, 122) * second, p.malloc("tcp_pcb:pcb<tcp_accept", 168));
        use(p, "ws_msg:msg<on_event", 96, 5 * second);
      });
      p.run(50 * minute);
    },
  ),
  leaking(
    "statements that are prepared and never finalized",
    ["vdbe_new", "vdbe_op", "vdbe_mem"],
    (p) => {
      firmware(p);
      p.malloc("page_cache:cache<db_open", 8192);
      nowAndThen(p, 26 * second, () => {
        p.lose("vdbe_new:stmt<db_prepare", 224);
        p.lose("vdbe_op:ops<db_prepare", Math.round(p.between(300, 900)));
        p.lose("vdbe_mem:mem<db_prepare", Math.round(p.between(80, 400)));
        for (let i = 0; i < 6; i++) use(p, "parse_node:node<db_prepare", p.between(20, 120), 0.05 * second);
      });
      p.run(40 * minute);
    },
    large,
  ),
  leaking("text of broken documents, one in two hundred", ["text_dup"], (p) => {
    firmware(p);
    nowAndThen(p, 0.55 * second, () =>
      useOrLose(p, "text_dup:text<json_field", p.between(6, 60), 0.005, 0.05 * second),
    );
    p.run(55 * minute);
  }),
  leaking("map that gets a node for each unknown key", ["map_insert"], (p) => {
    firmware(p);
    const known = new Set<number>();
    nowAndThen(p, 2 * second, () => {
      const k = Math.floor(p.random() ** 4 * 100000);
      if (!known.has(k)) {
        known.add(k);
        p.lose("map_insert:node<lookup_metric", 56);
      }
    });
    p.run(45 * minute);
  }),
  leaking("settings handle of every minute", ["nvs_handle"], (p) => {
    firmware(p);
    every(p, minute, () => {
      p.lose("nvs_handle:entry<save_counter", 88);
      use(p, "nvs_page:page<save_counter", 512, 0.3 * second);
    });
    p.run(100 * minute);
  }),
  leaking("timers of requests, one in five not deleted", ["timer_create"], (p) => {
    firmware(p);
    nowAndThen(p, 6 * second, () => useOrLose(p, "timer_create:timer<http_begin", 64, 0.2, 8 * second));
    p.run(35 * minute);
  }),
  leaking("handler registered again whenever the link comes back, outages in clusters", ["handler_new"], (p) => {
    firmware(p);
    for (let i = 0; i < 9; i++) {
      const at = p.between(2, 118) * minute;
      for (let j = 0; j < 1 + Math.floor(p.between(1, 5)); j++)
        p.after(at + j * p.between(10, 60) * second, () => {
          p.lose("handler_new:node<on_got_ip", 28);
          use(p, "dhcp_opt:opt<on_got_ip", 308, 2 * second);
        });
    }
    p.run(120 * minute);
  }),
  leaking(
    "update check that forgets its client when there is nothing new",
    ["hc_client", "hc_host", "hc_hdr"],
    (p) => {
      firmware(p, 20);
      every(p, 30 * minute, () => {
        tls(p, "ota_check", 6 * second);
        p.lose("hc_client:client<ota_check", 580);
        p.lose("hc_host:host<ota_check", 32);
        for (let i = 0; i < 4; i++) p.lose("hc_hdr:header<ota_check", Math.round(p.between(16, 60)));
      });
      p.run(14 * hour);
    },
    large,
  ),
  leaking("client object of each failed link", ["ble_client", "ble_svc_vec"], (p) => {
    firmware(p);
    nowAndThen(p, 30 * second, () => {
      p.inTask("ble");
      const c = p.malloc("ble_client:client<connect_tag", 412),
        v = p.malloc("ble_svc_vec:vec<connect_tag", 32);
      if (p.chance(0.3)) [c, v].forEach((b) => p.isLost(b));
      else p.freeAfter(p.between(2, 20) * second, c, v);
    });
    p.run(60 * minute);
  }),
  leaking("people walk by, each phone is remembered, in a vector that doubles", ["adv_dev", "vec_grow~"], (p) => {
    firmware(p);
    let v = p.malloc("vec_grow:devs<on_adv", 64);
    let n = 0;
    p.repeat(
      () => p.around(16 * second) / (1 + 0.7 * Math.sin(p.now / (9 * minute))),
      () => {
        p.inTask("ble");
        p.lose("adv_dev:dev<on_adv", Math.round(p.between(120, 200)));
        if (++n * 4 > v.size) {
          const w = p.malloc("vec_grow:devs<on_adv", v.size * 2);
          p.free(v);
          v = w;
        }
      },
    );
    p.run(42 * minute);
  }),
  leaking("palette of an image at each click", ["img_palette"], (p) => {
    firmware(p);
    nowAndThen(p, 11 * second, () => {
      p.inTask("gui");
      for (let i = 0; i < 5; i++) use(p, "obj_new:obj<on_click", p.between(60, 200), 9 * second);
      p.lose("img_palette:palette<img_decode<on_click", 64);
    });
    p.run(25 * minute);
  }),
  leaking("local style of one object in thirty", ["style_local"], (p) => {
    firmware(p);
    nowAndThen(p, 1.4 * second, () => {
      p.inTask("gui");
      useOrLose(p, "style_local:style<set_style", p.between(12, 40), 0.033, 20 * second);
    });
    p.run(40 * minute);
  }),
  leaking("path names while the card was out, for six minutes", ["path_dup?"], (p) => {
    firmware(p);
    const out = (): boolean => p.now > 20 * minute && p.now < 26 * minute;
    nowAndThen(p, 5 * second, () => {
      const b = p.malloc("path_dup:path<log_open", Math.round(p.between(20, 48)));
      if (out()) p.isLost(b);
      else p.freeAfter(0.5 * second, b);
    });
    p.run(60 * minute);
  }),
  leaking("contexts of requests that were not found, a scanner now and then", ["req_ctx"], (p) => {
    firmware(p);
    webServer(p, 5 * second);
    nowAndThen(p, 4 * second, () => use(p, "req_ctx:ctx<on_request", 156, 2 * second));
    for (let i = 0; i < 7; i++)
      p.after((6 + 17 * i + p.between(0, 8)) * minute, () => {
        for (let j = 0; j < 35; j++) p.after(p.between(0, 15) * second, () => p.lose("req_ctx:ctx<on_request", 156));
      });
    p.run(2 * hour);
  }),
  leaking("visits by the hour of the day, one in twenty leaves its session", ["sess_new"], (p) => {
    firmware(p, 30);
    p.repeat(
      () => p.around(70 * second) / (0.05 + Math.max(0, Math.sin((p.now / (24 * hour)) * 2 * Math.PI))),
      () => useOrLose(p, "sess_new:sess<login", 220, 0.05, 10 * minute),
    );
    p.run(34 * hour);
  }),
  leaking(
    "keys and certificates of a handshake that fails, one in fifteen",
    ["pk_key", "crt_der"],
    (p) => {
      firmware(p, 5);
      nowAndThen(p, 2 * minute, () => {
        tls(p, "ssl_start", 4 * second);
        const k = p.malloc("pk_key:key<ssl_start", 420),
          c = p.malloc("crt_der:der<ssl_start", Math.round(p.between(1200, 2000)));
        if (p.chance(1 / 15)) [k, c].forEach((b) => p.isLost(b));
        else p.freeAfter(4 * second, k, c);
      });
      p.run(8 * hour);
    },
    large,
  ),
  leaking("environment variable set anew each hour", ["setenv_dup"], (p) => {
    firmware(p, 60);
    every(p, hour, () => p.lose("setenv_dup:value<tz_update", Math.round(p.between(24, 40))));
    p.run(26 * hour);
  }),
  leaking("log lines kept in a vector of strings without a bound", ["line_new", "lines_vec~"], (p) => {
    firmware(p);
    let v = p.malloc("lines_vec:vec<log_keep", 256);
    let n = 0;
    nowAndThen(p, 4 * second, () => {
      p.lose("line_new:text<log_keep", Math.round(p.between(30, 120)));
      if (++n * 24 > v.size) {
        const w = p.malloc("lines_vec:vec<log_keep", v.size * 2);
        p.free(v);
        v = w;
      }
    });
    p.run(35 * minute);
  }),
  leaking("bus request of each time-out, one in forty", ["bus_req"], (p) => {
    firmware(p);
    every(p, second, () => useOrLose(p, "bus_req:req<bus_poll", 72, 0.025, 0.3 * second));
    p.run(30 * minute);
  }),
  leaking(
    "one in sixteen is tracked, one in twenty lost",
    ["evt_post"],
    (p) => {
      firmware(p, 0.3);
      nowAndThen(p, 0.12 * second, () => useOrLose(p, "evt_post:evt<isr_defer", 40, 0.05, 0.5 * second));
      p.run(25 * minute);
    },
    { regions: [dram(280)], sampleInterval: 16 },
  ),
  leaking(
    "recording from the second hour on of a slow leak",
    ["lease_new"],
    (p) => {
      firmware(p, 2);
      nowAndThen(p, 50 * second, () => p.lose("lease_new:lease<dhcps", 76));
      nowAndThen(p, 3 * second, () => use(p, "lease_new:lease<dhcps_offer", 76, 4 * second));
      p.run(2.2 * hour);
    },
    { joinsAt: hour },
  ),
  leaking("two hundred modes of a heap: leak only while the display sleeps", ["ble_report<sleep_loop"], (p) => {
    firmware(p);
    const sleeps = (): boolean => (p.now / (13 * minute)) % 1 > 0.6;
    nowAndThen(p, 1.3 * second, () => use(p, "ble_report:rep<awake_loop", 62, 0.5 * second));
    nowAndThen(p, 7 * second, () => {
      if (sleeps()) p.lose("ble_report:rep<sleep_loop", 62);
    });
    p.run(70 * minute);
  }),
  leaking("deque whose reader stops for good after a fault", ["deque_push"], (p) => {
    firmware(p);
    const q: Block[] = [];
    every(p, 2 * second, () => q.push(p.malloc("deque_push:item<producer", 60)));
    every(p, 2 * second, () => {
      if (p.now < 25 * minute) dropOldest(p, q);
    });
    p.run(50 * minute);
  }),
  leaking(
    "web server that is started and stopped by command, a kilobyte each",
    ["srv_new", "srv_handlers"],
    (p) => {
      firmware(p);
      nowAndThen(p, 3 * minute, () => {
        p.lose("srv_new:server<cmd_webserver", 620);
        p.lose("srv_handlers:list<cmd_webserver", 400);
        use(p, "srv_sock:sock<cmd_webserver", 200, 40 * second);
      });
      p.run(100 * minute);
    },
    large,
  ),
  leaking(
    "544 bytes for each file that the card fails to open",
    ["vfs_fat_ctx"],
    (p) => {
      firmware(p);
      every(p, 4 * second, () => {
        const b = p.malloc("vfs_fat_ctx:file<fs_open", 544);
        if (p.chance(0.15)) p.isLost(b);
        else p.freeAfter(p.between(0.2, 1.5) * second, b);
      });
      p.run(28 * minute);
    },
    large,
  ),
  leaking("route entries, one for each router advertisement with another prefix", ["route_add"], (p) => {
    firmware(p);
    nowAndThen(p, 2.5 * minute, () => p.lose("route_add:entry<on_ra", 60));
    nowAndThen(p, 20 * second, () => use(p, "nd6_q:pbuf<on_ra", 120, second));
    p.run(2.5 * hour);
  }),
  leaking("upload handler: the name of each file", ["name_dup"], (p) => {
    firmware(p);
    webServer(p, 6 * second);
    nowAndThen(p, 50 * second, () => {
      p.lose("name_dup:name<on_upload", Math.round(p.between(16, 60)));
      for (let i = 0; i < 12; i++)
        p.after(i * 0.3 * second, () => use(p, "upload_chunk:data<on_upload", 1436, 0.2 * second));
    });
    p.run(55 * minute);
  }),
  leaking(
    "websocket client: stack in PSRAM allocated again at each restart",
    ["ws_stack", "ws_tcb"],
    (p) => {
      firmware(p);
      every(p, 4.5 * minute, () => {
        p.inTask("app");
        p.lose("ws_stack:stack<ws_start", 6144, inPsram);
        p.lose("ws_tcb:tcb<ws_start", 360);
        use(p, "ws_buf:rx<ws_start", 2048, 4 * minute, inPsram);
      });
      p.run(95 * minute);
    },
    withPsram,
  ),
  leaking(
    "250 bytes at each automatic reconnect, line is bad in the evening",
    ["ws_transport"],
    (p) => {
      firmware(p, 4);
      p.repeat(
        () => p.around(6 * minute) * (p.now > 4 * hour ? 0.4 : 1.3),
        () => {
          p.lose("ws_transport:ctx<ws_reconnect", 250);
          tls(p, "ws_reconnect", 5 * minute);
        },
      );
      p.run(7 * hour);
    },
    large,
  ),
  leaking("strings that a script keeps, in a dictionary that doubles", ["str_new", "dict_grow~"], (p) => {
    firmware(p);
    let d = p.malloc("dict_grow:table<vm_store", 128),
      n = 0;
    nowAndThen(p, 5 * second, () => {
      p.lose("str_new:text<vm_store", Math.round(p.between(12, 70)));
      if (++n * 8 > d.size) {
        const e = p.malloc("dict_grow:table<vm_store", d.size * 2);
        p.free(d);
        d = e;
      }
    });
    nowAndThen(p, 0.6 * second, () => use(p, "frame_new:frame<vm_call", 64, 0.1 * second));
    p.run(30 * minute);
  }),
  leaking(
    "scan results of three in four scans",
    ["ap_records"],
    (p) => {
      firmware(p);
      every(p, 30 * second, () => {
        const b = p.malloc("ap_records:list<wifi_scan", Math.round(p.between(6, 25)) * 80);
        if (p.chance(0.75)) p.isLost(b);
        else p.freeAfter(second, b);
      });
      p.run(30 * minute);
    },
    large,
  ),
  leaking(
    "modem: a netif for each dial-in, the line drops twice an hour",
    ["ppp_netif"],
    (p) => {
      firmware(p, 5);
      nowAndThen(p, 28 * minute, () => {
        p.lose("ppp_netif:netif<ppp_dial", 412);
        use(p, "ppp_buf:buf<ppp_dial", 3000, 20 * minute);
      });
      p.run(11 * hour);
    },
    large,
  ),
  leaking(
    "subscription reports that time out, one in a hundred and twenty",
    ["report_ctx", "report_tlv"],
    (p) => {
      firmware(p);
      every(p, 1.5 * second, () => {
        const a = p.malloc("report_ctx:ctx<send_report", 120),
          b = p.malloc("report_tlv:tlv<send_report", Math.round(p.between(60, 600)));
        if (p.chance(1 / 120)) [a, b].forEach((x) => p.isLost(x));
        else p.freeAfter(p.between(0.1, 1.8) * second, a, b);
      });
      p.run(50 * minute);
    },
    large,
  ),
  leaking("events for a handler that was removed, only in pairing mode", ["evt_copy<pairing"], (p) => {
    firmware(p);
    const pairing = (): boolean => (p.now / (11 * minute)) % 1 < 0.35;
    nowAndThen(p, 1.7 * second, () => use(p, "evt_copy:evt<normal", 36, 0.3 * second));
    nowAndThen(p, 4 * second, () => {
      if (pairing()) p.lose("evt_copy:evt<pairing", 36);
    });
    p.run(65 * minute);
  }),
  leaking("sensor driver: a device handle at each retry of a broken bus", ["i2c_dev"], (p) => {
    firmware(p);
    every(p, 20 * second, () => {
      if (p.chance(0.3)) p.lose("i2c_dev:dev<sensor_retry", 88);
      else use(p, "i2c_cmd:link<sensor_read", 140, 0.05 * second);
    });
    p.run(45 * minute);
  }),
  leaking("lists of lists: outer freed, inner not", ["inner_new"], (p) => {
    firmware(p);
    nowAndThen(p, 8 * second, () => {
      use(p, "outer_new:list<parse_cfg", 64, 2 * second);
      for (let i = 0; i < 3; i++) p.lose("inner_new:list<parse_cfg", 28);
    });
    p.run(20 * minute);
  }),
  leaking(
    "two leaks at one place by two callers, the third is innocent",
    ["buf_take<mail_fetch", "buf_take<news_fetch"],
    (p) => {
      firmware(p);
      nowAndThen(p, 20 * second, () => p.lose("buf_take:buf<mail_fetch", 200));
      nowAndThen(p, 31 * second, () => p.lose("buf_take:buf<news_fetch", 200));
      nowAndThen(p, 3 * second, () => use(p, "buf_take:buf<time_fetch", 200, second));
      p.run(50 * minute);
    },
  ),
  leaking("work queue: jobs come by two a second, a worker takes one and a half", ["job_push"], (p) => {
    firmware(p);
    const q: Block[] = [];
    nowAndThen(p, 0.5 * second, () => q.push(p.malloc("job_push:job<submit", Math.round(p.between(30, 90)))));
    nowAndThen(p, 0.67 * second, () => dropOldest(p, q));
    p.run(22 * minute);
  }),
  leaking("history in one array, grown by thirty-two bytes a reading", ["hist_grow"], (p) => {
    firmware(p);
    let b = p.malloc("hist_grow:array<log_reading", 320);
    every(p, 40 * second, () => (b = p.realloc(b, b.size + 32)));
    p.run(35 * minute);
  }),
  leaking(
    "two minutes: a text at each of four messages a second",
    ["msg_text"],
    (p) => {
      firmware(p, 0.3);
      nowAndThen(p, 0.25 * second, () => p.lose("msg_text:text<on_message", Math.round(p.between(20, 90))));
      p.run(2 * minute);
    },
    large,
  ),
  leaking(
    "ninety seconds of an error path",
    ["rx_ctx"],
    (p) => {
      firmware(p, 0.3);
      nowAndThen(p, 0.1 * second, () => {
        const b = p.malloc("rx_ctx:ctx<rx", 84);
        if (p.chance(0.03)) p.isLost(b);
        else p.freeAfter(p.between(0.02, 0.3) * second, b);
      });
      p.run(90 * second);
    },
    large,
  ),
  leaking(
    "rounds between marks, one block each",
    ["round_cfg"],
    (p) => {
      firmware(p, 0.5);
      every(p, 12 * second, () => {
        p.mark("round");
        p.lose("round_cfg:cfg<do_round", 120);
        use(p, "round_buf:buf<do_round", 2000, 4 * second);
      });
      p.run(6 * minute);
    },
    large,
  ),
  leaking(
    "sampled, one in four, a queue and a leak",
    ["ev_push", "sub_node"],
    (p) => {
      firmware(p, 0.4);
      const q: Block[] = [];
      every(p, 0.3 * second, () => q.push(p.malloc("ev_push:ev<emit", 48)));
      every(p, 0.4 * second, () => dropOldest(p, q));
      nowAndThen(p, 2 * second, () => p.lose("sub_node:node<subscribe", 36));
      p.run(20 * minute);
    },
    { regions: [dram(300)], sampleInterval: 4 },
  ),
  leaking(
    "leak of a thread that was killed, its messages remain",
    ["mail_put"],
    (p) => {
      firmware(p);
      const q: Block[] = [];
      nowAndThen(p, 3 * second, () => q.push(p.malloc("mail_put:mail<notify", 72)));
      every(p, 3 * second, () => {
        if (p.now < 12 * minute) dropOldest(p, q);
      });
      p.run(45 * minute);
    },
    large,
  ),
  leaking("nine hundred small leaks an hour beside sessions of hours", ["attr_new"], (p) => {
    firmware(p, 2);
    nowAndThen(p, 40 * second, () => p.freeAfter(p.around(40 * minute), p.malloc("sess_open:sess<open", 300)));
    nowAndThen(p, 4 * second, () => p.lose("attr_new:attr<parse", 20));
    p.run(2 * hour);
  }),
  leaking(
    "buffer for the largest frame, kept per client that is gone",
    ["frame_keep"],
    (p) => {
      firmware(p);
      nowAndThen(p, 2.2 * minute, () =>
        p.lose("frame_keep:frame<on_close", Math.round(p.between(4000, 16000)), inPsram),
      );
      p.run(50 * minute);
    },
    withPsram,
  ),
  leaking(
    "lists that are copied when they are read, the copy of one reader is lost",
    ["list_copy<publish_all"],
    (p) => {
      firmware(p);
      nowAndThen(p, 5 * second, () => use(p, "list_copy:copy<render_all", 180, second));
      nowAndThen(p, 14 * second, () => p.lose("list_copy:copy<publish_all", 180));
      p.run(25 * minute);
    },
    large,
  ),
];
