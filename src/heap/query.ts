// The query language. The command line and the page use the same one.
//
//   site:http_client.c        part of what tables print for a call site: "client.c:412 fetch (buffer)"; site:#7 for an id
//   file: func: var: component: method: task:      part of that name, upper and lower case alike
//   caps:DMA                  the request asked for it; caps:DMA|INTERNAL for both
//   region:DRAM               in a region whose name has this part
//   core:1                    addr:0x3ffb1234 the block that holds it   addr:0x3ffb0000..0x3ffb8000
//   size>1k  size<=64  size:256  size:64..128          B, k, M (1024)
//   live>10s                  age, or life where it was freed: us, ms, s, m, h, d
//   born>5m  born:10s..20s  born:mark:begin..end       each form that --at takes but peak, and the names of marks
//
// All terms must hold; `or` between terms separates alternatives. `a:x,y` is x or y; `-term`, `not term` refuse; "…" holds blanks together;
// a word alone, and anything in quotes, means site:word. With * (any characters) or ? (one) a name must match as a whole. `…` in a name that
// a table has cut stands for what is missing.

import { parseDuration } from "../base/duration.ts";
import { orMeant, similar } from "../base/similar.ts";
import { parseSize } from "../base/size.ts";
import { parseCaps, serves } from "../wire/caps.ts";
import { CAPS_NAMES, Method } from "../wire/protocol.ts";
import { allOf, anyOf, type BlockFilter } from "./filter.ts";
import { methodName, type NameSource } from "./group.ts";
import { parseMoment, type AskedTimes } from "./moment.ts";
import { queryError, termsOf, type Term } from "./query-terms.ts";
import { regionName, regionOf } from "./regions.ts";
import { labelOf, nameOf, type PlaceName } from "./site-names.ts";
import type { RunSite } from "./run-records.ts";

type Accepts = BlockFilter["accepts"];

/** @param times where `born:` looks moments up */
export function parseQuery(query: string, names: NameSource, times: AskedTimes): BlockFilter {
  const alternatives = termsOf(query).map((terms) =>
    allOf(
      terms.map((written): BlockFilter => {
        const term = knownTerm(written, names);
        const accepts = acceptsOf(term, names, times);
        const remark = remarkOn(term, names);
        return {
          query: term.text,
          hasAge: term.key === "live",
          remarks: remark === undefined ? [] : [remark],
          accepts: term.refuse ? (...facts) => !accepts(...facts) : accepts,
        };
      }),
    ),
  );
  return { ...anyOf(alternatives), query: query.trim() };
}

type KnownTerm = Term & { readonly key: string };

/** A word alone is a site. So is what looks like a term and is part of a site's name: `vector<int>`. */
function knownTerm(term: Term, names: NameSource): KnownTerm {
  if (term.key === undefined) return { ...term, key: "site" };
  if (term.key in NAME_KEYS || OTHER_KEYS.includes(term.key)) return { ...term, key: term.key };
  const word = { ...term, key: "site", operator: ":" as const, value: term.text.replace(/^[-!]/, "") };
  if (matchesAny(word, names)) return word;
  const keys = [...Object.keys(NAME_KEYS), ...OTHER_KEYS];
  throw queryError(
    term.text,
    term.column,
    `there is no "${term.key}" to ask for`,
    `${orMeant(similar(term.key, keys, 2))}Use one of ${keys.join(", ")}; a name with : < or > in it goes in quotes.`,
  );
}

/** What a site is called, in all the ways in which it may be asked for; undefined where it has no such name. */
const NAME_KEYS: Readonly<Record<string, (site: RunSite, name: PlaceName) => readonly string[]>> = {
  site: siteTexts,
  file: (_, { file }) => (file === undefined ? [] : [file, file.split(/[/\\]/).at(-1) ?? ""]),
  func: (_, name) => [name.function ?? ""],
  function: (_, name) => [name.function ?? ""],
  var: (site) => [site.variable ?? ""],
  variable: (site) => [site.variable ?? ""],
  component: (_, name) => [name.component ?? ""],
  method: (site) => [methodName(site.method)],
};
const OTHER_KEYS = ["task", "caps", "region", "core", "addr", "size", "live", "born"];

function siteTexts(site: RunSite, name: PlaceName): readonly string[] {
  if (site.id === 0) return ["a place that is not known"];
  const label = labelOf(site, name);
  return [
    site.variable === undefined ? label : `${label} (${site.variable})`,
    `${name.file ?? ""}:${name.line ?? ""} ${name.function ?? ""}`,
    name.file ?? "",
    name.function ?? "",
    site.variable ?? "",
    `#${site.id}`,
  ];
}

/** Part of a text; with wildcards all of it. */
function matcher(wanted: string): (text: string) => boolean {
  const part = wanted.toLowerCase();
  // "#7" must not find "#70".
  if (/^#\d+$/.test(part)) return (text) => text === part;
  if (!/[*?…]/.test(part)) return (text) => text.toLowerCase().includes(part);
  const body = part
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/[*…]/g, ".*")
    .replaceAll("?", ".");
  // A name that a table has cut may be cut at both its ends.
  const pattern = new RegExp(/[*?]/.test(part) ? `^${body}$` : body, "s");
  return (text) => pattern.test(text.toLowerCase());
}

/** Alternatives of a value; a name in quotes or a word alone may hold commas of its own. */
function partsOf({ key, value, text }: KnownTerm): readonly string[] {
  return key === "site" && !/^[-!]?site[:=]/i.test(text) ? [value] : value.split(",");
}

function matchersOf(term: KnownTerm): readonly ((text: string) => boolean)[] {
  expectOperator(term, ":");
  return partsOf(term).map(matcher);
}

/** All names that a term of this kind could have meant; undefined where it asks for no name. */
function namesFor(key: string, { tables, regions, resolver }: NameSource): readonly string[] | undefined {
  const ofSites = NAME_KEYS[key];
  if (key === "method") return Object.values(Method).map(methodName);
  if (ofSites !== undefined) return tables.sites.flatMap((site) => ofSites(site, nameOf(site, resolver)));
  if (key === "task") return tables.tasks.flatMap((task, id) => (task === undefined ? [] : [taskName(task.name, id)]));
  if (key === "region") return regions.map(regionName);
  return undefined;
}

function matchesAny(term: KnownTerm, names: NameSource): boolean {
  const wanted = matchersOf(term);
  return namesFor(term.key, names)?.some((name) => wanted.some((matches) => matches(name))) !== false;
}

/** Zero blocks may be the answer, or a slip of the pen: a name that nothing in the run has is told, with the nearest that exist. */
function remarkOn(term: KnownTerm, names: NameSource): string | undefined {
  if (term.key === "core") {
    const cores = names.tables.boots.some(({ chip }) => chip !== undefined && SINGLE_CORE.test(chip)) ? 1 : 2;
    const tooHigh = term.value.split(",").filter((part) => Number(part.replace(/^core /i, "")) >= cores);
    return tooHigh.length === 0
      ? undefined
      : `no block is of core ${tooHigh.join(", ")}: the chip has ${cores === 1 ? "one core, 0" : "cores 0 and 1"}`;
  }
  const known = namesFor(term.key, names);
  if (known === undefined) return undefined;
  const missing = partsOf(term).filter((part) => !known.some(matcher(part)));
  if (missing.length === 0) return undefined;
  const near = similar(missing[0] ?? "", known);
  const what = term.key === "site" ? "call site" : term.key;
  return `no ${what} of this run matches ${missing.join(", ")}${near.length === 0 ? "" : `; near are ${near.join(", ")}`}`;
}

const SINGLE_CORE = /^esp32-?(s2|c\d+|h\d+)$/i;

function acceptsOf(term: KnownTerm, names: NameSource, times: AskedTimes): Accepts {
  const bySite = NAME_KEYS[term.key];
  if (bySite !== undefined) {
    const wanted = matchersOf(term);
    if (term.key === "method" && !matchesAny(term, names)) {
      const known = namesFor("method", names) ?? [];
      throw queryError(term.text, term.column, "there is no such method", `Known ones: ${known.join(", ")}.`);
    }
    return siteFilter(names, (site) => {
      const texts = bySite(site, nameOf(site, names.resolver));
      return wanted.some((matches) => texts.some(matches));
    });
  }
  switch (term.key) {
    case "task":
      return taskFilter(term, names);
    case "caps": {
      expectOperator(term, ":");
      const wanted = term.value.split(",").map((value) => (value.toLowerCase() === "none" ? 0 : capsMask(term, value)));
      return siteFilter(names, (site) =>
        wanted.some((mask) => (mask === 0 ? site.caps === 0 : serves(site.caps, mask))),
      );
    }
    case "region":
      return regionFilter(term, names);
    case "core": {
      expectOperator(term, ":");
      const number = (text: string): number | undefined => parseInteger(text.replace(/^core /i, ""));
      const cores = term.value.split(",").map((value) => numberOf(term, value, number, "a core's number"));
      return (_address, _size, _site, context) => cores.includes(context & 3);
    }
    case "addr":
      return addressFilter(term);
    case "size":
      return within(term, parseSize, "a size such as 64, 4k or 1M", (_address, size) => size);
    case "live":
      return within(
        term,
        (text) => parseDuration(text.replaceAll(" ", "")),
        "a duration such as 500ms, 10s or 2h",
        (_a, _s, _i, _c, born, until) => until - born,
      );
    default:
      return within(
        term,
        (text) =>
          LOOKS_LIKE_MOMENT.test(text) || times.marks.some(({ name }) => name === text)
            ? parseMoment(text, times, "born")
            : undefined,
        "a time such as 10s, 50% or mark:NAME, or the name of a mark",
        (_address, _size, _site, _context, born) => born,
      );
  }
}

const LOOKS_LIKE_MOMENT = /^([-+]?\d[\d. ]*\D*|start|end|peak|mark:.*)/;

/** `addr:X` is the block that holds X, `addr:X..Y` each that lies in the range with a part of it. */
function addressFilter(term: KnownTerm): Accepts {
  const parse = (text: string): number | undefined => parseInteger(/^[0-9a-f]{8}$/i.test(text) ? `0x${text}` : text);
  if (term.operator !== ":") return within(term, parse, "an address", (address) => address);
  const ranges = term.value.split(",").map((part): readonly [number, number] => {
    const [from = "", to = from] = part.split("..");
    const low = from === "" ? 0 : numberOf(term, from, parse, "an address");
    return [low, to === "" ? Infinity : numberOf(term, to, parse, "an address")];
  });
  return (address, size) => ranges.some(([low, high]) => address <= high && address + Math.max(1, size) > low);
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

function taskFilter(term: KnownTerm, names: NameSource): Accepts {
  const wanted = matchersOf(term);
  return (_address, _size, _site, context) => {
    const id = context >>> 2;
    const name = taskName(names.tables.tasks[id]?.name, id);
    return wanted.some((matches) => matches(name));
  };
}

/** As tables print it. */
function taskName(name: string | undefined, id: number): string {
  return name !== undefined && name !== "" ? name : (["startup", "interrupt", "other tasks"][id] ?? `task ${id}`);
}

function regionFilter(term: KnownTerm, names: NameSource): Accepts {
  const wanted = matchersOf(term);
  return (address) => {
    const region = regionOf(names.regions, address);
    if (region === undefined) return false;
    const name = regionName(region);
    return wanted.some((matches) => matches(name));
  };
}

/** A number of each block against `>n`, `<n`, `:n` or `:from..to` (both ends included). */
function within(
  term: KnownTerm,
  parse: (text: string) => number | undefined,
  what: string,
  measure: (...facts: Parameters<Accepts>) => number,
): Accepts {
  const { operator, value } = term;
  if (operator === ":") {
    const ranges = value.split(",").map((part): readonly [number, number] => {
      const [from = "", to] = part.split(/\.\.|–/);
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

function numberOf(term: KnownTerm, text: string, parse: (text: string) => number | undefined, what: string): number {
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

function capsMask(term: KnownTerm, text: string): number {
  const mask = parseCaps(text);
  if (typeof mask === "number") return mask;
  const known = Object.values(CAPS_NAMES).join(", ");
  throw queryError(term.text, term.column, `there is no capability "${mask.unknown}"`, `Known ones: ${known}.`);
}

function expectOperator(term: KnownTerm, operator: Term["operator"]): void {
  if (term.operator === operator) return;
  throw queryError(
    term.text,
    term.column,
    `"${term.key}" is a name and cannot be compared with ${term.operator}`,
    `Write ${term.key}${operator}${term.value}.`,
  );
}
