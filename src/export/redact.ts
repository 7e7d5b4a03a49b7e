// A frozen run without what tells about its source: paths, file, function, variable and component names become numbered words, everywhere, in
// sentences too; the log is left out.
import { escapeRegExp } from "../base/text.ts";
import { framesOf } from "../heap/site-names.ts";
import type { FrameResolver, RunTables } from "../heap/types.ts";
import type { Frozen } from "../report/frozen.ts";

/** Keys whose values are words of memmap's own, never names of the firmware. */
const OWN_WORDS = new Set([
  "kind",
  "severity",
  "rule",
  "role",
  "by",
  "cost",
  "group",
  "what",
  "order",
  "match",
  "chip",
  "idfVersion",
  "certainty",
]);

/** A name of one letter would be hit by chance in every sentence, and tells nothing. */
const SHORTEST_NAME = 2;

export function redact(frozen: Frozen, tables: RunTables, resolver?: FrameResolver): Frozen {
  const names = pseudonyms(tables, resolver);
  const replace = (text: string): string =>
    names.pattern === undefined ? text : text.replace(names.pattern, names.wordFor);
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === "string") return OWN_WORDS.has(key) ? value : replace(value);
    if (Array.isArray(value)) return value.map((item) => walk(item, key));
    if (typeof value !== "object" || ArrayBuffer.isView(value)) return value;
    return Object.fromEntries(Object.entries(value ?? {}).map(([name, item]) => [name, walk(item, name)]));
  };
  const { elf: _elf, ...rest } = frozen;
  const walked = walk(rest, "") as Frozen;
  return {
    ...walked,
    name: "a recording",
    log: {
      ...frozen.log,
      time: new Float64Array(0),
      line: new Uint32Array(0),
      text: [],
      omittedLines: 0,
      hasText: false,
    },
    folded: [
      "Redacted: paths, file, function, variable and component names were replaced, and the log was left out",
      ...frozen.folded.filter((sentence) => !sentence.includes("the log")),
    ],
  };
}

interface Pseudonyms {
  /** Finds every name as a whole word; undefined where there are none. */
  readonly pattern: RegExp | undefined;
  readonly wordFor: (name: string) => string;
}

function pseudonyms(tables: RunTables, resolver: FrameResolver | undefined): Pseudonyms {
  const words = new Map<string, string>();
  const counts = new Map<string, number>();
  const learn = (name: string | undefined, kind: string): void => {
    if (name === undefined || name.length < SHORTEST_NAME || words.has(name)) return;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    words.set(name, `${kind}-${count}`);
  };
  const learnPath = (path: string | undefined): void => {
    if (path === undefined) return;
    const parts = path.split(/[/\\]/);
    const file = parts.at(-1) ?? path;
    learn(file, "file");
    words.set(path, words.get(file) ?? "file");
    for (const folder of parts.slice(0, -1)) learn(folder, "folder");
  };
  for (const site of tables.sites) {
    learnPath(site.file);
    learn(site.function, "function");
    learn(site.variable, "variable");
    for (const frame of framesOf(site, resolver)) {
      learnPath(frame.file);
      learn(frame.function, "function");
      learn(frame.module, "component");
    }
  }
  for (const { appName } of tables.boots) learn(appName, "application");
  const alternatives = [...words.keys()].sort((a, b) => b.length - a.length).map(escapeRegExp);
  return {
    // Whole names only: `get` must not be replaced inside `budget`.
    pattern:
      alternatives.length === 0
        ? undefined
        : new RegExp(`(?<![A-Za-z0-9_])(?:${alternatives.join("|")})(?![A-Za-z0-9_])`, "g"),
    wordFor: (name) => words.get(name) ?? name,
  };
}
