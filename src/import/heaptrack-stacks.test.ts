// Stacks of heaptrack recordings that are told late, and which blocks are temporary where pointers are told.
import { expect, test } from "vitest";
import { toldOfFiles } from "../../test/told.ts";

const told = (text: string): Promise<string> =>
  toldOfFiles({ name: "a.heaptrack", bytes: new TextEncoder().encode(text) });

test("a stack that is told of after its first allocation is known from then on", async () => {
  const lines = ["v 10400 3", "s 4 main", "i 401136 0 1", "a 64 1", "+ 0", "t 1 0", "+ 0", "a 8 0", "+ 1"];
  const sites = (await told(`${lines.join("\n")}\n`)).split("\n").flatMap((line) => / size=\d+ site=\d+/.exec(line)?.[0] ?? []);
  expect(sites).toEqual([" size=100 site=0", " size=100 site=1", " size=8 site=0"]);
}); // prettier-ignore

test("a pair of size and stack is temporary where the last allocation was of the same", async () => {
  const temporary = async (...calls: readonly string[]): Promise<string | undefined> =>
    /temporaryAllocations=(\d+)/.exec(await told(`v 10400 3\nx 1 a\nt 4000 0\nt 5000 0\n${calls.join("\n")}\n`))?.[1];
  expect(await temporary("+ 10 1 a", "- a")).toBe("1");
  expect(await temporary("+ 10 1 a", "+ 10 1 b", "- a")).toBe("1");
  expect(await temporary("+ 10 1 a", "+ 10 2 b", "- a")).toBe("0");
  expect(await temporary("+ 10 1 a", "+ 20 1 b", "- a")).toBe("0");
  expect(await temporary("+ 10 1 a", "- a", "- a")).toBe("1");
  // As of the interpreted file, whose number 0 is compared with after each free.
  expect(await temporary("+ 10 1 a", "+ 20 1 b", "- b", "- a")).toBe("2");
  expect(await temporary("+ 20 1 a", "+ 10 1 b", "+ 20 1 c", "- c", "- b")).toBe("1");
});

test("empty lines are none that is damaged, and blocks of nothing need no memory", async () => {
  const account = await told("v 10400 3\n\n\r\na 0 0\n+ 0\n");
  expect(account).not.toContain("damage");
  expect(account).toContain("heaptrack allocations=1 temporaryAllocations=0 peakBytes=0 leakedBytes=0");
});

test("a damaged node keeps its number, and stands for no call of another", async () => {
  const lines = ["v 10400 3", "s 4 main", "s 5 other", "i 1 0 1", "i 2 0 2", "t 1 0", "t x", "t 2 2", "a 8 3", "+ 0"];
  expect(await told(`${lines.join("\n")}\n`)).toContain("frames=[{function=other}]");
});
