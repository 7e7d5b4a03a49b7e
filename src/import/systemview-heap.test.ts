// What a SystemView recording tells of the heap beside allocations and frees: requests that were refused, and what cannot have been.
import { describe, expect, test } from "vitest";
import { WIFI, alloc, file, free, header, init, leb, packet, starts, sync } from "../../test/made-systemview.ts";
import { toldOfFiles } from "../../test/told.ts";

describe("what a heap cannot have done", () => {
  const told = async (...parts: number[][]): Promise<string> =>
    (await toldOfFiles(file("a.svdat", header, sync, init, starts(WIFI), ...parts)))
      .split("\n")
      .filter((line) => /^(?:alloc|free|failure|gap time=[1-9]|damage|hint)/.test(line))
      .join("\n");

  test("is damage and a gap: addresses where no memory is, sizes beyond all memory", async () => {
    expect(
      await told(alloc(0x3ffb0000, 8), alloc(0x10, 8), alloc(0x3ffb0100, 0xfffffff0), alloc(0xfffffff0, 100), free(4), free(0x3ffb0000)),
    ).toMatchInlineSnapshot(`
      "alloc time=11 address=0x3ffb0000 size=8 site=0 task=3 core=0
      gap time=21 reason=frames-lost lostFrames=0
      gap time=31 reason=frames-lost lostFrames=0
      gap time=41 reason=frames-lost lostFrames=0
      gap time=51 reason=frames-lost lostFrames=0
      free time=61 address=0x3ffb0000 size=0 site=0 task=3 core=0
      damage offset=91 reason="a heap event that cannot be"
      damage offset=99 reason="a heap event that cannot be"
      damage offset=115 reason="a heap event that cannot be"
      damage offset=127 reason="a heap event that cannot be""
    `);
  });

  test("is a free that is missing where a block was given out over a live one", async () => {
    expect(
      await told(alloc(0x3ffb0000, 32), alloc(0x3ffb0020, 32), alloc(0x3ffb0100, 8), alloc(0x3ffb0010, 64), free(0x3ffb0010), alloc(0x3ffb0100, 8)),
    ).toMatchInlineSnapshot(`
      "alloc time=11 address=0x3ffb0000 size=32 site=0 task=3 core=0
      alloc time=21 address=0x3ffb0020 size=32 site=0 task=3 core=0
      alloc time=31 address=0x3ffb0100 size=8 site=0 task=3 core=0
      free time=41 address=0x3ffb0000 size=0 site=0 task=2 core=0
      free time=41 address=0x3ffb0020 size=0 site=0 task=2 core=0
      gap time=41 reason=source-incomplete lostFrames=0 lostEvents=2
      alloc time=41 address=0x3ffb0010 size=64 site=0 task=3 core=0
      free time=51 address=0x3ffb0010 size=0 site=0 task=3 core=0
      free time=61 address=0x3ffb0100 size=0 site=0 task=2 core=0
      gap time=61 reason=source-incomplete lostFrames=0 lostEvents=1
      alloc time=61 address=0x3ffb0100 size=8 site=0 task=3 core=0
      damage reason="3 frees of blocks whose memory was given out again are missing"
      hint of a chip with two cores memmap takes the files of both: memmap import 0.svdat 1.svdat"
    `);
  });
}); // prettier-ignore

test("a request that the heap refused is a failure, with the attempts in other memory that were refused as well; not one that was granted there", async () => {
  const asked = (size: number, address = 0): number[] => alloc(address, size, [0x400d0001]);
  expect(
    (await toldOfFiles(
      file("a.svdat", header, sync, init, starts(WIFI), asked(40_000), asked(40_000), asked(100), asked(200), asked(200, 0x3ffb0000), free(0), asked(0),
        asked(300), free(0x3ffb0000), asked(300, 0x3ffb0000), asked(16), packet(2, 2, leb(31)), asked(16, 0x3ffb1000), asked(0xfffffff0)),
    )).match(/^(?:alloc|free|failure).*/gm)?.join("\n"),
  ).toMatchInlineSnapshot(`
    "failure number=1 reason=1 time=11 task=3 core=0 size=40000 caps=0x0 site=1 regions=[]
    failure number=2 reason=1 time=31 task=3 core=0 size=100 caps=0x0 site=1 regions=[]
    alloc time=51 address=0x3ffb0000 size=200 site=1 task=3 core=0
    failure number=3 reason=1 time=81 task=3 core=0 size=300 caps=0x0 site=1 regions=[]
    free time=91 address=0x3ffb0000 size=0 site=0 task=3 core=0
    alloc time=101 address=0x3ffb0000 size=300 site=1 task=3 core=0
    failure number=4 reason=1 time=111 task=3 core=0 size=16 caps=0x0 site=1 regions=[]
    alloc time=122 address=0x3ffb1000 size=16 site=1 task=1 core=0
    failure number=5 reason=1 time=132 task=1 core=0 size=4294967280 caps=0x0 site=1 regions=[]"
  `);
}); // prettier-ignore
