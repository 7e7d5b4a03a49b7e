/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Lays out and draws the flame graph: nodes of the part that is zoomed into, only those that are seen.
import type { FlameTree } from "../../report/flame-view.ts";
import type { Palette } from "../app/palette.ts";

export const FLAME_ROW = 21;

export interface FlamePicture {
  readonly tree: FlameTree;
  /** Left end and width of every node as parts of the zoomed one; width 0: not seen. */
  readonly left: Float64Array;
  readonly width: Float64Array;
  /** Depth of the zoomed node. */
  readonly base: number;
  readonly icicle: boolean;
  readonly scroll: number;
  readonly selected: number;
  readonly matches: Uint8Array | undefined;
  readonly palette: Palette;
  /** Category of a node by its name, or -1. */
  readonly colourOf: (node: number) => string;
}

/** Positions of all nodes below `zoomed`, and of those above it, which stay as wide as the picture. */
export function placeNodes(
  tree: FlameTree,
  zoomed: number,
): { readonly left: Float64Array; readonly width: Float64Array } {
  const left = new Float64Array(tree.length);
  const width = new Float64Array(tree.length);
  const next = new Float64Array(tree.length);
  left[zoomed] = 0;
  width[zoomed] = 1;
  for (let node = zoomed + 1; node < tree.length; node++) {
    const parent = tree.parent[node]!;
    if (width[parent] === 0 || parent < zoomed) continue;
    const share = tree.value[parent]! === 0 ? 0 : (width[parent]! * tree.value[node]!) / tree.value[parent]!;
    left[node] = left[parent]! + next[parent]!;
    next[parent]! += share;
    width[node] = share;
  }
  for (let above = tree.parent[zoomed]!; above >= 0; above = tree.parent[above]!) width[above] = 1;
  return { left, width };
}

function rowTop({ icicle, scroll }: Pick<FlamePicture, "icicle" | "scroll">, depth: number, height: number): number {
  return icicle ? depth * FLAME_ROW - scroll : height - (depth + 1) * FLAME_ROW + scroll;
}

export function nodeAt(picture: FlamePicture, x: number, y: number, size: { width: number; height: number }): number {
  const { tree, left, width } = picture;
  const share = x / size.width;
  for (let node = 0; node < tree.length; node++) {
    if (width[node] === 0 || share < left[node]! || share >= left[node]! + width[node]!) continue;
    const top = rowTop(picture, tree.depth[node]!, size.height);
    if (y >= top && y < top + FLAME_ROW) return node;
  }
  return -1;
}

export function drawFlame(
  context: CanvasRenderingContext2D,
  picture: FlamePicture,
  width: number,
  height: number,
): void {
  const { tree, left, width: wide, palette, selected, matches, base } = picture;
  context.fillStyle = palette.page;
  context.fillRect(0, 0, width, height);
  context.font = `11.5px ${palette.sans}`;
  context.textBaseline = "middle";
  for (let node = 0; node < tree.length; node++) {
    const w = wide[node]! * width;
    if (w < 0.4) continue;
    const depth = tree.depth[node]!;
    const y = rowTop(picture, depth, height);
    if (y > height || y + FLAME_ROW < 0) continue;
    const x = left[node]! * width;
    const isFaded = depth < base || (matches !== undefined && matches[node] === 0);
    context.globalAlpha = isFaded ? 0.35 : 1;
    context.fillStyle = tree.compared ? changeColour(tree, node, palette) : picture.colourOf(node);
    context.fillRect(x, y, Math.max(0.6, w - 1), FLAME_ROW - 1);
    context.globalAlpha = 1;
    if (node === selected) {
      context.strokeStyle = palette.text;
      context.lineWidth = 2;
      context.strokeRect(x + 1, y + 1, Math.max(1, w - 3), FLAME_ROW - 3);
    }
    if (w < 28) continue;
    context.fillStyle = isFaded ? palette.muted : palette.page;
    const text = fitted(context, tree.names[tree.name[node]!]!, w - 10);
    context.fillText(text, x + 5, y + FLAME_ROW / 2);
  }
}

/** What grew is red, what shrank green, and how much of it by strength; numbers say it too. */
function changeColour(tree: FlameTree, node: number, palette: Palette): string {
  const share = tree.value[node]! === 0 ? 0 : tree.change[node]! / tree.value[node]!;
  if (Math.abs(share) < 0.005) return palette.faint;
  const strength = Math.round(35 + 65 * Math.min(1, Math.abs(share)));
  return `color-mix(in srgb, ${share > 0 ? palette.error : palette.categories[2]!} ${strength}%, ${palette.faint})`;
}

function fitted(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  const most = Math.max(1, Math.floor((room / Math.max(1, context.measureText(text).width)) * text.length) - 1);
  return most < 3 ? "" : `${text.slice(0, most)}…`;
}
