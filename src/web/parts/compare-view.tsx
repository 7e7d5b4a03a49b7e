// Two moments, or two recordings: what is new, what grew, what is gone, by call site, component or task.
import { greatest } from "../../base/values.ts";
import { useRef } from "preact/hooks";
import { formatAbout, formatBytes, formatCount, formatNumberOf } from "../../base/format.ts";
import { likely } from "../../base/quantity.ts";
import { DIMENSIONS, type Dimension } from "../../report/asked.ts";
import type { GrowthRow } from "../../report/growth-view.ts";
import { formatClock, withSign } from "../app/format.ts";
import { useStore } from "../app/store.ts";
import { useAnswer } from "../app/use-answer.ts";

const ROWS_SHOWN = 300;

export function CompareView() {
  const store = useStore();
  const { page, window: range, moment, engine } = store;
  const { growthBy: by, filter, against } = page.value;
  const other = engine.state.value?.other;
  const isOther = against === "other" && other !== undefined;
  const chooser = useRef<HTMLInputElement>(null);
  const { answer: diff, failure } = useAnswer(
    "compare",
    {
      kind: "compare",
      before: isOther ? other.span.to : range.value.from,
      after: moment.value,
      other: isOther,
      by,
      filter,
      limit: ROWS_SHOWN,
    },
    { every: 800 },
  );
  const widest = greatest(diff?.groups.map(({ change }) => Math.abs(likely(change.liveBytes))) ?? [], 1);
  return (
    <>
      <div class="bar">
        <label>
          before{" "}
          <select
            value={isOther ? "other" : "start"}
            onChange={(event) => store.look({ against: event.currentTarget.value as "start" | "other" })}
          >
            <option value="start">start of the range, {formatClock(range.value.from)}</option>
            {other !== undefined && <option value="other">end of {other.name}</option>}
          </select>
        </label>
        <span>
          after <strong>{formatClock(moment.value)}</strong>
        </span>
        <label>
          by{" "}
          <select value={by} onChange={(event) => store.look({ growthBy: event.currentTarget.value as Dimension })}>
            {DIMENSIONS.map((one) => (
              <option key={one} value={one}>
                {one === "site" ? "call site" : one}
              </option>
            ))}
          </select>
        </label>
        {engine.frozen === undefined && (
          <span class="right">
            <button type="button" class="button" onClick={() => chooser.current?.click()}>
              Compare with another recording…
            </button>
            <input
              ref={chooser}
              type="file"
              hidden
              accept=".memmap"
              aria-label="The other recording"
              onChange={(event) => {
                const file = event.currentTarget.files?.[0];
                if (file === undefined) return;
                engine.openOther(file);
                store.look({ against: "other" });
              }}
            />
          </span>
        )}
      </div>
      {failure !== undefined ? (
        <p class="empty error">{failure.message}</p>
      ) : (
        diff !== undefined && (
          <div class="scroll" tabIndex={0} role="region" aria-label="What changed">
            <div class="stories">
              <p style={{ margin: "4px 0 12px" }}>
                <strong>{formatAbout(diff.change.liveBytes, signedBytes)}</strong>:{" "}
                {formatAbout(diff.before.liveBytes, formatBytes)} before,{" "}
                {formatAbout(diff.after.liveBytes, formatBytes)} after
              </p>
              <table class="plain">
                <thead>
                  <tr>
                    <th scope="col">{by === "site" ? "call site" : by}</th>
                    <th scope="col" class="number">
                      before
                    </th>
                    <th scope="col" class="number">
                      after
                    </th>
                    <th scope="col" class="number">
                      blocks
                    </th>
                    <th scope="col" class="number">
                      change
                    </th>
                    <th scope="col" style={{ width: "26%" }}>
                      <span class="hidden">picture</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {diff.groups.map((row) => (
                    <Row key={row.key} row={row} widest={widest} />
                  ))}
                </tbody>
              </table>
              <p class="muted" style={{ marginTop: "10px" }}>
                {diff.unchangedGroups > 0 &&
                  `${formatNumberOf(diff.unchangedGroups, "other")} ${diff.unchangedGroups === 1 ? "holds" : "hold"} the same.`}
                {diff.omittedGroups > 0 && ` ${formatCount(diff.omittedGroups)} that changed least are not listed.`}
              </p>
            </div>
          </div>
        )
      )}
    </>
  );
}

function signedBytes(value: number): string {
  return withSign(value, formatBytes);
}

function Row({ row, widest }: { row: GrowthRow; widest: number }) {
  const { key, before, after, change } = row;
  const bytes = likely(change.liveBytes);
  const share = (Math.abs(bytes) / widest) * 50;
  const word = likely(before.liveBlocks) === 0 ? "new" : likely(after.liveBlocks) === 0 ? "gone" : "";
  return (
    <tr>
      <td>
        <code>{key}</code> {word !== "" && <span class="muted">{word}</span>}
      </td>
      <td class="number">{formatAbout(before.liveBytes, formatBytes)}</td>
      <td class="number">{formatAbout(after.liveBytes, formatBytes)}</td>
      <td class="number">{formatAbout(change.liveBlocks, (value) => withSign(value, formatCount))}</td>
      <td class="number">{formatAbout(change.liveBytes, signedBytes)}</td>
      <td>
        <div class="change-bar" aria-hidden="true">
          <i
            class={bytes > 0 ? "up" : "down"}
            style={bytes > 0 ? { left: "50%", width: `${share}%` } : { right: "50%", width: `${share}%` }}
          />
        </div>
      </td>
    </tr>
  );
}
