import { expect, test } from "vitest";
import { unwrapping } from "./line-wrappings.ts";

function inside(line: string): string {
  let told = "";
  const bytes = new TextEncoder().encode(`before${line}behind`);
  const read = unwrapping((inner, start, end) => (told = new TextDecoder().decode(inner.subarray(start, end))));
  read(bytes, "before".length, bytes.length - "behind".length);
  return told;
}

test.for<readonly [string, string]>([
  ['{"log":"free 3\\n","stream":"stdout","time":"2024-03-01T12:34:10.5Z"}', "2024-03-01T12:34:10.5Z free 3\n"],
  ['{"MESSAGE":"free 3","__REALTIME_TIMESTAMP":"1709296450500000"}\r', "2024-03-01T12:34:10.500Z free 3"],
  [
    '{"_PID":"1","__REALTIME_TIMESTAMP":"1709296450500000","MESSAGE":[102,114,101,101]}',
    "2024-03-01T12:34:10.500Z free",
  ],
  ["b'free \\'3\\'\\t\\xc3\\xa9\\r\\n'", "free '3'\té\r "],
  ['2024-03-01 12:34:10 b"it\'s 3"', "2024-03-01 12:34:10 it's 3"],
  ["b'free 3' \r", "free 3"],
  ["b''", ""],
  ["b'a\\qb\\x'", "a b\0"],
  ["free 3<br>", "free 3"],
  ["<b>free</b> 3<p>", "<b>free</b> 3"],
  ["<span>free 3", "free 3"],
  ["&#x10ffff;&#1114111;", "\u{10ffff}\u{10ffff}"],
  ['{"A":1,"MESSAGE":"free","__REALTIME_TIMESTAMP":"1709296450500000"}', "2024-03-01T12:34:10.500Z free"],
  ['{"Z":1,"MESSAGE":"free","__REALTIME_TIMESTAMP":"1709296450500000"}', "2024-03-01T12:34:10.500Z free"],
  ["{ &gt; b", "{ > b"],
  ["a &gt; {b}", "a > {b}"],
  ["b &gt;", "b >"],
  ["b'&gt;'", "b'>'"],
  [" b'x'", " x"],
  ["ab'x' b'y'", "ab'x' y"],
  [`${"-".repeat(46)} b'x'`, `${"-".repeat(46)} x`],
  ["&gt; panic&#39;ed &amp;amp; &#x3c;<br>", "> panic'ed &amp; <"],
])("%j", ([line, inner]) => {
  expect(inside(line)).toBe(inner);
});

test.for([
  '{"log":"free 3',
  '{"log":3}',
  '{"free_heap":3000,"MESSAGE":1}',
  '{"MESSAGE":["a"],"__REALTIME_TIMESTAMP":"x"}',
  "says 'free 3'",
  "b'free 3'!",
  "{}",
  '{"a":1,"MESSAGE":"free","__REALTIME_TIMESTAMP":"1709296450500000"}',
  '{"@":1,"MESSAGE":"free","__REALTIME_TIMESTAMP":"1709296450500000"}',
  '{"[":1,"MESSAGE":"free","__REALTIME_TIMESTAMP":"1709296450500000"}',
  "&#x110000;&#1114112;",
  "b'",
  "ab'x'",
  "b\"x'",
  `${"-".repeat(47)} b'x'`,
  "{a'",
  "<inf> app: a & b; c >",
  "&unknown; &#99999999;",
])("%j stays as it is", (line) => {
  expect(inside(line)).toBe(line);
});

test("an ampersand is found in any line of the same bytes, whichever were read before", () => {
  const text = "a\nb&lt;\nc\n&gt;d\ne";
  const bytes = new TextEncoder().encode(text);
  const told: string[] = [];
  const read = unwrapping((inner, start, end) => told.push(new TextDecoder().decode(inner.subarray(start, end))));
  let at = 0;
  for (const line of text.split("\n")) {
    read(bytes, at, at + line.length);
    at += line.length + 1;
  }
  read(bytes, 2, 7);
  expect(told).toEqual(["a", "b<", "c", ">d", "e", "b<"]);
});
