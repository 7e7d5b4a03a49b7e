// heap_trace_dump() as its summary tells it: what the trace calls leaked, how much of it the log holds, and whether its stacks say who asked.

import { valueAt } from "../../base/values.ts";
import { formatCount, formatExactBytes, formatNumberOf } from "../../base/format.ts";
import type { RunIncident } from "../../heap/run-records.ts";
import { placeOfFrames } from "../../heap/site-names.ts";
import type { Finding } from "../finding.ts";
import type { Names } from "../names.ts";
import { knownObject } from "./knowledge.ts";

/** The detail of incidents that tell one call site's share of a dump. */
const BY_SITE = "by site";
/** Sites beyond which a dump's are not all told. */
const TOLD_SITES = 8;

/** What one site has of a dump. */
interface Share {
  readonly site: number;
  readonly dump: RunIncident;
  readonly bytes: number;
  readonly blocks: number;
}

function shareOf(dump: RunIncident, told: RunIncident): Share {
  return { site: told.site ?? 0, dump, bytes: told.size ?? 0, blocks: factsOf(told).get("blocks") ?? 0 };
}

/** What a dump holds, by its summary where it has one, and what of it the log lists. */
function heldBy(dump: RunIncident): { bytes: number; blocks: number; listedBytes: number; listedBlocks: number } {
  const facts = factsOf(dump);
  const listedBytes = facts.get("listed bytes") ?? 0;
  const listedBlocks = facts.get("listed blocks") ?? 0;
  const [bytes = listedBytes, blocks = listedBlocks] = [facts.get("told bytes"), facts.get("told blocks")];
  return { bytes, blocks, listedBytes, listedBlocks };
}

/** A site that holds more in each dump of one trace, or leaves something in each of several traces, leaks. */
export function traceLeaks(incidents: readonly RunIncident[], names: Names): readonly Finding<"leak">[] {
  const traces = incidents.filter(({ kind }) => kind === "heap-trace");
  const shares = traces.filter(({ detail }) => detail === BY_SITE);
  const dumps = traces.filter(({ detail, facts = [] }) => detail !== BY_SITE && facts.includes("leaks only 1"));
  if (dumps.length < 2) return [];
  const sites = [...new Set(shares.flatMap(({ site }) => site ?? []))];
  return sites.flatMap((site) => {
    const held = dumps.map((dump): Share | undefined => {
      const share = shares.find((one) => one.site === site && one.line === dump.line && one.boot === dump.boot);
      if (share !== undefined) return shareOf(dump, share);
      const count = factsOf(dump).get("sites") ?? TOLD_SITES;
      return count <= TOLD_SITES ? { site, dump, bytes: 0, blocks: 0 } : undefined;
    });
    if (held.some((one) => one === undefined)) return [];
    const all = held.filter((one) => one !== undefined);
    const grows = all.every(({ blocks }, i) => i === 0 || blocks > valueAt(all, i - 1).blocks);
    const isEachTime =
      dumps.length >= 3 &&
      all.every(({ blocks }) => blocks > 0) &&
      dumps.slice(1).every((dump) => factsOf(dump).get("new trace") === 1);
    return grows || isEachTime ? [leakOf(site, all, grows && !isEachTime, names)] : [];
  });
}

function leakOf(site: number, shares: readonly Share[], grows: boolean, names: Names): Finding<"leak"> {
  const [first, last] = [shares[0], shares.at(-1)] as [Share, Share];
  const place = names.site(site).text;
  const lines = shares.map(({ dump }) => dump.line);
  const rounds = shares.length - 1;
  const more = (last.blocks - first.blocks) / rounds;
  const bytes = grows ? last.bytes - first.bytes : shares.reduce((sum, share) => sum + share.bytes, 0);
  const pace = Number.isInteger(more)
    ? `${formatNumberOf(more, "block")}`
    : `about ${Math.round(more * 10) / 10} blocks`;
  const listed = (say: (share: Share) => string): string => shares.slice(-8).map(say).join(", ");
  return {
    rule: "leak",
    severity: "warning",
    confidence: shares.length >= 3 ? 0.9 : 0.7,
    title: grows
      ? `the heap trace grows at ${place}: ${pace}, ${formatExactBytes(Math.round((last.bytes - first.bytes) / rounds))}, more from dump to dump`
      : `${place} leaves something in each of ${shares.length} heap traces, ${formatExactBytes(bytes)} in all`,
    evidence: [
      `Blocks of it in the dumps: ${listed(({ blocks }) => formatCount(blocks))} (lines ${lines.slice(-8).join(", ")}); bytes: ${listed(({ bytes: held }) => formatExactBytes(held))}`,
      ...objectSentence(last),
      ...(shares.length === 2 ? ["Two dumps are few: a third one would make this surer"] : []),
    ],
    next: `Look at who should free what ${place} allocates, on the path that lies between two dumps`,
    sites: [{ role: "allocated", site }],
    blocks: [],
    log: { line: last.dump.line, quote: last.dump.quote },
    bytes,
    blockCount: last.blocks,
    fingerprint: `leak|log|trace|${place}`,
  };
}

function objectSentence({ bytes, blocks }: Share): string[] {
  const size = bytes / Math.max(1, blocks);
  const known = Number.isInteger(size) ? knownObject(size) : undefined;
  return known === undefined
    ? []
    : [`${formatExactBytes(size)} is the size of ${known.means}: likely that (${known.source})`];
}

export function traceFindings(incidents: readonly RunIncident[], names: Names): readonly Finding<"heap-trace">[] {
  const traces = incidents.filter(({ kind }) => kind === "heap-trace");
  const dumps = traces.filter(({ detail }) => detail !== BY_SITE);
  const last = dumps.at(-1);
  if (last === undefined) return [];
  const shares = traces
    .filter(({ detail, line, boot }) => detail === BY_SITE && line === last.line && boot === last.boot)
    .map((share) => shareOf(last, share));
  return [describe(last, dumps, shares, names)];
}

/** Places that are listed. */
const MOST_PLACES = 6;

/** Who has how much of a dump, most bytes first. */
function placeSentences(site: number, shares: readonly Share[], names: Names, isOwnTable: boolean): string[] {
  const byPlace = new Map<string, { bytes: number; blocks: number; isLibrary: boolean }>();
  for (const share of shares) {
    const place = names.site(share.site);
    const { bytes, blocks } = byPlace.get(place.text) ?? { bytes: 0, blocks: 0 };
    byPlace.set(place.text, {
      bytes: bytes + share.bytes,
      blocks: blocks + share.blocks,
      isLibrary: placeOfFrames(place.frames).isOwn === false,
    });
  }
  const { text, frames } = names.site(site);
  const places = [...byPlace].sort(([, a], [, b]) => b.bytes - a.bytes);
  const libraries = places.slice(0, MOST_PLACES).flatMap(([place, { isLibrary }]) => (isLibrary ? [place] : []));
  const listed = places
    .slice(0, MOST_PLACES)
    .map(
      ([place, { bytes, blocks }]) => `${formatExactBytes(bytes)} in ${formatNumberOf(blocks, "block")} from ${place}`,
    );
  return [
    places.length < 2
      ? `Most of it comes from ${text}`
      : `By place: ${listed.join("; ")}${places.length > MOST_PLACES ? "; and others" : ""}`,
    ...(frames.length === 0
      ? [
          "The callers have no names here: the first one in flash is told, as the allocator lies in RAM unless a setting has moved it",
        ]
      : []),
    ...(libraries.length > 0 && !isOwnTable
      ? [
          `All recorded frames of ${libraries.length === places.length ? "them" : libraries.slice(0, 3).join(" and of ")} are libraries': the call of the program's own lies further out, and a larger CONFIG_HEAP_TRACING_STACK_DEPTH names it`,
        ]
      : []),
  ];
}

function factsOf(incident: RunIncident): ReadonlyMap<string, number> {
  return new Map(
    (incident.facts ?? []).map((fact) => [
      fact.slice(0, fact.lastIndexOf(" ")),
      Number(fact.slice(fact.lastIndexOf(" ") + 1)),
    ]),
  );
}

function describe(
  last: RunIncident,
  dumps: readonly RunIncident[],
  shares: readonly Share[],
  names: Names,
): Finding<"heap-trace"> {
  const facts = factsOf(last);
  const fact = (name: string): number | undefined => facts.get(name);
  const { bytes, blocks, listedBytes, listedBlocks } = heldBy(last);
  const missing = Math.max(0, blocks - listedBlocks);
  const declared = fact("declared records") ?? 0;
  const undeclared = Math.max(0, declared - (fact("listed records") ?? 0));
  const isLeaksOnly = fact("leaks only") === 1;
  const isShallow = fact("allocator frames only") === 1;
  const isOwnTable = fact("own table") === 1;
  const evidence: string[] = [];
  if (missing > 0) {
    evidence.push(
      `Only ${formatCount(listedBlocks)} of ${formatCount(blocks)} records are in the log, ${formatExactBytes(listedBytes)} of ${formatExactBytes(bytes)}: ${formatNumberOf(missing, "record")} and ${formatExactBytes(bytes - listedBytes)} are missing; the summary's own numbers stand`,
    );
  } else if (undeclared > 0) {
    evidence.push(
      `${declared === undeclared ? "None" : `Only ${formatCount(declared - undeclared)}`} of ${formatNumberOf(declared, "record")} that its first line declares can be read: what the others hold is not known`,
    );
  }
  const told = fact("told records") ?? 0;
  const lost = told - (fact("listed records") ?? 0);
  if (missing === 0 && lost > 0)
    evidence.push(
      `Of ${formatNumberOf(told, "record")} ${formatCount(lost)} are not in the log: those of blocks that had been freed again`,
    );
  evidence.push(...sizeSentences(facts));
  const allocations = fact("total allocations");
  const frees = fact("total frees");
  if (allocations !== undefined && frees !== undefined) {
    const left = allocations - frees;
    const dropped =
      left > blocks
        ? `; that is ${formatCount(left - blocks)} more than the trace still lists: its buffer has dropped them, or older blocks were freed`
        : "";
    evidence.push(
      `${formatNumberOf(allocations, "allocation")}, ${formatNumberOf(frees, "free")} while it ran: ${formatCount(left)} not freed${dropped}`,
    );
  }
  if (fact("overflowed") === 1)
    evidence.push(
      "The trace's buffer overflowed: the oldest records are lost, give heap_trace_init_standalone() more of them",
    );
  if (isShallow)
    evidence.push(
      "Who asked cannot be told: all recorded frames are the allocator's own (heap_caps_malloc, pvPortMalloc, malloc …)",
    );
  if (fact("no callers") === 1) evidence.push("Who asked cannot be told: the records have no callers at all");
  evidence.push(...growth(dumps));
  const place =
    last.site !== undefined && last.site !== 0 && !isShallow && fact("no callers") !== 1
      ? [{ role: "allocated" as const, site: last.site }]
      : [];
  for (const { site } of place) evidence.push(...placeSentences(site, shares, names, isOwnTable));
  const isNameless = place.some(({ site }) => names.site(site).function === undefined);
  const deeper = isOwnTable
    ? "Print more of each stack: the first two to four frames are the allocator's"
    : "Set CONFIG_HEAP_TRACING_STACK_DEPTH to 6 or more: the first two to four frames are the allocator's; then decode the callers with `--elf build/APP.elf`";
  const withCallers = isOwnTable
    ? "Print who asked as well: alloced_by of the records of heap_trace_get(), or __builtin_return_address(0) in a hook of your own"
    : "RISC-V chips need ESP-IDF 5.5 and CONFIG_ESP_SYSTEM_USE_FRAME_POINTER for callers, Xtensa chips a CONFIG_HEAP_TRACING_STACK_DEPTH above 0";
  const next = isShallow
    ? deeper
    : fact("no callers") === 1
      ? withCallers
      : missing > 0 || undeclared > 0
        ? "Save the whole dump (the console's scrollback cuts it; `idf.py monitor | tee run.log`) and give it again"
        : `Dump it again after the same action: what grows each time is the leak, what stays was allocated once${isNameless ? "; `--elf build/APP.elf` names the callers" : ""}`;
  const grows = dumps.length > 1 && growth(dumps).length > 0;
  return {
    rule: "heap-trace",
    severity: blocks === 0 || !isLeaksOnly ? "note" : "warning",
    confidence: grows ? 0.85 : isLeaksOnly ? 0.6 : 0.4,
    title:
      blocks === 0 && undeclared > 0
        ? "the heap trace cannot be read: what it holds is not known"
        : blocks === 0
          ? "the heap trace holds no block that was not freed"
          : `${formatNumberOf(blocks, "block")}, ${formatExactBytes(bytes)}, ${isLeaksOnly ? "were not freed while the heap trace ran" : "are alive in the heap trace"}${grows ? ", and it grows from dump to dump" : ""}`,
    evidence,
    next,
    sites: place,
    blocks: [],
    log: { line: last.line, quote: last.quote },
    bytes,
    blockCount: blocks,
    fingerprint: "heap-trace|log",
  };
}

/** `84 B ×3: likely …`, most bytes first. */
function sizeSentences(facts: ReadonlyMap<string, number>): string[] {
  const sizes = [...facts].flatMap(([name, count]) => {
    const size = /^size (\d+)$/.exec(name)?.[1];
    return size === undefined ? [] : [{ size: Number(size), count }];
  });
  if (sizes.length === 0) return [];
  const sorted = sizes.sort((a, b) => b.size * b.count - a.size * a.count);
  const listed = sorted
    .slice(0, 6)
    .map(({ size, count }) => `${count > 1 ? `${formatCount(count)} × ` : ""}${formatExactBytes(size)}`);
  const known = sorted.slice(0, 6).flatMap(({ size, count }) => {
    const what = knownObject(size);
    return what === undefined
      ? []
      : [
          `${formatExactBytes(size)}${count > 1 ? ` (${formatCount(count)} of them)` : ""} is the size of ${what.means}: likely that (${what.source})`,
        ];
  });
  return [`Sizes: ${listed.join(", ")}${sorted.length > 6 ? " and others" : ""}`, ...known];
}

/** Dumps of one program that hold ever more. */
function growth(dumps: readonly RunIncident[]): string[] {
  if (dumps.length < 2) return [];
  const totals = dumps.map((dump) => heldBy(dump).bytes);
  const grows = totals.every((total, i) => i === 0 || total > valueAt(totals, i - 1));
  if (!grows) return [];
  return [
    `${formatNumberOf(dumps.length, "dump")} in this log, each larger than the one before: ${totals.slice(-6).map(formatExactBytes).join(", ")} (lines ${dumps
      .map(({ line }) => line)
      .slice(-6)
      .join(", ")})`,
  ];
}
