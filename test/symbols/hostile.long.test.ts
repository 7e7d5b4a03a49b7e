// Many damaged files, with a watch on memory. A hang shows as the test's time-out.
import fc from "fast-check";
import { expect, test } from "vitest";
import { atLength, covered } from "../length.ts";
import { compressed, fixture } from "./fixtures.ts";
import { askEverything, damage, damages, memoryBound } from "./hostile.ts";

const count = atLength({ short: 150, long: 34_000 });

test.for(["riscv", "xtensa", "compressed"] as const)("damaged files: %s", { timeout: 60_000 + count * 300 }, (name) => {
  const elf = name === "compressed" ? compressed(fixture("riscv")) : fixture(name);
  const allowed = memoryBound(elf.length);
  let worst = 0;
  let readable = 0;
  fc.assert(
    fc.property(damages, (list) => {
      const bytes = damage(elf, list);
      const before = process.memoryUsage().arrayBuffers;
      if (askEverything(bytes) > 0) readable++;
      worst = Math.max(worst, process.memoryUsage().arrayBuffers - before);
    }),
    { numRuns: count },
  );
  covered(`${name}: ${count} files, ${readable} of them partly readable; buffers grew by ${worst} bytes at most`);
  // Damage that leaves nothing to read would prove nothing.
  expect(readable).toBeGreaterThan(count / 3);
  expect(worst).toBeLessThan(allowed);
});
