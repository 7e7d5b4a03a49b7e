// Everything that the page asks, as one union, and the one place that answers: in a worker for a live page, in the command line for a report
// in one file. A question is plain data, so that it can be posted, compared and kept.
import type { Microseconds } from "../base/units.ts";
import type { BlockFilter } from "../heap/filter.ts";
import { filterTable } from "../heap/blocks.ts";
import type { Window } from "../heap/types.ts";
import type { Asked, Dimension } from "./asked.ts";
import type { BlockMap } from "./block-map.ts";
import { viewBlockMap } from "./block-map-view.ts";
import type { BlockRows } from "./block-rows.ts";
import type { CompareView } from "./compare-view.ts";
import { doubtAt, sumLive, viewLiveSum, viewTotals, type LiveView } from "./doubt.ts";
import { compareSides, growthSide, sumOfSide, viewGrowth, type GrowthView } from "./growth-view.ts";
import type { FlameCost, FlameGroup, FlameTree } from "./flame-view.ts";
import type { LeakView } from "./leak-view.ts";
import type { LogView } from "./log-view.ts";
import type { MemoryCurves, Scope } from "./curves.ts";
import { memoryCurves } from "./memory-curves.ts";
import { gapDoubt, viewCaps, type CapsView } from "./memory-view.ts";
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
  /** `site` by its text. */
  | { readonly kind: "leak"; readonly site: string; readonly window: Window }
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

/** What is live at a moment, and what the memory has free then. The sums are of the blocks that match. */
export interface MomentView extends LiveView {
  readonly time: Microseconds;
  readonly filter?: string;
  /** Everything that is live at the moment. */
  readonly total: LiveView;
  readonly caps: readonly CapsView[];
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
  const filterOf = ({ filter }: Filtered, of = asked): BlockFilter | undefined =>
    filter.trim() === "" ? undefined : of.model.filter(filter);
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
    case "leak": {
      const { viewLeak } = await import("./leak-view.ts");
      return viewLeak(asked, question.site, question.window);
    }
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
      const { compareView } = await import("./compare-view.ts");
      const left = question.other && other !== undefined ? other : asked;
      const before = await growthSide(left, question.before, filterOf(question, left));
      const after = await growthSide(asked, question.after, filterOf(question));
      const all = compareSides(before, after, question.by);
      return compareView(all, sumOfSide(before), sumOfSide(after), question);
    }
    case "totals":
      return viewMoment(asked, question.time, filterOf(question));
  }
}

async function viewMoment({ model }: Asked, time: Microseconds, filter: BlockFilter | undefined): Promise<MomentView> {
  const { totals, blocks, regions } = await model.momentAt(time);
  const total = viewTotals(model, totals);
  const doubt = filter && (await doubtAt(model, time));
  return {
    time,
    ...(filter !== undefined && { filter: filter.query }),
    ...(filter && doubt ? viewLiveSum(sumLive(filterTable(blocks, filter, time), doubt), doubt) : total),
    total,
    caps: viewCaps(model, regions, gapDoubt(model, time)),
  };
}
