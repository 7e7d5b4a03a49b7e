// The chart of the timeline: uPlot with the page's colours, the band between free and largest filled, curves named where they lie.
import { greatest, smallest } from "../../base/values.ts";
import uPlot from "uplot";
import type { Window } from "../../heap/types.ts";
import type { MemoryCurves } from "../../report/curves.ts";
import { formatClock } from "../app/format.ts";
import { readPalette } from "../app/palette.ts";

/** Where curves are drawn, in pixels of the element. */
export interface ChartPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Chart {
  show(curves: MemoryCurves, window: Window): void;
  resize(): void;
  destroy(): void;
}

type Column = uPlot.AlignedData[number];

const RIGHT_PADDING = 12;
/** How wide a letter is, of its height. */
const LETTER = 0.6;

/** Rounds up to what reads well on an axis of bytes. */
function niceTop(bytes: number): number {
  const step = 2 ** Math.floor(Math.log2(Math.max(1024, bytes) / 4));
  return Math.ceil((bytes * 1.04) / step) * step;
}

/** What lies between two amounts, in steps that read well. */
function around(lowest: number, highest: number): [number, number] {
  const step = 2 ** Math.ceil(Math.log2(Math.max(64, (highest - lowest) / 3)));
  const bottom = Math.floor(lowest / step) * step;
  return [bottom, bottom + 4 * step >= highest ? bottom + 4 * step : bottom + 8 * step];
}

export function makeChart(host: HTMLElement, onPlace: (place: ChartPlace) => void): Chart {
  const palette = readPalette();
  let [bottom, top] = [0, 1024];
  let axis: MemoryCurves["axis"] = "time";
  const axisFont = `${palette.small}px ${palette.sans}`;
  /** A log may tell of one moment only. */
  let isMoment = false;
  const line = (stroke: string, width: number): uPlot.Series => ({
    stroke,
    width,
    points: { show: () => isMoment && width > 0, size: 7, fill: stroke },
  });
  const plot = new uPlot(
    {
      width: Math.max(200, host.clientWidth),
      height: host.clientHeight,
      padding: [12, RIGHT_PADDING, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      scales: { x: { time: false }, y: { range: () => [bottom, top] } },
      axes: [
        {
          stroke: palette.muted,
          font: axisFont,
          size: 44,
          gap: 22,
          grid: { show: false },
          ticks: { show: false },
          space: 90,
          incrs: [
            1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120,
            300, 600, 900, 1800, 3600, 7200, 21600, 86400,
          ],
          values: (chart, splits, _axis, _space, step) =>
            splits.map((value) => {
              const text = axis === "line" ? `line ${Math.round(value * 1e6)}` : formatClock(value * 1e6, step * 1e6);
              // One that would be cut off at the right edge says nothing.
              const room = chart.bbox.width / devicePixelRatio - chart.valToPos(value, "x") + RIGHT_PADDING;
              return (text.length * LETTER * palette.small) / 2 > room ? "" : text;
            }),
        },
        {
          stroke: palette.muted,
          font: axisFont,
          size: 6 * palette.small,
          gap: 6,
          grid: { stroke: palette.line, width: 1 },
          ticks: { show: false },
          splits: () => [0, 1, 2, 3, 4].map((part) => bottom + ((top - bottom) * part) / 4),
          values: (_, splits) => splits.map(axisBytes),
        },
      ],
      series: [
        {},
        line("transparent", 0), // highest free
        line("transparent", 0), // lowest free
        line(palette.free, 1.4), // free
        line(palette.amber, 2), // largest free block
        line("transparent", 0), // most used
        line("transparent", 0), // least used
        line(palette.used, 1.7), // used
      ],
      bands: [
        { series: [3, 4], fill: palette.amberFill },
        { series: [1, 2], fill: `${palette.free}40` },
        { series: [5, 6], fill: `${palette.used}45` },
      ],
      hooks: {
        draw: [(chart) => nameCurves(chart, palette)],
        setSize: [(chart) => place(chart)],
        ready: [(chart) => place(chart)],
      },
    },
    [[], [], [], [], [], [], [], []],
    host,
  );
  function place(chart: uPlot): void {
    const ratio = devicePixelRatio;
    onPlace({
      left: chart.bbox.left / ratio,
      top: chart.bbox.top / ratio,
      width: chart.bbox.width / ratio,
      height: chart.bbox.height / ratio,
    });
  }
  return {
    show(curves, window) {
      const { totalBytes: total, usedBytes, mostUsedBytes } = curves;
      axis = curves.axis;
      isMoment = window.to - window.from <= 1;
      const highest = greatest(
        [curves.mostFreeBytes, usedBytes, mostUsedBytes].map((one) => greatest(one)),
        0,
      );
      [bottom, top] = [0, niceTop(total > 0 ? Math.min(total, highest) : highest)];
      // Of a log that does not say how much there is, only what goes up and down is known.
      const lowest =
        total > 0 ? 0 : smallest([curves.leastFreeBytes, curves.largestFreeBytes].map((one) => smallest(one)));
      if (lowest > highest / 2 && Number.isFinite(lowest)) [bottom, top] = around(lowest, highest);
      plot.setData(
        [
          Array.from(curves.time, (time) => time / 1e6),
          gaps(curves.mostFreeBytes),
          gaps(curves.leastFreeBytes),
          gaps(curves.freeBytes),
          gaps(curves.largestFreeBytes),
          gaps(mostUsedBytes),
          gaps(curves.leastUsedBytes),
          gaps(usedBytes),
        ],
        false,
      );
      plot.setScale("x", { min: window.from / 1e6, max: Math.max(window.to, window.from + 1) / 1e6 });
    },
    resize: () => plot.setSize({ width: Math.max(200, host.clientWidth), height: host.clientHeight }),
    destroy: () => plot.destroy(),
  };
}

/** Steps are powers of two: `64 KiB`, not `64.0 KiB`. */
function axisBytes(bytes: number): string {
  if (bytes < 1024) return String(bytes);
  return bytes < 1024 * 1024 ? `${+(bytes / 1024).toFixed(1)} KiB` : `${+(bytes / 1024 / 1024).toFixed(2)} MiB`;
}

/** uPlot leaves a hole where there is a null. */
function gaps(column: Float64Array): Column {
  return Array.from(column, (value) => (Number.isNaN(value) ? null : value));
}

function nameCurves(chart: uPlot, palette: ReturnType<typeof readPalette>): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${palette.small * ratio}px ${palette.sans}`;
  ctx.textAlign = "left";
  ctx.textBaseline = "bottom";
  const names: readonly (readonly [number, string, string])[] = [
    [3, "free", palette.free],
    [4, "largest free block", palette.amber],
    [7, "used", palette.used],
  ];
  const taken: number[] = [];
  for (const [series, name, colour] of names) {
    const x = bbox.left + 40 * ratio;
    const y = heightAt(chart, series, x);
    if (y === undefined) continue;
    const height = (palette.small + 2) * ratio;
    // Above its curve, or below where there is no room.
    let at = y - 3 * ratio - height < bbox.top ? y + height : y - 3 * ratio;
    // Curves may lie upon each other where they begin; their names may not.
    for (const other of taken) if (Math.abs(at - other) < height) at = other + height;
    taken.push(at);
    ctx.fillStyle = colour;
    ctx.fillText(name, x, at);
  }
  nameGap(chart, palette);
  ctx.restore();
}

/** Says what the band means, where it is highest. */
function nameGap(chart: uPlot, palette: ReturnType<typeof readPalette>): void {
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  const text = "the gap: free, but in pieces";
  const width = ctx.measureText(text).width;
  let best = { x: 0, y: 0, room: 0 };
  for (let part = 0.3; part < 0.92; part += 0.03) {
    const x = bbox.left + part * bbox.width;
    const upper = heightAt(chart, 3, x);
    const lower = heightAt(chart, 4, x);
    const used = heightAt(chart, 7, x);
    if (upper === undefined || lower === undefined || x + width > bbox.left + bbox.width) continue;
    const limit = used !== undefined && used > upper ? Math.min(lower, used) : lower;
    if (limit - upper > best.room) best = { x, y: upper + 22 * ratio, room: limit - upper };
  }
  if (best.room < 34 * ratio) return;
  ctx.fillStyle = palette.muted;
  ctx.fillText(text, best.x, best.y);
}

/** Canvas height of a curve at a canvas column. */
function heightAt(chart: uPlot, series: number, x: number): number | undefined {
  const column = chart.data[series];
  const index = chart.posToIdx((x - chart.bbox.left) / devicePixelRatio);
  for (let i = index; column !== undefined && i < Math.min(column.length, index + 30); i++) {
    const value = column[i];
    if (typeof value === "number") return chart.valToPos(value, "y", true);
  }
  return undefined;
}
