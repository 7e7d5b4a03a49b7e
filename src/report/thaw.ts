/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Answers a page's questions from what was frozen: the nearest kept moment, the kept range, tables sorted anew.
import { MemmapError } from "../base/errors.ts";
import { estimated, exactly, isExact } from "../base/quantity.ts";
import type { Bytes, Microseconds } from "../base/units.ts";
import { groupMap, type MapGroups } from "./block-map.ts";
import type { BlockRows } from "./block-rows.ts";
import { compareView, type CompareView } from "./compare-view.ts";
import { viewChange, type LiveView } from "./doubt.ts";
import type { Frozen, FrozenMoment } from "./frozen.ts";
import type { LogView } from "./log-view.ts";
import type { MemoryCurves } from "./curves.ts";
import type { Answers, MomentView, QuestionKind, QuestionOf, Question } from "./questions.ts";
import { cutSiteRows } from "./site-rows.ts";

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
      return found(frozen.leaks.find(({ site }) => site.text === question.site));
    case "stories":
      return frozen.stories;
    case "blocks":
      return blockRows(nearest(frozen, question.time), question);
    case "sites":
      return cutSiteRows(frozen.sites, { ...question, window: frozen.window });
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
    freeBytes: cut(whole.freeBytes),
    leastFreeBytes: cut(whole.leastFreeBytes),
    mostFreeBytes: cut(whole.mostFreeBytes),
    largestFreeBytes: cut(whole.largestFreeBytes),
    usedBytes: cut(whole.usedBytes),
    leastUsedBytes: cut(whole.leastUsedBytes),
    mostUsedBytes: cut(whole.mostUsedBytes),
    estimated: whole.estimated.slice(Math.max(0, from), end),
    happenings: whole.happenings.filter(({ time }) => time >= window.from && time <= window.to),
  };
}

function blockRows({ map, totals }: FrozenMoment, question: QuestionOf<"blocks">): BlockRows {
  const { order, descending, offset, count, bornSince = -Infinity } = question;
  const nameOf = (row: number): string => map.siteNames[map.site[row]!] ?? "";
  const taskOf = (row: number): string => map.taskNames[map.task[row]!] ?? "";
  const rows = Array.from({ length: map.length }, (_, row) => row).filter((row) => map.lastBorn[row]! >= bornSince);
  const sign = descending ? -1 : 1;
  const text = (of: (row: number) => string) => (a: number, b: number) => (of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0);
  const compareRows = {
    size: (a: number, b: number) => map.size[a]! - map.size[b]!,
    age: (a: number, b: number) => map.born[b]! - map.born[a]!,
    address: (a: number, b: number) => a - b,
    site: text(nameOf),
    task: text(taskOf),
  }[order];
  rows.sort((a, b) => sign * compareRows(a, b) || a - b);
  const shown = rows.slice(offset, offset + count);
  return {
    time: map.time,
    ...liveOf(
      rows.reduce((sum, row) => sum + map.size[row]!, 0),
      rows.length,
      totals,
    ),
    rowCount: rows.length,
    firstRow: offset,
    address: Uint32Array.from(shown, (row) => map.address[row]!),
    size: Uint32Array.from(shown, (row) => map.size[row]!),
    born: Float64Array.from(shown, (row) => map.born[row]!),
    reallocs: new Uint16Array(shown.length),
    flags: Uint8Array.from(shown, (row) => map.flags[row]!),
    site: Uint32Array.from(shown, (row) => map.site[row]!),
    task: Uint32Array.from(shown, (row) => map.task[row]!),
    siteNames: map.siteNames,
    taskNames: map.taskNames,
  };
}

function searchLog(log: LogView, { window, search }: QuestionOf<"log">): LogView {
  const wanted = search.toLowerCase();
  const rows = log.text
    .map((_, i) => i)
    .filter(
      (i) =>
        log.time[i]! >= window.from && log.time[i]! <= window.to && (log.text[i] ?? "").toLowerCase().includes(wanted),
    );
  return {
    ...log,
    window,
    time: Float64Array.from(rows, (i) => log.time[i]!),
    line: Uint32Array.from(rows, (i) => log.line[i]!),
    text: rows.map((i) => log.text[i] ?? ""),
  };
}

function compare(before: FrozenMoment, after: FrozenMoment, question: QuestionOf<"compare">): CompareView {
  const left = groupMap(before.map, question.by);
  const right = groupMap(after.map, question.by);
  const sideOf = ({ names, liveBytes, liveBlocks }: MapGroups, key: string, { totals }: FrozenMoment): LiveView => {
    const at = names.indexOf(key);
    return liveOf(liveBytes[at] ?? 0, liveBlocks[at] ?? 0, totals);
  };
  const keys = [...new Set([...left.names, ...right.names])];
  const rows = keys.map((key) => ({
    key,
    ...viewChange(sideOf(left, key, before), sideOf(right, key, after)),
  }));
  const sumOf = ({ liveBytes, liveBlocks }: MapGroups, { totals }: FrozenMoment): LiveView =>
    liveOf(
      liveBytes.reduce((sum, bytes) => sum + bytes, 0),
      liveBlocks.reduce((sum, blocks) => sum + blocks, 0),
      totals,
    );
  return compareView(rows, sumOf(left, before), sumOf(right, after), question);
}

/** As certain as what was kept of the moment. */
function liveOf(bytes: Bytes, blocks: number, { total }: MomentView): LiveView {
  const known = isExact(total.liveBytes) && isExact(total.liveBlocks) ? exactly : estimated;
  return { liveBytes: known(bytes), liveBlocks: known(blocks) };
}
