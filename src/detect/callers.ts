// Who is to blame: of the ways in which one place is reached, those that lose blocks. Callers are judged apart where they differ, and together where
// apart there is too little evidence; one that gives back what it takes is accused of nothing.
import type { NamedFrame } from "../wire/fields.ts";

export interface Accused<Judgement> {
  readonly sites: readonly number[];
  readonly judgement: Judgement;
  /** Other ways to the same place that lose nothing, as far as is known. */
  readonly innocents: readonly number[];
  /** Not all ways to the place: the caller is a part of what it is. */
  readonly isApart: boolean;
}

export interface Court<Judgement> {
  readonly framesOf: (site: number) => readonly NamedFrame[];
  readonly judge: (sites: readonly number[]) => Judgement | undefined;
  /** Believed without the others. */
  readonly isClear: (judgement: Judgement) => boolean;
  /** Has been seen often enough without losing anything. */
  readonly isCleared: (sites: readonly number[]) => boolean;
  readonly allocations: (site: number) => number;
}

/** More callers than this that all lose blocks are one mistake, in what they call. */
const MOST_APART = 4;

/** @param sites of one place: the same innermost frame */
export function findAccused<Judgement>(
  sites: readonly number[],
  court: Court<Judgement>,
  depth = 1,
): readonly Accused<Judgement>[] {
  const branches = branchesOf(sites, court, depth);
  if (branches.length === 1) {
    const isEnd = sites.every((site) => court.framesOf(site).length <= depth);
    if (!isEnd) return findAccused(sites, court, depth + 1);
  }
  if (branches.length <= 1) {
    const judgement = court.judge(sites);
    return judgement === undefined || isSetUp(sites, court)
      ? []
      : [{ sites, judgement, innocents: [], isApart: false }];
  }
  const apart = branches.flatMap((branch) => findAccused(branch, court, depth + 1));
  const clear = apart.filter(({ judgement }) => court.isClear(judgement));
  const blamed = new Set(apart.flatMap((one) => one.sites));
  const cleared = branches
    .filter((branch) => !branch.some((site) => blamed.has(site)) && court.isCleared(branch))
    .flat();
  const rest = sites.filter((site) => !cleared.includes(site));
  // A way that was not taken in this time clears nobody.
  const someClear = cleared.some((site) => court.allocations(site) > 0);
  const isOneMistake = !someClear && clear.length > MOST_APART;
  if (clear.length > 0 && !isOneMistake) {
    const innocents = sites.filter((site) => !blamed.has(site));
    return apart.map((one) => ({ ...one, innocents, isApart: true }));
  }
  const together = rest.length === 0 ? undefined : court.judge(rest);
  if (together === undefined || isSetUp(rest, court)) return apart;
  // Together they say more, or there is nothing that one of them says alone.
  const isStronger = court.isClear(together) || apart.length === 0 || isOneMistake;
  return isStronger ? [{ sites: rest, judgement: together, innocents: cleared, isApart: someClear }] : apart;
}

/** Each way here was taken about once: set-up that many parts of a program do. */
function isSetUp<Judgement>(sites: readonly number[], { allocations }: Court<Judgement>): boolean {
  const used = sites.filter((site) => allocations(site) > 0);
  const sum = used.reduce((total, site) => total + allocations(site), 0);
  return used.length > 1 && sum < 2 * used.length;
}

/** By the frame at this depth. */
function branchesOf<Judgement>(
  sites: readonly number[],
  { framesOf }: Court<Judgement>,
  depth: number,
): readonly (readonly number[])[] {
  const branches = new Map<string, number[]>();
  for (const site of sites) {
    const frame = framesOf(site)[depth];
    const key = frame === undefined ? "" : `${frame.function}|${frame.file ?? ""}|${frame.line ?? ""}`;
    const branch = branches.get(key);
    if (branch === undefined) branches.set(key, [site]);
    else branch.push(site);
  }
  return [...branches.values()];
}
