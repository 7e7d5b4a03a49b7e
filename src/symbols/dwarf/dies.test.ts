import { Unzlib } from "fflate";
import { expect, test } from "vitest";
import { fixture, type FixtureName } from "../../../test/symbols/fixtures.ts";
import { readElf } from "../elf.ts";
import { readDie } from "./dies.ts";
import { readDwarf } from "./units.ts";

test.each<FixtureName>(["riscv", "xtensa"])("%s: a DIE is read inside of its unit only", (name) => {
  const dwarf = readDwarf(readElf(fixture(name), { zlib: () => Unzlib }));
  const [first, second] = dwarf.units;
  if (first === undefined || second === undefined) throw new Error("the fixture has several units");
  expect(readDie(dwarf, first.dieOffset)?.unit).toBe(first);
  expect(readDie(dwarf, second.dieOffset)?.unit).toBe(second);
  // Its header, its end, another unit's.
  expect(readDie(dwarf, second.offset)).toBeUndefined();
  expect(readDie(dwarf, second.dieOffset - 1)).toBeUndefined();
  expect(readDie(dwarf, second.dieOffset, first)).toBeUndefined();
  expect(readDie(dwarf, first.dieOffset, second)).toBeUndefined();
  expect(readDie(dwarf, dwarf.sections.info.length)).toBeUndefined();
});
