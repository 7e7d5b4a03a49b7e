// Damaged files in every run; the long run is hostile.long.test.ts.
import fc from "fast-check";
import { test } from "vitest";
import { compressed, fixture } from "./fixtures.ts";
import { askEverything, damage, damages } from "./hostile.ts";

const runs = { numRuns: 25 };

test("damaged files give an error of ours or a partial answer", { timeout: 30_000 }, () => {
  for (const elf of [fixture("riscv"), fixture("xtensa"), compressed(fixture("riscv"))]) {
    fc.assert(
      fc.property(damages, (list) => void askEverything(damage(elf, list))),
      runs,
    );
  }
});

test("files that are cut at any place give an error of ours or a partial answer", () => {
  const elf = fixture("xtensa");
  for (let length = 0; length < elf.length; length += 211) askEverything(elf.subarray(0, length));
});

test("random bytes behind a right header give an error of ours or a partial answer", () => {
  const header = fixture("riscv").subarray(0, 52);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 2000 }), (tail) => {
      const bytes = new Uint8Array(header.length + tail.length);
      bytes.set(header);
      bytes.set(tail, header.length);
      askEverything(bytes);
    }),
    runs,
  );
});
