// Words that name no memory by themselves: where they count as figures of memory all the same, and where not.
import { expect, test } from "vitest";
import { FIGURE_OF_BYTES } from "./figure.ts";
import { figuresOf } from "./figures.ts";

/** `value unit [label] quantity of memory, named or not`, or why not. */
function told(line: string): string[] {
  return figuresOf(line).map(({ index, value, unit, label, meaning }) => {
    const what = typeof meaning === "string" ? meaning : `${meaning.quantity} ${meaning.memory}${meaning.isNamed ? "" : ", not named"}`; // prettier-ignore
    return `${index}: ${value} ${unit} [${label}] ${what}`;
  });
}

const all = (lines: readonly string[]): string =>
  lines.map((line) => [line, ...told(line).map((one) => `  ${one}`)].join("\n")).join("\n");

test("bare words count where several are figures of memory, or one names it", () => {
  expect(
    all([
      "free: 100000 | max: 50000",
      "free: 100000",
      "free: 2047",
      "free: 2048",
      "free: 8388607",
      "free: 8388608",
      "free 30296, sockets 2",
      "free 30296 after flash write",
      "free 1024 bytes",
      "free 1023 bytes",
      "free 32 MB",
      "free 31 MB",
      "something free 2 kB",
      "some thing free 2 kB",
      "total 123456",
      "internal total 123456",
      "internal total 123456, psram total 234567",
      "internal 123456",
      "largest 1000, frag 12",
      "largest 1000",
      "heap: 5, free: 7",
      '{"Heap":25,"Free":500}',
      '{"Uptime":3,"Free":500}',
      "free heap 50000, msys free 9",
      "free heap 50000, msys free 1000",
      "free heap 32767, msys free 9",
      "free heap 32768, msys free 9",
      "free heap 50000, msys largest 9",
    ]),
  ).toMatchInlineSnapshot(`
    "free: 100000 | max: 50000
      0: 100000 none [free:] free any, not named
      1: 50000 none [max:] largest any, not named
    free: 100000
      0: 100000 none [free:] free any, not named
    free: 2047
      0: 2047 none [free:] no word of memory
    free: 2048
      0: 2048 none [free:] free any, not named
    free: 8388607
      0: 8388607 none [free:] free any, not named
    free: 8388608
      0: 8388608 none [free:] no word of memory
    free 30296, sockets 2
      0: 30296 none [free] free any, not named
      1: 2 none [sockets] it is about sockets
    free 30296 after flash write
      0: 30296 none [free] no word of memory
    free 1024 bytes
      0: 1024 bytes [free] free any, not named
    free 1023 bytes
      0: 1023 bytes [free] no word of memory
    free 32 MB
      0: 33554432 bytes [free] no word of memory
    free 31 MB
      0: 32505856 bytes [free] free any, not named
    something free 2 kB
      0: 2048 bytes [something free] free any, not named
    some thing free 2 kB
      0: 2048 bytes [some thing free] it is about “some”
    total 123456
      0: 123456 none [total] no word of memory
    internal total 123456
      0: 123456 none [internal total] no word of memory
    internal total 123456, psram total 234567
      0: 123456 none [internal total] no word of memory
      1: 234567 none [psram total] total psram
    internal 123456
      0: 123456 none [internal] size internal, not named
    largest 1000, frag 12
      0: 1000 none [largest] largest any, not named
      1: 12 none [frag] fragmentation any, not named
    largest 1000
      0: 1000 none [largest] no word of memory
    heap: 5, free: 7
      0: 5 none [heap:] size any
      1: 7 none [free:] free any
    {"Heap":25,"Free":500}
      0: 25 none ["Heap":] size any
      1: 500 none ["Free":] “Heap” beside it is the figure of memory
    {"Uptime":3,"Free":500}
      0: 3 none ["Uptime":] no word of memory
      1: 500 none ["Free":] no word of memory
    free heap 50000, msys free 9
      0: 50000 none [free heap] free any
      1: 9 none [msys free] it counts “msys”
    free heap 50000, msys free 1000
      0: 50000 none [free heap] free any
      1: 1000 none [msys free] free any
    free heap 32767, msys free 9
      0: 32767 none [free heap] free any
      1: 9 none [msys free] free any
    free heap 32768, msys free 9
      0: 32768 none [free heap] free any
      1: 9 none [msys free] it counts “msys”
    free heap 50000, msys largest 9
      0: 50000 none [free heap] free any
      1: 9 none [msys largest] largest any"
  `);
  expect(FIGURE_OF_BYTES).toBe(32_768);
});

test("first letters, and columns without names", () => {
  expect(
    all([
      "[heap] F:123456 L:65536 M:100000",
      "heap f=123456 l=65536",
      "heap f=65536 l=123456",
      "heap f=123456 x=65536",
      "heap f=100 l=50",
      "f=123456 l=65536",
      "[HEAP];132540;120100;65524;3",
      "heap, 132540, 120100, 255, 5000",
      "[mem] 132540|256|132541",
      "heap; 132540 1 2",
      "heap 132540; 5",
      "[HEAP];1000000;900000;800000;700000;600000;500000;400000;300000",
    ]),
  ).toMatchInlineSnapshot(`
    "[heap] F:123456 L:65536 M:100000
      0: 123456 none [F:] free any
      1: 65536 none [L:] largest any
      2: 100000 none [M:] minimum any
    heap f=123456 l=65536
      0: 123456 none [heap f=] size any
      1: 65536 none [l=] its words name no figure of memory
    heap f=65536 l=123456
      0: 65536 none [heap f=] size any
      1: 123456 none [l=] its words name no figure of memory
    heap f=123456 x=65536
      0: 123456 none [heap f=] size any
      1: 65536 none [x=] its words name no figure of memory
    heap f=100 l=50
      0: 100 none [heap f=] size any
      1: 50 none [l=] its words name no figure of memory
    f=123456 l=65536
      0: 123456 none [f=] no word of memory
      1: 65536 none [l=] no word of memory
    [HEAP];132540;120100;65524;3
      0: 132540 none [[HEAP];] size any
      1: 120100 none [[HEAP]; second column] unnamed any
      2: 65524 none [[HEAP]; third column] unnamed any
      3: 3 none [;] its words name no figure of memory
    heap, 132540, 120100, 255, 5000
      0: 132540 none [] its words name no figure of memory
      1: 120100 none [] its words name no figure of memory
      2: 255 none [] its words name no figure of memory
      3: 5000 none [] its words name no figure of memory
    [mem] 132540|256|132541
      0: 132540 none [[mem]] size any
      1: 256 none [|] its words name no figure of memory
      2: 132541 none [|] its words name no figure of memory
    heap; 132540 1 2
      0: 132540 none [heap;] size any
      1: 1 none [] its words name no figure of memory
      2: 2 none [] its words name no figure of memory
    heap 132540; 5
      0: 132540 none [heap] size any
      1: 5 none [;] its words name no figure of memory
    [HEAP];1000000;900000;800000;700000;600000;500000;400000;300000
      0: 1000000 none [[HEAP];] size any
      1: 900000 none [[HEAP]; second column] unnamed any
      2: 800000 none [[HEAP]; third column] unnamed any
      3: 700000 none [[HEAP]; fourth column] unnamed any
      4: 600000 none [[HEAP]; fifth column] unnamed any
      5: 500000 none [[HEAP]; sixth column] unnamed any
      6: 400000 none [[HEAP]; further column] unnamed any
      7: 300000 none [[HEAP]; further column] unnamed any"
  `);
});

test("a line that begins with memory and has one number, and a block beside what is free", () => {
  expect(
    all([
      "[heap] after display: 171000",
      "[heap] display: 4095",
      "[heap] display: 4096",
      "[mem] display: 8388607",
      "[mem] display: 8388608",
      "heap after display of all that: 171000",
      "heap after display: 45%",
      "after display: 171000",
      "heap after 5 displays: 171000",
      "heap 38120 block 11264",
      "heap 38120 blk 256",
      "heap 38120 block 255",
      "heap 38120 block 38120",
      "heap 38120 block 38121",
      "heap 38120 blocks 300",
      "used heap 38120 block 300",
      "block 300 heap 38120",
      "heap min/max: 20000/40000",
    ]),
  ).toMatchInlineSnapshot(`
    "[heap] after display: 171000
      0: 171000 none [after display:] size any
    [heap] display: 4095
      0: 4095 none [display:] its words name no figure of memory
    [heap] display: 4096
      0: 4096 none [display:] size any
    [mem] display: 8388607
      0: 8388607 none [display:] size any
    [mem] display: 8388608
      0: 8388608 none [display:] its words name no figure of memory
    heap after display of all that: 171000
      0: 171000 none [heap after display of all that:] size any
    heap after display: 45%
      0: 45 percent [heap after display:] used any
    after display: 171000
      0: 171000 none [after display:] no word of memory
    heap after 5 displays: 171000
      0: 5 none [heap after] size any
      1: 171000 none [displays:] its words name no figure of memory
    heap 38120 block 11264
      0: 38120 none [heap] size any
      1: 11264 none [block] largest any
    heap 38120 blk 256
      0: 38120 none [heap] size any
      1: 256 none [blk] largest any
    heap 38120 block 255
      0: 38120 none [heap] size any
      1: 255 none [block] its words name no figure of memory
    heap 38120 block 38120
      0: 38120 none [heap] size any
      1: 38120 none [block] largest any
    heap 38120 block 38121
      0: 38120 none [heap] size any
      1: 38121 none [block] its words name no figure of memory
    heap 38120 blocks 300
      0: 38120 none [heap] size any
      1: 300 none [blocks] its words name no figure of memory
    used heap 38120 block 300
      0: 38120 none [used heap] used any
      1: 300 none [block] its words name no figure of memory
    block 300 heap 38120
      0: 300 none [block] no word of memory
      1: 38120 none [heap] size any
    heap min/max: 20000/40000
      0: 20000 none [heap min] minimum any
      1: 40000 none [max] largest any"
  `);
});
