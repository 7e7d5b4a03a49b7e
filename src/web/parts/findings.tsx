// What is wrong: where the growth went, then the findings, most urgent first. The chosen one opens with evidence, next step and "Show me".
import { useLayoutEffect, useRef } from "preact/hooks";
import { formatAbout, formatBytes, formatCount, formatNumberOf, formatTime } from "../../base/format.ts";
import { likely } from "../../base/quantity.ts";
import { DIMENSIONS, type Dimension } from "../../report/asked.ts";
import type { FindingView } from "../../report/finding-view.ts";
import type { GrowthRow, GrowthView } from "../../report/growth-view.ts";
import { placeQuery, showMe } from "../../report/show-me.ts";
import type { VerdictView } from "../../report/verdict.ts";
import { formatClock, withSign } from "../app/format.ts";
import { useStore, type Store } from "../app/store.ts";
import { useAnswer } from "../app/use-answer.ts";
import { Sparkline } from "./chart.tsx";
import { Place } from "./place.tsx";
import { Words } from "./words.tsx";

export function Side() {
  const store = useStore();
  const { window: range } = store;
  const { answer: verdict, pending } = useAnswer(
    "verdict",
    { kind: "verdict", window: range.value },
    { background: true, every: 1500 },
  );
  useLayoutEffect(() => {
    store.verdict.value = verdict;
  }, [verdict]);
  return (
    <aside class="side" aria-label="Findings">
      {store.engine.state.value?.isBlind !== true && <Growth />}
      {verdict === undefined ? (
        <p class="empty" role="status">
          Looking for leaks, faults and what keeps the heap split…
        </p>
      ) : (
        <Findings verdict={verdict} pending={pending} />
      )}
    </aside>
  );
}

/** Rows that are named below the bar. */
const NAMED = 4;

function Growth() {
  const store = useStore();
  const { page, window: range, colours } = store;
  const by = page.value.growthBy;
  const { answer: growth } = useAnswer(
    "growth",
    { kind: "growth", window: range.value, by, limit: 40, filter: page.value.filter },
    { background: true },
  );
  if (growth === undefined) return <div class="growth" style={{ minHeight: "120px" }} />;
  const grown = growth.groups.filter((row) => grownBy(row) > 0);
  const total = grown.reduce((sum, row) => sum + grownBy(row), 0);
  const isGrowth = total > 0;
  const isPart = page.value.from !== undefined || page.value.to !== undefined;
  const rows = isGrowth ? grown : growth.groups.slice(-NAMED);
  colours[growth.by].assign(rows.map(({ key }) => key));
  return (
    <section class="growth" aria-label="Where the growth went">
      <h2>
        <span>
          Where the growth went{isPart && `, ${formatClock(range.value.from, 1e6)}–${formatClock(range.value.to, 1e6)}`}
          : <strong style={{ whiteSpace: "nowrap" }}>{formatAbout(growth.change.liveBytes, signed)}</strong>
        </span>
        <select
          aria-label="Growth by"
          value={by}
          onChange={(event) => store.look({ growthBy: event.currentTarget.value as Dimension })}
        >
          {DIMENSIONS.map((one) => (
            <option key={one} value={one}>
              {one === "site" ? "call site" : one}
            </option>
          ))}
        </select>
      </h2>
      {isGrowth && (
        <div class="growth-bar" role="img" aria-label={barLabel(growth)}>
          {rows.slice(0, 12).map((row) => (
            <span
              key={row.key}
              class={`slot${colours[growth.by].slotOf(row.key)}`}
              style={{ width: `${(grownBy(row) / total) * 100}%` }}
              title={titleOf(row)}
            />
          ))}
        </div>
      )}
      <ul>
        {rows.slice(0, NAMED).map(({ key, change }) => (
          <li key={key}>
            <i class={`swatch slot${colours[growth.by].slotOf(key)}`} />
            <button type="button" class="cut" title={`Only ${key}`} onClick={() => onlyThis(store, growth.by, key)}>
              <code>{key}</code>
            </button>
            <span class="change">{formatAbout(change.liveBytes, signed)}</span>
          </li>
        ))}
        {rows.length === 0 && <li class="muted">Nothing holds more at the end of this range than at its start.</li>}
        {rows.length + growth.omittedGroups > NAMED && (
          <li class="muted">
            and {formatNumberOf(rows.length + growth.omittedGroups - NAMED, "other")}: the Compare view has all
          </li>
        )}
      </ul>
    </section>
  );
}

function grownBy({ change }: GrowthRow): number {
  return likely(change.liveBytes);
}

function signed(bytes: number): string {
  return withSign(bytes, formatBytes);
}

function titleOf(row: GrowthRow): string {
  return `${row.key} ${signed(grownBy(row))}`;
}

function barLabel({ groups }: GrowthView): string {
  return groups.slice(0, 8).map(titleOf).join(", ");
}

function onlyThis(store: Store, by: Dimension, name: string): void {
  const query = by === "site" ? placeQuery(name) : `${by}:"${name.replaceAll('"', "")}"`;
  store.look({ filter: query });
}

function Findings({ verdict, pending }: { verdict: VerdictView; pending: boolean }) {
  const store = useStore();
  const { page } = store;
  const shown = verdict.findings.filter(({ suppressedBy }) => suppressedBy === undefined);
  const expected = verdict.findings.length - shown.length;
  const chosen = page.value.finding ?? shown[0]?.number;
  return (
    <section class="findings" aria-label="Findings" aria-busy={pending}>
      <h2 aria-live="polite">
        <strong>{verdict.headline}</strong>
      </h2>
      {shown.length === 0 && <NothingFound verdict={verdict} />}
      <ol>
        {shown.map((finding) => (
          <Finding key={finding.fingerprint} finding={finding} isChosen={finding.number === chosen} />
        ))}
      </ol>
      <div class="trust">
        <ul>
          {verdict.coverage.sentences.map((sentence) => (
            <li key={sentence}>{sentence}.</li>
          ))}
          {expected > 0 && (
            <li>
              {expected} more {expected === 1 ? "finding is" : "findings are"} expected:{" "}
              {verdict.suppressed.map(({ pattern, reason }) => `${pattern} (${reason})`).join("; ")}.
            </li>
          )}
        </ul>
      </div>
    </section>
  );
}

function NothingFound({ verdict }: { verdict: VerdictView }) {
  const { window, totals, coverage } = verdict;
  return (
    <div class="empty">
      <h2>Nothing wrong was found</h2>
      <p>
        {formatTime(window.to - window.from)} of the run with {formatAbout(totals.allocations, formatCount)} allocations
        were looked at for leaks, faults, failed allocations and fragmentation.
      </p>
      <p>
        {coverage.complete
          ? "A longer run, and the parts of the program that have not run yet, would make it surer."
          : "History is missing (see below): a run without losses would make it surer."}
      </p>
    </div>
  );
}

function Finding({ finding, isChosen }: { finding: FindingView; isChosen: boolean }) {
  const store = useStore();
  const element = useRef<HTMLLIElement>(null);
  const { severity, title, site, evidence, next, number, rule } = finding;
  const where = site?.text ?? "";
  useLayoutEffect(() => {
    if (isChosen && store.page.value.finding !== undefined) element.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  return (
    <li ref={element} class={`finding severity-${severity}`} aria-current={isChosen ? "true" : undefined}>
      <button type="button" aria-expanded={isChosen} onClick={() => store.look({ finding: number })}>
        <span class="severity">{severity}</span>
        <h3>{title}</h3>
        {rule === "leak" && !isChosen && <LeakCurve site={where} />}
        {where !== "" && (
          <code class="where cut" title={where}>
            {where}
          </code>
        )}
      </button>
      {isChosen && (
        <div>
          <ul class="evidence">
            {evidence.map((sentence) => (
              <li key={sentence}>
                <Words text={sentence} />
              </li>
            ))}
            {finding.stations.slice(1).map((station) => (
              <li key={`${station.role}${station.site.text}`}>
                {station.role}: <Place station={station} />
              </li>
            ))}
          </ul>
          <p class="next-step">
            <Words text={next} />
          </p>
          <button type="button" class="show-me" onClick={() => goToProof(store, finding)}>
            Show me <kbd>↵</kbd>
          </button>
        </div>
      )}
    </li>
  );
}

function LeakCurve({ site }: { site: string }) {
  const { window: range } = useStore();
  const { answer } = useAnswer(
    `curve ${site}`,
    { kind: "leak", site, window: range.value },
    { background: true, every: 5000 },
  );
  return (
    <span class="proof">
      {answer !== undefined && <Sparkline values={answer.curve.liveBytes} width={86} height={32} class="error" />}
    </span>
  );
}

/** Sets range, moment, filter and view to the picture that proves a finding. */
export function goToProof(store: Store, finding: FindingView): void {
  const span = store.engine.state.value?.span;
  if (span === undefined) return;
  const { view, window, moment, filter, holeMakers, search } = showMe(finding, span);
  store.look({
    finding: finding.number,
    view,
    filter,
    makers: holeMakers,
    search,
    from: window.from <= span.from ? undefined : window.from,
    to: window.to >= span.to ? undefined : window.to,
    at: moment >= window.to ? undefined : moment,
  });
}
