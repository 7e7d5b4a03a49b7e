/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// The flame graph as a tree in columns: who holds, asks for and churns memory, by call stack, component or task. Sites without stacks hang under
// their component and file, so that the picture tells something there too.
import { formatAddress } from "../base/format.ts";
import { inTextOrder } from "../base/order.ts";
import { fileName } from "../base/paths.ts";
import type { BlockFilter } from "../heap/filter.ts";
import type { SiteActivity, Window } from "../heap/types.ts";
import type { NamedFrame } from "../wire/fields.ts";
import { groupNamer, type Asked } from "./asked.ts";

export const FLAME_COSTS = [
  "liveBytes",
  "liveBlocks",
  "allocatedBytes",
  "allocations",
  "temporaryAllocations",
  "peakBytes",
] as const;
export type FlameCost = (typeof FLAME_COSTS)[number];

export const FLAME_GROUPS = ["stack", "component", "task"] as const;
export type FlameGroup = (typeof FLAME_GROUPS)[number];

export interface FlameQuestion {
  readonly window: Window;
  /** The range to compare with: values are then differences. */
  readonly base?: Window;
  readonly cost: FlameCost;
  readonly group: FlameGroup;
  /** Innermost frames at the root: what is called most, whoever calls it. */
  readonly inverted: boolean;
  readonly filter?: BlockFilter | undefined;
}

/** Nodes so that every parent comes before its children, and children by value, largest first. Node 0 is the root. */
export interface FlameTree {
  readonly cost: FlameCost;
  readonly length: number;
  readonly parent: Int32Array;
  readonly depth: Uint16Array;
  /** Index into `names`. */
  readonly name: Uint32Array;
  /** Index into `details`. */
  readonly detail: Uint32Array;
  /** The node with all below it; its width. Of a comparison the larger side's. */
  readonly value: Float64Array;
  /** Of a comparison: after less before. */
  readonly change: Float64Array;
  /** Without what is below. */
  readonly self: Float64Array;
  readonly names: readonly string[];
  /** File and line, or nothing. */
  readonly details: readonly string[];
  readonly maxDepth: number;
  readonly compared: boolean;
  /** True where at least one site has a stack of more than one frame. */
  readonly hasStacks: boolean;
}

interface Node {
  readonly name: string;
  readonly detail: string;
  readonly children: Map<string, Node>;
  value: number;
  base: number;
  self: number;
}

/** Deeper than any stack that a probe sends; recursion in a foreign file is folded below it. */
const MOST_DEPTH = 128;

export async function viewFlame(asked: Asked, question: FlameQuestion): Promise<FlameTree> {
  const { model } = asked;
  const { window, base, cost, inverted, filter } = question;
  const activity = await model.activity(window, filter);
  const before = base === undefined ? undefined : await model.activity(base, filter);
  const tasks = question.group === "task" ? await costsByTask(asked, question) : undefined;
  const root: Node = newNode("all", "");
  let hasStacks = false;
  const add = (site: number, top: string | undefined, value: number, baseValue: number): void => {
    if (value === 0 && baseValue === 0) return;
    const path = pathOf(asked, site);
    if (path.length > 1 && asked.names.site(site).frames.length > 1) hasStacks = true;
    if (inverted) path.reverse();
    insert(root, top === undefined ? path : [{ name: top, detail: "" }, ...path], value, baseValue);
  };
  if (tasks !== undefined) {
    for (const { site, task, after, before: earlier } of tasks) add(site, asked.names.task(task), after, earlier);
  } else {
    const componentOf = groupNamer(asked, "component");
    for (let site = 0; site < activity.sites; site++) {
      const top = question.group === "component" ? componentOf(site, 0) : undefined;
      add(site, top, costOf(activity, site, cost), before === undefined ? 0 : costOf(before, site, cost));
    }
  }
  return { ...columnsOf(root, base !== undefined), cost, hasStacks };
}

function costOf(activity: SiteActivity, site: number, cost: FlameCost): number {
  return Math.round(activity[cost][site] ?? 0);
}

/** Activity knows no tasks: what is live is counted from the blocks, whichever cost was asked for. */
async function costsByTask(
  { model }: Asked,
  { window, base, cost, filter }: FlameQuestion,
): Promise<readonly { site: number; task: number; after: number; before: number }[]> {
  const sums = new Map<number, { site: number; task: number; after: number; before: number }>();
  const count = async (time: number, side: "after" | "before"): Promise<void> => {
    const live = await model.liveAt(time, filter);
    for (let row = 0; row < live.length; row++) {
      const key = live.site[row]! * 65_536 + live.task[row]!;
      let sum = sums.get(key);
      if (sum === undefined)
        sums.set(key, (sum = { site: live.site[row]!, task: live.task[row]!, after: 0, before: 0 }));
      sum[side] += cost === "liveBlocks" ? 1 : live.size[row]!;
    }
  };
  await count(window.to, "after");
  if (base !== undefined) await count(base.to, "before");
  return [...sums.values()];
}

interface Step {
  readonly name: string;
  readonly detail: string;
}

/** From the outermost frame in; without a stack: component, file, function and line. */
function pathOf(asked: Asked, site: number): Step[] {
  const { frames, text, file, function: name, line, variable } = asked.names.site(site);
  if (frames.length > 1) return frames.map(stepOf).reverse();
  const steps: Step[] = [];
  const component = groupNamer(asked, "component")(site, 0);
  if (!component.startsWith("(")) steps.push({ name: component, detail: "component" });
  if (file === undefined) return [...steps, { name: text, detail: "" }];
  const short = fileName(file);
  steps.push({ name: short, detail: file });
  const place = line === undefined ? short : `${short}:${line}`;
  if (name !== undefined && name !== "") steps.push({ name, detail: file });
  steps.push({
    name: variable === undefined ? `line ${line ?? "?"}` : `${variable} (line ${line ?? "?"})`,
    detail: place,
  });
  return steps;
}

function stepOf({ function: name, file, line, address }: NamedFrame): Step {
  const detail = file === undefined ? "" : line === undefined ? fileName(file) : `${fileName(file)}:${line}`;
  const where = address === undefined ? "?" : formatAddress(address);
  return { name: name === "" ? where : name, detail };
}

function newNode(name: string, detail: string): Node {
  return { name, detail, children: new Map(), value: 0, base: 0, self: 0 };
}

function insert(root: Node, path: readonly Step[], value: number, base: number): void {
  let node = root;
  node.value += value;
  node.base += base;
  for (const { name, detail } of path.slice(0, MOST_DEPTH)) {
    const key = `${name}\n${detail}`;
    let child = node.children.get(key);
    if (child === undefined) node.children.set(key, (child = newNode(name, detail)));
    node = child;
    node.value += value;
    node.base += base;
  }
  node.self += value;
}

function columnsOf(root: Node, compared: boolean): Omit<FlameTree, "cost" | "hasStacks"> {
  const parent: number[] = [];
  const depth: number[] = [];
  const name: number[] = [];
  const detail: number[] = [];
  const value: number[] = [];
  const change: number[] = [];
  const self: number[] = [];
  const names = new Map<string, number>();
  const details = new Map<string, number>();
  const indexOf = (map: Map<string, number>, text: string): number => {
    let at = map.get(text);
    if (at === undefined) map.set(text, (at = map.size));
    return at;
  };
  const width = (node: Node): number => (compared ? Math.max(node.value, node.base) : node.value);
  // Depth first, without recursion: a stack may be deep.
  const open: { readonly node: Node; readonly parent: number; readonly depth: number }[] = [
    { node: root, parent: -1, depth: 0 },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node } = next;
    const index = parent.length;
    parent.push(next.parent);
    depth.push(next.depth);
    name.push(indexOf(names, node.name));
    detail.push(indexOf(details, node.detail));
    value.push(width(node));
    change.push(node.value - node.base);
    self.push(node.self);
    const children = [...node.children.values()].sort((a, b) => width(a) - width(b) || (a.name < b.name ? 1 : -1));
    for (const child of children) open.push({ node: child, parent: index, depth: next.depth + 1 });
  }
  // Of a comparison, what shrank and what grew below a node may together be wider than the node.
  const below = new Float64Array(parent.length);
  for (let node = parent.length - 1; node > 0; node--) {
    value[node] = Math.max(value[node]!, below[node]!);
    below[parent[node]!]! += value[node]!;
  }
  value[0] = Math.max(value[0]!, below[0]!);
  return {
    length: parent.length,
    parent: Int32Array.from(parent),
    depth: Uint16Array.from(depth),
    name: Uint32Array.from(name),
    detail: Uint32Array.from(detail),
    value: Float64Array.from(value),
    change: Float64Array.from(change),
    self: Float64Array.from(self),
    names: [...names.keys()],
    details: [...details.keys()],
    maxDepth: depth.reduce((most, one) => Math.max(most, one), 0),
    compared,
  };
}

export interface FlameRow {
  readonly name: string;
  readonly detail: string;
  readonly total: number;
  readonly self: number;
  readonly change: number;
}

/** The same as a table: each name once, recursion counted once. Largest total first. */
export function flameRows(tree: FlameTree): readonly FlameRow[] {
  const rows = new Map<string, { name: string; detail: string; total: number; self: number; change: number }>();
  for (let node = 1; node < tree.length; node++) {
    const key = `${tree.name[node]},${tree.detail[node]}`;
    let row = rows.get(key);
    if (row === undefined) {
      row = {
        name: tree.names[tree.name[node]!]!,
        detail: tree.details[tree.detail[node]!]!,
        total: 0,
        self: 0,
        change: 0,
      };
      rows.set(key, row);
    }
    row.self += tree.self[node]!;
    if (hasSameAbove(tree, node)) continue;
    row.total += tree.value[node]!;
    row.change += tree.change[node]!;
  }
  return [...rows.values()].sort((a, b) => b.total - a.total || b.self - a.self || inTextOrder(a.name, b.name));
}

function hasSameAbove({ parent, name, detail }: FlameTree, node: number): boolean {
  for (let above = parent[node]!; above > 0; above = parent[above]!) {
    if (name[above] === name[node] && detail[above] === detail[node]) return true;
  }
  return false;
}
