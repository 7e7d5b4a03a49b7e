import { expect, test } from "vitest";
import { damageRemarks, DamagedPart, type Damage } from "./damage.ts";

const lost = (part: DamagedPart, rows = 0, span: Pick<Damage, "from" | "to"> = {}): Damage => ({
  part,
  isLost: true,
  rows,
  ...span,
});

test.each([
  [lost(DamagedPart.EVENTS, 1), "1 event missing"],
  [lost(DamagedPart.EVENTS, 12), "12 events missing"],
  [lost(DamagedPart.CHUNKS), "whole stretches missing, with faults, failures and marks if there were any"],
  [
    lost(DamagedPart.CHUNKS, 1),
    "whole stretches missing with 1 event, with faults, failures and marks if there were any",
  ],
  [lost(DamagedPart.NOTES), "heartbeats and answers on regions missing"],
  [lost(DamagedPart.TABLES), "faults, failures, marks and names missing, if there were any"],
  [lost(DamagedPart.NAMES), "names in call stacks missing"],
  [lost(DamagedPart.TEXT), "log text missing"],
  [lost(DamagedPart.NONSENSE), "values left out that no recorder writes"],
  [lost(DamagedPart.NONSENSE, 1), "values left out that no recorder writes, with 1 event"],
  [lost(DamagedPart.UNKNOWN), "something of a later version missing"],
])("%o is told in words", (damage, words) => {
  expect(damageRemarks([damage])).toEqual([`The file is damaged in 1 place: ${words}.`]);
});

test("what is lost is told by kind, with the stretch that all of it is about; what stands elsewhere apart from it", () => {
  expect(damageRemarks([])).toEqual([]);
  const damage = [
    lost(DamagedPart.EVENTS, 3, { from: 2e6, to: 5e6 }),
    lost(DamagedPart.TEXT, 0, { from: 1e6 }),
    lost(DamagedPart.TEXT, 0, { to: 9e6 }),
    lost(DamagedPart.EVENTS, 4, { from: 4e6, to: 6e6 }),
  ];
  const copy: Damage = { part: DamagedPart.COPY, isLost: false, rows: 5, from: 0, to: 8e6 };
  const told = "The file is damaged in 4 places, from 2.00 s to 6.00 s: 7 events missing; log text missing.";
  expect(damageRemarks(damage)).toEqual([told]);
  expect(damageRemarks([copy, ...damage])).toEqual([
    told,
    "The file is damaged in 1 more place of which nothing is lost: it stands elsewhere too.",
  ]);
  expect(damageRemarks([lost(DamagedPart.TEXT), copy, copy])).toEqual([
    "The file is damaged in 1 place: log text missing.",
    "The file is damaged in 2 more places of which nothing is lost: it stands elsewhere too.",
  ]);
  expect(damageRemarks([copy, copy])).toEqual([
    "The file is damaged in 2 places of which nothing is lost: it stands elsewhere too.",
  ]);
});
