import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteWriter } from "../base/bytes.ts";
import type { NamedFrame } from "../wire/fields.ts";
import { StackNumbers, StackTable } from "./stack-names.ts";

const name = fc.constantFrom("", "malloc", "f", "größer", "?");
const frame: fc.Arbitrary<NamedFrame> = fc.record(
  {
    function: name,
    file: name,
    line: fc.nat(3),
    module: name,
    address: fc.constantFrom(0, 0x4200_1234, 0x7fff_1234_5678),
  },
  { requiredKeys: ["function"] },
);
const stacks = fc.array(fc.array(frame, { minLength: 1, maxLength: 5 }), { maxLength: 12 });

function packed(numbers: StackNumbers): Uint8Array {
  const writer = new ByteWriter();
  numbers.pack(writer);
  return writer.toBytes();
}

test("stacks come back, whenever the chunks between them were written", () => {
  fc.assert(
    fc.property(stacks, fc.array(fc.nat(12), { maxLength: 3 }), (all, borders) => {
      const numbers = new StackNumbers();
      const table = new StackTable();
      const given = all.map((stack, i) => {
        const number = numbers.number(stack);
        if (borders.includes(i)) table.read(packed(numbers));
        return number;
      });
      table.read(packed(numbers));
      expect(given.map((number) => table.stack(number))).toEqual(all);
      expect(numbers.isTold).toBe(true);
    }),
  );
});

test("what stacks have in common is written once", () => {
  const main = Array.from({ length: 30 }, (_, i) => ({ function: `function_${i}`, file: "main.c", line: i }));
  const numbers = new StackNumbers();
  numbers.number(main);
  const first = packed(numbers).length;
  for (let i = 0; i < 100; i++) numbers.number([{ function: "malloc" }, { function: "leaf", line: i }, ...main]);
  expect(packed(numbers).length).toBeLessThan(2 * first);
});

test("a stack is the same when it is asked for again, and what came meanwhile is in it", () => {
  const numbers = new StackNumbers();
  const table = new StackTable();
  const given = [[{ function: "leaf" }, { function: "main" }], [{ function: "other" }]];
  const asked = given.map((stack) => numbers.number(stack));
  const stacks = (): unknown => asked.map((number) => table.stack(number));
  expect(stacks()).toEqual([[], []]);
  table.read(packed(numbers));
  expect(stacks()).toEqual(given);
  expect(stacks()).toEqual(given);
});

test("of a stack that is too deep the outermost frames are left out, whoever wrote it", () => {
  const deep = Array.from({ length: 1030 }, (_, i) => ({ function: `function_${i}` }));
  const numbers = new StackNumbers();
  const table = new StackTable();
  const number = numbers.number(deep);
  table.read(packed(numbers));
  expect(table.stack(number)).toEqual(deep.slice(0, 1024));
  // One stack, which is its own caller, and whose frame is not told.
  const endless = new StackTable();
  endless.read(Uint8Array.of(0, 0, 0, 0, 0, 1, 9, 1));
  expect(endless.stack(1)).toEqual(new Array(1024).fill({ function: "?" }));
});

test("a damaged section costs names, nothing else", () => {
  const numbers = new StackNumbers();
  const number = numbers.number([{ function: "malloc" }, { function: "main", file: "main.c" }]);
  const bytes = packed(numbers);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      const table = new StackTable();
      table.read(bytes.map((old, i) => (i === at ? byte : old)));
      expect(table.stack(number).length).toBeLessThanOrEqual(1024);
    }),
  );
  expect(new StackTable().stack(number)).toEqual([]);
});
