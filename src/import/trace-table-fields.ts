// The columns of a table of allocations, or the keys of an object in JSON, by the names that people give them.

export type Field = "address" | "size" | "cycles" | "time" | "caller" | "file" | "line" | "function" | "freed" | "freedBy" | "action" | "task"; // prettier-ignore

/** In the order in which a name is asked. */
const NAMES: readonly (readonly [Field, RegExp])[] = [
  ["address", /^(?:address|addr|ptr|pointer)$/],
  ["size", /^(?:size|bytes|alloc_?size|requested)(?:[ _]?\(?b(?:ytes)?\)?)?$/],
  ["cycles", /^(?:ccount|cycles?)$/],
  ["time", /^(?:t|ts|time|timestamp|millis|micros|uptime)(?:[ _(]*(?:ms|us|µs|s|sec|seconds)\)?)?$/],
  ["freedBy", /^(?:freed?[ _]?by|free[ _]?(?:caller|stack|site|pc|func|location)|freed_(?:at|in|stack))/],
  ["freed", /^(?:is[ _]?)?freed/],
  ["task", /^(?:task|thread)(?:[ _]?name)?$/],
  ["file", /^(?:file|file[ _]?name)$/],
  ["line", /^(?:line|line[ _]?(?:no|number))$/],
  ["function", /^(?:func|function|fn)(?:[ _]?name)?$/],
  ["caller", /^(?:caller|alloc(?:\w*_by)?\d*$|alloc\w*(?:stack|site|caller)|call_?(?:stack|site)|stack|backtrace|bt\d*$|pcs?\d*$|frame|site$|location$|where$|who$|source$|origin$|tag$)/],
  ["action", /^(?:op|operation|event|action|type|kind|what)$/],
]; // prettier-ignore

/** Undefined where the name tells none. */
export function fieldOf(name: string): Field | undefined {
  const plain = name.trim().toLowerCase();
  return NAMES.find(([, pattern]) => pattern.test(plain))?.[0];
}

/** Microseconds in one of a column of times. */
export function timeUnitOf(name: string): number {
  return /(?:us|µs|micros)\b/i.test(name) ? 1 : /(?:ms|millis)\b/i.test(name) ? 1e3 : 1e6;
}

/** What a row's word for its action says; undefined where it is another one's. */
export function actionOf(word: string): "alloc" | "free" | undefined {
  if (/free|delete|dealloc|release|^[-df]$/i.test(word)) return "free";
  return /alloc|new\b|strdup|^[+amc]$/i.test(word) ? "alloc" : undefined;
}

/** A cell that says that nothing was freed. */
export function isNotFreed(cell: string): boolean {
  return /^(?:|0|false|no|n|null|none|nil|-|(?:0x0+[:, ]*)+)$/i.test(cell.trim());
}
