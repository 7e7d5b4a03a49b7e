// Everything that the page asks, as one union, and the one place that answers: in a worker for a live page, in the command line for a report
// in one file. A question is plain data, so that it can be posted, compared and kept.
import type { Bytes, Caps, Microseconds } from "../base/units.ts";
import type { BlockFilter } from "../heap/filter.ts";
import { filterTable } from "../heap/blocks.ts";
import { capsStates } from "../heap/regions.ts";
import { samplingOf } from "../heap/sampling.ts";
import type { Window } from "../heap/types.ts";
import type { Asked, Dimension } from "./asked.ts";
import { viewBlockMap, type BlockMap } from "./block-map.ts";
import type { BlockRows } from "./block-rows.ts";
import { compareView, type CompareView } from "./compare-view.ts";
import { doubtAt, isCertain } from "./doubt.ts";
import { compareTables, viewGrowth, type GrowthView } from "./growth-view.ts";
import type { FlameCost, FlameGroup, FlameTree } from "./flame-view.ts";
import { viewLeak, type LeakView } from "./leak-view.ts";
import type { LogView } from "./log-view.ts";
import type { MemoryCurves, Scope } from "./curves.ts";
import { memoryCurves } from "./memory-curves.ts";
import type { SiteRows } from "./site-rows.ts";
import type { BlockOrder, SiteRowOrder } from "./row-orders.ts";
import type { StoriesView } from "./story-view.ts";
import { makeVerdict, type VerdictView } from "./verdict.ts";

export interface Filtered {
  /** A query; empty: everything. */
  readonly filter: string;
}

export type Question =
  | { readonly kind: "curves"; readonly window: Window; readonly samples: number; readonly scope?: Scope }
  | { readonly kind: "verdict"; readonly window: Window }
  | ({ readonly kind: "growth"; readonly window: Window; readonly by: Dimension; readonly limit: number } & Filtered)
  | ({ readonly kind: "map"; readonly time: Microseconds } & Filtered)
  | ({
      readonly kind: "flame";
      readonly window: Window;
      readonly base?: Window;
      readonly cost: FlameCost;
      readonly group: FlameGroup;
      readonly inverted: boolean;
    } & Filtered)
  | { readonly kind: "leak"; readonly where: string; readonly window: Window }
  | { readonly kind: "stories"; readonly window: Window }
  | ({
      readonly kind: "blocks";
      readonly time: Microseconds;
      readonly bornSince?: Microseconds;
      readonly order: BlockOrder;
      readonly descending: boolean;
      readonly offset: number;
      readonly count: number;
    } & Filtered)
  | ({
      readonly kind: "sites";
      readonly window: Window;
      readonly order: SiteRowOrder;
      readonly descending: boolean;
      readonly offset: number;
      readonly count: number;
    } & Filtered)
  | { readonly kind: "log"; readonly window: Window; readonly search: string; readonly limit: number }
  | ({
      readonly kind: "compare";
      readonly before: Microseconds;
      readonly after: Microseconds;
      /** `before` is a moment of the other recording. */
      readonly other: boolean;
      readonly by: Dimension;
      readonly limit: number;
    } & Filtered)
  | ({ readonly kind: "totals"; readonly time: Microseconds } & Filtered);

export interface Answers {
  readonly curves: MemoryCurves;
  readonly verdict: VerdictView;
  readonly growth: GrowthView;
  readonly map: BlockMap;
  readonly flame: FlameTree;
  readonly leak: LeakView;
  readonly stories: StoriesView;
  readonly blocks: BlockRows;
  readonly sites: SiteRows;
  readonly log: LogView;
  readonly compare: CompareView;
  readonly totals: MomentView;
}

export type QuestionKind = Question["kind"];
export type QuestionOf<K extends QuestionKind> = Extract<Question, { readonly kind: K }>;

/** What is live at a moment, and what the memory for bytes has free then. */
export interface MomentView {
  readonly time: Microseconds;
  readonly bytes: Bytes;
  readonly blocks: number;
  /** False where a gap or sampling makes the two above estimates. */
  readonly exact: boolean;
  /** Of the filtered blocks, where there is a filter. */
  readonly filteredBytes?: Bytes;
  readonly filteredBlocks?: number;
  readonly caps: readonly {
    readonly caps: Caps;
    readonly free: Bytes;
    readonly largestFree: Bytes;
    readonly exact: boolean;
  }[];
}

/**
 * @param other the recording that is compared with
 * @throws MemmapError `usage-query` where a filter cannot be read
 */
export async function answer<K extends QuestionKind>(
  asked: Asked,
  question: QuestionOf<K>,
  other?: Asked,
): Promise<Answers[K]> {
  return (await answerAny(asked, question, other)) as Answers[K];
}

async function answerAny(asked: Asked, question: Question, other: Asked | undefined): Promise<Answers[QuestionKind]> {
  const { model } = asked;
  const filterOf = ({ filter }: Filtered): BlockFilter | undefined =>
    filter.trim() === "" ? undefined : model.filter(filter);
  switch (question.kind) {
    case "curves":
      return memoryCurves(model, question.window, question.samples, question.scope);
    case "verdict":
      return makeVerdict(model, {
        window: question.window,
        ...(asked.resolver !== undefined && { resolver: asked.resolver }),
        ...asked.detectOptions,
      });
    case "growth":
      return viewGrowth(asked, question.window, question.by, filterOf(question), question.limit);
    case "map":
      return viewBlockMap(asked, question.time, filterOf(question));
    case "flame": {
      const { viewFlame } = await import("./flame-view.ts"); // for those who open it, as what follows
      return viewFlame(asked, { ...question, filter: filterOf(question) });
    }
    case "leak":
      return viewLeak(asked, question.where, question.window);
    case "stories": {
      const { viewStories } = await import("./story-view.ts");
      return viewStories(asked, question.window);
    }
    case "blocks": {
      const { viewBlockRows } = await import("./block-rows.ts");
      return viewBlockRows(asked, { ...question, filter: filterOf(question) });
    }
    case "sites": {
      const { viewSiteRows } = await import("./site-rows.ts");
      return viewSiteRows(asked, { ...question, filter: filterOf(question) });
    }
    case "log": {
      const { viewLog } = await import("./log-view.ts");
      return viewLog(model, question.window, question.search, question.limit);
    }
    case "compare": {
      const left = question.other && other !== undefined ? other : asked;
      const filterThere = question.filter.trim() === "" ? undefined : left.model.filter(question.filter);
      const before = await left.model.liveAt(question.before, filterThere);
      const after = await model.liveAt(question.after, filterOf(question));
      return compareView(compareTables(left, before, asked, after, question.by), question, {
        exactBefore: isCertain(await doubtAt(left.model, question.before)),
        exactAfter: isCertain(await doubtAt(model, question.after)),
      });
    }
    case "totals":
      return viewTotals(asked, question.time, filterOf(question));
  }
}

async function viewTotals({ model }: Asked, time: Microseconds, filter: BlockFilter | undefined): Promise<MomentView> {
  const { totals, blocks: live, regions } = await model.momentAt(time);
  const { bytes, blocks } = totals;
  const filtered = filter === undefined ? undefined : filterTable(live, filter, time);
  const { weight, sentence } = samplingOf(model.tables.boots);
  const caps = capsStates(regions);
  let filteredBytes = 0;
  let filteredBlocks = 0;
  for (const size of filtered?.size ?? []) {
    filteredBytes += size * weight(size);
    filteredBlocks += weight(size);
  }
  return {
    time,
    bytes: bytes.value,
    blocks: blocks.value,
    exact: bytes.lowest === bytes.highest && sentence === undefined,
    ...(filtered !== undefined && {
      filteredBytes: Math.round(filteredBytes),
      filteredBlocks: Math.round(filteredBlocks),
    }),
    caps: caps.map(({ caps: bits, free, largestFree, exact }) => ({ caps: bits, free, largestFree, exact })),
  };
}
