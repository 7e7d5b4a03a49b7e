// Which board a line tells of, where one log holds the lines of several: a fleet's telemetry, the ports of a rack, a collector of syslog. What tells boards
// apart is learned from the log's beginning: names that come again and again in turn, and figures of memory that go on within a name and leap between two.

import { figuresOf } from "./figures.ts";
import type { LogLine } from "./log-text.ts";
import { isMemoryWord, wordsOf } from "./memory-words.ts";
import { stripPrefix } from "./log-prefix.ts";
import { templateOf } from "./template.ts";

/** The board's name, where a line tells it. */
export type BoardOf = (line: Pick<LogLine, "text" | "source">) => string | undefined;

/** More names than these are no boards, but numbers of messages. */
const MOST_BOARDS = 256;
/** Each board is heard so often, on average. */
const LEAST_LINES = 3;

/** Right before the message of each line; the name is the group. */
const PREFIXES = [
  /\[([A-Za-z][\w.:-]{0,31})\]:? ?/y,
  /<([A-Za-z][\w.:-]{0,31})>:? ?/y,
  /((?:[\w.+$-]+\/)+[\w.+$-]+):?\s+/y,
  /([A-Za-z][\w.-]{0,31})(?:: ?| ?[|>] ?| - )/y,
  /([A-Za-z][\w.-]{0,31}) +(?=[[({IEWDV])/y,
];
/** So many of a log's lines have it, and so many of them say behind it what another board says as well. */
const PREFIXED = 0.9;
const SHARED = 0.6;
const LEAST_TEMPLATES = 3;

/**
 * What stands before each line and names its board: `kitchen/log I (1203) app: …`, `[garage] connected`. Behind a tag or a task's name lines differ;
 * behind a board's they say the same.
 * @returns a sticky pattern with the name in its group, and what that is in short
 */
export function boardPrefix(
  texts: readonly string[],
): { readonly pattern: RegExp; readonly short: (name: string) => string } | undefined {
  const lines = texts.filter((text) => text.trim() !== "");
  for (const pattern of PREFIXES) {
    const told = lines.flatMap((text) => {
      pattern.lastIndex = 0;
      const name = pattern.exec(text)?.[1];
      if (name === undefined || wordsOf(name).some(isMemoryWord)) return [];
      const { text: message, ...stamps } = stripPrefix(text.slice(pattern.lastIndex));
      const isStamped = stamps.uptime !== undefined || stamps.clock !== undefined || stamps.tags.length > 0;
      return { name, isStamped, template: templateOf(message) };
    });
    if (told.length < PREFIXED * lines.length || !comeInTurn(told.map(({ name }) => name))) continue;
    const names = new Map<number, Set<string>>();
    for (const { name, template } of told) names.set(template, (names.get(template) ?? new Set()).add(name));
    const shared = told.filter(({ template }) => (names.get(template)?.size ?? 0) > 1);
    const templates = new Set(shared.map(({ template }) => template));
    const stamped = told.filter(({ isStamped }) => isStamped).length;
    const isMessage = templates.size >= LEAST_TEMPLATES && shared.length >= SHARED * told.length;
    if (isMessage || stamped >= SHARED * told.length)
      return { pattern, short: shortNames(told.map(({ name }) => name)) };
  }
  return undefined;
}

/** Of topics and paths, the part that differs: `tele/plug1/STATE` and `tele/plug2/STATE` are plug1 and plug2. */
function shortNames(names: readonly string[]): (name: string) => string {
  const paths = [...new Set(names)].map((name) => name.split("/"));
  const [first = []] = paths;
  if (first.length < 2 || paths.some(({ length }) => length < 2)) return (name) => name;
  const at = first.findIndex((_, i) => {
    const parts = new Set(paths.map((path) => path[i]));
    return parts.size > 1 && ![...parts].every((part) => /^(?:tele|stat|cmnd)$/.test(part ?? ""));
  });
  return (name) => name.split("/")[at] ?? name;
}

const FIELD =
  /(?<![\w"'/])["']?(dev(?:ice)?(?:[_-]?(?:id|name|eui))?|node(?:[_-]?(?:id|name))?|host(?:[_-]?name)?|board(?:[_-]?id)?|mac(?:[_-]?addr(?:ess)?)?|chip(?:[_-]?id)?|station(?:[_-]?id)?|mote|topic|thing|esp(?:[_-]?id)?|gateway(?:[_-]?id)?|gw|eui|serial(?:[_-]?n(?:o|umber))?|sn|uid|uuid|client[_-]?id|instance|sensor[_-]?id|tracker|location|room|site|id|ip|unit|addr(?:ess)?|from|src|source|sender|peer)["']?\s*[:=]\s*["']?([\p{L}\d][\p{L}\w.:/-]{0,47})/giu;
/** Fields that name other things as well: of these the figures must prove it. */
const MAY_BE_OTHERS = /^(?:id|ip|unit|addr(?:ess)?|from|src|source|sender|peer|location|room|site)$/;
/** An address, a topic or a name with a number at the line's beginning. */
const BEGINNING =
  /^[[(<]?((?:\d{1,3}\.){3}\d{1,3}|(?:[\da-f]{2}[:-]){5}[\da-f]{2}|(?:[\w.+$-]+\/)+[\w.+$-]+|[A-Za-z]+[-_]?\d[\da-fA-F]*|[A-Za-z]+[-_][\da-fA-F]{4,12})(?=[\])>]?(?:[:|>,;=\s]|$))/i;
/** Of a program, and no boards. */
const NO_BOARD = /^(?:core|cpu|task|thread|line|loop|step|test|run|round|try|heap|mem|ram)[-_]?\d/i;
/** Several boards that print into one log are told apart by a number alone. */
const NUMBERED = /\b((?:node|slave|device|dev|board|unit|mote|mcu)[ _#/:-]?\d{1,10})(?!\d|[.:]\d)/i;

/** How a name may be told, and how much smoother the figures must be within a name than across. */
interface Way {
  readonly name: BoardOf;
  readonly smoother: number;
}

function fieldOf(field: string): Way {
  return {
    name: ({ text }) => {
      for (const [, key = "", value = ""] of text.matchAll(FIELD))
        if (key.toLowerCase() === field) return value.replace(/[:./-]+$/, "");
      return undefined;
    },
    smoother: MAY_BE_OTHERS.test(field) ? 0.5 : 0.9,
  };
}

/** @param lines the log's first ones */
export function learnBoards(lines: readonly LogLine[]): BoardOf | undefined {
  const told = lines.flatMap((line) => {
    const figure = figureIn(line);
    return figure === undefined ? [] : { line, ...figure };
  });
  // Ports, hosts, containers and files are what a collector names a line's origin by: figures need not prove them.
  const sources = lines.flatMap(({ source }) => source ?? []);
  if (sources.length >= SHARED * lines.length && comeInTurn(sources)) return shortly(({ source }) => source, lines);
  if (told.length < 2 * LEAST_LINES) return undefined;
  const fields = new Set(told.flatMap(({ line }) => [...line.text.matchAll(FIELD)].map(([, key = ""]) => key.toLowerCase()))); // prettier-ignore
  const ways: readonly Way[] = [
    { name: ({ source }) => source, smoother: 0.9 },
    ...[...fields].filter((field) => !MAY_BE_OTHERS.test(field)).map(fieldOf),
    { name: ({ text }) => (NO_BOARD.test(text) ? undefined : BEGINNING.exec(text)?.[1]), smoother: 0.5 },
    ...[...fields].filter((field) => MAY_BE_OTHERS.test(field)).map(fieldOf),
    { name: ({ text }) => NUMBERED.exec(text)?.[1], smoother: 0.9 },
  ];
  const way = ways.find(({ name, smoother }) => {
    const named = told.flatMap(({ line, stream, value }) => {
      const board = name(line);
      return board === undefined ? [] : { board, stream, value };
    });
    return (
      named.length >= SHARED * told.length &&
      comeInTurn(named.map(({ board }) => board)) &&
      meanStep(named, ({ board, stream }) => `${board}|${stream}`) < smoother * meanStep(named, ({ stream }) => stream)
    );
  });
  return way === undefined ? undefined : shortly(way.name, told.map(({ line }) => line)); // prettier-ignore
}

/** @param lines from which it is learned in what the names differ */
function shortly(name: BoardOf, lines: readonly LogLine[]): BoardOf {
  const short = shortNames(lines.flatMap((line) => name(line) ?? []));
  return (line) => {
    const board = name(line);
    return board === undefined ? undefined : short(board);
  };
}

/** Several names, each of them again and again between others. */
function comeInTurn(names: readonly string[]): boolean {
  const distinct = new Set(names).size;
  const changes = names.filter((name, i) => i > 0 && name !== names[i - 1]).length;
  return (
    distinct >= 2 && distinct <= MOST_BOARDS && names.length >= LEAST_LINES * distinct && changes >= 2 * (distinct - 1)
  );
}

/** The first figure of memory on the line. */
function figureIn({ text, tags }: LogLine): { readonly stream: string; readonly value: number } | undefined {
  if (!/\d{2}/.test(text)) return undefined;
  for (const { meaning, value } of figuresOf(text, tags)) {
    if (typeof meaning === "string" || !/^(?:free|size|used|largest)$/.test(meaning.quantity)) continue;
    return { stream: `${meaning.quantity} ${meaning.memory}`, value };
  }
  return undefined;
}

/** From one figure to the next of the same key. */
function meanStep<One extends { readonly value: number }>(all: readonly One[], keyOf: (one: One) => string): number {
  const last = new Map<string, number>();
  let [sum, count] = [0, 0];
  for (const one of all) {
    const before = last.get(keyOf(one));
    if (before !== undefined) {
      sum += Math.abs(one.value - before);
      count++;
    }
    last.set(keyOf(one), one.value);
  }
  return sum / Math.max(1, count);
}
