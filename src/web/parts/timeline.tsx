// The timeline: used, free and largest free block of one memory, what happened on it, and the range and moment that all views answer for.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { formatBytes } from "../../base/format.ts";
import type { Window } from "../../heap/types.ts";
import type { MemoryCurves, Scope } from "../../report/curves.ts";
import type { Happening } from "../../report/happenings.ts";
import { formatClock } from "../app/format.ts";
import { useStore } from "../app/store.ts";
import { useAnswer } from "../app/use-answer.ts";
import { makeChart, type Chart, type ChartPlace } from "./timeline-chart.ts";

const SAMPLES_ACROSS = 400;

export function Timeline() {
  const store = useStore();
  const { engine, page, window: range } = store;
  const span = engine.state.value?.span ?? { from: 0, to: 0 };
  const [zoom, setZoom] = useState<Window | undefined>(undefined);
  const wanted = zoom ?? span;
  const { scope } = page.value;
  const { answer: curves, pending } = useAnswer("curves", {
    kind: "curves",
    window: wanted,
    samples: SAMPLES_ACROSS,
    ...(scope !== undefined && { scope }),
  });
  // What is drawn: a live run is longer by the time it is.
  const shown = curves?.window ?? wanted;
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | undefined>(undefined);
  const [place, setPlace] = useState<ChartPlace | undefined>(undefined);
  const theme = store.theme.value;

  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const made = makeChart(element, setPlace);
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = undefined;
    };
  }, [theme]);
  useLayoutEffect(() => {
    if (curves !== undefined) chart.current?.show(curves, shown);
  }, [curves, theme, shown.from, shown.to]);

  const timeAt = (clientX: number): number => {
    const box = host.current?.getBoundingClientRect();
    if (box === undefined || place === undefined) return shown.from;
    const share = (clientX - box.left - place.left) / place.width;
    return shown.from + Math.min(1, Math.max(0, share)) * (shown.to - shown.from);
  };
  const share = (time: number): number =>
    shown.to > shown.from ? ((time - shown.from) / (shown.to - shown.from)) * 100 : 0;
  const select = (from: number, to: number): void => {
    const [a, b] = from < to ? [from, to] : [to, from];
    store.look(
      {
        from: a <= span.from ? undefined : a,
        to: b >= span.to ? undefined : b,
        at: undefined,
      },
      false,
    );
  };
  /** Of a log that tells no times only its lines are known: there is nothing to select. */
  const isTimed = curves?.axis !== "line";
  const drag = useRange(timeAt, select, (time) => store.look({ at: time }));
  const onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    const centre = timeAt(event.clientX);
    const factor = event.deltaY > 0 ? 1.25 : 0.8;
    const from = Math.max(span.from, centre - (centre - shown.from) * factor);
    const to = Math.min(span.to, centre + (shown.to - centre) * factor);
    setZoom(from <= span.from && to >= span.to ? undefined : to - from < 1000 ? zoom : { from, to });
  };
  useLayoutEffect(() => {
    const element = host.current;
    if (!isTimed) return undefined;
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  });
  const isWhole = range.value.from <= span.from && range.value.to >= span.to;

  return (
    <section class="timeline" aria-label="Timeline of memory" data-pending={pending}>
      <div
        class="timeline-canvas"
        ref={host}
        onPointerDown={isTimed ? drag.start : undefined}
        onDblClick={() => {
          setZoom(undefined);
          store.look({ from: undefined, to: undefined, at: undefined });
        }}
      >
        {place !== undefined && (
          <div
            class="overlay"
            style={{
              left: `${place.left}px`,
              top: `${place.top}px`,
              width: `${place.width}px`,
              height: `${place.height}px`,
            }}
          >
            {curves?.gapSpans.map(({ from, to }) => (
              <div
                key={from}
                class="missing"
                style={{
                  left: `${Math.max(0, share(from))}%`,
                  width: `${Math.min(100, share(to)) - Math.max(0, share(from))}%`,
                }}
              />
            ))}
            {curves !== undefined && engine.state.value?.isBlind === true && isEmpty(curves) && (
              <p class="muted">No line of this log tells how much memory is free or in use.</p>
            )}
            {isTimed && !isWhole && (
              <div
                class="range"
                style={{
                  left: `${Math.max(0, share(range.value.from))}%`,
                  right: `${Math.max(0, 100 - share(range.value.to))}%`,
                }}
              />
            )}
            {isTimed && <MomentLine window={shown} width={place.width} />}
            {(isTimed ? (["from", "to"] as const) : []).map((end) => (
              <div
                key={end}
                class="handle"
                role="slider"
                tabIndex={0}
                aria-label={end === "from" ? "Start of the range" : "End of the range"}
                aria-valuemin={span.from / 1e6}
                aria-valuemax={span.to / 1e6}
                aria-valuenow={range.value[end] / 1e6}
                aria-valuetext={formatClock(range.value[end])}
                hidden={outside(range.value[end], shown)}
                style={{ left: `${share(range.value[end])}%` }}
                onPointerDown={(event) => drag.startHandle(event, end === "from" ? range.value.to : range.value.from)}
                onKeyDown={(event) => {
                  const step = (shown.to - shown.from) / (event.shiftKey ? 20 : 100);
                  const move = event.key === "ArrowRight" ? step : event.key === "ArrowLeft" ? -step : 0;
                  if (move === 0) return;
                  event.preventDefault();
                  event.stopPropagation();
                  const moved = Math.min(span.to, Math.max(span.from, range.value[end] + move));
                  if (end === "from") select(Math.min(moved, range.value.to - 1), range.value.to);
                  else select(range.value.from, Math.max(moved, range.value.from + 1));
                }}
              />
            ))}
          </div>
        )}
        {place !== undefined && curves !== undefined && (
          <Lane curves={curves} place={place} share={share} onGo={(one) => isTimed && store.look({ at: one.time })} />
        )}
      </div>
      <div class="corner">
        {zoom !== undefined && (
          <button type="button" class="button" onClick={() => setZoom(undefined)}>
            whole run
          </button>
        )}
        {curves !== undefined && curves.choices.length > 1 && (
          <label>
            <span class="hidden">Memory that is shown</span>
            <select
              value={JSON.stringify(curves.scope)}
              onChange={(event) => store.look({ scope: JSON.parse(event.currentTarget.value) as Scope })}
            >
              {curves.choices.map((choice) => (
                <option key={choice.name} value={JSON.stringify(choice.scope)}>
                  {choice.name}, {formatBytes(choice.totalBytes)}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {curves !== undefined && <CurvesTable curves={curves} />}
    </section>
  );
}

/** Moves on its own: nothing else of the timeline is drawn again for it. */
function MomentLine({ window: { from, to }, width }: { window: Window; width: number }) {
  const time = useStore().moment.value;
  const share = to > from ? (time - from) / (to - from) : 0;
  const style = { transform: `translateX(${share * width}px)` };
  return <div class="moment" style={style} hidden={outside(time, { from, to })} />;
}

function outside(time: number, { from, to }: Window): boolean {
  return time < from || time > to;
}

/** Marks, failures, faults, losses and restarts, in words as far as there is room. */
function Lane({
  curves,
  place,
  share,
  onGo,
}: {
  curves: MemoryCurves;
  place: ChartPlace;
  share: (time: number) => number;
  onGo: (happening: Happening) => void;
}) {
  const xOf = (time: number): number => (share(time) / 100) * place.width;
  return (
    <div
      class="lane"
      style={{ left: `${place.left}px`, top: `${place.top + place.height + 3}px`, width: `${place.width}px` }}
    >
      {curves.happenings.map((one, i) => {
        const x = xOf(one.time);
        const next = curves.happenings[i + 1];
        const room = (next === undefined ? place.width + 24 : xOf(next.time)) - x - 8;
        const text = one.count > 1 ? `${one.text} ×${one.count}` : one.text;
        const hasRoom = room > 40;
        const sign = one.kind === "mark" ? "◆" : one.kind === "restart" ? "↻" : one.kind === "gap" ? "▬" : "▲";
        const title = `${text}, ${curves.axis === "line" ? `line ${one.time}` : `at ${formatClock(one.time)}`}`;
        return (
          <button
            type="button"
            key={`${one.kind}${one.time}${one.text}`}
            class={one.kind}
            style={{ left: `${x}px`, maxWidth: `${Math.max(14, room)}px` }}
            title={title}
            aria-label={title}
            onPointerDown={(event) => event.stopPropagation()}
            onClick={() => onGo(one)}
          >
            {hasRoom ? `${sign} ${text}` : sign}
          </button>
        );
      })}
    </div>
  );
}

/** Drag on the chart selects, a click sets the moment, a handle moves one end. */
function useRange(
  timeAt: (clientX: number) => number,
  select: (from: number, to: number) => void,
  click: (time: number) => void,
): {
  readonly start: (event: PointerEvent) => void;
  readonly startHandle: (event: PointerEvent, fixed: number) => void;
} {
  const follow = (event: PointerEvent, anchor: number, isHandle: boolean): void => {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    const startX = event.clientX;
    let moved = isHandle;
    const move = (next: PointerEvent): void => {
      moved ||= Math.abs(next.clientX - startX) > 4;
      if (moved) select(anchor, timeAt(next.clientX));
    };
    const end = (last: PointerEvent): void => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      if (!moved) click(timeAt(last.clientX));
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  };
  return {
    start: (event) => follow(event, timeAt(event.clientX), false),
    startHandle: (event, fixed) => follow(event, fixed, true),
  };
}

/** What the picture shows, for those who do not see it. */
function CurvesTable({ curves }: { curves: MemoryCurves }) {
  const rows = Array.from({ length: 8 }, (_, i) => Math.floor(((i + 1) * curves.time.length) / 8) - 1);
  const bytes = (value: number | undefined): string =>
    value === undefined || Number.isNaN(value) ? "not known" : formatBytes(Math.round(value));
  return (
    <table class="hidden">
      <caption>
        Memory over time
        {curves.gapSpans.length > 0 &&
          `; history is missing ${curves.gapSpans.map(({ from, to }) => `from ${formatClock(from)} to ${formatClock(to)}`).join(", ")}`}
      </caption>
      <thead>
        <tr>
          <th>time</th>
          <th>used</th>
          <th>free</th>
          <th>largest free block</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row}>
            <td>
              {curves.axis === "line"
                ? `line ${Math.round(curves.time[row] ?? 0)}`
                : formatClock(curves.time[row] ?? 0)}
            </td>
            <td>{bytes(curves.usedBytes[row])}</td>
            <td>{bytes(curves.freeBytes[row])}</td>
            <td>{bytes(curves.largestFreeBytes[row])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function isEmpty({ freeBytes, usedBytes, largestFreeBytes }: MemoryCurves): boolean {
  return [freeBytes, usedBytes, largestFreeBytes].every((column) => column.every(Number.isNaN));
}
