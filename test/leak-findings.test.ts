// What memmap says of programs that lose blocks, or seem to: that no sentence claims more than the recording shows.
import { expect, test } from "vitest";
import { assertDefined } from "../src/base/assert.ts";
import type { Finding } from "../src/detect/finding.ts";
import { detect } from "../src/detect/run.ts";
import { openModel } from "../src/heap/model.ts";
import { dram, Program, second, type Block, type Board, type CorpusProgram } from "./corpus/program.ts";
import { developed } from "./corpus/reported/all.ts";
import { every, firmware, minute, nowAndThen, use } from "./corpus/reported/report.ts";
import { recordRun } from "./heap-text.ts";

async function findingsOf(play: (p: Program) => void, board?: Board, seed = 1): Promise<readonly Finding[]> {
  const run = recordRun((sink) => play(new Program(sink, seed, board)));
  return (await detect(await openModel(run))).findings;
}

async function leakOf(play: (p: Program) => void, board?: Board): Promise<Finding> {
  const found = await findingsOf(play, board);
  return assertDefined(
    found.find(({ rule }) => rule === "leak" || rule === "growing-block"),
    "a leak",
  );
}

function programOf(name: string): CorpusProgram {
  return assertDefined(
    developed.find((program) => program.name === name),
    name,
  );
}

const loud = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ severity, rule }) => severity !== "note" && rule !== "exhaustion").map(({ title }) => title);

test("of the frees, those by other tasks are at most all, with those of the last moments", async () => {
  const { evidence } = await leakOf((p) => {
    let number = 0;
    every(p, 5 * second, () => {
      p.inTask("app");
      const block = p.malloc("result_new:result<start_job", 300);
      p.inTask(`job${number++}`);
      if (p.chance(0.3)) p.isLost(block);
      else p.freeAfter(2 * second, block);
    });
    p.run(20 * minute);
  });
  expect(evidence).toContainEqual(expect.stringMatching(/^100 % of its frees are made by another task/));
});

test("a sample's amounts are estimates, and its counts those of what was tracked", async () => {
  const { title, evidence } = await leakOf(
    (p) => {
      nowAndThen(p, 0.1 * second, () => {
        const block = p.malloc("event_post:event<isr_defer", 40);
        if (p.chance(0.05)) p.isLost(block);
        else p.freeAfter(0.5 * second, block);
      });
      p.run(25 * minute);
    },
    { regions: [dram(280)], sampleInterval: 16 },
  );
  expect(title).toMatch(/^leak: [\d,]+ to [\d,]+ blocks of many never freed/);
  expect(evidence[0]).toMatch(/of \d+ tracked allocations were freed/);
});

test("the task that is named has most of what is lost; where it is lost in many, none is", async () => {
  const taskNames = async (nameOf: (number: number) => string): Promise<readonly (number | undefined)[]> => {
    const { sites } = await leakOf((p) => {
      p.inTask("app");
      p.malloc("line_format:text<log_line", 60);
      let number = 0;
      every(p, 20 * second, () => {
        p.inTask(nameOf(number++));
        p.lose("line_format:text<log_line", 60);
      });
      p.run(20 * minute);
    });
    return sites.map(({ task }) => task);
  };
  // Task ids begin at 3 with main; app follows.
  expect(await taskNames(() => "mixer")).toEqual([5]);
  expect(await taskNames((number) => `job${number}`)).toEqual([undefined]);
});

test("what a snapshot found has no beginning", async () => {
  const { evidence, since } = await leakOf(
    (p) => {
      firmware(p);
      every(p, 20 * second, () => p.lose("lease_new:lease<dhcp", 76));
      p.run(120 * minute);
    },
    { joinsAt: 60 * minute },
  );
  expect(since).toBeUndefined();
  expect(evidence).toContainEqual(
    expect.stringMatching(/^1\d\d of its blocks were first seen in a snapshot at 1 h 00 min: when/),
  );
});

test("what came to the end of a short recording is not said to have stopped", async () => {
  const kept = assertDefined(
    (
      await findingsOf((p) => {
        for (let i = 0; i < 30; i++) p.after(i * second, () => p.malloc("reg_add:entry<register_part", 40));
        for (let i = 0; i < 5; i++) p.after((1 + i) * second, () => p.malloc("part_start:state<boot", 100));
        p.run(30 * second);
      })
    ).find(({ rule }) => rule === "kept"),
    "kept",
  );
  expect(kept.title).toBe(
    "1,700 B in 35 blocks were allocated and never freed, 1,200 B of it to the end, the rest without growing to the end",
  );
  expect(kept.evidence).toEqual([
    "1,200 B in 30 blocks between 0 µs and 29.0 s: reg_add.c:197 reg_add (entry)",
    "500 B in 5 blocks between 1.00 s and 5.00 s, not growing since: part_start.c:879 part_start (state)",
  ]);
});

test("losses that go on are not said to be over", async () => {
  for (const name of [
    "twenty lost among hundred thousand packets",
    "entries of a cache that is emptied every six minutes, one in eighty forgotten",
  ]) {
    const program = programOf(name);
    const found = await findingsOf((p) => program.play(p), program.board);
    expect(loud(found).filter((title) => title.startsWith("leak: "))).toHaveLength(1);
    expect(loud(found).join("")).not.toContain("not growing since");
  }
});

test("a container that seldom grows is doubted by its steps, not by blocks lost", async () => {
  const { next } = await leakOf((p) => {
    let block = p.malloc("report_add:text<log_state", 64);
    for (const at of [1, 9, 12, 30, 34, 47]) p.after(at * minute, () => (block = p.realloc(block, block.size * 2)));
    p.run(50 * minute);
  });
  expect(next).toMatch(/record more of its steps/);
});

test("sessions that begin to stay are no queue", async () => {
  const found = await findingsOf((p) => {
    nowAndThen(p, 4 * second, () => p.freeAfter(p.around(30 * minute), p.malloc("session_add:entry<open", 60)));
    p.run(12 * minute);
  });
  expect(loud(found)).toEqual([]);
});

test("a backlog of the last minutes is no leak, a queue that always gets longer is", async () => {
  const backlog = programOf("outbox fills in the last minutes, as the broker is away");
  expect(loud(await findingsOf((p) => backlog.play(p)))).toEqual([]);
  const queue: Block[] = [];
  const found = await findingsOf((p) => {
    every(p, 2 * second, () => queue.push(p.malloc("job_push:job<submit", 60)));
    every(p, 3 * second, () => {
      const oldest = queue.shift();
      if (oldest !== undefined) p.free(oldest);
    });
    p.run(12 * minute);
  });
  expect(found.find(({ severity }) => severity === "error")?.title).toMatch(/^queue that only gets longer/);
});

test("a few blocks far older than all of thousands that were freed are an error", async () => {
  const { severity, title } = await leakOf((p) => {
    nowAndThen(p, 0.2 * second, () => use(p, "packet_new:packet<receive", 100, 0.1 * second));
    for (let i = 0; i < 8; i++) p.after((2 + i * 3.4) * minute, () => p.lose("packet_new:packet<receive", 100));
    p.run(28 * minute);
  });
  expect([severity, title]).toEqual(["error", expect.stringMatching(/^leak: 8 (to 9 )?of [\d,]+ blocks never freed/)]);
});

test("rates below one a second are said as what lies between", async () => {
  const found = await findingsOf((p) => {
    every(p, 3 * second, () => p.free(p.malloc("line_format:text<log_state", 60)));
    p.run(3600 * second);
  });
  const { evidence } = assertDefined(
    found.find(({ rule }) => rule === "temporary-allocations"),
    "temporary allocations",
  );
  expect(evidence[0]).toMatch(/^one every (2\.9|3\.0)\d s, 100 %/);
});

test("a buffer that doubles is an error while it fills at one pace, and none once the next step is overdue", async () => {
  const append = (fills: number) => (p: Program) => {
    let vector = p.malloc("vector_grow:samples<record_sample", 64);
    let used = 0;
    every(p, 0.5 * second, () => {
      if (p.now < fills) used += 8;
      if (used <= vector.size) return;
      const larger = p.malloc("vector_grow:samples<record_sample", vector.size * 2);
      p.free(vector);
      vector = larger;
    });
    p.run(50 * minute);
  };
  expect((await leakOf(append(50 * minute))).severity).toBe("error");
  expect(loud(await findingsOf(append(18 * minute))).filter((title) => !title.includes("again and again"))).toEqual([]);
  const found = await findingsOf(append(18 * minute));
  expect(found.filter(({ severity }) => severity === "error")).toEqual([]);
});

test("of two callers that lose, neither is said to be the only one, and the forecast tells them apart", async () => {
  const found = await findingsOf(
    (p) => {
      nowAndThen(p, 20 * second, () => p.lose("buf_take:buf<mail_fetch", 200));
      nowAndThen(p, 30 * second, () => p.lose("buf_take:buf<news_fetch", 200));
      nowAndThen(p, 3 * second, () => use(p, "buf_take:buf<time_fetch", 200, second));
      p.run(50 * minute);
    },
    { regions: [dram(200)] },
  );
  const leaks = found.filter(({ rule }) => rule === "leak");
  expect(new Set(leaks.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  for (const { evidence } of leaks) {
    expect(evidence).toContainEqual(
      expect.stringMatching(/^Lost by these calls; .* on other ways here \(time_fetch\) are not a part of it$/),
    );
  }
  const { evidence } = assertDefined(
    found.find(({ rule }) => rule === "exhaustion"),
    "a forecast",
  );
  expect(evidence.join()).toMatch(/buf_take.*, called from mail_fetch,.*, called from news_fetch/);
});

test("where a leak has taken the memory, a refused request's next step is the leak", async () => {
  const found = await findingsOf(
    (p) => {
      firmware(p);
      every(p, 3 * second, () => {
        const block = p.tryMalloc("ctx_new:ctx<on_request", 260);
        if (block !== undefined) p.isLost(block);
      });
      every(p, 20 * second, () => use(p, "tls_rec:rec<fetch", 16_717, 2 * second));
      p.run(40 * minute);
    },
    { regions: [dram(160)] },
  );
  const refused = found.filter(({ rule }) => rule === "allocation-failure");
  expect(refused).toHaveLength(2);
  for (const { next, evidence } of refused) {
    expect(next).toMatch(/^Fix the leak of ctx_new/);
    expect(evidence[0]).toMatch(/^1\d\d KiB were held by then by ctx_new.*, which leaks$/);
  }
  expect(loud(found).join()).toContain("never freed, until requests were refused for lack of memory");
});

test("a tool that reads for seconds, keeps most and ends has lost nothing; a path that loses some of many in as short a time may have", async () => {
  const keeping = (share: number) => (p: Program) => {
    nowAndThen(p, 0.005 * second, () => {
      const block = p.malloc("object_alloc:object<read_object", 64);
      if (!p.chance(share)) p.freeAfter(0.02 * second, block);
    });
    p.run(8 * second);
  };
  expect(loud(await findingsOf(keeping(0.85)))).toEqual([]);
  expect(loud(await findingsOf(keeping(0.03)))).toHaveLength(1);
});
