// More of what looks like a leak for a while: caches, rings and pools that fill, clients that stay, boots of up to a minute. What memmap says of them was
// read when they were written: developed on, whatever their names.
import { dram, inPsram, psram, second, type Block, type CorpusProgram } from "../program.ts";
import { dropOldest, every, firmware, healthy, hour, minute, nowAndThen, use, webServer } from "./report.ts";

const large = { regions: [dram(280)] };
const withPsram = { regions: [dram(200), psram(8192)] };

export const seenHealthy: readonly CorpusProgram[] = [
  healthy("least recently used, full after four fifths", (p) => {
    firmware(p);
    const cache = new Map<number, Block>();
    nowAndThen(p, 6 * second, () => {
      const key = Math.floor(p.random() ** 2 * 400);
      const known = cache.get(key);
      cache.delete(key);
      cache.set(key, known ?? p.malloc("lru_put:entry<tile_get", 150));
      const [oldest] = cache;
      if (cache.size <= 110 || oldest === undefined) return;
      cache.delete(oldest[0]);
      p.free(oldest[1]);
    });
    p.run(30 * minute);
  }),
  healthy("ring of 700 readings, full shortly before the end", (p) => {
    firmware(p);
    const ring: Block[] = [];
    every(p, 5 * second, () => {
      ring.push(p.malloc("ring_put:reading<sample", 40));
      if (ring.length > 700) dropOldest(p, ring);
    });
    p.run(80 * minute);
  }),
  healthy("singletons of forty callers", (p) => {
    firmware(p);
    for (let i = 0; i < 40; i++)
      p.after(p.around(9) * minute, () => p.malloc(`lock_new:mutex<get_instance<use_${i}<loop`, 84));
    p.run(40 * minute);
  }),
  healthy("morning: sessions of twenty minutes become more", (p) => {
    firmware(p, 10);
    p.repeat(
      () => p.around(80 * second) / (0.1 + Math.max(0, Math.sin((p.now / (24 * hour)) * 2 * Math.PI))),
      () => use(p, "sess_new:sess<login", 220, 20 * minute),
    );
    p.run(5.5 * hour);
  }),
  healthy("receive buffer that doubles until all fits", (p) => {
    firmware(p);
    let b = p.malloc("rx_reserve:buf<on_data", 512);
    nowAndThen(p, 5 * second, () => {
      const need = 400 * Math.exp(p.between(0, 3.2));
      if (need > b.size && b.size < 16384) b = p.realloc(b, b.size * 2);
    });
    p.run(40 * minute);
  }),
  healthy(
    "frames of 614400 bytes, two at a time, and their pictures",
    (p) => {
      firmware(p);
      for (let i = 0; i < 2; i++) p.malloc("cam_fb:fb<cam_init", 614_400, inPsram);
      every(p, 0.7 * second, () => use(p, "jpg_out:jpg<stream", p.between(30_000, 90_000), 0.4 * second, inPsram));
      nowAndThen(p, 20 * second, () => use(p, "rgb_tmp:rgb<detect", 614_400, 1.2 * second, inPsram));
      p.run(12 * minute);
    },
    withPsram,
  ),
  ...[6, 15, 30, 45, 60].map((s) =>
    healthy(`boot of ${s} seconds, part after part`, (p) => {
      for (let i = 0; i < 9; i++)
        for (let j = 0; j < 14; j++)
          p.after(((s * (i + p.random())) / 9.2) * second, () => {
            const b = p.malloc(`part${i}_start:obj<boot`, Math.round(p.between(16, 1200)));
            if (p.chance(0.25)) p.freeAfter(p.between(0.02, 2) * second, b);
          });
      for (let j = 0; j < s; j++)
        p.after(j * second, () => p.malloc("reg_add:entry<register_part<boot", Math.round(p.between(16, 64))));
      p.run(s * second);
    }),
  ),
  healthy("ten keep-alive connections over three quarters of an hour", (p) => {
    firmware(p);
    webServer(p);
    for (let i = 0; i < 10; i++)
      p.after(p.between(1, 50) * minute, () => {
        p.malloc("conn_new:conn<on_accept", 300);
        p.malloc("conn_rx:rx<on_accept", 1436);
      });
    p.run(65 * minute);
  }),
  healthy("pool of control blocks, as many as were ever open", (p) => {
    firmware(p);
    let pool = 0,
      used = 0;
    nowAndThen(p, 1.2 * second, () => {
      used++;
      if (used > pool) {
        pool++;
        p.malloc("pcb_more:pcb<memp_get", 160);
      }
      p.after(p.around(12 * second), () => used--);
    });
    p.run(45 * minute);
  }),
  healthy("names interned once, in pools that grow", (p) => {
    firmware(p);
    const known = new Set<number>();
    let room = 16;
    nowAndThen(p, second, () => {
      const k = Math.floor(p.random() ** 3 * 300);
      if (known.has(k)) return;
      known.add(k);
      p.malloc("qstr_text:text<intern", Math.round(p.between(8, 24)));
      if (known.size > room) {
        room *= 2;
        p.malloc("qstr_pool:pool<intern", room * 4);
      }
    });
    p.run(35 * minute);
  }),
  healthy("glyphs of a font, cached as they are met", (p) => {
    firmware(p);
    const known = new Set<number>();
    nowAndThen(p, 0.8 * second, () => {
      p.inTask("gui");
      const g = Math.floor(95 * p.random() ** 2.5);
      use(p, "draw_buf:buf<draw_label", 800, 0.05 * second);
      if (!known.has(g)) {
        known.add(g);
        p.malloc("glyph_load:glyph<draw_label", Math.round(p.between(40, 140)));
      }
    });
    p.run(20 * minute);
  }),
  healthy("last two hundred log lines", (p) => {
    firmware(p);
    const lines: Block[] = [];
    nowAndThen(p, 5 * second, () => {
      lines.push(p.malloc("line_keep:line<vprintf_hook", Math.round(p.between(30, 130))));
      if (lines.length > 200) dropOldest(p, lines);
    });
    p.run(45 * minute);
  }),
  healthy("outbox fills in the last minutes, as the broker is away", (p) => {
    firmware(p);
    every(p, 3 * second, () => {
      const b = p.malloc("outbox_put:item<publish", Math.round(p.between(90, 300)));
      if (p.now < 34 * minute) p.freeAfter(0.4 * second, b);
    });
    p.run(40 * minute);
  }),
  healthy("thirty devices join in the first hour", (p) => {
    firmware(p, 2);
    for (let i = 0; i < 30; i++)
      p.after(p.between(1, 60) * minute, () => {
        p.malloc("dev_join:dev<on_announce", 180);
        for (let j = 0; j < 3; j++) p.malloc("ep_add:ep<on_announce", 60);
      });
    nowAndThen(p, 3 * second, () => use(p, "attr_report:rep<on_report", 48, 0.4 * second));
    p.run(95 * minute);
  }),
  healthy("logins that expire after half an hour", (p) => {
    firmware(p, 2);
    nowAndThen(p, 50 * second, () => p.freeAfter(30 * minute, p.malloc("token_new:token<login", 64)));
    p.run(75 * minute);
  }),
  healthy("tasks that come and go, with stacks given back by the idle task", (p) => {
    firmware(p);
    let n = 0;
    nowAndThen(p, 15 * second, () => {
      const name = `w${n++}`;
      p.inTask("main");
      const t = p.malloc("tcb_new:tcb<task_create", 344),
        s = p.malloc("stack_new:stack<task_create", 3072);
      p.inTask(name);
      use(p, "job_buf:buf<job", 900, 2 * second);
      p.after(p.between(1, 25) * second, () => {
        p.endTask(name);
        p.inTask("IDLE");
        p.freeAfter(0.1 * second, t, s);
      });
    });
    p.run(30 * minute);
  }),
  healthy("header table with a bound of bytes", (p) => {
    firmware(p);
    const t: Block[] = [];
    let sum = 0;
    nowAndThen(p, 4 * second, () => {
      const b = p.malloc("hpack_add:entry<on_headers", Math.round(p.between(40, 140)));
      t.push(b);
      sum += b.size;
      while (sum > 4096) {
        sum -= t[0]?.size ?? 0;
        dropOldest(p, t);
      }
    });
    p.run(25 * minute);
  }),
  healthy("long transfers beside short ones", (p) => {
    firmware(p);
    nowAndThen(p, 3 * second, () =>
      p.freeAfter(
        p.chance(0.04) ? p.between(3, 12) * minute : p.between(0.2, 4) * second,
        p.malloc("xfer_new:xfer<on_get", 260),
      ),
    );
    p.run(60 * minute);
  }),
  healthy("bonds: eight peers over the day, reports all the time", (p) => {
    firmware(p, 10);
    for (let i = 0; i < 8; i++) p.after(p.between(0.1, 9) * hour, () => p.malloc("bond_add:bond<on_pair", 120));
    nowAndThen(p, 20 * second, () => use(p, "notify:pkt<on_subscribe", 44, second));
    p.run(10 * hour);
  }),
  healthy("languages and themes loaded on first use, dropped on change", (p) => {
    firmware(p);
    let cur: Block[] = [];
    nowAndThen(p, 2.5 * minute, () => {
      const next = Array.from({ length: 20 }, () =>
        p.malloc("theme_load:style<set_theme", Math.round(p.between(30, 90))),
      );
      cur.forEach((b) => p.free(b));
      cur = next;
    });
    p.run(40 * minute);
  }),
  healthy(
    "task stacks of workers, each made at its first job, eleven at most",
    (p) => {
      firmware(p);
      for (let i = 0; i < 11; i++)
        p.after(p.around(7) * minute, () => {
          p.malloc("wrk_tcb:tcb<worker_get", 350);
          p.malloc("wrk_stack:stack<worker_get", 3072);
        });
      p.run(45 * minute);
    },
    large,
  ),
  healthy("web log of sixty lines", (p) => {
    firmware(p);
    const l: Block[] = [];
    nowAndThen(p, 9 * second, () => {
      l.push(p.malloc("weblog_add:line<add_log", Math.round(p.between(40, 140))));
      if (l.length > 60) dropOldest(p, l);
    });
    p.run(35 * minute);
  }),
  healthy(
    "decoded pictures, least recently used, bounded by bytes in PSRAM",
    (p) => {
      firmware(p);
      const cache = new Map<number, Block>();
      let sum = 0;
      nowAndThen(p, 7 * second, () => {
        const key = Math.floor(60 * p.random() ** 1.5);
        const known = cache.get(key);
        const block = known ?? p.malloc("pic_decode:pixels<show", 8000 + 900 * key, inPsram);
        cache.delete(key);
        cache.set(key, block);
        if (known === undefined) sum += block.size;
        for (const [old, picture] of cache) {
          if (sum <= 600_000) break;
          cache.delete(old);
          sum -= picture.size;
          p.free(picture);
        }
      });
      p.run(35 * minute);
    },
    withPsram,
  ),
  healthy("subscribers that come in the first half and stay", (p) => {
    firmware(p);
    for (let i = 0; i < 16; i++) p.after(p.between(1, 22) * minute, () => p.malloc("sub_add:sub<on_subscribe", 96));
    nowAndThen(p, second, () => use(p, "pub_msg:msg<publish", 80, 0.2 * second));
    p.run(45 * minute);
  }),
  healthy(
    "boot of 25 seconds with radio, display and cloud",
    (p) => {
      for (const [i, part] of ["wifi", "bt", "lvgl", "cloud", "fs"].entries())
        for (let j = 0; j < 22; j++)
          p.after((i * 4 + p.between(0, 8)) * second, () => {
            const b = p.malloc(`${part}_boot:obj<app_main`, Math.round(p.between(20, 1600)));
            if (p.chance(0.4)) p.freeAfter(p.between(0.05, 3) * second, b);
          });
      p.run(25 * second);
    },
    large,
  ),
  healthy(
    "boot of 90 seconds, waiting for the network",
    (p) => {
      firmware(p, 0.7);
      for (const [i, part] of ["wifi", "bt", "lvgl", "cloud", "fs", "time"].entries())
        for (let j = 0; j < 16; j++)
          p.after((i * 13 + p.between(0, 24)) * second, () =>
            p.malloc(`${part}_boot:obj<app_main`, Math.round(p.between(20, 900))),
          );
      p.run(90 * second);
    },
    large,
  ),
  healthy("outages of the broker: the outbox holds up to fifty and drains", (p) => {
    firmware(p);
    const o: Block[] = [];
    let away = false;
    const flip = (): void => {
      away = !away;
      p.after((away ? p.between(2, 5) : p.between(5, 10)) * minute, flip);
    };
    p.after(4 * minute, flip);
    every(p, 5 * second, () => {
      o.push(p.malloc("outbox_add:item<publish", Math.round(p.between(90, 260))));
      if (o.length > 50) dropOldest(p, o);
      if (!away) o.splice(0).forEach((b) => p.freeAfter(0.3 * second, b));
    });
    p.run(60 * minute);
  }),
  healthy("effects that are chosen by people, one at a time, with buffers of its size", (p) => {
    firmware(p);
    let cur: Block | undefined;
    nowAndThen(p, 70 * second, () => {
      if (cur !== undefined) p.free(cur);
      cur = p.malloc("fx_data:state<set_effect", Math.round(p.between(200, 6000)));
    });
    p.run(50 * minute);
  }),
  healthy(
    "interpreter whose heap grows by areas until it fits",
    (p) => {
      firmware(p);
      let used = 0,
        room = 24_000;
      p.malloc("gc_area:area<gc_init", 24_000, inPsram);
      nowAndThen(p, 2 * second, () => {
        used = Math.min(150_000, used + p.between(0, 900));
        if (used > room) {
          p.malloc("gc_area:area<gc_grow", room, inPsram);
          room *= 2;
        }
      });
      p.run(30 * minute);
    },
    withPsram,
  ),
  healthy("sessions of hours that come in steadily", (p) => {
    firmware(p, 2);
    nowAndThen(p, 50 * second, () => p.freeAfter(p.around(35 * minute), p.malloc("sess_open:sess<open", 300)));
    p.run(1.6 * hour);
  }),
  healthy(
    "cache by hash, random replacement, eighty entries",
    (p) => {
      firmware(p);
      const c = new Map<number, Block>();
      nowAndThen(p, 4 * second, () => {
        const k = Math.floor(p.random() * 80);
        const o = c.get(k);
        if (o !== undefined) p.free(o);
        c.set(k, p.malloc("slot_fill:entry<lookup", Math.round(p.between(60, 200))));
      });
      p.run(30 * minute);
    },
    large,
  ),
  healthy(
    "neighbours of a mesh, found within ten minutes, lost and found again",
    (p) => {
      firmware(p);
      const t = new Map<number, Block>();
      nowAndThen(p, 4 * second, () => {
        const k = Math.floor(p.random() * 24);
        const o = t.get(k);
        if (o === undefined) t.set(k, p.malloc("nbr_add:nbr<beacon", 92));
        else if (p.chance(0.02)) {
          p.free(o);
          t.delete(k);
        }
      });
      p.run(50 * minute);
    },
    large,
  ),
  healthy(
    "download in parts with a list of parts that is dropped at the end",
    (p) => {
      firmware(p);
      const run = (): void => {
        const parts: Block[] = [];
        for (let i = 0; i < 60; i++) p.after(i * 2 * second, () => parts.push(p.malloc("part_add:part<download", 64)));
        p.after(125 * second, () => parts.forEach((b) => p.free(b)));
      };
      for (let i = 0; i < 5; i++) p.after((3 + i * 7) * minute, run);
      p.run(40 * minute);
    },
    large,
  ),
  healthy(
    "minute after a start: pages of a menu are built as they are opened",
    (p) => {
      firmware(p, 0.5);
      for (let i = 0; i < 7; i++)
        p.after((3 + 8 * i) * second, () => {
          for (let j = 0; j < 9; j++) p.malloc(`page${i}_build:obj<open_page`, Math.round(p.between(30, 200)));
        });
      p.run(65 * second);
    },
    large,
  ),
  healthy(
    "retry queue: at most thirty packets, usually none, full at the end",
    (p) => {
      firmware(p);
      const q: Block[] = [];
      nowAndThen(p, 4 * second, () => {
        const b = p.malloc("retry_put:pkt<send", Math.round(p.between(60, 300)));
        if (p.now < 26 * minute) p.freeAfter(0.5 * second, b);
        else {
          q.push(b);
          if (q.length > 30) dropOldest(p, q);
        }
      });
      p.run(30 * minute);
    },
    large,
  ),
  healthy("statistics per minute of the last hour", (p) => {
    firmware(p, 2);
    const q: Block[] = [];
    every(p, minute, () => {
      q.push(p.malloc("stat_put:stat<tick", 48));
      if (q.length > 60) dropOldest(p, q);
    });
    p.run(2.5 * hour);
  }),
  healthy(
    "JPEG encoder with tables of four qualities, made on demand",
    (p) => {
      firmware(p);
      const known = new Set<number>();
      nowAndThen(p, 9 * second, () => {
        const q = Math.floor(4 * p.random() ** 2);
        if (!known.has(q)) {
          known.add(q);
          for (let i = 0; i < 4; i++) p.malloc("jpg_table:table<encode", 640);
        }
        use(p, "jpg_out:jpg<encode", p.between(4000, 20000), second, inPsram);
      });
      p.run(25 * minute);
    },
    withPsram,
  ),
];
