// Every address of code in small ELFs of three compilers and encodings that ours are not made with, against what addr2line says of it.
import { expect, test } from "vitest";
import { openSymbols } from "../../src/symbols/index.ts";
import { Symbolizer } from "../../src/symbols/symbolizer.ts";
import { demangle } from "../../src/symbols/demangle/demangle.ts";
import { chainText, codeAddresses, readWitness, witnessedNames, witnessNames } from "./witness.ts";

test.for(witnessNames())("%s: each address has the chain that addr2line gives it", (name) => {
  const { elf, stretches } = readWitness(name);
  const symbolizer = new Symbolizer(openSymbols(elf).elf);
  const differing: string[] = [];
  let stretch = -1;
  let asked = 0;
  for (const address of codeAddresses(symbolizer)) {
    while (address >= (stretches[stretch + 1]?.address ?? Infinity)) stretch++;
    const witnessed = stretches[stretch]?.chain;
    if (witnessed === undefined) continue;
    asked++;
    const ours = chainText(symbolizer.symbolize(address));
    if (ours !== witnessed) differing.push(`0x${address.toString(16)}\n  ours      ${ours}\n  addr2line ${witnessed}`);
  }
  expect(asked).toBeGreaterThan(2700);
  expect(differing.slice(0, 5)).toEqual([]);
});

test("each name reads as c++filt writes it", () => {
  const names = witnessedNames();
  expect(names.length).toBeGreaterThan(1100);
  expect(names.map(([mangled]) => [mangled, demangle(mangled)])).toEqual(names);
});
