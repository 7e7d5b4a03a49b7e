// Programs by the hundred, drawn at random: boards, traffic and leaks of all rates, sizes and shapes, cut at 10 to 80 % of the time that they have
// until a request is refused. What no hand-written program is for: whether intervals hold and confidences are right as often as they say.
import { dram, Program, psram, randomFrom, second, type Board, type CorpusProgram, type LeakLabel } from "./program.ts";

/** Draws what a program is; what happens in it is drawn by the program's own seed. */
class Dice {
  private readonly random: () => number;
  constructor(seed: number) {
    this.random = randomFrom(seed);
  }
  between(from: number, to: number): number {
    return from + this.random() * (to - from);
  }
  /** Evenly by order of magnitude. */
  scale(from: number, to: number): number {
    return from * (to / from) ** this.random();
  }
  chance(share: number): boolean {
    return this.random() < share;
  }
  pick<T>(some: readonly [T, ...T[]]): T {
    return some[Math.floor(this.random() * some.length)] ?? some[0];
  }
  count(from: number, to: number): number {
    return Math.floor(this.between(from, to + 1));
  }
}

type Part = (p: Program) => void;

const internal = 0x1804;
const anyMemory = 0x1004;

/** How long it is tried until a request is refused, in nominal lives. */
const MOST_LIVES = 6;

export function randomProgram(number: number): CorpusProgram {
  const dice = new Dice(number * 7919 + 17);
  const bytes = Math.round(dice.scale(48, 280));
  const regions = [dram(bytes)];
  if (dice.chance(0.25)) regions.push(dram(Math.round(dice.scale(8, 96)), 0x4007_0000));
  if (dice.chance(0.15)) regions.push(psram(Math.round(dice.scale(128, 1024))));
  const hidden = dice.chance(0.1) ? ["table_init"] : [];
  const board: Board = { regions, hidden };
  /** Until the leaks alone would have used the first region up, or all of them. */
  const life = dice.scale(200, 400_000) * second;
  const inInternal = regions.length > 1 && dice.chance(0.5);
  const caps = inInternal ? internal : anyMemory;
  const room = regions.filter((region) => (region.caps & caps) === caps).reduce((sum, region) => sum + region.bytes, 0);
  const parts = [...ordinary(dice, life, room, bytes << 10, caps)];
  const leaks: LeakLabel[] = [];
  const count = dice.pick([1, 1, 1, 2, 2, 3, 4]);
  const shares = Array.from({ length: count }, () => dice.scale(0.1, 1));
  const sum = shares.reduce((a, b) => a + b, 0);
  shares.forEach((share, index) => {
    const { function: name, part } = leak(dice, index, life, (0.75 * room * share) / sum, caps);
    leaks.push({ function: name, severity: "error" });
    parts.push(part);
  });
  const cut = dice.between(0.1, 0.8);
  const setUp = (p: Program): void => {
    for (const part of parts) part(p);
  };
  return {
    name: `random ${number}`,
    board,
    leaks,
    expect: [],
    play(p) {
      const dry = new Program({ calls() {}, record() {}, text() {} }, p.seed, board);
      setUp(dry);
      const end = dry.goOn(MOST_LIVES * life) ?? MOST_LIVES * life;
      setUp(p);
      p.run(cut * end, dice.count(20, 120));
    },
  };
}

/** What comes and goes, and what stays without growing on. */
function ordinary(dice: Dice, life: number, room: number, first: number, caps: number): Part[] {
  const parts: Part[] = [];
  const setUpBytes = dice.between(0.05, 0.35) * Math.min(room, first);
  const tables = dice.count(10, 60);
  parts.push((p) => {
    for (let i = 0; i < tables; i++) {
      const size = Math.round((setUpBytes / tables) * p.between(0.2, 1.8));
      p.after(p.between(0, 5) * second, () =>
        p.tryMalloc(`${i % 2 === 0 ? "table_init" : "driver_init"}:part<app_main`, size),
      );
    }
  });
  for (let i = 0, count = dice.count(1, 4); i < count; i++)
    parts.push(traffic(dice, `work_${i}`, life, dice.scale(16, 900), dice.scale(100, 4000)));
  // The large ones, of which one will be refused first.
  for (let i = 0, count = dice.count(0, 3); i < count; i++) {
    const size = dice.scale(0.01, 0.15) * first;
    parts.push(traffic(dice, `large_${i}`, life, size, dice.scale(8, 400), dice.chance(0.3) ? internal : caps));
  }
  if (dice.chance(0.4)) parts.push(cache(dice, life, 0.15 * room));
  if (dice.chance(0.3)) parts.push(splitter(dice, life, 0.1 * room));
  return parts;
}

/** Requests of one kind: alone or by the group, evenly or at random, of one size or of many, busier at times. */
function traffic(dice: Dice, name: string, life: number, size: number, rounds: number, caps = anyMemory): Part {
  const gap = life / rounds;
  const spread = dice.pick([0, 0, 0.3, 0.8]);
  const isEven = dice.chance(0.5);
  const together = dice.pick([1, 1, 1, 2, 5]);
  const stay = gap * dice.scale(0.001, size > 2000 ? 0.8 : 4);
  const wave = dice.chance(0.25) ? dice.between(0.3, 0.9) : 0;
  const period = life * dice.scale(0.02, 0.3);
  return (p) => {
    const pause = (): number => {
      const rate = 1 + wave * Math.sin((2 * Math.PI * p.now) / period);
      return (isEven ? gap * p.between(0.9, 1.1) : p.around(gap)) / rate;
    };
    p.repeat(pause, () => {
      for (let i = 0; i < together; i++) {
        const bytes = Math.max(
          4,
          Math.round((size / together) * Math.exp(spread * (p.between(-1, 1) + p.between(-1, 1)))),
        );
        const block = p.tryMalloc(`${name}:buffer<${name}_task`, bytes, caps);
        if (block !== undefined) p.freeAfter(stay * p.between(0.5, 1.5), block);
      }
    });
  };
}

/** Fills fast, then ever more slowly, up to a bound. */
function cache(dice: Dice, life: number, most: number): Part {
  const entries = dice.count(10, 80);
  const bytes = Math.round((most * dice.between(0.1, 1)) / entries);
  const settle = life * dice.scale(0.01, 0.5);
  return (p) => {
    for (let i = 0; i < entries; i++)
      p.after(p.around(settle), () => p.tryMalloc("cache_add:entry<lookup", Math.round(bytes * p.between(0.5, 1.5))));
  };
}

/** Small blocks that stay for long between others: the heap gets split. */
function splitter(dice: Dice, life: number, most: number): Part {
  const count = dice.count(20, 120);
  const bytes = Math.max(8, Math.round(most / count));
  const stay = life * dice.scale(0.02, 0.3);
  return (p) =>
    p.repeat(
      () => p.around(stay / count),
      () => {
        const block = p.tryMalloc("session_add:entry<session", Math.round(bytes * p.between(0.5, 1.5)));
        if (block !== undefined) p.freeAfter(p.around(stay), block);
      },
    );
}

interface Leak {
  readonly function: string;
  readonly part: Part;
}

/** Loses `bytes` in about `life`. */
function leak(dice: Dice, index: number, life: number, bytes: number, caps: number): Leak {
  const name = `leaky_${index}`;
  const place = `${name}:item<${name}_task`;
  const blocks = Math.max(12, Math.min(bytes / 16, dice.scale(20, 3000)));
  const size = bytes / blocks;
  const spread = dice.pick([0, 0, 0.4, 0.8]);
  const sizeOf = (p: Program): number =>
    Math.max(4, Math.round(size * Math.exp(spread * (p.between(-1, 1) + p.between(-1, 1)))));
  const gap = life / blocks;
  // What it does changes for a few: nobody can foresee that.
  const change = dice.chance(0.12) ? { at: life * dice.between(0.05, 0.9), factor: dice.scale(0.3, 3) } : undefined;
  const rateAt = (now: number): number => (change !== undefined && now > change.at ? change.factor : 1);
  const kind = dice.pick([
    "even",
    "random",
    "random",
    "burst",
    "error path",
    "error path",
    "now and then",
    "container",
    "queue",
  ]);
  const lose = (p: Program): void => {
    const block = p.tryMalloc(place, sizeOf(p), caps);
    if (block !== undefined) p.isLost(block);
  };
  const paced =
    (pause: (p: Program) => number, action: (p: Program) => void): Part =>
    (p) =>
      p.repeat(
        () => pause(p) / rateAt(p.now),
        () => action(p),
      );
  switch (kind) {
    case "even":
      return { function: name, part: paced((p) => gap * p.between(0.85, 1.15), lose) };
    case "burst": {
      const together = Math.min(dice.count(3, 30), Math.ceil(blocks / 6));
      return {
        function: name,
        part: paced(
          (p) => p.around(gap * together),
          (p) => {
            for (let i = 0; i < together; i++) lose(p);
          },
        ),
      };
    }
    case "error path": {
      const share = dice.scale(0.03, 0.7);
      const stay = gap * dice.scale(0.001, 0.5);
      return {
        function: name,
        part: paced(
          (p) => p.around(gap * share),
          (p) => {
            const block = p.tryMalloc(place, sizeOf(p), caps);
            if (block === undefined) return;
            if (p.chance(share)) p.isLost(block);
            else p.freeAfter(stay * p.between(0.5, 1.5), block);
          },
        ),
      };
    }
    case "now and then": {
      // For a while, then not.
      const period = life * dice.scale(0.02, 0.2);
      const on = dice.between(0.15, 0.6);
      const phase = dice.between(0, 1);
      return {
        function: name,
        part: paced(
          (p) => p.around(gap * on),
          (p) => {
            if ((p.now / period + phase) % 1 < on) lose(p);
          },
        ),
      };
    }
    case "container": {
      // One block that grows by realloc, in steps.
      const step = Math.max(16, Math.round(bytes / dice.count(20, 120)));
      return {
        function: name,
        part: (p) => {
          let block = p.tryMalloc(place, step, caps);
          const grow = (): void => {
            if (block !== undefined) block = p.tryRealloc(block, block.size + step, place);
          };
          p.repeat(() => ((life * step) / bytes) * p.between(0.7, 1.3), grow);
        },
      };
    }
    case "queue": {
      // More come than are taken.
      const pace = dice.between(0.3, 0.8);
      return {
        function: name,
        part: (p) => {
          const rest: ReturnType<Program["malloc"]>[] = [];
          p.repeat(
            () => p.around(gap * (1 - pace)),
            () => {
              const block = p.tryMalloc(place, sizeOf(p), caps);
              if (block !== undefined) rest.push(block);
            },
          );
          p.repeat(
            () => p.around((gap * (1 - pace)) / pace),
            () => {
              const block = rest.shift();
              if (block !== undefined) p.free(block);
            },
          );
        },
      };
    }
    default:
      return { function: name, part: paced((p) => p.around(gap), lose) };
  }
}
