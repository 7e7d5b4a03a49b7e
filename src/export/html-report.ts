// The one-file report: the built page without an engine, with a run's frozen answers in it. Data stands in the file as compressed base64, so that
// nothing of the firmware's strings is ever markup.
import type { Frozen } from "../report/frozen.ts";
import { base64Decode, base64Encode } from "../wire/base64.ts";

/** Where the template takes the data; src/web/report.html has it. */
const PLACE = "<!--data-->";

type Compress = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** @param compress gzip: of Node, or of the browser */
export async function htmlReport(template: string, frozen: Frozen, compress: Compress): Promise<string> {
  const packed = await compress(new TextEncoder().encode(toJson(frozen)));
  const data = `<script type="application/octet-stream" id="data">${base64Encode(packed)}</script>`;
  return template.replace(PLACE, () => data);
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

type ArrayKind = keyof typeof arrays;
const TAG = "~array:";

/** Columns as text of their bytes; numbers that JSON does not know as words. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "number" && !Number.isFinite(item)) return `~number:${item}`;
    for (const [kind, type] of Object.entries(arrays)) {
      if (!(item instanceof type)) continue;
      return `${TAG}${kind}:${base64Encode(new Uint8Array(item.buffer, item.byteOffset, item.byteLength))}`;
    }
    // A string of the firmware's that looks like one of these stays a string.
    return typeof item === "string" && item.startsWith("~") ? `~text:${item}` : item;
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
