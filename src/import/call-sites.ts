// Who asked, as the lines of a trace tell it: addresses of callers, or names that whoever printed them has looked up.

import { fileName } from "../base/paths.ts";
import { isAllocatorName } from "../symbols/allocators.ts";
import { Method, SITE_UNKNOWN } from "../wire/protocol.ts";
import type { NamedFrame } from "../wire/fields.ts";
import type { TraceRecord } from "./heap-trace-dump.ts";
import type { LogRun } from "./log-run.ts";

/** Letters of a stack, and of one of its frames. */
const MOST_LETTERS = 2048;
const MOST_OF_FRAME = 400;
/** Frames of one stack that are kept. */
const MOST_FRAMES = 32;
const FILE = /\.(?:c|h|cc|cpp|cxx|hpp|ino|rs|py|s|zig|nim|toit|js|ts)$/i;
/** `pages.c:118`, `foo@pages.c(118)`. */
const LINE = /^(.*\S)(?::|\(|, ?line |#L?)(\d{1,7})\)?$/;
/** Between the frames of one stack; arrows point from the caller, or to it. */
const BETWEEN = /\s*(?:<-+|←|<=|[|;\n]|\s<\s|\s@\s)\s*/;
const BETWEEN_OUTERMOST_FIRST = /\s*(?:-+>|→|=>|\s>\s)\s*/;

export class CallSites {
  private readonly run: LogRun;

  constructor(run: LogRun) {
    this.run = run;
  }

  allocatedBy(callers: readonly number[], caps = 0): Pick<TraceRecord, "site" | "callers"> {
    const { run } = this;
    const site = run.site({ method: Method.UNKNOWN, caps, callers });
    if (callers.length === 0) return { site, callers: "none" };
    const isTold = callers.some((address) => {
      const name = run.nameAt(address);
      return name === undefined || !isAllocatorName(name);
    });
    return { site, callers: isTold ? "told" : "allocator" };
  }

  freedBy(callers: readonly number[]): number {
    return callers.length === 0 ? SITE_UNKNOWN : this.run.site({ method: Method.FREE, caps: 0, callers });
  }

  /** The same of names, innermost first. */
  allocatedIn(frames: readonly NamedFrame[]): Pick<TraceRecord, "site" | "callers"> {
    const site = this.run.site({ method: Method.UNKNOWN, caps: 0, frames });
    const isTold = frames.some((frame) => !isAllocatorName(frame.function));
    return { site, callers: frames.length === 0 ? "none" : isTold ? "told" : "allocator" };
  }

  freedIn(frames: readonly NamedFrame[]): number {
    return frames.length === 0 ? SITE_UNKNOWN : this.run.site({ method: Method.FREE, caps: 0, frames });
  }
}

/** A cell as far as a stack is looked for in it: thousands of blanks would be tried in all divisions. */
export function stackText(cell: string): string {
  return cell
    .slice(0, MOST_LETTERS)
    .replace(/ {2,}|\t/g, " ")
    .replace(/([:,])\1+/g, "$1$1");
}

/** A stack in words, innermost first: `http_get (http.c:120) <- app_main`; an address in it is none of them. */
export function framesIn(cell: string): NamedFrame[] {
  const text = stackText(cell);
  const isOutermostFirst = BETWEEN_OUTERMOST_FIRST.test(text);
  const frames = text
    .split(isOutermostFirst ? BETWEEN_OUTERMOST_FIRST : BETWEEN)
    .slice(0, MOST_FRAMES)
    .flatMap((part) => frameIn(part.slice(0, MOST_OF_FRAME)) ?? []);
  return isOutermostFirst ? frames.reverse() : frames;
}

/** A place that has a file and no function is called by both. */
export function placeFrame(file: string, line: number | undefined): NamedFrame {
  const name = fileName(file);
  return line === undefined ? { function: name, file } : { function: `${name}:${line}`, file, line };
}

/** `render_page`, `pages.c:118`, `render_page (pages.c:118)`, `pages.c:118 render_page`, `render_page at main/pages.c:118`, `render_page+0x1c`. */
function frameIn(text: string): NamedFrame | undefined {
  const plain = text.trim().replace(/^(?:#?\d+:?\s+)?(?:0x[0-9a-f]{8}:?\s*)?(?:in )?/i, "").replace(/(?:\+0x[0-9a-f]+|\(\))$/i, ""); // prettier-ignore
  if (!/[\p{L}_]/u.test(plain) || /^(?:0x[0-9a-f]+|null|nil|none|unknown|n\/a|-+|\?+)$/i.test(plain)) return undefined;
  const words = /^(.*?)(?: at | in |\s*@\s*|\s*\(|\s+-\s+|\s+)([^\s()@]+?)\)?$/.exec(plain);
  for (const [name, place] of words === null
    ? []
    : [
        [words[1], words[2]],
        [words[2], words[1]],
      ]) {
    // prettier-ignore
    const found = placeIn(place);
    if (found !== undefined && name !== undefined && name !== "") return { function: name, ...found };
  }
  const place = placeIn(plain);
  return place === undefined ? { function: plain } : placeFrame(place.file, place.line);
}

function placeIn(text = ""): { readonly file: string; readonly line?: number } | undefined {
  const [, file = text, line] = LINE.exec(text) ?? [];
  if (!FILE.test(file)) return undefined;
  return line === undefined ? { file } : { file, line: Number(line) };
}
