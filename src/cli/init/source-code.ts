// One line into a C or C++ program: an #include, and a statement at the beginning of a function. Comments, strings and CRLF stay what they are.
import { endOfLine } from "./plan.ts";

/** The text with comments and strings blanked out, character for character, so that places in it are places in the text. */
export function codeOnly(text: string): string {
  const blank = (found: string): string => found.replace(/[^\r\n]/g, " ");
  return text.replace(/\/\*[^]*?\*\/|\/\/[^\r\n]*|"(?:\\.|[^"\\\r\n])*"|'(?:\\.|[^'\\\r\n])*'/g, blank);
}

/** Where the body of a function begins: behind its brace. Declarations and calls are passed over. */
export function bodyOf(text: string, name: string): number | undefined {
  const code = codeOnly(text);
  const found = new RegExp(`\\bvoid\\s+${name}\\s*\\(\\s*(?:void)?\\s*\\)\\s*\\{`).exec(code);
  return found === null ? undefined : found.index + found[0].length;
}

/** A call in a comment starts nothing. */
export function startsStream(text: string): boolean {
  return /\bmemmap_stream_start\s*\(/.test(codeOnly(text));
}

/** @returns the text with the statement and the include; undefined where the function is not in it */
export function withCall(
  text: string,
  name: string,
  statements: readonly string[],
  include: string,
): string | undefined {
  const at = bodyOf(text, name);
  if (at === undefined) return undefined;
  const eol = endOfLine(text);
  const indent = /\r?\n([ \t]+)\S/.exec(text.slice(at))?.[1] ?? "    ";
  const called = text.slice(0, at) + statements.map((line) => `${eol}${indent}${line}`).join("") + text.slice(at);
  return withInclude(called, include, eol);
}

/** Behind the last #include that stands outside of #if, else at the beginning, behind a comment there. */
function withInclude(text: string, include: string, eol: string): string {
  if (codeLines(text).some(({ line }) => line.replace(/\s/g, "") === `#include${include}`)) return text;
  let depth = 0;
  let at: number | undefined;
  for (const { line, end } of codeLines(text)) {
    const code = line.trim();
    if (/^#\s*if/.test(code)) depth++;
    else if (/^#\s*endif/.test(code)) depth--;
    else if (depth === 0 && /^#\s*include\b/.test(code)) at = end;
  }
  const line = `#include ${include}`;
  if (at !== undefined) return `${text.slice(0, at)}${eol}${line}${text.slice(at)}`;
  const comment = /^\uFEFF?(?:\s*\/\*[^]*?\*\/[ \t]*\r?\n|(?:[ \t]*\/\/[^\n]*\n)+)?/.exec(text)?.[0] ?? "";
  return `${comment}${line}${eol}${text.slice(comment.length)}`;
}

function codeLines(text: string): { readonly line: string; readonly end: number }[] {
  // Includes name files in quotes, which `codeOnly` blanks: only block comments matter here.
  const code = text.replace(/\/\*[^]*?\*\//g, (found) => found.replace(/[^\r\n]/g, " "));
  return [...code.matchAll(/^[^\r\n]*/gm)].map((match) => ({ line: match[0], end: match.index + match[0].length }));
}
