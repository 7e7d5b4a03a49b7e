// More of what looks like a leak for a while: caches, rings and pools that fill, clients that stay, boots of up to a minute. What memmap says of them was
// read when they were written: developed on, whatever their names.
import { dram, inPsram, psram, second, type Block, type CorpusProgram } from "../program.ts";
import { dropOldest, every, firmware, healthy, hour, minute, nowAndThen, use, webServer } from "./report.ts";

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
];
