// Decodes SITES, TASKS and REGIONS frames (protocol/SPEC.md, sections 4, 5 and 7): records one after the other until the end.
import { type Cursor, decodeText } from "./cursor.ts";
import type { EventSink, MethodCode, Region, Site } from "./events.ts";
import { present } from "./present.ts";
import { Method, SiteField } from "./protocol.ts";

const noBytes = new Uint8Array(0);
const allSiteFields = SiteField.SOURCE | SiteField.VARIABLE | SiteField.CALLERS;

/** Each returns false where a record makes no sense; the records before it have been passed on. */
export function decodeSites(cursor: Cursor, sink: EventSink): boolean {
  let file = noBytes;
  let functionName = noBytes;
  let variable = noBytes;
  while (cursor.remaining > 0) {
    const id = cursor.varint();
    const fields = cursor.u8();
    const method = cursor.u8();
    const caps = cursor.varint();
    if ((fields & ~allSiteFields) !== 0) return false;
    let line: number | undefined;
    if ((fields & SiteField.SOURCE) !== 0) {
      line = cursor.varint();
      file = readShared(cursor, file);
      functionName = readShared(cursor, functionName);
    }
    if ((fields & SiteField.VARIABLE) !== 0) variable = readShared(cursor, variable);
    const callers = (fields & SiteField.CALLERS) !== 0 ? readCallers(cursor) : undefined;
    if (cursor.failed) return false;
    sink.site(
      present<Site>({
        id,
        method: knownMethod(method),
        caps,
        file: line === undefined ? undefined : textOrNothing(file),
        line: line === 0 ? undefined : line,
        function: line === undefined ? undefined : textOrNothing(functionName),
        variable: (fields & SiteField.VARIABLE) !== 0 ? textOrNothing(variable) : undefined,
        callers,
      }),
    );
  }
  return !cursor.failed;
}

/** A string that begins as the previous record's does. */
function readShared(cursor: Cursor, previous: Uint8Array): Uint8Array<ArrayBuffer> {
  const shared = cursor.varint();
  const rest = cursor.take(cursor.varint());
  if (shared > previous.length) cursor.fail();
  if (cursor.failed) return noBytes;
  const bytes = new Uint8Array(shared + rest.length);
  bytes.set(previous.subarray(0, shared));
  bytes.set(rest, shared);
  return bytes;
}

function readCallers(cursor: Cursor): number[] {
  const count = cursor.u8();
  const callers: number[] = [];
  let address = 0;
  for (let index = 0; index < count && !cursor.failed; index++) {
    address = (address + cursor.zigzag()) >>> 0;
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

export function decodeTasks(cursor: Cursor, sink: EventSink): boolean {
  while (cursor.remaining > 0) {
    const id = cursor.varint();
    const handle = cursor.u32();
    const deleted = (cursor.u8() & 1) !== 0;
    const name = cursor.string();
    if (cursor.failed) return false;
    sink.task({ id, name, handle, deleted });
  }
  return true;
}

/** The regions of a frame are passed on together: all or, where one makes no sense, none. */
export function decodeRegions(cursor: Cursor, microsecondsPerTick: number, sink: EventSink): boolean {
  const time = cursor.longVarint() * microsecondsPerTick;
  const regions: Region[] = [];
  while (cursor.remaining > 0) {
    // The order of properties is the order on the wire.
    regions.push({
      start: cursor.u32(),
      end: cursor.u32(),
      caps: cursor.varint(),
      free: cursor.varint(),
      largestFree: cursor.varint(),
      minimumFree: cursor.varint(),
      name: cursor.string(),
    });
  }
  if (cursor.failed) return false;
  sink.regions(time, regions);
  return true;
}
