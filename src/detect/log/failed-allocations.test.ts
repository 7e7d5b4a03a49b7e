// What is said of failed requests, word by word in test/answers, and the borders between one cause and another.

import { expect, test } from "vitest";
import type { RunIncident } from "../../heap/run-records.ts";
import { Cap } from "../../wire/caps.ts";
import { told } from "../../../test/finding-text.ts";
import { incident, namesOf } from "../../../test/incidents.ts";
import type { Finding } from "../finding.ts";
import { failedAllocations } from "./failed-allocations.ts";

const names = namesOf([
  ["heap_caps_malloc", "malloc", "make_packet"],
  ["heap_caps_malloc", "malloc"],
  ["0x40081234"],
  ["panic_abort", "abort", "operator new", "load_image"],
  [],
]);

const failed = (more: Partial<RunIncident> = {}): RunIncident => incident("failed-allocation", more);
const of = (...incidents: readonly RunIncident[]): readonly Finding[] => failedAllocations(incidents, names).findings;

test("requests that failed, one kind or several", async () => {
  const sizes = (...all: readonly number[]): readonly Finding[] =>
    of(...all.map((size, i) => failed({ size, line: 10 + i })));
  await expect(
    told({
      "nothing is told of it": of(failed()),
      "nothing is told of them": of(failed({ count: 3, lastLine: 14 })),
      "one of a size": sizes(100),
      "two of a size": sizes(100, 100),
      "five sizes, the largest first": sizes(100, 500, 300, 400, 200),
      "six sizes": sizes(1, 2, 3, 4, 5, 600),
      "seven kinds": sizes(1, 2, 3, 4, 5, 6, 700),
      "two of the second kind": of(failed({ size: 1 }), failed({ size: 2, line: 12, count: 2 })),
      "nine kinds": sizes(1, 2, 3, 4, 5, 6, 7, 8, 900),
      "ten thousand bytes": sizes(9_999, 10_000),
      "for nothing": sizes(0),
      "for nothing, often": of(failed({ size: 0, count: 1000, lastLine: 1009 })),
      "one for nothing among others": sizes(0, 20),
      "a size and one that is not told": of(failed({ size: 600 }), failed({ line: 12 })),
      "who, by what, and with which capabilities": of(
        failed({ size: 600, component: "app", function: "heap_caps_calloc", caps: Cap.INTERNAL | Cap["8BIT"] }),
      ),
      "a driver": of(failed({ size: 600, component: "LCD driver", caps: 0 })),
      "an outbox": of(failed({ size: 600, component: "mqtt outbox" })),
      "who asked has a name": of(failed({ size: 600, site: 1, frames: 5, ownFrame: 3, pc: 0x4008_1234, known: "callback" })),
      "an allocator asked": of(failed({ size: 600, site: 2, frames: 2 })),
      "a place without a name asked": of(failed({ size: 600, site: 3, frames: 4, ownFrame: 4, pc: 0x4008_1234, time: 1 })),
      "an address asked": of(failed({ size: 600, site: 5, frames: 4, ownFrame: 4, pc: 0x4008_1234 })),
      "a place of which not even the address is told asked": of(failed({ size: 600, site: 5 })),
      "nobody is named": of(failed({ size: 600, site: 3, frames: 4 })),
      "no frames are counted": of(failed({ size: 600, site: 2 })),
      "at a time, and later again": of(failed({ size: 600, time: 2e6 }), failed({ size: 600, line: 12, time: 5e6 }), failed({ size: 600, line: 14, time: 4e6 })),
      "more lines of it": of(failed({ size: 600, also: ["11: one", "12: two", "13: three"] }), failed({ size: 600, line: 20, also: ["21: four", "five", "23: six"] })),
      "apart by who asked": of(failed({ size: 600, component: "a" }), failed({ size: 600, component: "b", line: 12 })),
      "a size that is known": of(failed({ size: 1_600 })),
      "a size that is known, of a kind that has no such": of(failed({ size: 1_600, known: "lvgl" })),
      "a size that is known, beside larger ones that are not": of(failed({ size: 5_000 }), failed({ size: 1_460, line: 12 })),
      "what is known of one that has a title": of(failed({ known: "refused-low", size: 600 })),
      "what is known of no entry": of(failed({ known: "of a later version", size: 600 })),
      "PSRAM that did not start": of(failed({ known: "psram-missing" })),
      "a request for PSRAM after it did not start": of(failed({ known: "psram-missing", line: 3 }), failed({ size: 600, caps: Cap.SPIRAM })),
      "a camera's request after it did not start": of(failed({ known: "psram-missing", line: 3 }), failed({ size: 600, known: "camera" })),
      "another request after it did not start": of(failed({ known: "psram-missing", line: 3 }), failed({ size: 600, caps: Cap.INTERNAL })),
      "a request for PSRAM before it did not start": of(failed({ size: 600, caps: Cap.SPIRAM }), failed({ known: "psram-missing", line: 30 })),
      "a request for PSRAM in the same line": of(failed({ known: "psram-missing", line: 10 }), failed({ size: 600, caps: Cap.SPIRAM })),
      "a request for PSRAM of another boot": of(failed({ known: "psram-missing", line: 3 }), failed({ size: 600, caps: Cap.SPIRAM, boot: 1 })),
    }),
  ).toMatchFileSnapshot("../../../test/answers/log-requests.txt");
}); // prettier-ignore

test("why: what was free then, and in what pieces", async () => {
  const K = 1024;
  await expect(
    told({
      "too little free": of(failed({ size: 600, free: 599 })),
      "just as much free": of(failed({ size: 600, free: 600 })),
      "less than half as much again free": of(failed({ size: 10_000, free: 14_999 })),
      "half as much again free": of(failed({ size: 10_000, free: 15_000 })),
      "half as much again free, of which the largest is too small": of(failed({ size: 10_000, free: 15_000, largest: 9_999, largestLine: 9 })),
      "half as much again free, of which the largest is enough": of(failed({ size: 10_000, free: 15_000, largest: 10_000, largestLine: 9, freeLine: 9 })),
      "none free": of(failed({ size: 600, free: 0 })),
      "free, told a line before": of(failed({ size: 10_000, free: 15_000, freeLine: 9 })),
      "free, told two lines before": of(failed({ size: 10_000, free: 15_000, freeLine: 8 })),
      "free, told two lines later": of(failed({ size: 10_000, free: 15_000, freeLine: 12 })),
      "free, told long before, with the largest": of(failed({ size: 10_000, free: 15_000, freeLine: 2, largest: 100 })),
      "a size that is known, in pieces": of(failed({ size: 1_600, free: 15_000 })),
      "in pieces, and what is known of it": of(failed({ size: 600, free: 15_000, known: "refused-low" })),
      "in pieces, of sizes not told": of(failed({ free: 15_000 })),
      "from the least to the most free": of(failed({ size: 600, free: 500, freeHighest: 900 })),
      "from the least to the most free, of several": of(failed({ size: 1, free: 8_100, freeHighest: 8_200 }), failed({ size: 1, free: 8_000, line: 12 })),
      "nearly all used up, one figure": of(failed({ size: 6_000, free: 8 * K - 1 })),
      "nearly all used up, no size told": of(failed({ free: 8 * K - 1, freeHighest: 9_000 })),
      "not nearly used up": of(failed({ free: 8 * K })),
      "after long": of(failed({ size: 600, free: 8 * K - 1, time: 1800e6 + 1 })),
      "after not so long": of(failed({ size: 600, free: 8 * K - 1, time: 1800e6 })),
      "after long with more free": of(failed({ size: 600, free: 8 * K, time: 1800e6 + 1 })),
      "no size, and much free": of(failed({ free: 16 * K })),
      "no size, and much free in pieces": of(failed({ free: 16 * K, largest: 700 })),
      "no size, and not so much free": of(failed({ free: 16 * K - 1 })),
      "an empty pool": of(failed({ free: 16 * K, known: "openthread" })),
      "a pool, and not so much free": of(failed({ free: 16 * K - 1, known: "openthread" })),
      "a pool and a size": of(failed({ size: 600, free: 16 * K, known: "openthread" })),
      "a small one": of(failed({ size: 511 })),
      "a small one among larger ones": of(failed({ size: 5_000 }), failed({ size: 511, line: 12 })),
      "not so small": of(failed({ size: 512 })),
      "sunk before": of(failed({ size: 600, free: 700, minimum: 699, minimumLine: 4 })),
      "no lower before": of(failed({ size: 600, free: 700, minimum: 700, minimumLine: 4 })),
      "sunk, and what is free is not told": of(failed({ size: 600, minimum: 5_000 })),
      "the largest too small by a byte": of(failed({ size: 601, largest: 600 })),
      "the largest as large": of(failed({ size: 600, largest: 600, largestLine: 8 })),
      "told of the second": of(failed({ size: 600 }), failed({ size: 700, line: 12, free: 90, freeLine: 11, largest: 80, largestLine: 11 })),
      "in PSRAM": of(failed({ size: 600, free: 90, caps: Cap.SPIRAM | Cap.DMA })),
      "for DMA": of(failed({ size: 600, free: 90, caps: Cap.DMA | Cap.INTERNAL })),
      "in internal memory": of(failed({ size: 600, free: 90, caps: Cap.INTERNAL })),
      "in any memory": of(failed({ size: 600, free: 90, caps: Cap["8BIT"] })),
    }),
  ).toMatchFileSnapshot("../../../test/answers/log-causes.txt");
}); // prettier-ignore

test("what came of it: crashes, assertions, restarts", async () => {
  const after = (kind: RunIncident["kind"], line: number, more: Partial<RunIncident> = {}, cause: Partial<RunIncident> = {}): readonly Finding[] =>
    of(failed({ size: 600, lastLine: 12, count: 2, ...cause }), incident(kind, { line, ...more }));
  await expect(
    told({
      "an abort": after("abort", 72),
      "an abort too late": after("abort", 73),
      "an abort before it": after("abort", 9),
      "an abort in its line": after("abort", 10),
      "an abort between": after("abort", 11),
      "a panic": after("panic", 13, { detail: "LoadProhibited" }),
      "a panic that says nothing": after("panic", 13),
      "a stack that overflowed": after("stack-overflow", 13),
      "an assertion of a pointer": after("assert", 13, { detail: "buffer != NULL" }),
      "an assertion of a pointer, and its place": after("assert", 13, { detail: "self->buffer (main.c:3)" }),
      "an assertion of something else": after("assert", 13, { detail: "size > 0" }),
      "an assertion that says nothing": after("assert", 13),
      "Rust's abort": after("abort", 13, {}, { known: "rust" }),
      "an abort of new, that names who asked": after("abort", 13, { site: 4, frames: 4, ownFrame: 4 }, { known: "bad-alloc" }),
      "an abort of new that names nobody": after("abort", 13, { site: 3, frames: 2 }, { known: "bad-alloc" }),
      "an abort that names another": after("abort", 13, { site: 4, frames: 4, ownFrame: 4 }),
      "a panic after new": after("panic", 13, { site: 4, frames: 4, ownFrame: 4 }, { known: "bad-alloc" }),
      "told after the crash": after("panic", 2, { lastLine: 4 }, { quote: "last failed alloc call: 40201234(600)", line: 124, lastLine: 124, count: 1 }),
      "told too long after the crash": after("panic", 2, { lastLine: 3 }, { quote: "last failed alloc call: 40201234(600)", line: 124, lastLine: 124, count: 1 }),
      "a restart": after("restart", 72, { detail: "POWERON_RESET" }),
      "a restart that says nothing": after("restart", 13),
      "a restart too late": after("restart", 73),
      "a restart in its last line": after("restart", 12),
      "a restart of a boot before": after("restart", 13, {}, { boot: 1 }),
      "a restart of the next boot": after("restart", 13, { boot: 1 }),
    }),
  ).toMatchFileSnapshot("../../../test/answers/log-consequences.txt");
  const cause = failed({ size: 600 });
  const crash = incident("abort", { line: 11 });
  const other = incident("abort", { line: 500 });
  expect([...failedAllocations([cause, crash, other], names).explained]).toEqual([crash]);
}); // prettier-ignore
