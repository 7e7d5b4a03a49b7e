// Strings from firmware, files and boards are data, wherever they go. The one place that makes them safe for a line of text, a terminal and
// JSON: what would move a cursor, forge a line, turn reading round or hide stands there as an escape that can be read.

/** Control and format characters (right-to-left marks, zero-width ones), separators of lines, halves of characters. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const IS_UNSAFE = new RegExp(UNSAFE.source, "u");

const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A name or a sentence that stays one line and shows what it holds: `\x1b`, `\u202e`. */
export function safeText(text: string): string {
  return IS_UNSAFE.test(text) ? text.replace(UNSAFE, escaped) : text;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return named[character] ?? `\\x${hex(code, 2)}`;
  return code < 0x1_0000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 4)}}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

// Colours, bold, dim, italic, underlined and inverse; not concealed and not blinking.
const COLOUR = "\\u001b\\[(?:(?:0?[0-4]|7|2[2-4]|27|[349][0-7]|[34]9|10[0-7])?(?:;(?=\\d)|(?=m)))*m";
const COLOUR_OR_UNSAFE = new RegExp(`(${COLOUR})|${UNSAFE.source}`, "gu");
const COLOUR_CODES = new RegExp(COLOUR, "gu");
const RESET = "\u001b[0m";

/** A finished line: colours stay and end with it; everything else is as in `safeText`. */
export function safeLine(line: string): string {
  return IS_UNSAFE.test(line)
    ? closed(line.replace(COLOUR_OR_UNSAFE, (found, code?: string) => code ?? escaped(found)))
    : line;
}

/** A line of a board's log: colours and tabs stay; other control characters and what could not be decoded, most of it noise, is left out. */
export function safeLogLine(line: string): string {
  const shown = line.replaceAll("\ufffd", "");
  if (!IS_UNSAFE.test(shown)) return shown;
  return closed(shown.replace(COLOUR_OR_UNSAFE, (found, code?: string) => code ?? (found === "\t" ? found : "")));
}

/** A colour that is still on at the end of its line would run into everything below. */
function closed(line: string): string {
  const last = line.match(COLOUR_CODES)?.at(-1);
  return last === undefined || ENDS_COLOUR.test(last) ? line : line + RESET;
}

// eslint-disable-next-line no-control-regex -- control characters are what this is about
const ENDS_COLOUR = /^\u001b\[(0?|2[2-4]|27|[34]9)m$/;

/** JSON that is as safe to look at in a terminal and parses to the same. JSON itself escapes only what is below U+0020. */
export function safeJson(json: string): string {
  return json.replace(BEYOND_JSON, (character) => {
    let escapes = "";
    for (let at = 0; at < character.length; at++) escapes += `\\u${hex(character.charCodeAt(at), 4)}`;
    return escapes;
  });
}

const BEYOND_JSON = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Columns that a terminal takes for a text without control characters: East Asian characters and emoji take two, accents none. */
export function columnsOf(text: string): number {
  // eslint-disable-next-line no-control-regex -- the range of ASCII
  if (/^[\u0000-\u02ff]*$/.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += WIDE.test(character) ? 2 : /\p{M}/u.test(character) ? 0 : 1;
  return columns;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
