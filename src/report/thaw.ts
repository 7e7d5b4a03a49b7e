/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Answers a page's questions from what was frozen: the nearest kept moment, the kept range, tables sorted anew.
import { MemmapError } from "../base/errors.ts";
import type { Microseconds } from "../base/units.ts";
import { groupMap } from "./block-map.ts";
import type { BlockRows } from "./block-rows.ts";
import { compareView, type CompareView } from "./compare-view.ts";
import type { Frozen, FrozenMoment } from "./frozen.ts";
import type { GrowthRow } from "./growth-view.ts";
import type { LogView } from "./log-view.ts";
import type { MemoryCurves } from "./curves.ts";
import type { Answers, QuestionKind, QuestionOf, Question } from "./questions.ts";
import { sortSiteRows, type SiteRows } from "./site-rows.ts";

/** @throws MemmapError `not-in-report` for what was left out */
export function thaw<K extends QuestionKind>(frozen: Frozen, question: QuestionOf<K>): Answers[K] {
  return thawAny(frozen, question) as Answers[K];
}

function thawAny(frozen: Frozen, question: Question): Answers[QuestionKind] {
  switch (question.kind) {
    case "curves":
      return cutCurves(frozen, question);
    case "verdict":
      return frozen.verdict;
    case "growth":
      return found(frozen.growth.find(({ by }) => by === question.by));
    case "map":
      return nearest(frozen, question.time).map;
    case "totals":
      return nearest(frozen, question.time).totals;
    case "flame":
      return found(
        frozen.flames.find(
          ({ cost, group, inverted }) =>
            cost === question.cost && group === question.group && inverted === question.inverted,
        )?.tree,
      );
    case "leak":
      return found(frozen.leaks.find(({ where }) => where === question.where));
    case "stories":
      return frozen.stories;
    case "blocks":
      return blockRows(nearest(frozen, question.time), question);
    case "sites":
      return siteRows(frozen, question);
    case "log":
      return searchLog(frozen.log, question);
    case "compare":
      return compare(nearest(frozen, question.before), nearest(frozen, question.after), question);
  }
}

function found<T>(value: T | undefined): T {
  if (value !== undefined) return value;
  throw new MemmapError("this report does not hold that", {
    code: "not-in-report",
    hint: "It was folded away to keep the file small; the recording itself has everything.",
  });
}

function nearest({ moments }: Frozen, time: Microseconds): FrozenMoment {
  return found(
    moments.reduce<FrozenMoment | undefined>(
      (best, one) => (best === undefined || Math.abs(one.time - time) < Math.abs(best.time - time) ? one : best),
      undefined,
    ),
  );
}

function cutCurves({ curves }: Frozen, { window, scope }: QuestionOf<"curves">): MemoryCurves {
  const whole =
    curves.find((one) => scope !== undefined && JSON.stringify(one.scope) === JSON.stringify(scope)) ??
    found(curves[0]);
  const from = whole.time.findIndex((time) => time >= window.from);
  const last = whole.time.findIndex((time) => time >= window.to);
  const end = last < 0 ? whole.time.length : last + 1;
  const cut = (column: Float64Array): Float64Array => column.slice(Math.max(0, from), end);
  return {
    ...whole,
    window,
    time: cut(whole.time),
    free: cut(whole.free),
    minFree: cut(whole.minFree),
    maxFree: cut(whole.maxFree),
    largestFree: cut(whole.largestFree),
    used: cut(whole.used),
    minUsed: cut(whole.minUsed),
    maxUsed: cut(whole.maxUsed),
    estimated: whole.estimated.slice(Math.max(0, from), end),
    happenings: whole.happenings.filter(({ time }) => time >= window.from && time <= window.to),
  };
}

function blockRows({ map, totals }: FrozenMoment, question: QuestionOf<"blocks">): BlockRows {
  const { order, descending, offset, count, bornSince = -Infinity } = question;
  const nameOf = (row: number): string => map.siteNames[map.site[row]!] ?? "";
  const taskOf = (row: number): string => map.taskNames[map.task[row]!] ?? "";
  const rows = Array.from({ length: map.length }, (_, row) => row).filter((row) => map.born[row]! >= bornSince);
  const sign = descending ? -1 : 1;
  const text = (of: (row: number) => string) => (a: number, b: number) => (of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0);
  const compareRows = {
    size: (a: number, b: number) => map.size[a]! - map.size[b]!,
    age: (a: number, b: number) => map.origin[b]! - map.origin[a]!,
    address: (a: number, b: number) => a - b,
    site: text(nameOf),
    task: text(taskOf),
  }[order];
  rows.sort((a, b) => sign * compareRows(a, b) || a - b);
  const shown = rows.slice(offset, offset + count);
  return {
    time: map.time,
    offset,
    total: rows.length,
    bytes: rows.reduce((sum, row) => sum + map.size[row]!, 0),
    exact: totals.exact,
    address: Uint32Array.from(shown, (row) => map.address[row]!),
    size: Uint32Array.from(shown, (row) => map.size[row]!),
    origin: Float64Array.from(shown, (row) => map.origin[row]!),
    reallocs: new Uint16Array(shown.length),
    flags: Uint8Array.from(shown, (row) => map.flags[row]!),
    where: shown.map(nameOf),
    task: shown.map(taskOf),
  };
}

function siteRows(frozen: Frozen, question: QuestionOf<"sites">): SiteRows {
  const { offset, count } = question;
  const sorted = sortSiteRows(frozen.sites, question);
  return { window: frozen.window, offset, total: sorted.length, rows: sorted.slice(offset, offset + count) };
}

function searchLog(log: LogView, { window, search }: QuestionOf<"log">): LogView {
  const wanted = search.toLowerCase();
  const rows = log.lines
    .map((_, i) => i)
    .filter(
      (i) =>
        log.time[i]! >= window.from && log.time[i]! <= window.to && (log.lines[i] ?? "").toLowerCase().includes(wanted),
    );
  return {
    ...log,
    window,
    time: Float64Array.from(rows, (i) => log.time[i]!),
    lines: rows.map((i) => log.lines[i] ?? ""),
    number: Uint32Array.from(rows, (i) => log.number[i]!),
  };
}

function compare(before: FrozenMoment, after: FrozenMoment, { by, limit }: QuestionOf<"compare">): CompareView {
  const [left, right] = [groupMap(before.map, by), groupMap(after.map, by)];
  const names = [...new Set([...left.names, ...right.names])];
  const rows = names.map((name): GrowthRow => {
    const [a, b] = [left.names.indexOf(name), right.names.indexOf(name)];
    const bytesBefore = left.bytes[a] ?? 0;
    const bytesAfter = right.bytes[b] ?? 0;
    return {
      name,
      change: bytesAfter - bytesBefore,
      bytesBefore,
      bytesAfter,
      blocksBefore: left.blocks[a] ?? 0,
      blocksAfter: right.blocks[b] ?? 0,
    };
  });
  return compareView(rows, { by, limit }, { exactBefore: before.totals.exact, exactAfter: after.totals.exact });
}
