// Leaks: each suspicious place with its growth, survivors by generation, lifetimes with what is still alive, and some of its blocks.
import { formatAbout, formatAddress, formatBytes, formatCount, formatTime } from "../../base/format.ts";
import { likely } from "../../base/quantity.ts";
import type { FindingView } from "../../report/finding-view.ts";
import type { LeakView } from "../../report/leak-view.ts";
import { placeQuery } from "../../report/show-me.ts";
import { leakFindings } from "../../report/leak-findings.ts";
import { formatClock } from "../app/format.ts";
import { useStore } from "../app/store.ts";
import { useAnswer } from "../app/use-answer.ts";
import { BarChart, CurveChart } from "./chart.tsx";
import { Source } from "./place.tsx";

function placeOf({ site }: FindingView): string {
  return site?.text ?? "";
}

export function LeaksView() {
  const store = useStore();
  const { page, verdict, window: range } = store;
  const findings = leakFindings(verdict.value?.findings ?? []);
  const chosen = findings.find(({ number }) => number === page.value.finding) ?? findings[0];
  const { answer: leak } = useAnswer(
    "leak",
    chosen === undefined ? undefined : { kind: "leak", site: placeOf(chosen), window: range.value },
    { every: 1500 },
  );
  if (verdict.value === undefined) return <p class="empty">Looking for places whose blocks stay…</p>;
  if (chosen === undefined) {
    return (
      <div class="empty">
        <h2>No leak was found</h2>
        <p>
          Every call site of this range frees what it allocates, or holds an amount that does not grow. A longer run
          makes slow leaks visible.
        </p>
      </div>
    );
  }
  return (
    <div class="leaks">
      <nav aria-label="Suspicious places">
        {findings.map((finding) => (
          <button
            type="button"
            key={finding.fingerprint}
            aria-current={finding === chosen ? "true" : undefined}
            onClick={() => store.look({ finding: finding.number })}
          >
            <code class="cut" style={{ display: "block" }}>
              {placeOf(finding)}
            </code>
            <span class="muted">
              {formatBytes(finding.affectedBytes ?? 0)} in {formatCount(finding.affectedBlocks ?? 0)} blocks
            </span>
          </button>
        ))}
      </nav>
      {leak === undefined || leak.site.text !== placeOf(chosen) ? (
        <p class="empty">Reading its history…</p>
      ) : (
        <Leak leak={leak} finding={chosen} />
      )}
    </div>
  );
}

/** A run that is shorter than this has its moments in milliseconds. */
const SHORT = 10e6;

function Leak({ leak, finding }: { leak: LeakView; finding: FindingView }) {
  const store = useStore();
  const station = finding.stations[0];
  const { from, to } = leak.window;
  const step = to - from < SHORT ? 1000 : 1e6;
  return (
    <article class="leak" tabIndex={0}>
      <h3 style={{ marginTop: "14px" }}>
        <Source text={leak.site.text} file={station?.site.file} line={station?.site.line} />
      </h3>
      <p class="muted">{finding.title}.</p>
      <p style={{ margin: "6px 0" }}>
        {formatAbout(leak.allocations, formatCount)} allocations in the range, {formatAbout(leak.frees, formatCount)}{" "}
        frees;{" "}
        <strong>
          {formatAbout(leak.liveBlocks, formatCount)} blocks with {formatAbout(leak.liveBytes, formatBytes)}
        </strong>{" "}
        live at its end.{" "}
        <button
          type="button"
          class="show-me"
          onClick={() => store.look({ view: "blocks", filter: placeQuery(leak.site.text), blockOrder: "age" })}
        >
          All its blocks
        </button>
      </p>
      <div class="charts">
        <CurveChart
          title="What it holds"
          values={leak.curve.liveBytes}
          from={formatClock(from, step)}
          to={formatClock(to, step)}
        />
        <BarChart
          title="Survivors by when they were born"
          bars={leak.generations.map((generation) => ({
            label: generation.mark ?? formatClock(generation.from, step),
            title: `${generation.mark ?? "born"} ${formatClock(generation.from)} to ${formatClock(generation.to)}: ${formatAbout(generation.liveBlocks, formatCount)} blocks, ${formatAbout(generation.liveBytes, formatBytes)}`,
            parts: [{ value: likely(generation.liveBlocks), colour: "var(--error)" }],
          }))}
        />
        <BarChart
          title="How long its blocks live"
          bars={leak.lifetimes.map((bucket) => ({
            label: formatTime(bucket.from),
            title: `${formatTime(bucket.from)} to ${formatTime(bucket.to)}: ${formatAbout(bucket.endedBlocks, formatCount)} ended, ${formatAbout(bucket.liveBlocks, formatCount)} still alive`,
            parts: [
              { value: likely(bucket.endedBlocks), colour: "var(--used)" },
              { value: likely(bucket.liveBlocks), colour: "var(--error)" },
            ],
          }))}
          legend="blue: freed, or taken over by a realloc elsewhere, after so long; red: this old and still alive"
        />
      </div>
      {finding.stations[0] !== undefined && finding.stations[0].frames.length > 1 && (
        <>
          <h3>Call stack</h3>
          <ol style={{ margin: "6px 0 16px" }}>
            {finding.stations[0].frames.map((frame, i) => (
              <li key={i}>
                <Source
                  text={`${frame.function ?? "?"}${frame.file === undefined ? "" : `  ${frame.file}:${frame.line ?? "?"}`}`}
                  file={frame.file}
                  line={frame.line}
                />
              </li>
            ))}
          </ol>
        </>
      )}
      <h3>Oldest blocks</h3>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">address</th>
            <th scope="col" class="number">
              size
            </th>
            <th scope="col" class="number">
              born
            </th>
            <th scope="col">task</th>
          </tr>
        </thead>
        <tbody>
          {leak.blocks.map((block) => (
            <tr key={block.address}>
              <td>
                <code>{formatAddress(block.address)}</code>
              </td>
              <td class="number">{formatBytes(block.size)}</td>
              <td class="number">
                {block.born !== undefined && (
                  <button type="button" onClick={() => store.look({ at: block.born })}>
                    {formatClock(block.born)}
                  </button>
                )}
              </td>
              <td>{block.task}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {leak.omittedBlocks > 0 && <p class="muted">and {formatCount(leak.omittedBlocks)} younger ones</p>}
    </article>
  );
}
