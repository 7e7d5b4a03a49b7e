// What somebody may have meant who wrote a name that does not exist.

import { inTextOrder } from "./order.ts";

/** The nearest of the known names, at most `most`, best first; none where nothing is near. */
export function similar(text: string, known: Iterable<string>, most = 3): readonly string[] {
  const wanted = text.toLowerCase();
  const near: { readonly name: string; readonly distance: number }[] = [];
  for (const name of new Set(known)) {
    const lower = name.toLowerCase();
    if (lower === "") continue;
    // Half a name is near to the whole one.
    const distance = lower.includes(wanted) || wanted.includes(lower) ? 0.5 : edits(wanted, lower);
    if (distance <= Math.max(1, Math.ceil(wanted.length / 3))) near.push({ name, distance });
  }
  return near
    .sort((a, b) => a.distance - b.distance || inTextOrder(a.name, b.name))
    .slice(0, most)
    .map(({ name }) => name);
}

/** `Did you mean site or size? `; empty where nothing is near. */
export function orMeant(near: readonly string[]): string {
  return near.length === 0 ? "" : `Did you mean ${near.join(" or ")}? `;
}

/** Characters to insert, delete or replace, an exchange of neighbours counted as one. */
function edits(a: string, b: string): number {
  const [from, to] = [a.slice(0, 64), b.slice(0, 64)]; // longer names are not mistyped by a letter or two
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? 0;
}
