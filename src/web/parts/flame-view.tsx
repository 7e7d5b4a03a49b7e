// The flame graph and its table: who holds, asks for and churns memory, by stack, component or task.
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { formatBytes, formatCount } from "../../base/format.ts";
import {
  FLAME_COSTS,
  FLAME_GROUPS,
  flameRows,
  type FlameCost,
  type FlameGroup,
  type FlameTree,
} from "../../report/flame-view.ts";
import { readPalette } from "../app/palette.ts";
import { formatClock, withSign } from "../app/format.ts";
import { useStore } from "../app/store.ts";
import { useAnswer } from "../app/use-answer.ts";
import { drawFlame, FLAME_ROW, nodeAt, placeNodes, type FlamePicture } from "./flame-draw.ts";

const costNames: Record<FlameCost, string> = {
  liveBytes: "live bytes",
  liveBlocks: "live blocks",
  allocatedBytes: "allocated bytes",
  allocations: "allocations",
  temporaryAllocations: "temporary allocations",
  peakBytes: "peak bytes",
};

export function FlameView() {
  const store = useStore();
  const { page, window: range } = store;
  const { cost, group, inverted, differential, filter, search } = page.value;
  const [icicle, setIcicle] = useState(true);
  const { from, to } = range.value;
  const middle = from + (to - from) / 2;
  const { baseFrom, baseTo } = page.value;
  const aside = baseFrom !== undefined && baseTo !== undefined && baseFrom < baseTo;
  const { answer: tree, failure } = useAnswer(
    "flame",
    {
      kind: "flame",
      window: differential && !aside ? { from: middle, to } : range.value,
      ...(differential && { base: aside ? { from: baseFrom, to: baseTo } : { from, to: middle } }),
      cost,
      group,
      inverted,
      filter,
    },
    { every: 800 },
  );
  const format =
    cost === "liveBlocks" || cost === "allocations" || cost === "temporaryAllocations" ? formatCount : formatBytes;
  return (
    <>
      <div class="bar">
        <label>
          cost{" "}
          <select value={cost} onChange={(event) => store.look({ cost: event.currentTarget.value as FlameCost })}>
            {FLAME_COSTS.map((one) => (
              <option key={one} value={one}>
                {costNames[one]}
              </option>
            ))}
          </select>
        </label>
        <label>
          by{" "}
          <select value={group} onChange={(event) => store.look({ group: event.currentTarget.value as FlameGroup })}>
            {FLAME_GROUPS.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label>
          <input type="checkbox" checked={inverted} onChange={() => store.look({ inverted: !inverted })} /> innermost
          first
        </label>
        <label>
          <input type="checkbox" checked={!icicle} onChange={() => setIcicle(!icicle)} /> from below
        </label>
        {store.engine.frozen === undefined && (
          <label title="What is more and what is less than in the other range">
            <input
              type="checkbox"
              checked={differential}
              onChange={() => store.look({ differential: !differential })}
            />{" "}
            {aside ? `against ${formatClock(baseFrom, 1e6)}–${formatClock(baseTo, 1e6)}` : "second half against first"}
          </label>
        )}
        {store.engine.frozen === undefined && (
          <button
            type="button"
            class="button"
            title={
              aside ? "Compare the halves of the range again" : "Compare the ranges that you choose next with this one"
            }
            onClick={() =>
              store.look(
                aside
                  ? { baseFrom: undefined, baseTo: undefined, differential: false }
                  : { baseFrom: from, baseTo: to, differential: true },
              )
            }
          >
            {aside ? "forget it" : "set this range aside"}
          </button>
        )}
        <input
          type="search"
          class="right"
          placeholder="search"
          aria-label="Search in the flame graph"
          value={search}
          onInput={(event) => store.look({ search: event.currentTarget.value }, false)}
        />
      </div>
      {failure !== undefined ? (
        <p class="empty error">{failure.message}</p>
      ) : tree === undefined ? (
        <p class="empty">Counting…</p>
      ) : tree.length < 2 ? (
        <p class="empty">Nothing in this range{filter === "" ? "" : " matches the filter"}.</p>
      ) : (
        <Flame tree={tree} icicle={icicle} search={search} format={format} />
      )}
    </>
  );
}

function Flame({
  tree,
  icicle,
  search,
  format,
}: {
  tree: FlameTree;
  icicle: boolean;
  search: string;
  format: (value: number) => string;
}) {
  const store = useStore();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [zoomedPath, setZoomed] = useState<string>("");
  const [scroll, setScroll] = useState(0);
  const [hover, setHover] = useState<{ x: number; y: number } | undefined>(undefined);
  const [chosen, setChosen] = useState(0);
  const theme = store.theme.value;
  const palette = useMemo(readPalette, [theme]);
  const zoomed = useMemo(() => nodeOfPath(tree, zoomedPath), [tree, zoomedPath]);
  const { left, width } = useMemo(() => placeNodes(tree, zoomed), [tree, zoomed]);
  const matches = useMemo(() => matching(tree, search), [tree, search]);
  const most = Math.max(0, (tree.maxDepth + 1) * FLAME_ROW - size.height);
  const picture: FlamePicture = {
    tree,
    left,
    width,
    base: tree.depth[zoomed] ?? 0,
    icicle,
    scroll: Math.min(scroll, most),
    selected: -1,
    matches,
    palette,
    colourOf: (node) => colourOf(tree, node, palette.categories),
  };
  const hovered = hover === undefined ? -1 : nodeAt(picture, hover.x, hover.y, size);
  const selected = hover === undefined ? chosen : hovered;

  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d", { alpha: false });
    if (!element || !context || size.width === 0) return;
    const ratio = devicePixelRatio;
    element.width = Math.round(size.width * ratio);
    element.height = Math.round(size.height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawFlame(context, { ...picture, selected }, size.width, size.height);
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    const children = (node: number): number[] => childrenOf(tree, node).filter((child) => (width[child] ?? 0) > 0);
    const siblings = (tree.parent[chosen] ?? -1) < 0 ? [chosen] : children(tree.parent[chosen] ?? 0);
    const at = siblings.indexOf(chosen);
    const [down, up] = icicle ? ["ArrowDown", "ArrowUp"] : ["ArrowUp", "ArrowDown"];
    if (event.key === down) setChosen(children(chosen)[0] ?? chosen);
    else if (event.key === up) setChosen(Math.max(0, tree.parent[chosen] ?? 0));
    else if (event.key === "ArrowRight") setChosen(siblings[at + 1] ?? chosen);
    else if (event.key === "ArrowLeft") setChosen(siblings[at - 1] ?? chosen);
    else if (event.key === "Enter") setZoomed(pathOfNode(tree, chosen));
    else if (event.key === "0" || event.key === "Backspace") setZoomed("");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const total = tree.value[zoomed] ?? 0;
  return (
    <>
      <div class="flame-wrap">
        <canvas
          ref={canvas}
          tabIndex={0}
          role="application"
          aria-label="Flame graph. Arrow keys go from frame to frame, Enter zooms in, Backspace zooms out. The table below has the same numbers."
          onPointerMove={(event) => setHover({ x: event.offsetX, y: event.offsetY })}
          onPointerLeave={() => setHover(undefined)}
          onClick={() => {
            if (hovered < 0) return;
            setChosen(hovered);
            setZoomed(pathOfNode(tree, hovered));
          }}
          onDblClick={() => setZoomed("")}
          onWheel={(event) => setScroll(Math.max(0, Math.min(most, scroll + (icicle ? event.deltaY : -event.deltaY))))}
          onKeyDown={onKeyDown}
        />
        {hovered >= 0 && hover !== undefined && (
          <div
            class="card"
            style={{
              left: `${Math.min(hover.x + 16, Math.max(0, size.width - 340))}px`,
              top: `${hover.y + 120 > size.height ? Math.max(0, hover.y - 110) : hover.y + 18}px`,
            }}
          >
            <NodeFacts tree={tree} node={hovered} total={total} format={format} />
          </div>
        )}
        <div class="hidden" role="status">
          {hover === undefined && chosen > 0 && chosen < tree.length && (
            <NodeFacts tree={tree} node={chosen} total={total} format={format} />
          )}
        </div>
      </div>
      {!tree.hasStacks && (
        <p class="table-foot">
          These call sites come without stacks: they hang under component, file and function. A probe with stack depth,
          or an ELF for its return addresses, shows who called them.
        </p>
      )}
      <FlameTable tree={tree} search={search} format={format} />
    </>
  );
}

function NodeFacts({
  tree,
  node,
  total,
  format,
}: {
  tree: FlameTree;
  node: number;
  total: number;
  format: (value: number) => string;
}) {
  const value = tree.value[node] ?? 0;
  const detail = tree.details[tree.detail[node] ?? 0] ?? "";
  return (
    <>
      <h3>
        <code>{tree.names[tree.name[node] ?? 0]}</code>
      </h3>
      {detail !== "" && <p class="muted">{detail}</p>}
      <dl>
        {tree.compared ? (
          <>
            <dt>change</dt>
            <dd>{withSign(tree.change[node] ?? 0, format)}</dd>
          </>
        ) : (
          <>
            <dt>with all below</dt>
            <dd>
              {format(value)}, {total === 0 ? 0 : ((value / total) * 100).toFixed(1)} %
            </dd>
            <dt>itself</dt>
            <dd>{format(tree.self[node] ?? 0)}</dd>
          </>
        )}
      </dl>
    </>
  );
}

const TABLE_ROWS = 200;

function FlameTable({ tree, search, format }: { tree: FlameTree; search: string; format: (value: number) => string }) {
  const rows = useMemo(() => flameRows(tree), [tree]);
  const wanted = search.toLowerCase();
  const found = rows.filter(({ name, detail }) => `${name} ${detail}`.toLowerCase().includes(wanted));
  return (
    <div class="flame-table" tabIndex={0} role="region" aria-label="The flame graph as a table">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">name</th>
            <th scope="col">where</th>
            <th scope="col" class="number">
              with all below
            </th>
            <th scope="col" class="number">
              itself
            </th>
            {tree.compared && (
              <th scope="col" class="number">
                change
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {found.slice(0, TABLE_ROWS).map((row) => (
            <tr key={`${row.name}\n${row.detail}`}>
              <td>
                <code>{row.name}</code>
              </td>
              <td class="muted">
                <code>{row.detail}</code>
              </td>
              <td class="number">{format(row.total)}</td>
              <td class="number">{row.self === 0 ? "" : format(row.self)}</td>
              {tree.compared && <td class="number">{withSign(row.change, format)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {found.length > TABLE_ROWS && (
        <p class="muted">{formatCount(found.length - TABLE_ROWS)} more names: search to see them.</p>
      )}
    </div>
  );
}

function childrenOf(tree: FlameTree, node: number): number[] {
  const children: number[] = [];
  for (let child = node + 1; child < tree.length && (tree.depth[child] ?? 0) > (tree.depth[node] ?? 0); child++) {
    if (tree.parent[child] === node) children.push(child);
  }
  return children;
}

/** Names from the root: stays the same place when the numbers of the nodes change. */
function pathOfNode(tree: FlameTree, node: number): string {
  const names: string[] = [];
  for (let at = node; at > 0; at = tree.parent[at] ?? 0)
    names.push(`${tree.name[at]}:${tree.names[tree.name[at] ?? 0]}`);
  return names
    .reverse()
    .map((name) => name.slice(name.indexOf(":") + 1))
    .join("\n");
}

function nodeOfPath(tree: FlameTree, path: string): number {
  let node = 0;
  for (const name of path === "" ? [] : path.split("\n")) {
    const next = childrenOf(tree, node).find((child) => tree.names[tree.name[child] ?? 0] === name);
    if (next === undefined) break;
    node = next;
  }
  return node;
}

function matching(tree: FlameTree, search: string): Uint8Array | undefined {
  if (search.trim() === "") return undefined;
  const wanted = search.trim().toLowerCase();
  return Uint8Array.from({ length: tree.length }, (_, node) =>
    `${tree.names[tree.name[node] ?? 0]} ${tree.details[tree.detail[node] ?? 0]}`.toLowerCase().includes(wanted)
      ? 1
      : 0,
  );
}

/** By the name that a branch begins with, so that what belongs together looks alike. */
function colourOf(tree: FlameTree, node: number, colours: readonly string[]): string {
  let at = node;
  while ((tree.parent[at] ?? 0) > 0) at = tree.parent[at] ?? 0;
  if (node === 0) return colours[5] ?? "";
  const name = tree.names[tree.name[at] ?? 0] ?? "";
  let hash = 7;
  for (let i = 0; i < name.length; i++) hash = (hash * 31 + name.charCodeAt(i)) >>> 0;
  return colours[hash % colours.length] ?? "";
}
