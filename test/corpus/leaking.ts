// Programs that leak, each in its own way, on top of ordinary work.
import { ordinaryWork } from "./ordinary-work.ts";
import { second, type Block, type CorpusProgram, type Program } from "./program.ts";

const minute = 60 * second;

export const leakingPrograms: readonly CorpusProgram[] = [
  {
    name: "linear leak",
    expect: [{ rule: "leak", function: "http_get", evidence: /by the rule of succession/ }],
    play(p) {
      ordinaryWork(p);
      p.repeat(
        () => p.between(6, 10) * second,
        () => p.malloc("http_get:buffer", 256),
      );
      p.run(10 * minute);
    },
  },
  {
    name: "linear leak of random sizes, started late",
    expect: [{ rule: "leak", function: "parse" }],
    play(p) {
      ordinaryWork(p);
      p.after(4 * minute, () => {
        p.repeat(
          () => p.around(5 * second),
          () => p.malloc("parse:node", Math.round(p.between(8, 400))),
        );
      });
      p.run(10 * minute);
    },
  },
  {
    name: "slow leak under noise",
    expect: [{ rule: "leak", function: "decode" }],
    play(p) {
      ordinaryWork(p);
      p.repeat(
        () => p.around(0.1 * second),
        () => {
          const block = p.malloc("decode:frame", Math.round(p.between(40, 200)));
          if (!p.chance(1 / 100)) p.after(p.around(0.3 * second), () => p.free(block));
        },
      );
      p.run(10 * minute);
    },
  },
  {
    name: "leak that is freed only at shutdown",
    expect: [{ rule: "freed-at-shutdown", function: "subscribe" }],
    play(p) {
      ordinaryWork(p);
      const all: Block[] = [];
      p.repeat(
        () => p.between(4, 8) * second,
        () => all.push(p.malloc("subscribe:entry", 48)),
      );
      p.after(10 * minute - second, () => {
        for (const block of all.splice(0)) p.free(block);
      });
      p.run(10 * minute);
    },
  },
  {
    name: "container that grows by a fixed step",
    expect: [{ rule: "growing-block", function: "log_append", evidence: /made larger \d+ times by realloc/ }],
    play(p) {
      ordinaryWork(p);
      let log = p.malloc("log_append:log", 64);
      p.repeat(
        () => p.around(5 * second),
        () => (log = p.realloc(log, log.size + 64)),
      );
      p.run(10 * minute);
    },
  },
  {
    name: "container that grows by doubling",
    expect: [{ rule: "growing-block", function: "vector_push" }],
    play(p) {
      ordinaryWork(p);
      let vector = p.malloc("vector_push:items", 16);
      let used = 0;
      p.repeat(
        () => p.around(0.5 * second),
        () => {
          used += 4;
          if (used > vector.size) vector = p.realloc(vector, vector.size * 2);
        },
      );
      p.run(10 * minute);
    },
  },
  {
    name: "leak on an error path",
    expect: [{ rule: "leak", function: "connect", evidence: /By its lifetimes, .* is never freed/ }],
    play(p) {
      ordinaryWork(p);
      p.repeat(
        () => p.around(0.8 * second),
        () => {
          const context = p.malloc("connect:context", 160);
          const buffer = p.malloc("connect_buffer:buffer", 512);
          const fails = p.chance(0.05);
          p.after(p.between(0.05, 0.5) * second, () => {
            p.free(buffer);
            if (!fails) p.free(context);
          });
        },
      );
      p.run(10 * minute);
    },
  },
  {
    name: "messages lost between two tasks",
    expect: [{ rule: "leak", function: "publish", evidence: /of its frees are made by another task/ }],
    play(p) {
      ordinaryWork(p);
      p.repeat(
        () => p.around(0.3 * second),
        () => {
          p.inTask("producer");
          const message = p.malloc("publish:message", Math.round(p.between(20, 120)));
          if (p.chance(0.02)) return; // the queue was full, and nobody looked
          p.after(p.around(0.2 * second), () => {
            p.inTask("consumer");
            p.free(message);
          });
        },
      );
      p.run(12 * minute);
    },
  },
  {
    name: "tasks that leave their context behind",
    expect: [{ rule: "leak", function: "worker", evidence: /belong to \d+ tasks that ended without freeing them/ }],
    play(p) {
      ordinaryWork(p);
      let number = 0;
      p.repeat(
        () => p.between(12, 20) * second,
        () => {
          const name = `worker${number++}`;
          p.inTask(name);
          p.malloc("worker:context", 96);
          const scratch = p.malloc("worker_scratch:scratch", 300);
          p.after(p.between(1, 5) * second, () => {
            p.inTask(name);
            p.free(scratch);
            p.endTask(name);
          });
        },
      );
      p.run(10 * minute);
    },
  },
  {
    name: "few tasks that ended early and left something behind",
    expect: [{ rule: "orphaned", function: "job_context", evidence: /belong to 4 tasks that ended/ }],
    play(p) {
      ordinaryWork(p);
      for (let number = 0; number < 4; number++) {
        p.after((5 + number) * second, () => {
          p.inTask(`job${number}`);
          p.malloc("job_context:context", 200);
          const scratch = p.malloc("job_scratch:scratch", 64);
          p.after(second / 2, () => {
            p.inTask(`job${number}`);
            p.free(scratch);
            p.endTask(`job${number}`);
            p.inTask("main");
          });
        });
      }
      p.run(10 * minute);
    },
  },
  {
    name: "one block a round, between marks",
    expect: [{ rule: "leak", function: "reconnect", evidence: /stretches between marks left blocks behind/ }],
    play(p) {
      roundsThatLeak(p, 10);
    },
  },
  {
    name: "rare leak: one block a minute",
    expect: [{ rule: "leak", function: "renew" }],
    play(p) {
      ordinaryWork(p);
      p.repeat(
        () => p.around(60 * second),
        () => p.malloc("renew:lease", 72),
      );
      p.run(20 * minute);
    },
  },
  {
    name: "leak in storms of errors",
    expect: [{ rule: "leak", function: "retry" }],
    play(p) {
      ordinaryWork(p);
      let stormUntil = 0;
      p.repeat(
        () => p.between(60, 120) * second,
        () => {
          stormUntil = p.now + 15 * second;
        },
      );
      p.repeat(
        () => p.around(0.5 * second),
        () => {
          const request = p.malloc("retry:request", 144);
          if (p.now < stormUntil && p.chance(0.3)) return;
          p.after(p.around(0.5 * second), () => p.free(request));
        },
      );
      p.run(15 * minute);
    },
  },
  {
    name: "two leaks, a fast and a slow one",
    expect: [
      { rule: "leak", function: "fast" },
      { rule: "leak", function: "slow" },
    ],
    play(p) {
      ordinaryWork(p);
      p.repeat(
        () => p.around(1 * second),
        () => p.malloc("fast:item", 32),
      );
      p.repeat(
        () => p.around(25 * second),
        () => p.malloc("slow:item", 1024),
      );
      p.run(15 * minute);
    },
  },
];

function roundsThatLeak(p: Program, rounds: number): void {
  for (let i = 0; i < 12; i++) p.malloc("init:table", 64);
  let round = 0;
  p.repeat(
    () => 3 * second,
    () => {
      p.mark(`round ${round++}`);
      p.malloc("reconnect:event", 40);
      const packet = p.malloc("packet:data", 600);
      p.after(second, () => p.free(packet));
    },
  );
  p.run(rounds * 3 * second + second);
}
