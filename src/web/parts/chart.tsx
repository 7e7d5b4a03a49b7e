// Small charts in SVG: a curve as wide as a word, a curve with its axis, bars.
import { greatest } from "../../base/values.ts";
import { formatBytes, formatCount } from "../../base/format.ts";

export function Sparkline({
  values,
  width,
  height,
  class: colour,
}: {
  values: Float64Array;
  width: number;
  height: number;
  class: string;
}) {
  return (
    <svg width={width} height={height} class={colour} aria-hidden="true" viewBox={`0 0 ${width} ${height}`}>
      <path
        d={curve(values, width, height, greatest(values, 1))}
        fill="none"
        stroke="currentColor"
        stroke-width="1.6"
      />
    </svg>
  );
}

function curve(values: Float64Array, width: number, height: number, most: number): string {
  const step = Math.max(1, Math.floor(values.length / width));
  let path = "";
  for (let i = 0; i < values.length; i += step) {
    const x = (i / Math.max(1, values.length - 1)) * width;
    const y = height - 1 - ((values[i] ?? 0) / most) * (height - 2);
    path += `${path === "" ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
  }
  return path;
}

const WIDE = 420;
const HIGH = 110;

export function CurveChart({
  title,
  values,
  from,
  to,
  format = formatBytes,
}: {
  title: string;
  values: Float64Array;
  from: string;
  to: string;
  format?: (value: number) => string;
}) {
  const most = greatest(values, 1);
  const path = curve(values, WIDE, HIGH, most);
  const last = values.at(-1) ?? 0;
  return (
    <figure class="chart" style={{ margin: 0 }}>
      <h4>{title}</h4>
      <svg
        viewBox={`0 0 ${WIDE} ${HIGH + 18}`}
        role="img"
        aria-label={`${title}: at most ${format(most)}, at the end ${format(last)}`}
      >
        <line x1="0" x2={WIDE} y1={HIGH} y2={HIGH} stroke="var(--line)" />
        <line x1="0" x2={WIDE} y1="1" y2="1" stroke="var(--line)" stroke-dasharray="3 4" />
        {path !== "" && <path d={`${path}L${WIDE} ${HIGH}L0 ${HIGH}Z`} fill="var(--accent)" opacity="0.13" />}
        <path d={path} fill="none" stroke="var(--accent)" stroke-width="1.8" vector-effect="non-scaling-stroke" />
        <text x="2" y="13">
          {format(most)}
        </text>
        <text x="0" y={HIGH + 14}>
          {from}
        </text>
        <text x={WIDE} y={HIGH + 14} text-anchor="end">
          {to}
        </text>
      </svg>
    </figure>
  );
}

export interface Bar {
  readonly label: string;
  readonly title: string;
  /** Stacked from below. */
  readonly parts: readonly { readonly value: number; readonly colour: string }[];
}

export function BarChart({ title, bars, legend }: { title: string; bars: readonly Bar[]; legend?: string }) {
  const sum = (bar: Bar): number => bar.parts.reduce((total, { value }) => total + value, 0);
  const most = greatest(bars.map(sum), 1);
  const width = WIDE / Math.max(1, bars.length);
  const every = Math.ceil(bars.length / 6);
  return (
    <figure class="chart" style={{ margin: 0 }}>
      <h4>{title}</h4>
      <svg
        viewBox={`0 0 ${WIDE} ${HIGH + 18}`}
        role="img"
        aria-label={`${title}: ${bars.map((bar) => bar.title).join("; ")}`}
      >
        <line x1="0" x2={WIDE} y1={HIGH} y2={HIGH} stroke="var(--line)" />
        {bars.map((bar, i) => {
          let top = HIGH;
          return (
            <g key={bar.label + String(i)}>
              <title>{bar.title}</title>
              {bar.parts.map(({ value, colour }) => {
                const height = value === 0 ? 0 : Math.max(1.5, (value / most) * (HIGH - 14));
                top -= height;
                return (
                  <rect
                    key={colour}
                    x={i * width + 1}
                    y={top}
                    width={Math.max(1, width - 2)}
                    height={height}
                    fill={colour}
                  />
                );
              })}
              {i % every === 0 && (
                <text x={i * width + 1} y={HIGH + 14}>
                  {bar.label}
                </text>
              )}
            </g>
          );
        })}
        <text x="2" y="10">
          {formatCount(most)}
        </text>
      </svg>
      {legend !== undefined && <p class="muted">{legend}</p>}
    </figure>
  );
}
