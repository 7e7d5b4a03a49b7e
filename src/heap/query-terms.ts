// The words of a query: terms, and which of them belong together. What they mean is in query.ts.
import { MemmapError } from "../base/errors.ts";

export interface Term {
  readonly text: string;
  /** Column of its first character, from 1. */
  readonly column: number;
  readonly refuse: boolean;
  /** In lower case; undefined for a word alone. */
  readonly key: string | undefined;
  readonly operator: ":" | ">" | "<" | ">=" | "<=";
  readonly value: string;
}

/** Alternatives, of which one must hold; all terms of an alternative must. */
export function termsOf(query: string): readonly (readonly Term[])[] {
  const alternatives: Term[][] = [[]];
  let refuseNext = false;
  let lastOr: number | undefined;
  for (const match of query.matchAll(/(?:"[^"]*"?|[^\s"])+/g)) {
    const [text] = match;
    const column = match.index + 1;
    if (text.split('"').length % 2 === 0)
      throw queryError(text, column, "a quote is not closed", `Add a " to ${text}.`);
    const word = text.toLowerCase();
    if (word === "and" || text === "&&") continue;
    if (word === "or" || text === "||") {
      if (alternatives.at(-1)?.length === 0) throw queryError(text, column, "nothing stands before it", OR_HINT);
      alternatives.push([]);
      lastOr = column;
      continue;
    }
    if (word === "not") {
      refuseNext = true;
      continue;
    }
    alternatives.at(-1)?.push(readTerm(text, column, refuseNext));
    refuseNext = false;
  }
  if (refuseNext) throw queryError("not", query.length - 2, "nothing stands after it", "Write not task:wifi.");
  if (lastOr !== undefined && alternatives.at(-1)?.length === 0)
    throw queryError("or", lastOr, "nothing stands after it", OR_HINT);
  return alternatives;
}

const OR_HINT = "Write a or b; or a:x,y for x or y of one kind.";

function readTerm(text: string, column: number, refused: boolean): Term {
  const minus = /^[-!]./.test(text);
  const body = minus ? text.slice(1) : text;
  const refuse = refused !== minus;
  const bare = body.replaceAll('"', "");
  const word: Term = { text, column, refuse, key: undefined, operator: ":", value: bare };
  // In quotes, and with "::" in it, it is a name out of a table.
  if (body.startsWith('"')) return word;
  const [, key, operator, value = ""] = /^([A-Za-z]+)(>=|<=|[:<>=](?!:))(.*)$/.exec(bare) ?? [];
  if (key === undefined || operator === undefined) return word;
  if (value === "") throw queryError(text, column, `${key} has no value`, `Write ${key}${operator}something.`);
  const means = (operator === "=" ? ":" : operator) as Term["operator"];
  return { text, column, refuse, key: key.toLowerCase(), operator: means, value };
}

export function queryError(text: string, column: number, what: string, hint: string): MemmapError {
  return new MemmapError(`the query cannot be read at column ${column}, "${text}": ${what}`, {
    code: "usage-query",
    hint,
  });
}
