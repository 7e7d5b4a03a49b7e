// The heap map: the address space of each region, from megabytes down to single blocks, at the moment that is looked at.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { formatAbout, formatAddress, formatBytes, formatCount } from "../../base/format.ts";
import { isExact } from "../../base/quantity.ts";
import { holeAt, rowAt, type BlockMap } from "../../report/block-map.ts";
import {
  addressAt,
  fitLayout,
  layOut,
  LEAST_ROW_BYTES,
  MOST_ROW_BYTES,
  placeOf,
  type MapLayout,
} from "../../report/map-layout.ts";
import { MAP_COLOURS, type MapColour } from "../../report/page-state.ts";
import { placeQuery } from "../../report/show-me.ts";
import { readPalette, VIRIDIS } from "../app/palette.ts";
import { useStore } from "../app/store.ts";
import { useAnswer } from "../app/use-answer.ts";
import { BlockCard, HoleCard } from "./block-card.tsx";
import { FitQuestion } from "./fit-question.tsx";
import { makeMapPainter, type MapPainter } from "./map-draw.ts";
import { paint } from "./map-paint.ts";

const LABEL_WIDTH = 156;
const RIGHT_MARGIN = 16;
const TOP_MARGIN = 4;

export function MapView() {
  const store = useStore();
  const { page, moment } = store;
  const { answer: map, failure } = useAnswer("map", { kind: "map", time: moment.value, filter: page.value.filter });
  // Not drawn again while the next moment is asked for.
  const shown = useMemo(() => map !== undefined && <Map map={map} />, [map]);
  if (failure !== undefined && map === undefined) return <p class="empty error">{failure.message}</p>;
  if (map === undefined) return <p class="empty">Reading the heap at this moment…</p>;
  if (map.regions.length === 0) {
    return (
      <div class="empty">
        <h2>Nothing is live at this moment, and no region is known yet</h2>
        <p>The board tells of its regions a moment after it has started. Move the moment, or wait.</p>
      </div>
    );
  }
  return <>{shown}</>;
}

interface View {
  readonly rowBytes: number | undefined;
  readonly scroll: number;
}

function Map({ map }: { map: BlockMap }) {
  const store = useStore();
  const { page } = store;
  const { colour, makers } = page.value;
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<MapPainter | undefined>(undefined);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [view, setView] = useState<View>({ rowBytes: undefined, scroll: 0 });
  const [hover, setHover] = useState<{ x: number; y: number } | undefined>(undefined);
  const [chosen, setChosen] = useState<number | undefined>(undefined);
  const theme = store.theme.value;
  const palette = useMemo(readPalette, [theme]);
  useEffect(() => () => store.engine.giveBack(map.address.buffer), [map]);
  const painted = useMemo(() => paint(store, map, colour, palette), [map, colour, palette]);
  const rowsWidth = Math.max(50, size.width - LABEL_WIDTH - RIGHT_MARGIN);
  const layout = useMemo(
    () =>
      view.rowBytes === undefined
        ? fitLayout(map.regions, rowsWidth, Math.max(60, size.height - TOP_MARGIN))
        : layOut(map.regions, view.rowBytes, 13, rowsWidth),
    [map.regions.map(({ start, end }) => `${start} ${end}`).join(), view.rowBytes, rowsWidth, size.height],
  );
  const scroll = Math.max(0, Math.min(view.scroll, layout.height - size.height + TOP_MARGIN + 12));
  const chosenRow = chosen === undefined ? -1 : rowAt(map, chosen);
  const under =
    hover === undefined ? undefined : addressAt(layout, hover.x - LABEL_WIDTH, hover.y + scroll - TOP_MARGIN);
  const hoverRow = under === undefined ? -1 : rowAt(map, under);
  const selected = hover === undefined ? chosenRow : hoverRow;

  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    setSize({ width: element.clientWidth, height: element.clientHeight });
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element || size.width === 0) return;
    painter.current ??= makeMapPainter(element);
    painter.current?.(
      {
        map,
        layout,
        colour: painted.colour,
        colours: painted.colours,
        scroll: scroll - TOP_MARGIN,
        left: LABEL_WIDTH,
        outlineMakers: makers,
        selected,
        palette,
      },
      size.width,
      size.height,
      devicePixelRatio,
    );
  }, [map, layout, painted, scroll, makers, selected, palette, size]);

  const zoom = (factor: 2 | 0.5, x: number, y: number): void => {
    const rowBytes = Math.min(MOST_ROW_BYTES, Math.max(LEAST_ROW_BYTES, layout.rowBytes * factor));
    if (rowBytes === layout.rowBytes) return;
    const address = addressAt(layout, x - LABEL_WIDTH, y + scroll - TOP_MARGIN) ?? map.address[Math.max(0, chosenRow)];
    const fit = fitLayout(map.regions, rowsWidth, Math.max(60, size.height - TOP_MARGIN));
    if (rowBytes >= fit.rowBytes && factor === 2) {
      setView({ rowBytes: undefined, scroll: 0 });
      return;
    }
    const there = address === undefined ? undefined : placeOf(layOut(map.regions, rowBytes, 13, rowsWidth), address);
    setView({ rowBytes, scroll: there === undefined ? scroll : Math.max(0, there.y - y) });
  };
  useLayoutEffect(() => {
    const element = canvas.current;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      if (event.shiftKey || (!event.ctrlKey && !event.metaKey && layout.height > size.height && event.altKey)) {
        setView({ rowBytes: layout.rowBytes, scroll: Math.max(0, scroll + event.deltaY) });
        return;
      }
      zoom(event.deltaY < 0 ? 0.5 : 2, event.offsetX, event.offsetY);
    };
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  });

  const select = (row: number): void => {
    if (row < 0 || row >= map.length) return;
    const address = map.address[row] ?? 0;
    setHover(undefined);
    setChosen(address);
    const place = placeOf(layout, address);
    if (place === undefined) return;
    if (place.y < scroll + 20) setView({ rowBytes: view.rowBytes, scroll: Math.max(0, place.y - 60) });
    else if (place.y > scroll + size.height - 40)
      setView({ rowBytes: view.rowBytes, scroll: place.y - size.height + 80 });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, PageDown: 50, PageUp: -50 };
    const step = steps[event.key];
    const at = chosenRow < 0 ? 0 : chosenRow;
    if (step !== undefined) select(chosenRow < 0 ? 0 : Math.min(map.length - 1, Math.max(0, at + step)));
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const target = (map.address[at] ?? 0) + (event.key === "ArrowDown" ? layout.rowBytes : -layout.rowBytes);
      select(nearestRow(map, target));
    } else if (event.key === "Home") select(0);
    else if (event.key === "End") select(map.length - 1);
    else if (event.key === "+" || event.key === "=") zoom(0.5, LABEL_WIDTH, size.height / 2);
    else if (event.key === "-") zoom(2, LABEL_WIDTH, size.height / 2);
    else if (event.key === "0") setView({ rowBytes: undefined, scroll: 0 });
    else if (event.key === "Enter" && chosenRow >= 0)
      store.look({ filter: placeQuery(map.siteNames[map.site[chosenRow] ?? 0] ?? "") });
    else if (event.key === "c" && (event.ctrlKey || event.metaKey) && chosenRow >= 0)
      void navigator.clipboard.writeText(formatAddress(map.address[chosenRow] ?? 0));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <>
      <div class="bar">
        <label>
          colour{" "}
          <select value={colour} onChange={(event) => store.look({ colour: event.currentTarget.value as MapColour })}>
            {MAP_COLOURS.map((one) => (
              <option key={one} value={one}>
                {one === "site" ? "call site" : one}
              </option>
            ))}
          </select>
        </label>
        <label>
          <input type="checkbox" checked={makers} onChange={() => store.look({ makers: !makers })} /> hole-makers
        </label>
        <span>
          row <strong>{formatBytes(layout.rowBytes)}</strong>{" "}
          <button
            type="button"
            class="button"
            aria-label="Zoom in"
            onClick={() => zoom(0.5, LABEL_WIDTH, size.height / 2)}
          >
            +
          </button>{" "}
          <button
            type="button"
            class="button"
            aria-label="Zoom out"
            onClick={() => zoom(2, LABEL_WIDTH, size.height / 2)}
          >
            −
          </button>{" "}
          {view.rowBytes !== undefined && (
            <button type="button" class="button" onClick={() => setView({ rowBytes: undefined, scroll: 0 })}>
              fit
            </button>
          )}
        </span>
        <FitQuestion map={map} />
      </div>
      <div class="map-wrap">
        <Labels map={map} layout={layout} scroll={scroll - TOP_MARGIN} />
        <canvas
          ref={canvas}
          data-time={map.time}
          tabIndex={0}
          role="application"
          aria-label={`Heap map: ${map.length} live blocks in ${map.regions.length} regions. Arrow keys go from block to block, plus and minus zoom.`}
          onPointerMove={(event) => setHover({ x: event.offsetX, y: event.offsetY })}
          onPointerLeave={() => setHover(undefined)}
          onPointerDown={(event) => {
            const pressed = addressAt(layout, event.offsetX - LABEL_WIDTH, event.offsetY + scroll - TOP_MARGIN);
            setChosen(pressed);
          }}
          onDblClick={() => setView({ rowBytes: undefined, scroll: 0 })}
          onContextMenu={(event) => {
            if (under === undefined) return;
            event.preventDefault();
            void navigator.clipboard.writeText(formatAddress(hoverRow >= 0 ? (map.address[hoverRow] ?? under) : under));
          }}
          onKeyDown={onKeyDown}
        />
        {selected >= 0 && (
          <BlockCard map={map} row={selected} at={hover ?? cardPlace(map, layout, selected, scroll)} within={size} />
        )}
        {selected < 0 && hover !== undefined && under !== undefined && holeAt(map, under) >= 0 && (
          <HoleCard map={map} hole={holeAt(map, under)} at={hover} within={size} />
        )}
        <div class="hidden" role="status">
          {chosenRow >= 0 && hover === undefined && describe(map, chosenRow)}
        </div>
        <MapTable map={map} />
      </div>
      <div class="legend">
        {painted.legend.map((entry) => (
          <button
            type="button"
            key={entry.name}
            title={`Only ${entry.name}`}
            onClick={() => entry.query !== undefined && store.look({ filter: entry.query })}
          >
            <i class={`swatch slot${entry.slot}`} />
            <span class="cut">{entry.name}</span>
            <span>{formatBytes(entry.bytes)}</span>
          </button>
        ))}
        {painted.ramp !== undefined && (
          <span class="entry">
            {painted.ramp[0]}
            <i class="ramp" style={{ background: `linear-gradient(90deg, ${VIRIDIS.join(",")})` }} />
            {painted.ramp[1]}
          </span>
        )}
        <span class="entry">hatched: blocks stand there that the stream does not show</span>
      </div>
    </>
  );
}

function cardPlace(map: BlockMap, layout: MapLayout, row: number, scroll: number): { x: number; y: number } {
  const place = placeOf(layout, map.address[row] ?? 0);
  return { x: LABEL_WIDTH + (place?.x ?? 0), y: (place?.y ?? 0) - scroll + TOP_MARGIN + layout.rowHeight };
}

function nearestRow(map: BlockMap, address: number): number {
  let best = -1;
  for (let row = 0; row < map.length; row++) {
    const distance = Math.abs((map.address[row] ?? 0) - address);
    if (best < 0 || distance < Math.abs((map.address[best] ?? 0) - address)) best = row;
  }
  return best;
}

function describe(map: BlockMap, row: number): string {
  const site = map.siteNames[map.site[row] ?? 0] ?? "";
  return `${formatBytes(map.size[row] ?? 0)} at ${formatAddress(map.address[row] ?? 0)}, from ${site}, task ${map.taskNames[map.task[row] ?? 0] ?? ""}`;
}

function Labels({ map, layout, scroll }: { map: BlockMap; layout: MapLayout; scroll: number }) {
  return (
    <div class="map-labels" aria-hidden="true">
      {layout.boxes.map((box) => {
        const region = map.regions[box.region];
        if (region === undefined) return undefined;
        // The name stays in view while its region does.
        const top = Math.max(box.top - scroll, Math.min(0, box.top + box.height - 64 - scroll));
        return (
          <div key={region.start} style={{ top: `${top}px`, maxHeight: `${box.height}px` }}>
            <div class="cut">
              <strong>{region.name}</strong>
            </div>
            {region.freeBytes.certainty !== "unknown" && (
              <div title={isExact(region.largestFreeBytes) ? "" : "an estimate: not every block there is known"}>
                {formatAbout(region.freeBytes, formatBytes)} free
                <br />
                {formatAbout(region.largestFreeBytes, formatBytes)} largest
              </div>
            )}
          </div>
        );
      })}
    </div>
  );
}

function MapTable({ map }: { map: BlockMap }) {
  return (
    <table class="hidden">
      <caption>Regions at this moment</caption>
      <thead>
        <tr>
          <th>region</th>
          <th>size</th>
          <th>free</th>
          <th>largest free block</th>
          <th>live blocks</th>
        </tr>
      </thead>
      <tbody>
        {map.regions.map((region) => (
          <tr key={region.start}>
            <td>{region.name}</td>
            <td>{formatBytes(region.totalBytes)}</td>
            <td>{formatAbout(region.freeBytes, formatBytes)}</td>
            <td>{formatAbout(region.largestFreeBytes, formatBytes)}</td>
            <td>{formatAbout(region.liveBlocks, formatCount)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
