// The long run over damaged files: MEMMAP_FUZZ_FILES of them (2,000 when not set; 100,000 and more before a release), with a
// watch on memory. A hang shows as the test's time-out.
import fc from "fast-check";
import { expect, test } from "vitest";
import { compressed, fixture } from "./fixtures.ts";
import { askEverything, damage, damages, memoryBound } from "./hostile.ts";

const files = Number(process.env["MEMMAP_FUZZ_FILES"] ?? 2000);

test.for(["riscv", "xtensa", "compressed"] as const)("damaged files: %s", { timeout: 60_000 + files * 100 }, (name) => {
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
    { numRuns: Math.ceil(files / 3) },
  );
  const count = Math.ceil(files / 3);
  console.log(`${count} files, ${readable} of them partly readable; buffers grew by ${worst} bytes at most`);
  // Damage that leaves nothing to read would prove nothing.
  expect(readable).toBeGreaterThan(count / 3);
  expect(worst).toBeLessThan(allowed);
});
