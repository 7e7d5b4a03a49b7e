// What `memmap live` shows: asked of the recording while it is written, with the same questions as the page.
import { MemmapError } from "../../base/errors.ts";
import { openModel } from "../../heap/model.ts";
import type { Recording } from "../../recording/open.ts";
import { askedOf } from "../../report/asked.ts";
import type { MemoryCurves } from "../../report/curves.ts";
import { answer, type MomentView } from "../../report/questions.ts";
import { viewRun, type RunSummary } from "../../report/run-view.ts";
import type { SiteRow } from "../../report/top-sites.ts";
import type { VerdictView } from "../../report/verdict.ts";
import type { LiveState } from "./state.ts";

export interface LiveRegion {
  readonly name: string;
  readonly curves: MemoryCurves;
}

export interface ScreenView {
  readonly run: RunSummary;
  readonly totals: MomentView;
  readonly regions: readonly LiveRegion[];
  readonly sites: readonly SiteRow[];
  readonly omittedSites: number;
  readonly verdict: VerdictView;
  readonly log: readonly string[];
  /** Why the filter cannot be read. */
  readonly filterError?: string;
}

/** Columns of the small curves. */
export const CURVE_COLUMNS = 24;
const REGIONS_SHOWN = 6;
const SITES_ASKED = 40;
const LINES_ASKED = 60;
/** Growth and the log are looked at over this stretch at most, so that an answer takes no longer on the second day than in the first hour. */
const STRETCH = 600e6;

/** Undefined before anything has come. `verdict`: an earlier one to go on with, where making one would take too long now. */
export async function viewLiveRun(
  recording: Recording,
  { order, filter }: LiveState,
  verdict: VerdictView | undefined,
): Promise<ScreenView | undefined> {
  const model = await openModel(recording);
  if (model.rows === 0) return undefined;
  const asked = askedOf(model);
  const { span } = model;
  const recent = { from: Math.max(span.from, span.to - STRETCH), to: span.to };
  let filterError: string | undefined;
  try {
    if (filter !== "") model.filter(filter);
  } catch (error) {
    if (!(error instanceof MemmapError)) throw error;
    filterError = error.message;
  }
  const query = filterError === undefined ? filter : "";
  const all = await answer(asked, { kind: "curves", window: recent, samples: CURVE_COLUMNS });
  const regions: LiveRegion[] = [];
  for (const { scope, name } of all.choices.filter((choice) => "start" in choice.scope).slice(0, REGIONS_SHOWN)) {
    regions.push({
      name,
      curves: await answer(asked, { kind: "curves", window: recent, samples: CURVE_COLUMNS, scope }),
    });
  }
  const sites = await answer(asked, {
    kind: "sites",
    window: recent,
    filter: query,
    order,
    descending: true,
    offset: 0,
    count: SITES_ASKED,
  });
  const log = await answer(asked, {
    kind: "log",
    window: { from: Math.max(span.from, span.to - 30e6), to: span.to },
    search: "",
    limit: LINES_ASKED,
  });
  return {
    run: viewRun(model),
    totals: await answer(asked, { kind: "totals", time: span.to, filter: query }),
    regions,
    sites: sites.sites,
    omittedSites: sites.rowCount - sites.sites.length,
    verdict: verdict ?? (await answer(asked, { kind: "verdict", window: recent })),
    log: log.text,
    ...(filterError !== undefined && { filterError }),
  };
}
