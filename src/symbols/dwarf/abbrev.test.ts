// Tables of abbreviations: what is looked up by skipping is what is decoded, of any numbers.
import fc from "fast-check";
import { expect, test } from "vitest";
import { assertDefined } from "../../base/assert.ts";
import { uleb } from "../../../test/symbols/made-dwarf.ts";
import { Budget } from "../problems.ts";
import { AbbrevTable, fixedFormSize } from "./abbrev.ts";
import { DW_FORM } from "./constants.ts";

const number = fc.oneof(fc.nat(127), fc.constantFrom(0x80, 0x3fff, 0x4000, 0x4109, 65_535, 65_536));
const spec = fc
  .record({ attribute: number, form: fc.oneof(fc.constantFrom(...Object.values(DW_FORM)), number), constant: fc.integer() })
  .filter(({ attribute, form }) => attribute !== 0 || form !== 0); // prettier-ignore
const declarations = fc.uniqueArray(
  fc.record({
    code: number.filter((code) => code !== 0),
    tag: number,
    hasChildren: fc.boolean(),
    specs: fc.array(spec, { maxLength: 4 }),
  }),
  { maxLength: 6, selector: ({ code }) => code },
);
type Declaration = typeof declarations extends fc.Arbitrary<(infer One)[]> ? One : never;

/** Signed numbers of seven bits each. */
function sleb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    const isLast = rest >= -64 && rest < 64;
    bytes.push((rest & 0x7f) | (isLast ? 0 : 0x80));
    if (isLast) return bytes;
  }
}

function bytesOf({ code, tag, hasChildren, specs }: Declaration): number[] {
  const told = specs.flatMap(({ attribute, form, constant }) => [
    ...uleb(attribute),
    ...uleb(form),
    ...(form === DW_FORM.implicitConst ? sleb(constant) : []),
  ]);
  return [...uleb(code), ...uleb(tag), hasChildren ? 1 : 0, ...told, 0, 0];
}

const tableOf = (bytes: readonly number[], budget = 10_000): AbbrevTable =>
  new AbbrevTable(Uint8Array.from([9, 9, ...bytes]), 2, 4, 4, new Budget(budget));

test("each declaration is found and decoded, in any order, with what it takes where that is fixed", () => {
  fc.assert(
    fc.property(declarations, fc.nat(5), (all, start) => {
      const bytes = [...all.flatMap(bytesOf), 0, 5, 6, 1, 7, 7, 0, 0];
      const table = tableOf(bytes);
      for (const { code, tag, hasChildren, specs } of [...all.slice(start), ...all.slice(0, start)]) {
        const found = assertDefined(table.get(code), "a declaration");
        const sizes = specs.map(({ form }) => fixedFormSize(form, 4, 4));
        expect(found).toMatchObject({
          tag,
          hasChildren,
          fixedSize: sizes.some((size) => size < 0) ? -1 : sizes.reduce((sum, size) => sum + size, 0),
        });
        expect(table.specs.slice(found.first, found.last)).toEqual(
          specs.flatMap((one) => [one.attribute, one.form, one.form === DW_FORM.implicitConst ? one.constant : 0]),
        );
        const cursor = assertDefined(table.find(code, new Budget(10_000)), "its place");
        expect([cursor.uleb(), cursor.u8()]).toEqual([tag, hasChildren ? 1 : 0]);
      }
      // What stands behind the table's end is not of it.
      for (const code of [0, 2, 5, 66_000]) {
        if (all.some((one) => one.code === code)) continue;
        expect([table.get(code), table.find(code, new Budget(10_000))]).toEqual([undefined, undefined]);
      }
    }),
  );
});

test("of two declarations of one code the first counts", () => {
  for (const code of [3, 70_000]) {
    const twice = [1, 2].flatMap((tag) => bytesOf({ code, tag, hasChildren: false, specs: [] }));
    const table = tableOf([...twice, 0]);
    expect(table.get(9)).toBeUndefined();
    expect(table.get(code)?.tag).toBe(1);
    expect(table.find(code, new Budget(100))?.uleb()).toBe(1);
  }
});

test("a table that is cut, or longer than may be read, has what stands before", () => {
  const one = bytesOf({ code: 1, tag: 300, hasChildren: true, specs: [{ attribute: 3, form: 8, constant: 0 }] });
  const two = bytesOf({ code: 2, tag: 5, hasChildren: false, specs: [] });
  for (let length = 0; length < one.length + two.length; length++) {
    const table = tableOf([...one, ...two].slice(0, length));
    expect(table.get(2)).toBeUndefined();
    expect(table.get(1)?.tag).toBe(length < one.length ? undefined : 300);
  }
  // Two of its budget for each pair that is read, the last of a declaration included.
  expect([4, 5, 6].map((budget) => tableOf([...one, ...two, 0], budget).get(2)?.tag)).toEqual([
    undefined,
    undefined,
    5,
  ]);
  const found = (budget: number): unknown =>
    tableOf([...one, ...two, 0])
      .find(2, new Budget(budget))
      ?.uleb();
  expect([found(one.length - 1), found(one.length)]).toEqual([undefined, 5]);
});
