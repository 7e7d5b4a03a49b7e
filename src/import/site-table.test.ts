// Which call sites are the same one.
import { expect, test } from "vitest";
import { CollectedRun } from "../../test/collected-run.ts";
import { Method } from "../wire/protocol.ts";
import type { Site } from "../wire/records.ts";
import { SiteTable } from "./site-table.ts";

test("sites are numbered from 1, and all that a site says tells it from others", () => {
  const run = new CollectedRun();
  const table = new SiteTable(run);
  const site = { method: Method.UNKNOWN, caps: 0 };
  const frame = { function: "f" };
  const all: readonly Omit<Site, "id">[] = [
    site,
    { ...site, method: Method.FREE },
    { ...site, caps: 1 },
    { ...site, file: "a.c" },
    { ...site, file: "a.c", line: 1 },
    { ...site, function: "f" },
    { ...site, variable: "f" },
    { ...site, callers: [1] },
    { ...site, frames: [frame] },
    { ...site, frames: [{ ...frame, line: 1 }] },
    { ...site, frames: [{ ...frame, file: "a.c" }] },
    { ...site, frames: [{ ...frame, file: "a.c", line: 2 }] },
    { ...site, frames: [frame, frame] },
  ];
  expect(all.map((one) => table.id(one))).toEqual(all.map((_, i) => i + 1));
  expect(all.map((one) => table.id({ ...one }))).toEqual(all.map((_, i) => i + 1));
  expect(all.map((one) => table.known({ ...one }))).toEqual(all.map((_, i) => i + 1));
  expect(table.known({ ...site, caps: 7 })).toBeUndefined();
  expect([...run.sites.values()]).toEqual(all.map((one, i) => ({ id: i + 1, ...one })));
});
