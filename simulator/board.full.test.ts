// The simulated board itself: addresses and caps as on the chip, contexts, resets, panics, a slow line, host commands.
import { expect, test } from "vitest";
import { Decoder } from "../src/wire/decoder.ts";
import { encodeCommand } from "../src/wire/encode-frames.ts";
import { wrapFrame } from "../src/wire/framing.ts";
import { TaskNumber } from "../src/wire/protocol.ts";
import { Follower } from "../test/follower.ts";
import { simulatorModule } from "../test/simulator.ts";
import { Board, type BoardOptions, type Firmware } from "./board.ts";
import { Cap } from "../src/wire/caps.ts";
import { CHIPS, type ChipName } from "./chips.ts";
import { milliseconds, seconds, site, type TaskContext } from "./task.ts";

const compiled = await simulatorModule();
const HERE = site("main/test.c", 10, "test", "block");
const FREED = site("main/test.c", 20, "test", "block");

class Bench extends Follower {
  readonly board: Board;
  private readonly decoder = new Decoder(this);

  constructor(firmware: Firmware, options: BoardOptions = {}) {
    super(true);
    this.board = new Board(compiled, firmware, options);
  }

  run(duration: number): this {
    this.board.run(duration);
    this.decoder.push(this.board.takeOutput());
    return this;
  }

  flush(): this {
    this.board.flush();
    this.decoder.push(this.board.takeOutput());
    return this;
  }
}

/** Does something once in a task, shortly after boot. */
function once(action: (t: TaskContext, board: Board) => void): Firmware {
  return (board) => {
    board.task("main", { core: 0 }).run((t) => action(t, board));
  };
}

test.each<[ChipName, number, number]>([
  ["esp32", Cap.DMA, 0x3ffa_e000],
  ["esp32", Cap.EXEC, 0x4008_0000],
  ["esp32s3", Cap.INTERNAL | Cap["8BIT"], 0x3fc8_8000],
  ["esp32s3", Cap.SPIRAM, 0x3c00_0000],
  ["esp32c3", Cap.DEFAULT, 0x3fc8_0000],
])("%s: memory with caps %i is where the chip has it", (chip, caps, from) => {
  new Bench(
    once((t) => {
      const block = t.malloc(1000, { at: HERE, caps });
      const region = CHIPS[chip].regions.find(({ start, end }) => block >= start && block < end);
      expect(region?.caps.reduce((all, some) => all | some)).toSatisfy((all: number) => (all & caps) === caps);
      expect(block).toBeGreaterThanOrEqual(from);
      t.write(block, "as on the chip");
      expect(t.read(block, 2)).toEqual(new Uint8Array([0x61, 0x73]));
    }),
    { chip },
  ).run(milliseconds(10));
});

test("tasks, cores and interrupts are told apart", () => {
  const bench = new Bench((board) => {
    board.start("first", { core: 0 }, function* (t) {
      t.malloc(11, { at: HERE });
      yield milliseconds(5);
      t.malloc(12, { at: HERE });
      yield seconds(60);
    });
    board.start("second", { core: 1 }, function* (t) {
      t.malloc(21, { at: HERE });
      board.interrupt(1, (isr) => isr.malloc(99, { at: HERE }));
      yield seconds(60);
    });
  })
    .run(seconds(1))
    .flush();
  const taskOf = (size: number) => [...bench.blocks.values()].find((block) => block.size === size)?.task ?? -1;
  expect(taskOf(99)).toBe(TaskNumber.INTERRUPT);
  expect([11, 12, 21].map((size) => bench.tasks.get(taskOf(size))?.name)).toEqual(["first", "first", "second"]);
  expect(bench.tasks.get(taskOf(11))?.handle).toBeGreaterThan(0x3ff0_0000);
});

test("unmodified code is seen with its return addresses", () => {
  const callers = [0x400d_1234, 0x400d_5678, 0x400d_9abc];
  const bench = new Bench(once((t) => t.calloc(4, 25, { callers })));
  bench.run(seconds(2)).flush();
  const [block] = bench.blocks.values();
  expect(block).toMatchObject({ size: 100 });
  expect(bench.sites.get(block?.site ?? 0)).toMatchObject({ callers });
});

test("calls with neither place nor callers are hidden from the probe", () => {
  const bench = new Bench(
    once((t) => {
      const block = t.malloc(100);
      expect(block).not.toBe(0);
      t.free(block);
    }),
  );
  bench.run(seconds(2)).flush();
  expect(bench.events).toBe(0);
});

test("the reset button starts a new boot with an empty live set", () => {
  const bench = new Bench(once((t) => t.malloc(100, { at: HERE })));
  bench.run(seconds(2)).flush();
  const [before] = bench.blocks.keys();
  expect(bench.blocks.size).toBe(1);
  bench.board.reset();
  bench.run(seconds(2)).flush();
  expect(bench.boots.filter(({ continues }) => continues !== true)).toHaveLength(2);
  expect(bench.blocks.size).toBe(1);
  expect(bench.blocks.has(before ?? 0)).toBe(true);
  expect(bench.disagreements).toEqual([]);
});

test("a heap that breaks ends in a panic and a reboot, as on the chip", () => {
  let boots = 0;
  const bench = new Bench(
    once((t) => {
      if (++boots > 1) return;
      const first = t.malloc(40); // past the probe: nobody catches it
      t.malloc(40);
      t.fill(first + 40, 0xa5, 8); // the next block's size
      t.free(t.malloc(40));
      t.free(first + 44);
    }),
  );
  bench.run(seconds(2)).flush();
  expect(bench.log).toMatch(/assert failed: .*\n.*\nGuru Meditation Error: Core {2}0 panic'ed/);
  expect(bench.log).toContain("Rebooting...");
  expect(boots).toBe(2);
  expect(bench.boots.at(-1)).toMatchObject({ resetReason: 4 });
});

test("a line that is too slow loses events, says how many, and a snapshot repairs the live set", () => {
  const bench = new Bench(
    (board) => {
      board.start("busy", {}, function* (t) {
        for (let burst = 0; burst < 40; burst++) {
          for (let i = 0; i < 200; i++) t.free(t.malloc(16 + i, { at: HERE }), { at: FREED });
          t.malloc(8 + burst, { at: HERE });
          yield milliseconds(10);
        }
        yield seconds(100);
      });
    },
    { bytesPerSecond: 11_520 },
  );
  bench.run(seconds(20));
  expect(bench.lastHeartbeat?.droppedEvents).toBeGreaterThan(1000);
  expect(bench.gaps.reduce((sum, gap) => sum + (gap.lostEvents ?? 0), 0)).toBe(bench.lastHeartbeat?.droppedEvents);
  const wrong = bench.disagreements.length;
  bench.board.receive(wrapFrame(encodeCommand({ kind: "snapshot" })));
  bench.run(seconds(5));
  expect(bench.snapshots).toBeGreaterThan(0);
  const repaired = bench.disagreements.length;
  bench.run(seconds(10));
  expect(bench.disagreements.length).toBe(repaired);
  expect(repaired - wrong).toBeLessThanOrEqual(5);
  expect(bench.blocks.size).toBe(40);
});

test("30,000 events a second lose nothing on a line that carries them", () => {
  const bench = new Bench(
    once((t) => {
      for (let i = 0; i < 15_000; i++) {
        t.free(t.malloc(1 + (i % 500), { at: HERE }), { at: FREED });
        t.busy(56); // with the two calls 67 µs
      }
    }),
  );
  bench.run(seconds(3)).flush();
  expect(bench.events).toBe(30_000);
  expect(bench.gaps).toEqual([]);
  expect(bench.disagreements).toEqual([]);
});
