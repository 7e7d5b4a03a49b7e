// What stands before a line's own words is taken off one by one (known-prefixes.ts), and each part may tell a time.

import type { Microseconds } from "../base/units.ts";
import { type AmbiguousStamp, type Found, PREFIXES, type Prefix } from "./known-prefixes.ts";

export interface StrippedLine {
  /** The message alone. */
  readonly text: string;
  /** Since the device's boot. */
  readonly uptime?: Microseconds;
  /** Of the host's or the device's wall clock: since some midnight, or since 1970 where the stamp has a date. */
  readonly clock?: Microseconds;
  /** ESP_LOG's tag, the file or the component that the line names; of a line in another program's log its name too, which comes first. */
  readonly tags: readonly string[];
  /** The function that Arduino's log macros put before the message. */
  readonly caller?: string;
  readonly isWarning?: boolean;
  /** Since the boot, in a field of the message whose unit the whole log tells (field-clock.ts). */
  readonly told?: Microseconds;
  /** Told by `uptime` or `clock` as it is in most logs (stamps-told.ts). */
  readonly ambiguous?: AmbiguousStamp;
  /** Where the line came from, as the program that collected several boards' lines names it: a port, a host, a container, a file. */
  readonly source?: string | undefined;
  /** Of several boards that one log holds, which one tells it (boards.ts). */
  readonly board?: string;
}

/** More stamps than these no chain of tools puts before a line. */
const MOST_PREFIXES = 12;

/** @param common sticky, what stands before all lines of this log (common-prefix.ts); its group, where it has one, names the board */
export function stripPrefix(line: string, number = 0, common?: RegExp): StrippedLine & { readonly number: number } {
  const found: Found = { tags: [] };
  let at = 0;
  let left = common;
  for (let count = 0; count < MOST_PREFIXES; count++) {
    let end = prefixEnd(line, at, found);
    if (end === at && left !== undefined) {
      left.lastIndex = at;
      const match = left.exec(line);
      if (match !== null) {
        end = left.lastIndex;
        if (match[1] !== undefined) found.board = match[1];
      }
      left = undefined;
    }
    if (end === at) break;
    at = end;
  }
  return Object.assign(found, { number, text: line.slice(at) });
}

/** The kind of a character that a prefix may begin with. */
function beginningOf(code: number): string {
  if (code === 0x20 || code === 0x09 || code === 0xa0) return " ";
  if (code === 0x5b || code === 0x28) return "[";
  if (code >= 0x30 && code <= 0x39) return "0";
  if (code >= 0x41 && code <= 0x5a) return "A";
  if ((code >= 0x61 && code <= 0x7a) || code === 0x5f) return "a";
  return String.fromCharCode(code);
}

const BY_BEGINNING: ReadonlyMap<string, readonly Prefix[]> = new Map(
  [...new Set(PREFIXES.flatMap(({ on }) => [...on]))].map((kind) => [
    kind,
    PREFIXES.filter(({ on }) => on.includes(kind)),
  ]),
);

const beginningWith = (code: number): readonly Prefix[] => BY_BEGINNING.get(beginningOf(code)) ?? [];
const BY_ASCII = Array.from({ length: 128 }, (_, code) => beginningWith(code));

function prefixEnd(line: string, at: number, found: Found): number {
  if (at >= line.length) return at;
  const code = line.charCodeAt(at);
  for (const { needs, pattern, learn } of BY_ASCII[code] ?? beginningWith(code)) {
    if (needs !== undefined && !line.includes(needs)) continue;
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (match === null || match[0].length === 0) continue;
    learn?.(found, match.slice(1));
    return at + match[0].length;
  }
  return at;
}
