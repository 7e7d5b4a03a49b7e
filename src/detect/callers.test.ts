// Who is blamed, for judges that are made up: what leaks.test.ts says of whole runs, at each border.
import { describe, expect, test } from "vitest";
import { findAccused, type Accused, type Court } from "./callers.ts";

/** A way to a place, outermost first ("main>loop>fetch"), how often it was taken, and what is said of it alone. */
interface Way {
  readonly stack: string;
  readonly allocations?: number;
  readonly verdict?: "clear" | "unclear";
  /** Was seen often enough without losing anything. */
  readonly isCleared?: boolean;
}

interface Circumstances {
  /** What is said of several together; nothing, where it is left out. */
  readonly together?: (sites: readonly number[]) => string | undefined;
}

function accuse(ways: readonly Way[], { together = () => undefined }: Circumstances = {}): readonly Accused<string>[] {
  const way = (site: number): Way => ways[site] ?? { stack: "" };
  const court: Court<string> = {
    framesOf: (site) =>
      way(site)
        .stack.split(">")
        .reverse()
        .map((name) => ({ function: name })),
    judge: (sites) => (sites.length === 1 ? way(sites[0] ?? 0).verdict : together(sites)),
    isClear: (judgement) => judgement === "clear",
    isCleared: (sites) => sites.every((site) => way(site).isCleared === true),
    allocations: (site) => way(site).allocations ?? 10,
  };
  return findAccused(
    ways.map((_, site) => site),
    court,
  );
}

const clear = { verdict: "clear" } as const;
const unclear = { verdict: "unclear" } as const;
const cleared = { isCleared: true } as const;
const one = (sites: readonly number[], judgement: string, more: Partial<Accused<string>> = {}): Accused<string> => ({
  ...{ sites, judgement, innocents: [], isApart: false },
  ...more,
});

test("a single way is accused of what is said of it, also where it was taken once", () => {
  expect(accuse([{ stack: "main>loop>fetch", ...unclear }])).toEqual([one([0], "unclear")]);
  expect(accuse([{ stack: "main>loop>fetch" }])).toEqual([]);
  expect(accuse([{ stack: "fetch", ...clear, allocations: 1 }])).toEqual([one([0], "clear")]);
});

test("sites whose whole ways are the same are judged together, however far those go", () => {
  const both = { together: () => "clear" };
  for (const stack of ["fetch", "loop>fetch", "main>loop>fetch"]) {
    expect(accuse([{ stack }, { stack }], both)).toEqual([one([0, 1], "clear")]);
  }
});

test("a way that ends where another goes on is another", () => {
  const ways = [{ stack: "loop>fetch", ...clear }, { stack: "main>loop>fetch", ...cleared }]; // prettier-ignore
  expect(accuse(ways)).toEqual([one([0], "clear", { innocents: [1], isApart: true })]);
});

test("files and lines tell callers apart that have one name", () => {
  const places = [{}, { file: "a.c" }, { file: "b.c" }, { file: "a.c", line: 1 }, { file: "a.c", line: 2 }];
  const court: Court<string> = {
    framesOf: (site) => [{ function: "fetch" }, { function: "loop", ...places[site] }],
    judge: (sites) => (sites.length === 1 ? "clear" : undefined),
    isClear: () => true,
    isCleared: () => false,
    allocations: () => 10,
  };
  expect(findAccused([0, 1, 2, 3, 4], court).map(({ sites }) => sites)).toEqual([[0], [1], [2], [3], [4]]);
});

describe("callers that differ", () => {
  test("are accused apart where one loses clearly, the others being innocent", () => {
    const ways = [{ stack: "a>fetch", ...clear }, { stack: "b>fetch", ...unclear }, { stack: "c>fetch" }];
    expect(accuse(ways, { together: () => "clear" })).toEqual([
      one([0], "clear", { innocents: [2], isApart: true }),
      one([1], "unclear", { innocents: [2], isApart: true }),
    ]);
  });

  test("are one mistake where more than four lose clearly", () => {
    const losing = (count: number): Way[] => Array.from({ length: count }, (_, i) => ({ stack: `${i}>fetch`, ...clear }));
    expect(accuse(losing(4), { together: () => "clear" })).toHaveLength(4);
    expect(accuse(losing(5), { together: () => "clear" })).toEqual([one([0, 1, 2, 3, 4], "clear")]);
    // Also where nothing clear can be said of all.
    expect(accuse(losing(5), { together: () => "unclear" })).toEqual([one([0, 1, 2, 3, 4], "unclear")]);
    expect(accuse(losing(5))).toHaveLength(5);
    // One that loses nothing shows that the mistake is not in what they call, if it was taken at all.
    const beside = (allocations: number): Way[] => [...losing(5), { stack: "x>fetch", ...cleared, allocations }];
    expect(accuse(beside(0), { together: () => "clear" })).toEqual([one([0, 1, 2, 3, 4], "clear", { innocents: [5] })]);
    const apart = accuse(beside(1), { together: () => "clear" });
    expect(apart.map(({ sites, innocents }) => [...sites, ...innocents])).toEqual([0, 1, 2, 3, 4].map((site) => [site, 5]));
  }); // prettier-ignore

  test("are judged together where apart they say too little, without those that are cleared", () => {
    const ways = [{ stack: "a>fetch" }, { stack: "b>fetch" }, { stack: "c>fetch", ...cleared }];
    const asked: (readonly number[])[] = [];
    const together = (sites: readonly number[]): string => {
      asked.push(sites);
      return "unclear";
    };
    expect(accuse(ways, { together })).toEqual([one([0, 1], "unclear", { innocents: [2], isApart: true })]);
    expect(asked).toEqual([[0, 1]]);
    const unused = [...ways.slice(0, 2), { stack: "c>fetch", ...cleared, allocations: 0 }];
    expect(accuse(unused, { together })).toEqual([one([0, 1], "unclear", { innocents: [2] })]);
  });

  test("are left apart where together they say no more", () => {
    const ways = [{ stack: "a>fetch", ...unclear }, { stack: "b>fetch" }];
    expect(accuse(ways, { together: () => "unclear" })).toEqual([one([0], "unclear")]);
    expect(accuse(ways)).toEqual([one([0], "unclear")]);
    expect(accuse(ways, { together: () => "clear" })).toEqual([one([0, 1], "clear")]);
  });

  test("are nobody's, where all are cleared", () => {
    const ways = [
      { stack: "a>fetch", ...cleared },
      { stack: "b>fetch", ...cleared },
    ];
    expect(accuse(ways, { together: () => "clear" })).toEqual([]);
  });

  test("that are blamed for a part of their ways are not cleared", () => {
    const ways = [
      ...[
        { stack: "x>a>fetch", ...unclear, ...cleared },
        { stack: "y>a>fetch", ...cleared },
      ],
      { stack: "b>fetch" },
    ];
    expect(accuse(ways, { together: (sites) => (sites.length === 3 ? "clear" : undefined) })).toEqual([
      one([0, 1, 2], "clear"),
    ]);
  });
});

test("what each of several callers does about once is set-up", () => {
  const taken = (...times: readonly number[]): readonly Accused<string>[] =>
    accuse(times.map((allocations, i) => ({ stack: `${i}>fetch`, allocations })), { together: () => "clear" });
  expect(taken(1, 1)).toEqual([]);
  expect(taken(1, 2)).toEqual([]);
  expect(taken(2, 2)).toHaveLength(1);
  expect(taken(1, 3)).toHaveLength(1);
  // What was not taken does not count among them.
  expect(taken(1, 1, 0, 0)).toEqual([]);
  expect(taken(2, 2, 0, 0)).toHaveLength(1);
  expect(taken(1, 0)).toHaveLength(1);
  // Of one way, several requests are set-up as well.
  const alike = (allocations: number): readonly Way[] => [1, 2].map(() => ({ stack: "loop>fetch", allocations }));
  expect(accuse(alike(1), { together: () => "clear" })).toEqual([]);
  expect(accuse(alike(2), { together: () => "clear" })).toHaveLength(1);
}); // prettier-ignore
