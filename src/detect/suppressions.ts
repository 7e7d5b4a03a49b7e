// Suppressions in the syntax of LeakSanitizer: `leak:pattern` lines, `#` comments; `*` matches anything, `^` and `$` tie a pattern to the
// beginning and end, without them it may match anywhere in a function, file or module. The comment above an entry is its reason.
import { escapeRegExp } from "../base/text.ts";
import type { SiteName } from "./names.ts";

export interface Suppression {
  readonly pattern: string;
  /** Why what it matches is no leak. */
  readonly reason: string;
  /** More blocks than this are not explained by the reason, where that says "at most N"; never exceeded where it says nothing. */
  readonly atMost: number;
  /** The file that it is from; "memmap" for those that memmap ships. */
  readonly source: string;
  matches(name: SiteName): boolean;
}

export interface ParsedSuppressions {
  readonly suppressions: readonly Suppression[];
  /** Lines that are neither comment nor entry, with their numbers from 1. */
  readonly problems: readonly { readonly line: number; readonly text: string }[];
}

export function parseSuppressions(text: string, source: string): ParsedSuppressions {
  const suppressions: Suppression[] = [];
  const problems: { line: number; text: string }[] = [];
  let comment: string[] = [];
  let last: "comment" | "entry" = "comment";
  text.split(/\r?\n/).forEach((raw, index) => {
    const line = raw.trim();
    if (line.startsWith("#")) {
      // A comment stands for all entries up to the next comment.
      if (last === "entry") comment = [];
      comment.push(line.replace(/^#+\s*/, ""));
      last = "comment";
    } else if (line === "") {
      comment = [];
    } else if (line.startsWith("leak:") && line.length > "leak:".length) {
      const pattern = line.slice("leak:".length);
      suppressions.push(makeSuppression(pattern, comment.join(" ") || `line ${index + 1} of ${source}`, source));
      last = "entry";
    } else {
      problems.push({ line: index + 1, text: line });
    }
  });
  return { suppressions, problems };
}

/** The first that matches any frame of the site. */
export function findSuppression(name: SiteName, suppressions: readonly Suppression[]): Suppression | undefined {
  return suppressions.find((suppression) => suppression.matches(name));
}

/** Steady growth beyond what the reason explains: no suppression hides that. */
export function isBeyond({ atMost }: Suppression, blocks: number, isClear: boolean): boolean {
  return isClear && blocks > atMost;
}

/** `leak:^tcp_alloc$, shipped with memmap`. */
export function suppressionName({ pattern, source }: Pick<Suppression, "pattern" | "source">): string {
  return `leak:${pattern}, ${source === "memmap" ? "shipped with memmap" : `from ${source}`}`;
}

function makeSuppression(pattern: string, reason: string, source: string): Suppression {
  const expression = patternExpression(pattern);
  return {
    pattern,
    reason,
    atMost: Number(/\bat most (\d+)\b/.exec(reason)?.[1] ?? Infinity),
    source,
    matches: (name) =>
      name.frames.some((frame) =>
        [frame.function, frame.file, frame.module].some(
          (word) => word !== undefined && word !== "" && expression.test(word),
        ),
      ),
  };
}

function patternExpression(pattern: string): RegExp {
  const fromStart = pattern.startsWith("^");
  const toEnd = pattern.endsWith("$");
  const body = pattern.slice(fromStart ? 1 : 0, toEnd ? -1 : undefined);
  const escaped = body.split("*").map(escapeRegExp);
  return new RegExp((fromStart ? "^" : "") + escaped.join(".*") + (toEnd ? "$" : ""));
}
