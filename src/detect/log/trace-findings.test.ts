// What is said of heap_trace_dump(), word by word in test/answers.

import { expect, test } from "vitest";
import type { RunIncident } from "../../heap/run-records.ts";
import { told } from "../../../test/finding-text.ts";
import { incident, namesOf } from "../../../test/incidents.ts";
import type { Finding } from "../finding.ts";
import { traceFindings, traceLeaks } from "./trace-findings.ts";

const idf = "/home/me/esp-idf/components";
const names = namesOf([
  ["malloc", "make_packet", "main_loop"],
  ["malloc", "open_socket"],
  [{ function: "malloc" }, { function: "lwip_select", file: `${idf}/lwip/sockets.c`, line: 5 }],
  [],
  ...Array.from({ length: 8 }, (_, i) => [`place_${i}`]),
]);

/** A dump of so many blocks and bytes in line `line`. */
function dump(line: number, facts: readonly string[], more: Partial<RunIncident> = {}): RunIncident {
  return incident("heap-trace", { line, facts, ...more });
}

/** What a site has of the dump in that line. */
function share(line: number, site: number, blocks: number, size: number, boot = 0): RunIncident {
  return incident("heap-trace", { line, site, size, boot, detail: "by site", facts: [`blocks ${blocks}`] });
}

const said = (...incidents: readonly RunIncident[]): readonly Finding[] => traceFindings(incidents, names);
const lost = (...incidents: readonly RunIncident[]): readonly Finding[] => traceLeaks(incidents, names);
const held = (blocks: number, bytes: number): readonly string[] => [`listed blocks ${blocks}`, `listed bytes ${bytes}`];

test("a dump of a heap trace", async () => {
  const leaks = [...held(3, 252), "leaks only 1"];
  const sized = (...sizes: readonly string[]): readonly Finding[] => said(dump(10, [...held(9, 900), ...sizes]));
  await expect(
    told({
      "no dump": said(incident("restart")),
      "nothing told of it": said(dump(10, [])),
      "three blocks that were not freed": said(dump(10, leaks)),
      "three that are alive": said(dump(10, held(3, 252))),
      "one block": said(dump(10, [...held(1, 84), "leaks only 1"])),
      "none that was not freed": said(dump(10, [...held(0, 0), "leaks only 1"])),
      "a record is missing": said(dump(10, [...leaks, "told blocks 4", "told bytes 300"])),
      "more are listed than are told": said(dump(10, [...leaks, "told blocks 2", "told bytes 200"])),
      "ten thousand bytes": said(dump(10, [...held(1, 10_000)])),
      "totals that agree": said(dump(10, [...leaks, "total allocations 10", "total frees 7"])),
      "totals of which more is left": said(dump(10, [...leaks, "total allocations 10", "total frees 6"])),
      "one of the totals": said(dump(10, [...leaks, "total allocations 10"])),
      "an overflow": said(dump(10, [...leaks, "overflowed 1"])),
      "no overflow": said(dump(10, [...leaks, "overflowed 0"])),
      "the allocator's frames only": said(dump(10, [...leaks, "allocator frames only 1"], { site: 1 })),
      "no callers": said(dump(10, [...leaks, "no callers 1"], { site: 1 })),
      "of one place": said(dump(10, leaks, { site: 1 })),
      "of a place without a name": said(dump(10, leaks, { site: 4 })),
      "of a library": said(dump(10, leaks, { site: 3 })),
      "of no place": said(dump(10, leaks, { site: 0 })),
      "of one place, and its share": said(dump(10, leaks, { site: 1 }), share(10, 1, 3, 252)),
      "of two places, most bytes first": said(dump(10, leaks, { site: 1 }), share(10, 1, 2, 100), share(10, 2, 1, 152)),
      "of one place reached in two ways": said(dump(10, leaks, { site: 1 }), share(10, 5, 1, 100), share(10, 5, 2, 152)),
      "of six places": said(dump(10, leaks, { site: 1 }), ...[5, 6, 7, 8, 9, 10].map((site) => share(10, site, 1, 84))),
      "of seven places": said(dump(10, leaks, { site: 1 }), ...[5, 6, 7, 8, 9, 10, 11].map((site) => share(10, site, 1, 84))),
      "shares of other dumps": said(dump(10, leaks, { site: 1 }), share(9, 1, 3, 252), share(10, 2, 1, 100, 1)),
      "the second of two that grow": said(dump(10, leaks), dump(20, [...held(4, 336), "leaks only 1"])),
      "the second of two that do not grow": said(dump(10, leaks), dump(20, leaks)),
      "totals that grow": said(dump(10, [...leaks, "told bytes 300"]), dump(20, [...leaks, "told bytes 301"])),
      "three, of which the last does not grow": said(dump(10, held(1, 10)), dump(20, held(2, 20)), dump(30, held(2, 20))),
      "a share of which nothing is told": said(dump(10, leaks, { site: 1 }), share(10, 1, 3, 252), incident("heap-trace", { detail: "by site" })),
      "six sizes, most bytes first": sized("size 84 1", "size 100 4", "size 2048 2", "size 10 1000", "size 4096 3", "size 50 2"),
      "seven sizes": sized("size 84 1", "size 100 4", "size 2048 2", "size 10 1000", "size 4096 3", "size 50 2", "size 340 10"),
      "seven sizes, of which the last is known": sized("size 1 1000", "size 2 1000", "size 3 1000", "size 4 1000", "size 5 1000", "size 6 1000", "size 84 1"),
      "two of a size that is known": sized("size 84 2", "sized 5"),
      "seven dumps that grow": said(...[1, 2, 3, 4, 5, 6, 7].map((i) => dump(10 * i, held(i, 10 * i)))),
      "a dump's end": said(dump(10, [...leaks, "told blocks 4"], { time: 5e6, lastLine: 30, count: 2 })),
    }),
  ).toMatchFileSnapshot("../../../test/answers/log-traces.txt");
}); // prettier-ignore

test("what grows from dump to dump, or is left each time", async () => {
  const leaks = (line: number, ...more: readonly string[]): RunIncident => dump(line, ["leaks only 1", ...more]);
  const traced = (line: number): RunIncident => leaks(line, "new trace 1");
  const grown = (counts: readonly number[], size: number): readonly RunIncident[] =>
    counts.flatMap((blocks, i) => [leaks(10 * (i + 1)), ...(blocks === 0 ? [] : [share(10 * (i + 1), 1, blocks, blocks * size)])]);
  const eachTime = (counts: readonly number[]): readonly RunIncident[] =>
    counts.flatMap((blocks, i) => [traced(10 * (i + 1)), ...(blocks === 0 ? [] : [share(10 * (i + 1), 1, blocks, blocks * 84)])]);
  await expect(
    told({
      "one dump": lost(...grown([3], 84)),
      "two that grow by one": lost(...grown([1, 2], 84)),
      "three that grow": lost(...grown([1, 2, 4], 84)),
      "from none on": lost(...grown([0, 1], 100)),
      "unevenly": lost(...grown([1, 2, 3, 4, 6], 2048)),
      "by a third": lost(...grown([1, 2, 3, 5], 10)),
      "of which one does not grow": lost(...grown([1, 2, 2], 84)),
      "nine of them": lost(...grown([1, 2, 3, 4, 5, 6, 7, 8, 9], 84)),
      "each of three traces leaves two": lost(...eachTime([2, 2, 2])),
      "each of three traces leaves more": lost(...eachTime([1, 2, 3])),
      "each of two traces leaves two": lost(...eachTime([2, 2])),
      "each of two traces leaves more": lost(...eachTime([1, 2])),
      "the last of three traces leaves none": lost(...eachTime([2, 2, 0])),
      "two traces, the second dumped twice": lost(traced(10), share(10, 1, 2, 84), traced(20), share(20, 1, 2, 84), leaks(30), share(30, 1, 2, 84)),
      "three traces, the second dumped twice": lost(traced(10), share(10, 1, 2, 84), traced(20), share(20, 1, 2, 84), leaks(30), share(30, 1, 2, 84), traced(40), share(40, 1, 2, 84)),
      "three dumps, of which the second is of the first trace": lost(traced(10), share(10, 1, 2, 84), leaks(20), share(20, 1, 2, 84), traced(30), share(30, 1, 2, 84)),
      "the first trace dumped before": lost(leaks(10), share(10, 1, 2, 84), traced(20), share(20, 1, 2, 84), traced(30), share(30, 1, 2, 84)),
      "dumps of all that lives": lost(dump(10, []), share(10, 1, 1, 84), dump(20, []), share(20, 1, 2, 168)),
      "a site that a dump of eight does not list": lost(leaks(10, "sites 8"), leaks(20, "sites 8"), share(20, 1, 1, 84)),
      "a site that a dump of nine does not list": lost(leaks(10, "sites 9"), leaks(20, "sites 9"), share(20, 1, 1, 84)),
      "two sites": lost(leaks(10), share(10, 1, 1, 84), share(10, 2, 1, 10), leaks(20), share(20, 1, 2, 168), share(20, 2, 3, 30)),
      "another boot's share": lost(leaks(10), share(10, 1, 1, 84), leaks(20), share(20, 1, 2, 168, 1)),
      "of sizes that nobody knows": lost(leaks(10), share(10, 1, 1, 84), leaks(20), share(20, 1, 2, 169)),
      "of a place that is not told": lost(leaks(10), leaks(20), incident("heap-trace", { line: 20, detail: "by site" })),
    }),
  ).toMatchFileSnapshot("../../../test/answers/log-trace-leaks.txt");
}); // prettier-ignore
