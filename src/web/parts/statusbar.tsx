// One line below everything: what the moment holds, and what of it is an estimate.
import { useLayoutEffect } from "preact/hooks";
import { formatAbout, formatBytes, formatCount } from "../../base/format.ts";
import type { LiveView } from "../../report/doubt.ts";
import { formatClock } from "../app/format.ts";
import { useStore } from "../app/store.ts";
import { useAnswer } from "../app/use-answer.ts";

function blocksOf({ liveBytes, liveBlocks }: LiveView): string {
  return `${formatAbout(liveBytes, formatBytes)} in ${formatAbout(liveBlocks, formatCount)} blocks`;
}

export function StatusBar() {
  const store = useStore();
  const { moment, window: range, page, engine, following } = store;
  const { answer: totals, failure } = useAnswer("totals", {
    kind: "totals",
    time: moment.value,
    filter: page.value.filter,
  });
  useLayoutEffect(() => {
    // What else can go wrong is said where it is shown.
    store.filterFailure.value = failure?.code.startsWith("usage-") === true ? failure : undefined;
  }, [failure]);
  const memory = totals?.caps.find(({ name }) => name === "8BIT") ?? totals?.caps[0];
  const state = engine.state.value;
  const span = state?.span;
  const isWhole = span !== undefined && range.value.from <= span.from && range.value.to >= span.to;
  return (
    <footer class="statusbar">
      <span hidden={span?.to === span?.from}>
        at <strong data-testid="moment">{formatClock(moment.value)}</strong>
      </span>
      {totals !== undefined && state?.isBlind !== true && (
        <span data-testid="live">
          live {blocksOf(totals.total)}
          {totals.filter !== undefined && `, of these ${blocksOf(totals)} match`}
        </span>
      )}
      {memory !== undefined && (
        <span>
          free {formatAbout(memory.freeBytes, formatBytes)}, largest {formatAbout(memory.largestFreeBytes, formatBytes)}
        </span>
      )}
      <span>
        {isWhole
          ? "whole run"
          : `selection ${formatClock(range.value.from, 1e6)} – ${formatClock(range.value.to, 1e6)}`}
      </span>
      {state?.live === true && (
        <button
          type="button"
          onClick={() => store.look(following.value ? { at: moment.value } : { at: undefined, to: undefined })}
        >
          {following.value ? "following · Space stays here" : "not following · Space follows"}
        </button>
      )}
      <span class="right">
        {engine.frozen !== undefined
          ? `a report in one file: ${engine.frozen.folded[0] ?? ""}; ? says what else was folded`
          : (state?.remarks[0] ?? (engine.busy.value ? "counting…" : ""))}
      </span>
    </footer>
  );
}
