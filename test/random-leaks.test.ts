// What is said of many made-up programs, each of several places that keep, lose, queue, collect or grow: the titles, and a checksum of all that
// stands below them. A change of a number or a word shows in test/answers/random-leaks.txt; whether it is right is the corpus' to say.
import { expect, test } from "vitest";
import { crc32 } from "../src/base/crc32.ts";
import { detect } from "../src/detect/run.ts";
import { openModel } from "../src/heap/model.ts";
import type { MemoryRun } from "../src/heap/run.ts";
import { Method } from "../src/wire/protocol.ts";
import type { Teller } from "../src/wire/teller.ts";
import { randomFrom } from "./corpus/program.ts";
import { linesOf } from "./finding-text.ts";
import { recordRun, testBoot } from "./heap-text.ts";

interface Call {
  readonly time: number;
  readonly play: (sink: Teller) => void;
}

interface Place {
  readonly site: number;
  readonly length: number;
  readonly random: () => number;
  readonly block: (size: number) => number;
  readonly calls: Call[];
}

const DATA = 0x3ffb_0000;

/** A block that lives from one time to another, or to the end. */
function live({ site, block, calls, length }: Place, from: number, to: number, size: number, task = 3): void {
  const address = block(size);
  calls.push({ time: from, play: (sink) => sink.alloc(Math.round(from), address, size, site, task, 0) });
  if (to < length) calls.push({ time: to, play: (sink) => sink.free(Math.round(to), address, site, task, 0) });
}

/** Round `i` of `count` rounds, with some haste and delay. */
function timeOf({ length, random }: Place, i: number, count: number): number {
  return (length * (i + 0.1 + 0.8 * random())) / count;
}

const kinds: Readonly<Record<string, (place: Place) => void>> = {
  "loses each": (place) => {
    const count = 4 + Math.floor(place.random() * 60);
    const size = 16 + Math.floor(place.random() * 200);
    for (let i = 0; i < count; i++) live(place, timeOf(place, i, count), Infinity, size);
  },
  "loses some": (place) => {
    const count = 40 + Math.floor(place.random() * 120);
    const share = 0.02 + 0.3 * place.random();
    const life = 10 ** (3 + 4 * place.random());
    for (let i = 0; i < count; i++) {
      const at = timeOf(place, i, count);
      live(place, at, place.random() < share ? Infinity : at + life * (0.5 + place.random()), 40 + 8 * (i % 3));
    }
  },
  "frees all": (place) => {
    const count = 20 + Math.floor(place.random() * 120);
    const life = 10 ** (3 + 4.5 * place.random());
    for (let i = 0; i < count; i++) {
      const at = timeOf(place, i, count);
      live(place, at, at + life * (0.2 + 2 * place.random()), 100);
    }
  },
  "fills a cache": (place) => {
    const count = 8 + Math.floor(place.random() * 30);
    const share = 0.05 + 0.6 * place.random();
    for (let i = 0; i < count; i++) live(place, share * timeOf(place, i, count), Infinity, 64);
  },
  "loses for a spell": (place) => {
    const count = 10 + Math.floor(place.random() * 30);
    const from = place.length * (0.1 + 0.3 * place.random());
    for (let i = 0; i < 80; i++) live(place, timeOf(place, i, 80), timeOf(place, i, 80) + 2e4, 48);
    for (let i = 0; i < count; i++) live(place, from + 0.3 * timeOf(place, i, count), Infinity, 48);
  },
  queues: (place) => {
    const count = 60 + Math.floor(place.random() * 100);
    const lag = 1.1 + 2 * place.random();
    for (let i = 0; i < count; i++) {
      const at = (place.length * (i + 0.5)) / count;
      live(place, at, at * lag, 80);
    }
  },
  "grows a block": (place) => {
    const count = 4 + Math.floor(place.random() * 40);
    const step = 16 + Math.floor(place.random() * 64);
    let [address, size] = [place.block(step), step];
    const first = address;
    place.calls.push({ time: 1000, play: (sink) => sink.alloc(1000, first, step, place.site, 3, 0) });
    for (let i = 0; i < count; i++) {
      const time = 2000 + Math.round(timeOf(place, i, count));
      const [oldAddress, larger] = [address, size + step];
      const fresh = place.block(larger);
      const [site, task, core] = [place.site, 3, 0];
      place.calls.push({
        time,
        play: (sink) => {
          sink.record({ kind: "reallocBegin", value: { time, address: oldAddress, task, core } });
          const value = { time, oldAddress, address: fresh, size: larger, site, task, core };
          sink.record({ kind: "reallocEnd", value });
        },
      });
      [address, size] = [fresh, larger];
    }
  },
  "grows by copies": (place) => {
    const count = 5 + Math.floor(place.random() * 25);
    const factor = place.random() < 0.5 ? 1.4 : 1;
    let size = 64;
    for (let i = 0; i < count; i++) {
      const next = (place.length * (i + 1)) / count;
      live(place, 1000 + (place.length * i) / count, i === count - 1 ? Infinity : next + 2000, Math.round(size));
      size = Math.min(20_000, size * factor + 48);
    }
  },
  "frees at the end": (place) => {
    const count = 10 + Math.floor(place.random() * 40);
    for (let i = 0; i < count; i++) live(place, 0.9 * timeOf(place, i, count), place.length * 0.999 - 50 * i, 56);
  },
  "sets up": (place) => {
    for (let i = 0; i < 1 + Math.floor(place.random() * 6); i++) live(place, 2000 + 1e5 * i, Infinity, 500);
  },
};

function programOf(seed: number): { readonly run: MemoryRun; readonly names: readonly string[]; readonly length: number } {
  const random = randomFrom(seed);
  const length = Math.round(10 ** (7.2 + 2.2 * random()));
  const names = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
    const all = Object.keys(kinds);
    return all[Math.floor(random() * all.length)] ?? "";
  });
  let next = DATA;
  const calls: Call[] = [];
  const block = (size: number): number => {
    const address = next;
    next += 4 * Math.ceil((size + 20) / 4);
    return address;
  };
  const places = names.map((_, i): Place => ({ site: i + 1, length, random, block, calls }));
  names.forEach((name, i) => kinds[name]?.(places[i] as Place));
  const marks = seed % 4 === 0 ? 6 : 0;
  for (let i = 1; i < marks; i++) {
    const time = Math.round((length * i) / marks);
    calls.push({ time, play: (sink) => sink.record({ kind: "mark", value: { time, name: `round ${i}`, task: 3, core: 0 } }) });
  }
  calls.sort((a, b) => a.time - b.time);
  const run = recordRun((sink) => {
    sink.record({ kind: "boot", value: testBoot });
    sink.record({ kind: "task", value: { id: 3, name: "app", handle: 0x3ffc_0000 } });
    names.forEach((_, i) => {
      const value = { id: i + 1, method: Method.MALLOC, caps: 4, file: "main/app.c", line: 10 * i, function: `place_${i}` };
      sink.record({ kind: "site", value });
    });
    if (seed % 3 === 0) {
      const region = { name: "DRAM", start: DATA, end: DATA + 0x2_0000, caps: 4, free: 0x1_f000, largestFree: 0x1_e000 };
      sink.record({ kind: "regions", value: { time: 500, regions: [region] } });
    }
    for (const { time, play } of calls) if (time <= length) play(sink);
    sink.record({ kind: "mark", value: { time: length, name: "end", task: 3, core: 0 } });
  });
  return { run, names, length };
} // prettier-ignore

test("made-up programs", async () => {
  const parts: string[] = [];
  for (let seed = 0; seed < 160; seed++) {
    const { run, names, length } = programOf(seed);
    const { findings } = await detect(await openModel(run));
    const said = findings.map((finding) => {
      const [head = "", ...rest] = linesOf(finding);
      return `  ${head} (${crc32(new TextEncoder().encode(rest.join("\n"))).toString(16)})`;
    });
    parts.push([`## ${seed}: ${names.join(", ")}; ${(length / 1e6).toFixed(0)} s`, ...said].join("\n"));
  }
  await expect(`${parts.join("\n")}\n`).toMatchFileSnapshot("answers/random-leaks.txt");
});
