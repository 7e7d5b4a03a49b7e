// All findings over 10 million events with 20,000 live blocks, as a ratio to plain reading of the same run (a scan with no visitor) and in
// seconds of processor time. MEMMAP_EVENTS changes the number of events.
import { detect } from "../src/detect/run.ts";
import { openModel } from "../src/heap/model.ts";
import type { Teller } from "../src/wire/teller.ts";
import { Method } from "../src/wire/protocol.ts";
import { recordRun, testBoot } from "../test/heap-text.ts";

const events = Number(process.env["MEMMAP_EVENTS"] ?? 10_000_000);
const liveBlocks = 20_000;
const sites = 400;
const heapStart = 0x3f80_0000;
const slotBytes = 64;

/** Steady churn: a random live block goes, another comes in its place; one site in a hundred never frees. */
function play(sink: Teller): void {
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  sink.record({ kind: "boot", value: testBoot });
  for (let id = 1; id <= sites; id++) {
    sink.record({
      kind: "site",
      value: { id, method: Method.MALLOC, caps: 0x1004, file: `main/f${id % 20}.c`, line: id, function: `f${id}` },
    });
  }
  const slots = 40_000;
  const used = new Uint32Array(slots).map((_, i) => i);
  let live = 0;
  let time = 0;
  const report = (): void =>
    sink.record({
      kind: "regions",
      value: {
        time,
        regions: [
          {
            name: "PSRAM",
            start: heapStart,
            end: heapStart + slots * slotBytes,
            caps: 0x1404,
            free: (slots - live) * slotBytes,
            largestFree: slotBytes,
          },
        ],
      },
    });
  report();
  for (let i = 0; i < events; i++) {
    time += 50;
    if (live < liveBlocks || random(2) === 0) {
      if (live === slots) continue;
      const pick = live + random(slots - live);
      const slot = used[pick] ?? 0;
      used[pick] = used[live] ?? 0;
      used[live++] = slot;
      sink.alloc(time, heapStart + slot * slotBytes + 4, 16 + random(44), 1 + random(sites), 3, i & 1);
    } else {
      const pick = random(live);
      const slot = used[pick] ?? 0;
      used[pick] = used[--live] ?? 0;
      used[live] = slot;
      sink.free(time, heapStart + slot * slotBytes + 4, 0, 3, i & 1);
    }
    if (i % 100_000 === 0) report();
  }
}

const model = await openModel(recordRun(play));
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
};
const reading = await timed(() => model.scan(undefined, [{}]));
const finding = await timed(() => detect(model));
console.log(`${model.rows} events, ${sites} sites`);
console.log(`plain reading  ${reading.toFixed(2)} s`);
console.log(
  `all findings   ${finding.toFixed(2)} s, ${(finding / reading).toFixed(2)} times plain reading, ${(model.rows / finding / 1e6).toFixed(1)} M events/s`,
);
