// Rust's panics: of std, of esp-backtrace in its generations, and the structure that a handler prints as it is.

import type { Group } from "./crash-group.ts";
import { RUST_PANIC } from "./crash-wordings.ts";
import type { IncidentDraft } from "./incident-book.ts";

const MOST_DETAIL = 300;

/** Of PanicInfo, in one line or one for each field. */
const STRUCTURE = /^PanicInfo \{/;
const FIELD = /^(?:payload|message|location|file|line|col|can_unwind|force_no_backtrace): |^[}\])]+,?$/;
const MESSAGE = /\bmessage: (?:Some\(\s*(.*?)\)?|(.*?)),?(?:, location: .*)?$/;
const FILE = /\bfile: "([^"]+)"/;
const LINE = /\bline: (\d+)/;

export function rustPanicIn(text: string): Pick<IncidentDraft, "kind" | "known" | "detail" | "component"> | undefined {
  const panic = RUST_PANIC.exec(text);
  if (panic === null) return undefined;
  const [, detail = "", place, file, line] = panic;
  return { kind: "abort", known: "rust", detail, component: place ?? (file === undefined ? "" : `${file}:${line}`) };
}

/** esp-backtrace prints each address on a line of its own below `Backtrace:`; names may stand below each. True for a line of its. */
export function takeRust(group: Group, text: string): boolean {
  const words = text.trim();
  const address = /^(0x4[0-9a-f]{7})$/i.exec(words)?.[1];
  if (address !== undefined) {
    group.inPanicInfo = false;
    group.callers.push(Number(address));
    return true;
  }
  if (takePanicInfo(group, words)) return true;
  const { draft } = group;
  if (draft === undefined || words === "") return false;
  const { detail = "" } = draft;
  // A message goes on while a quoted expression is open.
  const isOpen = detail === "" || (detail.split("`").length % 2 === 0 && detail.length < MOST_DETAIL);
  if (isOpen) {
    group.draft = { ...draft, detail: `${detail} ${group.inPanicInfo ? words.replace(/,$/, "") : words}`.trim() };
    // What it says of memory is read by others.
    return false;
  }
  return group.callers.length > 0 && /^\S+::|^\s+at \S+:\d+/.test(text);
}

/** False for lines that are none of its fields, as a message on a line of its own. */
export function takePanicInfo(group: Group, words: string): boolean {
  const { draft } = group;
  const isStart = STRUCTURE.test(words);
  group.inPanicInfo ||= isStart;
  if (!group.inPanicInfo || draft === undefined || !(isStart || FIELD.test(words))) return false;
  const { component = "", detail = "" } = draft;
  const [file = "", line] = [FILE.exec(words)?.[1], LINE.exec(words)?.[1]];
  const place = component === "" ? file : component;
  const isWhole = line === undefined || place === "" || /:\d+$/.test(place);
  const [, optional, plain = ""] = MESSAGE.exec(words) ?? [];
  const message = optional ?? plain;
  group.draft = { ...draft, component: isWhole ? place : `${place}:${line}`, detail: detail === "" ? message : detail };
  return true;
}
