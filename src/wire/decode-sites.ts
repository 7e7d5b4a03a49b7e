// Decodes SITES frames (protocol/SPEC.md, section 4), whose records share strings with the record before them.
import { type ByteReader, decodeText } from "../base/bytes.ts";
import type { EventSink } from "./events.ts";
import { present } from "./present.ts";
import { Method, type MethodCode, SiteField } from "./protocol.ts";
import type { Site } from "./records.ts";

const noBytes = new Uint8Array(0);
const ALL_SITE_FIELDS = SiteField.SOURCE | SiteField.VARIABLE | SiteField.CALLERS;

/** Returns false where a record makes no sense; the records before it have been passed on. */
export function decodeSites(cursor: ByteReader, sink: EventSink): boolean {
  let file = noBytes;
  let functionName = noBytes;
  let variable = noBytes;
  while (cursor.remaining > 0) {
    const id = cursor.varint32();
    const fields = cursor.u8();
    const method = cursor.u8();
    const caps = cursor.varint32();
    if ((fields & ~ALL_SITE_FIELDS) !== 0) return false;
    let line: number | undefined;
    if ((fields & SiteField.SOURCE) !== 0) {
      line = cursor.varint32();
      file = readShared(cursor, file);
      functionName = readShared(cursor, functionName);
    }
    if ((fields & SiteField.VARIABLE) !== 0) variable = readShared(cursor, variable);
    const callers = (fields & SiteField.CALLERS) !== 0 ? readCallers(cursor) : undefined;
    if (cursor.failed) return false;
    sink.record({
      kind: "site",
      value: present<Site>({
        id,
        method: knownMethod(method),
        caps,
        file: line === undefined ? undefined : textOrNothing(file),
        line: line === 0 ? undefined : line,
        function: line === undefined ? undefined : textOrNothing(functionName),
        variable: (fields & SiteField.VARIABLE) !== 0 ? textOrNothing(variable) : undefined,
        callers,
      }),
    });
  }
  return true;
}

/** A string that begins as the previous record's does. */
function readShared(cursor: ByteReader, previous: Uint8Array): Uint8Array<ArrayBuffer> {
  const shared = cursor.varint32();
  const rest = cursor.take(cursor.varint32());
  if (shared > previous.length) cursor.fail();
  if (cursor.failed) return noBytes;
  const bytes = new Uint8Array(shared + rest.length);
  bytes.set(previous.subarray(0, shared));
  bytes.set(rest, shared);
  return bytes;
}

function readCallers(cursor: ByteReader): number[] {
  const count = cursor.u8();
  const callers: number[] = [];
  let address = 0;
  for (let index = 0; index < count && !cursor.failed; index++) {
    address = (address + cursor.zigzag32()) >>> 0;
    callers.push(address);
  }
  return callers;
}

function textOrNothing(bytes: Uint8Array): string | undefined {
  return bytes.length > 0 ? decodeText(bytes) : undefined;
}

function knownMethod(code: number): MethodCode {
  return Object.values(Method).find((known) => known === code) ?? Method.UNKNOWN;
}
