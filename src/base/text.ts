// What is done with words and names wherever they stand.

/** A sentence, from a part of one. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A part of a regular expression that means nothing but itself. */
export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** As a part of a file's name that any system takes: `sim:demo` as `sim-demo`. Empty where nothing can stay. */
export function plainName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "");
}

/**
 * Commands to a terminal: colours, titles, letter sets. Of colours the escape character is lost on some ways, on others written as its picture, in
 * caret notation or as a program would write it.
 */
const COMMANDS =
  // eslint-disable-next-line no-control-regex -- they begin with an escape character
  /\x1b(?:\[[\d;:?<=>]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78])|(?:[\u241b\u2190\ufffd]|\^\[|\\(?:x1b|033|e|u001b|u\{1b\}))\[(?:\d{1,3}(?:;\d{1,3})*)?[mK]|\[(?:0|(?:[01];)?[349]\d(?:;\d{1,3})*|[01];[35]8;5;\d{1,3})m(?!\])/gi;

/** As it looks where colours are no matter. */
export function withoutCommands(text: string): string {
  return text.replace(COMMANDS, "");
}
