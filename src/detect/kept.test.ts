// What was kept and what is said of it: at the borders between one sentence and another.
import { expect, test } from "vitest";
import { contextOf, type Block } from "../../test/detect-inputs.ts";
import { told } from "../../test/finding-text.ts";
import { incident, namesOf } from "../../test/incidents.ts";
import type { FoundLeak, Inputs } from "./detector.ts";
import type { Finding } from "./finding.ts";
import { kept } from "./kept.ts";
import type { Survey } from "./survey.ts";

const SECOND = 1e6;

interface Site {
  readonly blocks?: number;
  readonly bytes?: number;
  readonly frees?: number;
  readonly allocations?: number;
  /** Seconds: births of the oldest and of the newest. */
  readonly oldest?: number;
  readonly newest?: number;
}

/** Sites 1, 2 …, over 1,000 s; what is not given is a block of 100 bytes that came in the tenth second. */
function surveyOf(sites: readonly Site[]): Survey {
  const column = (of: (site: Site) => number): Float64Array => Float64Array.from([{ blocks: 0, allocations: 0 }, ...sites], of);
  const columns = {
    liveBlocks: column(({ blocks = 1 }) => blocks),
    liveBytes: column(({ bytes = 100 }) => bytes),
    allocations: column(({ allocations = 1 }) => allocations),
    frees: column(({ frees = 0 }) => frees),
    oldest: column(({ oldest = 10 }) => oldest * SECOND),
    lastBirth: column(({ oldest = 10, newest = oldest }) => newest * SECOND),
  };
  return { window: { from: 0, to: 1000 * SECOND }, sites: sites.length + 1, ...columns } as unknown as Survey;
} // prettier-ignore

async function said(
  sites: readonly Site[],
  { blocks = [], leaking = [], ...more }: { blocks?: readonly Block[]; leaking?: readonly number[] } & Partial<Inputs<never>> = {},
): Promise<readonly Finding[]> {
  const leaks = leaking.map((site): FoundLeak => ({ sites: [site], isGrowing: true, finding: {} as FoundLeak["finding"] }));
  const context = await contextOf(1000 * SECOND, blocks);
  return kept.detect({ ...context, ...more, survey: surveyOf(sites), leaks });
} // prettier-ignore

test("what was kept", async () => {
  const { model } = await contextOf(1000 * SECOND, []);
  const withTrace = { ...model, tables: { ...model.tables, incidents: [incident("heap-trace")] } };
  const withOther = { ...model, tables: { ...model.tables, incidents: [incident("panic")] } };
  const blocks = Array.from({ length: 20 }, (_, i) => ({ address: 0x3ffb_0000 + 100 * i, size: 10 + ((7 * i) % 20), site: 1 + (i % 3) }));
  const span = (oldest: number, newest: number, count = 5): readonly Site[] => [{ blocks: count, oldest, newest }];
  await expect(
    told({
      "nothing is live": await said([{ blocks: 0 }]),
      "one was freed": await said([{ frees: 1 }]),
      "none was seen being allocated": await said([{ allocations: 0 }]),
      "what leaks": await said([{}, { bytes: 7 }], { leaking: [1] }),
      "a heap trace tells it": await said([{}], { model: withTrace }),
      "a log tells something else": await said([{}], { model: withOther }),
      "one block": await said([{}]),
      "most bytes first": await said([{ bytes: 5 }, { bytes: 50 }, { bytes: 20 }], { blocks }),
      "six places": await said([10, 20, 30, 40, 50, 60].map((bytes) => ({ bytes }))),
      "seven places": await said([10, 20, 30, 40, 50, 60, 70].map((bytes) => ({ bytes }))),
      "one place from two callers": await said([{ bytes: 5, oldest: 20, newest: 30 }, { bytes: 50, blocks: 2, oldest: 3, newest: 7 }], { names: namesOf([["new_one", "a"], ["new_one", "b"]]) }),
      "came over a twentieth of the time": await said(span(10, 60)),
      "came over more than that": await said(span(10, 60.001)),
      "three that may go on": await said(span(400, 950, 3)),
      "four, the next not overdue": await said(span(499, 751, 4)),
      "four, the next overdue": await said(span(500, 750, 4)),
      "some go on and some do not": await said([...span(0, 900, 10), ...span(0, 500), {}]),
    }),
  ).toMatchFileSnapshot("../../test/answers/kept.txt");
}); // prettier-ignore
