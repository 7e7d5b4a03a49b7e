// SITES frames: what is written comes back, and strings that share more than there is before them make no sense.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader } from "../base/bytes.ts";
import { decodeSites } from "./decode-sites.ts";
import { encodeSites } from "./encode-frames.ts";
import { Method, SiteField } from "./protocol.ts";
import type { AnyRecord, Site } from "./records.ts";

function decoded(bytes: Uint8Array): { readonly isWhole: boolean; readonly sites: readonly unknown[] } {
  const sites: unknown[] = [];
  const cursor = new ByteReader(bytes);
  const record = ({ kind, value }: AnyRecord): unknown => kind === "site" && sites.push(value);
  const isWhole = decodeSites(cursor, { record, calls: () => undefined, text: () => undefined });
  return { isWhole, sites };
}

const text = fc.constantFrom("\0", "\0a", "a", "main.c", "main/heap.c", "größe", "main.c\0");
const word = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const site: fc.Arbitrary<Site> = fc.record(
  {
    id: word,
    method: fc.constantFrom(...Object.values(Method)),
    caps: word,
    file: text,
    function: text,
    line: fc.integer({ min: 1, max: 70_000 }),
    variable: text,
    callers: fc.array(word, { maxLength: 4 }),
  },
  { requiredKeys: ["id", "method", "caps"] },
);

test("sites come back, whatever the one before them was called", () => {
  fc.assert(
    fc.property(fc.array(site, { maxLength: 6 }), (sites) => {
      expect(decoded(encodeSites(sites))).toEqual({ isWhole: true, sites });
    }),
  );
});

test("what is cut anywhere makes no sense, and what stands before it is passed on", () => {
  const one: Site = { id: 300, method: Method.CALLOC, caps: 4, file: "a.c", line: 9, function: "f", variable: "v", callers: [1, 2 ** 31] }; // prettier-ignore
  const first = encodeSites([one]).length;
  const both = encodeSites([one, { ...one, id: 301, file: "b.c" }]);
  for (let end = 1; end < both.length; end++) {
    if (end === first) continue;
    expect(decoded(both.subarray(0, end))).toEqual({ isWhole: false, sites: end < first ? [] : [one] });
  }
});

test("the first string of each kind shares nothing; a later one at most all", () => {
  const named = (fields: number, ...strings: readonly number[]): Uint8Array =>
    Uint8Array.of(1, fields, Method.MALLOC, 0, ...(fields === SiteField.SOURCE ? [7] : []), ...strings);
  const isSense = (...parts: readonly Uint8Array[]): boolean => decoded(Uint8Array.from(Buffer.concat(parts))).isWhole;
  const x = 0x78;
  for (const shared of [0, 1]) {
    const isShared = shared === 0;
    expect(isSense(named(SiteField.SOURCE, shared, 1, x, 0, 1, x))).toBe(isShared);
    expect(isSense(named(SiteField.SOURCE, 0, 1, x, shared, 1, x))).toBe(isShared);
    expect(isSense(named(SiteField.VARIABLE, shared, 1, x))).toBe(isShared);
  }
  const before = named(SiteField.VARIABLE, 0, 2, x, x);
  expect(isSense(before, named(SiteField.VARIABLE, 2, 0))).toBe(true);
  expect(isSense(before, named(SiteField.VARIABLE, 3, 0))).toBe(false);
});

test("a method that is not known is said to be none that is; a field that is not known makes no sense", () => {
  expect(decoded(Uint8Array.of(1, 0, 99, 4)).sites).toEqual([{ id: 1, method: Method.UNKNOWN, caps: 4 }]);
  expect(decoded(Uint8Array.of(1, 0x80, 1, 4)).isWhole).toBe(false);
});
