// Healthy programs that look like leaks at one moment or another. None may be called an error, and hardly any a warning.
import { ordinaryWork } from "./ordinary-work.ts";
import { second, type Block, type CorpusProgram, type Program } from "./program.ts";

const minute = 60 * second;

function healthy(name: string, play: CorpusProgram["play"]): CorpusProgram {
  return { name, expect: [], tempts: ["leaks"], play };
}

export const healthyPrograms: readonly CorpusProgram[] = [
  healthy("steady state", (p) => {
    ordinaryWork(p);
    p.run(10 * minute);
  }),
  {
    name: "cache that fills and stays",
    expect: [],
    tempts: ["leaks"],
    // A hundred equal blocks from one place: said rightly, and a note only.
    mayAlso: ["equal-blocks"],
    play: fillingCache,
  },
  healthy("cache of a fixed set of keys, filled on demand", (p) => {
    ordinaryWork(p);
    const seen = new Set<number>();
    p.repeat(
      () => p.around(second),
      () => {
        const key = Math.floor(p.between(0, 40));
        if (!seen.has(key)) p.malloc("lookup:record", 60 + key);
        seen.add(key);
      },
    );
    p.run(10 * minute);
  }),
  healthy("LRU cache", (p) => {
    ordinaryWork(p);
    const entries: Block[] = [];
    p.repeat(
      () => p.around(0.5 * second),
      () => {
        if (entries.length >= 64) {
          const [victim] = entries.splice(Math.floor(p.between(0, entries.length / 2)), 1);
          if (victim !== undefined) p.free(victim);
        }
        entries.push(p.malloc("lru_put:entry", Math.round(p.between(50, 150))));
      },
    );
    p.run(10 * minute);
  }),
  healthy("ring of the last log lines", (p) => {
    ordinaryWork(p);
    const lines: Block[] = [];
    p.repeat(
      () => p.around(second),
      () => {
        lines.push(p.malloc("log_line:text", Math.round(p.between(20, 120))));
        const oldest = lines.length > 120 ? lines.shift() : undefined;
        if (oldest !== undefined) p.free(oldest);
      },
    );
    p.run(10 * minute);
  }),
  healthy("periodic burst", (p) => {
    ordinaryWork(p);
    p.repeat(
      () => p.between(40, 80) * second,
      () => {
        for (let i = 0; i < 100; i++) {
          const block = p.malloc("burst:chunk", 128);
          p.after(p.between(1, 8) * second, () => p.free(block));
        }
      },
    );
    p.run(10 * minute);
  }),
  healthy("batch that is collected and sent", (p) => {
    ordinaryWork(p);
    const batch: Block[] = [];
    p.repeat(
      () => p.around(1.5 * second),
      () => batch.push(p.malloc("collect:sample", 40)),
    );
    p.repeat(
      () => p.between(90, 130) * second,
      () => {
        for (const block of batch.splice(0)) p.free(block);
      },
    );
    p.run(10 * minute);
  }),
  healthy("container that finds its size", (p) => {
    ordinaryWork(p);
    let vector = p.malloc("table_grow:table", 16);
    p.repeat(
      () => p.around(3 * second),
      () => {
        if (vector.size < 2048) vector = p.realloc(vector, vector.size * 2);
      },
    );
    p.run(10 * minute);
  }),
  healthy("container that grows by a step up to its bound", (p) => {
    ordinaryWork(p);
    let list = p.malloc("list_add:list", 32);
    p.repeat(
      () => p.around(3 * second),
      () => {
        if (list.size < 32 * 60) list = p.realloc(list, list.size + 32);
      },
    );
    p.run(10 * minute);
  }),
  healthy("error path that frees", (p) => {
    ordinaryWork(p);
    p.repeat(
      () => p.around(0.8 * second),
      () => {
        const context = p.malloc("connect:context", 160);
        p.after(p.chance(0.05) ? p.between(2, 10) * second : p.between(0.05, 0.5) * second, () => p.free(context));
      },
    );
    p.run(10 * minute);
  }),
  healthy("messages handed from task to task", (p) => {
    ordinaryWork(p);
    p.repeat(
      () => p.around(0.3 * second),
      () => {
        p.inTask("producer");
        const message = p.malloc("publish:message", 64);
        p.after(p.around(0.5 * second), () => {
          p.inTask("consumer");
          p.free(message);
        });
      },
    );
    p.run(10 * minute);
  }),
  healthy("tasks that come and go", (p) => {
    ordinaryWork(p);
    let number = 0;
    p.repeat(
      () => p.between(8, 20) * second,
      () => {
        const name = `job${number++}`;
        p.inTask(name);
        const context = p.malloc("job:context", 96);
        const result = p.malloc("job_result:result", 48);
        p.after(p.between(1, 5) * second, () => {
          p.inTask(name);
          p.free(context);
          p.endTask(name);
        });
        p.after(p.between(6, 9) * second, () => {
          p.inTask("main");
          p.free(result);
        });
      },
    );
    p.run(10 * minute);
  }),
  healthy("features that are set up when they are first used", (p) => {
    ordinaryWork(p);
    for (let feature = 0; feature < 12; feature++) {
      p.after(p.between(0, 9) * minute, () => p.malloc(`feature${feature}_init:state`, Math.round(p.between(50, 900))));
    }
    p.run(10 * minute);
  }),
  healthy("Wi-Fi that connects late", (p) => {
    ordinaryWork(p);
    p.after(p.between(2, 5) * minute, () => {
      for (let i = 0; i < 50; i++) p.after(p.between(0, 3) * second, () => p.malloc("wifi_start:buffer", 1600));
    });
    p.run(10 * minute);
  }),
  healthy("pool that grows to the most ever in use", (p) => {
    ordinaryWork(p);
    const idle: Block[] = [];
    p.repeat(
      () => p.around(0.5 * second),
      () => {
        const block = idle.pop() ?? p.malloc("pool_take:item", 64);
        p.after(p.around(3 * second), () => idle.push(block));
      },
    );
    p.run(10 * minute);
  }),
  healthy("long sessions", (p) => {
    ordinaryWork(p);
    p.repeat(
      () => p.around(3 * second),
      () => {
        const session = p.malloc("mqtt_session:session", 400);
        p.after(p.around(40 * second), () => p.free(session));
      },
    );
    p.run(10 * minute);
  }),
  healthy("sessions with a heavy tail", (p) => {
    ordinaryWork(p);
    p.repeat(
      () => p.around(1.5 * second),
      () => {
        const session = p.malloc("websocket_open:socket", 300);
        // Log-normal, median 4 s: one in a hundred lasts more than two minutes.
        const normal = Math.sqrt(-2 * Math.log(1 - p.random())) * Math.cos(2 * Math.PI * p.random());
        p.after(4 * second * Math.exp(1.5 * normal), () => p.free(session));
      },
    );
    p.run(15 * minute);
  }),
  healthy("load that comes and goes in waves", (p) => {
    ordinaryWork(p);
    p.repeat(
      // The last wave rises to the end of the run.
      () => (p.around(1) * second) / (1.1 - Math.cos((p.now / (10 * minute)) * 3 * Math.PI)),
      () => {
        const request = p.malloc("serve:request", 200);
        p.after(p.around(8 * second), () => p.free(request));
      },
    );
    p.run(10 * minute);
  }),
  healthy("another mode of work from the middle on", (p) => {
    ordinaryWork(p);
    p.after(5 * minute, () => {
      for (let i = 0; i < 30; i++) p.malloc("streaming_start:buffer", 512);
      p.repeat(
        () => p.around(0.3 * second),
        () => {
          const frame = p.malloc("stream:frame", 700);
          p.after(p.around(4 * second), () => p.free(frame));
        },
      );
    });
    p.run(10 * minute);
  }),
  healthy("rounds between marks, each clean", (p) => {
    for (let i = 0; i < 12; i++) p.malloc("init:table", 64);
    let round = 0;
    p.repeat(
      () => 3 * second,
      () => {
        p.mark(`round ${round++}`);
        const event = p.malloc("reconnect:event", 40);
        p.after(2 * second, () => p.free(event));
      },
    );
    p.run(40 * second);
  }),
];

function fillingCache(p: Program): void {
  ordinaryWork(p);
  let entries = 0;
  p.repeat(
    () => p.around(2 * second),
    () => {
      if (entries++ < 100) p.malloc("cache_put:entry", 80);
    },
  );
  p.run(10 * minute);
}
