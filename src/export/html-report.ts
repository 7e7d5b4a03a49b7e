// The one-file report: the built page without an engine, with a run's frozen answers in it. Data stands in the file as compressed base64, so that
// nothing of the firmware's strings is ever markup.
import { formatNumberOf } from "../base/format.ts";
import type { Frozen } from "../report/frozen.ts";
import { base64Decode, base64Encode } from "../wire/base64.ts";

/** Where the template takes the data; src/web/report.html has it. */
const PLACE = "<!--data-->";

type Compress = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** A mail takes it, and a phone opens it. */
const MOST_REPORT_BYTES = 5_000_000;

/** @param compress gzip: of Node, or of the browser */
export async function htmlReport(template: string, frozen: Frozen, compress: Compress): Promise<string> {
  const html = async (folded: Frozen): Promise<string> => {
    const packed = await compress(new TextEncoder().encode(toJson(folded)));
    const data = `<script type="application/octet-stream" id="data">${base64Encode(packed)}</script>`;
    return template.replace(PLACE, () => data);
  };
  let folded = frozen;
  let made = await html(folded);
  for (const fold of FOLDS) {
    if (made.length <= MOST_REPORT_BYTES) break;
    folded = fold(folded);
    made = await html(folded);
  }
  return made;
}

/** What goes where a report is too large, one after the other: what is missed least first. The last ones leave nothing that grows with a run. */
const FOLDS: readonly ((frozen: Frozen) => Frozen)[] = [
  (frozen) => keepLog(frozen, 200),
  (frozen) => keepMoments(frozen, 6),
  (frozen) => keepFlames(frozen, 4),
  (frozen) => keepSites(keepFlames(keepMoments(keepLog(frozen, 0), 1), 1), 100),
  (frozen) => keepSites(keepFlames(keepMoments(frozen, 0), 0), 20),
];

function keepLog(frozen: Frozen, lines: number): Frozen {
  const { log } = frozen;
  if (log.text.length <= lines) return frozen;
  const omittedLines = log.omittedLines + log.text.length - lines;
  const first = log.text.length - lines;
  const kept = { time: log.time.slice(first), line: log.line.slice(first), text: log.text.slice(first) };
  return saying({ ...frozen, log: { ...log, ...kept, omittedLines } }, "most of the log");
}

/** The end, the peak and the start come first; others as they come. */
function keepMoments(frozen: Frozen, most: number): Frozen {
  const { moments } = frozen;
  if (moments.length <= most) return frozen;
  const rank = (name: string): number => ["start", "peak", "end"].indexOf(name);
  const chosen = [...moments].sort((a, b) => rank(b.name) - rank(a.name)).slice(0, most);
  const kept = chosen.sort((a, b) => a.time - b.time);
  return saying({ ...frozen, moments: kept }, `the heap map but at ${formatNumberOf(most, "moment")}`);
}

function keepFlames(frozen: Frozen, most: number): Frozen {
  if (frozen.flames.length <= most) return frozen;
  return saying({ ...frozen, flames: frozen.flames.slice(0, most) }, "most ways to look at the flame graph");
}

function keepSites(frozen: Frozen, most: number): Frozen {
  if (frozen.sites.length <= most) return frozen;
  const omittedSites = frozen.omittedSites + frozen.sites.length - most;
  return saying({ ...frozen, sites: frozen.sites.slice(0, most), omittedSites }, "most call sites");
}

function saying(frozen: Frozen, what: string): Frozen {
  return { ...frozen, folded: [...frozen.folded, `The file would have been too large: ${what} is left out`] };
}

/** The other way, in the page. */
export function readReport(json: string): Frozen {
  return JSON.parse(json, revive) as Frozen;
}

const arrays = {
  f8: Float64Array,
  u4: Uint32Array,
  i4: Int32Array,
  u2: Uint16Array,
  u1: Uint8Array,
} as const;

/** No name or line needs more; a board that prints without an end of line makes them of megabytes. */
const MOST_CHARACTERS = 400;

type ArrayKind = keyof typeof arrays;
const TAG = "~array:";

/** Columns as text of their bytes; numbers that JSON does not know as words. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "string") {
      const text = item.length <= MOST_CHARACTERS ? item : `${item.slice(0, MOST_CHARACTERS)}…`;
      // A string of the firmware's that looks like one of these stays a string.
      return text.startsWith("~") ? `~text:${text}` : text;
    }
    if (typeof item === "number") return Number.isFinite(item) ? item : `~number:${item}`;
    for (const [kind, type] of Object.entries(arrays)) {
      if (!(item instanceof type)) continue;
      return `${TAG}${kind}:${base64Encode(new Uint8Array(item.buffer, item.byteOffset, item.byteLength))}`;
    }
    return item;
  });
}

function revive(_key: string, item: unknown): unknown {
  if (typeof item !== "string" || !item.startsWith("~")) return item;
  if (item.startsWith("~text:")) return item.slice("~text:".length);
  if (item.startsWith("~number:")) return Number(item.slice("~number:".length));
  if (!item.startsWith(TAG)) return item;
  const kind = item.slice(TAG.length, TAG.length + 2) as ArrayKind;
  const bytes = fromBase64(item.slice(TAG.length + 3));
  const type = arrays[kind];
  return new type(bytes.buffer, 0, bytes.length / type.BYTES_PER_ELEMENT);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const source = new TextEncoder().encode(text);
  const room = new Uint8Array(Math.ceil((source.length * 3) / 4));
  const length = base64Decode(source, 0, source.length, room);
  return room.slice(0, Math.max(0, length));
}
