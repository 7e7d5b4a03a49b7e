// The query language: terms separated by blanks, all of which must hold. The command line and the page use the same one.
//
//   site:http_client.c        part of "file:line function variable", or site:#7 for an id
//   file: func: var: component: method: task:      part of that name, upper and lower case alike
//   caps:DMA                  the request asked for it; caps:DMA|INTERNAL for both
//   region:DRAM               in a region whose name has this part
//   core:1  addr:0x3ffb1234  addr:0x3ffb0000..0x3ffb8000
//   size>1k  size<=64  size:256  size:64..128          B, k, M (1024)
//   live>10s                  age, or life where it was freed: us, ms, s, m, h, d
//   born>5m  born:10s..20s  born:begin..end            times, or the names of marks
//
// `a:x,y` is x or y; `-term` refuses; "…" holds blanks together; a word alone means site:word.

import { parseDuration } from "../base/duration.ts";
import { MemmapError } from "../base/errors.ts";
import { CAPS_NAMES } from "../wire/protocol.ts";
import { allOf, type BlockFilter } from "./filter.ts";
import { methodName, type NameSource } from "./group.ts";
import { regionName, regionOf } from "./regions.ts";
import { labelOf, nameOf, type PlaceName } from "./site-names.ts";
import type { RunSite } from "./run-records.ts";

type Accepts = BlockFilter["accepts"];

interface Term {
  readonly text: string;
  /** Column of its first character, from 1. */
  readonly column: number;
  readonly refuse: boolean;
  readonly key: string;
  readonly operator: ":" | ">" | "<" | ">=" | "<=";
  readonly value: string;
}

export function parseQuery(query: string, names: NameSource): BlockFilter {
  const filters = termsOf(query).map((term): BlockFilter => {
    const accepts = acceptsOf(term, names);
    return {
      query: term.text,
      hasAge: term.key === "live",
      accepts: term.refuse ? (...facts) => !accepts(...facts) : accepts,
    };
  });
  const [only] = filters;
  return filters.length === 1 && only !== undefined ? only : allOf(filters);
}

function termsOf(query: string): Term[] {
  const terms: Term[] = [];
  for (const match of query.matchAll(/(?:"[^"]*"?|[^\s"])+/g)) {
    const [text] = match;
    const column = match.index + 1;
    if (text.split('"').length % 2 === 0)
      throw queryError(query, column, "a quote is not closed", `Add a " to ${text}.`);
    const refuse = text.startsWith("-") && text.length > 1;
    const body = (refuse ? text.slice(1) : text).replaceAll('"', "");
    const [, key = "site", operator = ":", value = body] = /^([A-Za-z]+)(>=|<=|[:<>=])(.*)$/.exec(body) ?? [];
    if (value === "") throw queryError(query, column, `${key} has no value`, `Write ${key}${operator}something.`);
    terms.push({
      text,
      column,
      refuse,
      key: key.toLowerCase(),
      operator: (operator === "=" ? ":" : operator) as Term["operator"],
      value,
    });
  }
  return terms;
}

const SITE_KEYS: Readonly<Record<string, (site: RunSite, name: PlaceName) => string>> = {
  site: (site, name) =>
    `${name.file ?? ""}:${name.line ?? ""} ${labelOf(site, name)} ${site.variable ?? ""} #${site.id}`,
  file: (_, name) => name.file ?? "",
  func: (_, name) => name.function ?? "",
  function: (_, name) => name.function ?? "",
  var: (site) => site.variable ?? "",
  component: (_, name) => name.component ?? "",
  method: (site) => methodName(site.method),
};
const OTHER_KEYS = ["task", "caps", "region", "core", "addr", "size", "live", "born"];

function acceptsOf(term: Term, names: NameSource): Accepts {
  const bySite = SITE_KEYS[term.key];
  if (bySite !== undefined) {
    expectOperator(term, ":");
    const wanted = term.value.toLowerCase().split(",");
    return siteFilter(names, (site) => {
      const text = bySite(site, nameOf(site, names.resolver)).toLowerCase();
      // "#7" must not find "#70".
      return wanted.some((part) => (part.startsWith("#") ? text.endsWith(` ${part}`) : text.includes(part)));
    });
  }
  switch (term.key) {
    case "task":
      return taskFilter(term, names);
    case "caps": {
      expectOperator(term, ":");
      const wanted = term.value.split(",").map((value) => capsMask(term, value));
      return siteFilter(names, (site) => wanted.some((mask) => (site.caps & mask) === mask));
    }
    case "region":
      return regionFilter(term, names);
    case "core": {
      expectOperator(term, ":");
      const cores = term.value.split(",").map((value) => numberOf(term, value, parseInteger, "a core's number"));
      return (_address, _size, _site, context) => cores.includes(context & 3);
    }
    case "addr":
      return within(term, parseInteger, "an address", (address) => address);
    case "size":
      return within(term, parseSize, "a size such as 64, 4k or 1M", (_address, size) => size);
    case "live":
      return within(
        term,
        parseDuration,
        "a duration such as 500ms, 10s or 2h",
        (_a, _s, _i, _c, born, until) => until - born,
      );
    case "born":
      return within(
        term,
        (text) => parseDuration(text) ?? names.tables.marks.find((mark) => mark.name === text)?.time,
        "a time such as 10s, or the name of a mark",
        (_address, _size, _site, _context, born) => born,
      );
    default:
      throw queryError(
        term.text,
        term.column,
        `there is no "${term.key}" to ask for`,
        `Use one of ${[...Object.keys(SITE_KEYS), ...OTHER_KEYS].join(", ")}.`,
      );
  }
}

/** Decides once a site; sites that come later in a growing run are decided when they are met. */
function siteFilter(names: NameSource, wanted: (site: RunSite) => boolean): Accepts {
  const decided = new Map<RunSite, boolean>();
  return (_address, _size, id) => {
    const site = names.tables.sites[id] ?? names.tables.sites[0];
    if (site === undefined) return false;
    let answer = decided.get(site);
    if (answer === undefined) {
      answer = wanted(site);
      decided.set(site, answer);
    }
    return answer;
  };
}

function taskFilter(term: Term, names: NameSource): Accepts {
  expectOperator(term, ":");
  const wanted = term.value.toLowerCase().split(",");
  return (_address, _size, _site, context) => {
    const name = names.tables.tasks[context >>> 2]?.name.toLowerCase() ?? "";
    return wanted.some((part) => name.includes(part));
  };
}

function regionFilter(term: Term, names: NameSource): Accepts {
  expectOperator(term, ":");
  const wanted = term.value.toLowerCase().split(",");
  return (address) => {
    const region = regionOf(names.regions, address);
    if (region === undefined) return false;
    const name = regionName(region).toLowerCase();
    return wanted.some((part) => name.includes(part));
  };
}

/** A number of each block against `>n`, `<n`, `:n` or `:from..to` (both ends included). */
function within(
  term: Term,
  parse: (text: string) => number | undefined,
  what: string,
  measure: (...facts: Parameters<Accepts>) => number,
): Accepts {
  const { operator, value } = term;
  if (operator === ":") {
    const ranges = value.split(",").map((part): readonly [number, number] => {
      const [from = "", to] = part.split("..");
      const low = from === "" && to !== undefined ? -Infinity : numberOf(term, from, parse, what);
      if (to === undefined) return [low, low];
      return [low, to === "" ? Infinity : numberOf(term, to, parse, what)];
    });
    return (...facts) => {
      const measured = measure(...facts);
      return ranges.some(([low, high]) => measured >= low && measured <= high);
    };
  }
  const limit = numberOf(term, value, parse, what);
  switch (operator) {
    case ">":
      return (...facts) => measure(...facts) > limit;
    case ">=":
      return (...facts) => measure(...facts) >= limit;
    case "<":
      return (...facts) => measure(...facts) < limit;
    case "<=":
      return (...facts) => measure(...facts) <= limit;
  }
}

function numberOf(term: Term, text: string, parse: (text: string) => number | undefined, what: string): number {
  const value = parse(text);
  if (value !== undefined) return value;
  throw queryError(
    term.text,
    term.column,
    `"${text}" is not ${what}`,
    `Write ${term.key}${term.operator} and ${what}.`,
  );
}

function parseInteger(text: string): number | undefined {
  return /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : undefined;
}

function parseSize(text: string): number | undefined {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)(b|k|kb|kib|m|mb|mib)?$/i.exec(text) ?? [];
  if (digits === "") return undefined;
  const scales: Readonly<Record<string, number>> = { k: 1024, m: 1024 * 1024 };
  return Number(digits) * (scales[unit.toLowerCase().charAt(0)] ?? 1);
}

function capsMask(term: Term, text: string): number {
  const number = parseInteger(text);
  if (number !== undefined) return number;
  let mask = 0;
  for (const name of text.toUpperCase().split("|")) {
    const bare = name.replace(/^MALLOC_CAP_/, "");
    const bit = Object.entries(CAPS_NAMES).find(([, known]) => known === bare)?.[0];
    if (bit === undefined) {
      const known = Object.values(CAPS_NAMES).join(", ");
      throw queryError(term.text, term.column, `there is no capability "${name}"`, `Known ones: ${known}.`);
    }
    mask |= 1 << Number(bit);
  }
  return mask;
}

function expectOperator(term: Term, operator: Term["operator"]): void {
  if (term.operator === operator) return;
  throw queryError(
    term.text,
    term.column,
    `"${term.key}" is a name and cannot be compared with ${term.operator}`,
    `Write ${term.key}${operator}${term.value}.`,
  );
}

function queryError(text: string, column: number, what: string, hint: string): MemmapError {
  return new MemmapError(`the query cannot be read at column ${column}, "${text}": ${what}`, {
    code: "usage-query",
    hint,
  });
}
