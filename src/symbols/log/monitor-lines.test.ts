import { expect, test } from "vitest";
import { decodedLine, type DecodedLine, inlinedLine, isMonitorLine } from "./monitor-lines.ts";

const told = (name: string, file: string, line: string, isCut = false): DecodedLine => {
  return { address: 0x400d_1234, function: name, file, line, isCut };
};

test.for<readonly [string, DecodedLine | undefined]>([
  ["--- 0x400d1234: f at /p/a.c:12", told("f", "/p/a.c", "12")],
  ["0x400d1234: ns::f(int, char*) at /p/a.cpp:12 (discriminator 3)", told("ns::f(int, char*)", "/p/a.cpp", "12")],
  ["#0  0x400d1234:0x3ffb0000 in f at a.c:12", told("f", "a.c", "12")],
  ["#3  0x400d1234:0x3ffb0000 |<-CORRUPTED in f at a.c:12", told("f", "a.c", "12")],
  ["#1  0x400d1234 in f (a=1, b=(2)) at /p/e.c:9", told("f", "/p/e.c", "9")],
  ["0x400d1234 is in f (/p/d.c:8).", told("f", "/p/d.c", "8")],
  ["PC: 0x400d1234: f at a.c line 12", told("f", "a.c", "12")],
  ["epc1=0x400d1234: f at a.c line 12", told("f", "a.c", "12")],
  ["Decoded 0x400d1234: f at /p/a.cpp:20", told("f", "/p/a.cpp", "20")],
  ["WARNING Decoded 0x400d1234: f at /p/a.cpp:20", told("f", "/p/a.cpp", "20")],
  ["[10:01:02] WARNING Decoded 0x400d1234: f at /p/a.cpp:20", told("f", "/p/a.cpp", "20")],
  ["0x400d1234: f at ??:?", told("f", "??", "?")],
  ["0x400d1234: f at", told("f", "", "", true)],
  ["0x400d1234: f", told("f", "", "")],
  ["0x400d1234:  at ??:?", told("", "??", "?")],
  ["0x400d1234 and more", undefined],
  ["caller 0x400d1234: f at /p/a.c:12", undefined],
  [" (inlined by) g at /p/b.c:40", undefined],
])("%s", ([line, decoded]) => {
  expect(decodedLine(line)).toEqual(decoded);
  expect(isMonitorLine(line)).toBe(decoded !== undefined || line.includes("inlined"));
});

test("what a call was inlined into stands in a line of its own", () => {
  const outer = { function: "g", file: "/p/b.c", line: "40" };
  for (const line of [
    " (inlined by) g at /p/b.c:40",
    "--- (inlined by) g at /p/b.c:40 (discriminator 2)",
    "    inlined into g at /p/b.c:40",
    "(inlined by) g at /p/b.c line 40 ",
  ])
    expect(inlinedLine(line), line).toEqual(outer);
  expect(inlinedLine("(inlined by) g")).toBeUndefined();
  expect(inlinedLine("0x400d1234: f (inlined by) g at /p/b.c:40")).toBeUndefined();
});
