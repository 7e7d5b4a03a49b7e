/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Draws the heap map: only what is in view, one pass for each colour. Knows nothing of the page but a canvas.
import { firstAtOrAbove, type BlockMap } from "../../report/block-map.ts";
import type { MapBox, MapLayout } from "../../report/map-layout.ts";
import type { Palette } from "../app/palette.ts";

export interface MapPicture {
  readonly map: BlockMap;
  readonly layout: MapLayout;
  /** Index into `colours`, for each block. */
  readonly colour: Uint8Array;
  readonly colours: readonly string[];
  /** From where on the map is seen, in its own pixels. */
  readonly scroll: number;
  /** Left of the rows. */
  readonly left: number;
  readonly outlineMakers: boolean;
  /** Row of the block under the pointer or the keyboard; -1 where none is. */
  readonly selected: number;
  readonly palette: Palette;
}

/** TLSF's word before a block. */
const HEADER_BYTES = 4;
/** Pixels a byte from which on a block's parts are drawn. */
const PARTS_FROM = 0.7;

export function drawMap(context: CanvasRenderingContext2D, picture: MapPicture, width: number, height: number): void {
  const { layout, palette, scroll } = picture;
  context.fillStyle = palette.page;
  context.fillRect(0, 0, width, height);
  const hatch = hatchOf(context, palette);
  for (const box of layout.boxes) {
    if (box.top + box.height < scroll || box.top > scroll + height) continue;
    drawRows(context, picture, box, height, hatch);
  }
  drawBlocks(context, picture, height);
}

/** Calls with the piece of each row that a stretch of addresses covers. */
function eachPiece(
  { layout, left, scroll }: MapPicture,
  box: MapBox,
  start: number,
  end: number,
  height: number,
  draw: (x: number, y: number, width: number, height: number) => void,
): void {
  const { rowBytes, rowHeight, width } = layout;
  const scale = width / rowBytes;
  const from = Math.max(start, box.base);
  let row = Math.floor((from - box.base) / rowBytes);
  const firstSeen = Math.floor((scroll - box.top) / rowHeight);
  if (row < firstSeen) row = firstSeen;
  for (; row < box.rows; row++) {
    const rowStart = box.base + row * rowBytes;
    if (rowStart >= end) return;
    const y = box.top + row * rowHeight - scroll;
    if (y > height) return;
    const pieceStart = Math.max(from, rowStart);
    const pieceEnd = Math.min(end, rowStart + rowBytes);
    if (pieceEnd <= pieceStart) continue;
    draw(left + (pieceStart - rowStart) * scale, y, (pieceEnd - pieceStart) * scale, rowHeight - 1);
  }
}

function drawRows(
  context: CanvasRenderingContext2D,
  picture: MapPicture,
  box: MapBox,
  height: number,
  hatch: CanvasPattern | string,
): void {
  const { map, palette } = picture;
  context.fillStyle = palette.row;
  eachPiece(picture, box, box.start, box.end, height, (x, y, w, h) => context.fillRect(x, y, w, h));
  const region = map.regions[box.region];
  if (region === undefined) return;
  context.fillStyle = hatch;
  if (Number.isNaN(region.free)) {
    eachPiece(picture, box, box.start, box.end, height, (x, y, w, h) => context.fillRect(x, y, w, h));
    return;
  }
  for (let i = firstAtOrAbove(map.holeStart, box.start); i < map.holeStart.length; i++) {
    const start = map.holeStart[i]!;
    if (start >= box.end) break;
    if (map.holeUnknown[i] !== 1) continue;
    eachPiece(picture, box, start, start + map.holeBytes[i]!, height, (x, y, w, h) => context.fillRect(x, y, w, h));
  }
}

function drawBlocks(context: CanvasRenderingContext2D, picture: MapPicture, height: number): void {
  const { map, layout, colour, colours, scroll, left, palette, outlineMakers, selected } = picture;
  const { rowBytes, rowHeight, width } = layout;
  const scale = width / rowBytes;
  const tall = rowHeight - 1;
  // Pieces first, colours afterwards: changing a canvas's colour costs more than a rectangle.
  const most = map.length + 64;
  let xs = new Float32Array(most);
  let ys = new Float32Array(most);
  let ws = new Float32Array(most);
  let of = new Uint32Array(most);
  let count = 0;
  const grow = (): void => {
    const longer = <T extends Float32Array | Uint32Array>(old: T, made: T): T => {
      made.set(old);
      return made;
    };
    xs = longer(xs, new Float32Array(xs.length * 2));
    ys = longer(ys, new Float32Array(ys.length * 2));
    ws = longer(ws, new Float32Array(ws.length * 2));
    of = longer(of, new Uint32Array(of.length * 2));
  };
  for (const box of layout.boxes) {
    if (box.top + box.height < scroll || box.top > scroll + height) continue;
    const firstRow = Math.max(0, Math.floor((scroll - box.top) / rowHeight));
    const seenFrom = Math.max(box.start, box.base + firstRow * rowBytes);
    let i = Math.max(0, firstAtOrAbove(map.address, seenFrom) - 1);
    if (i < map.length && map.address[i]! < box.start) i++;
    for (; i < map.length; i++) {
      const start = map.address[i]!;
      if (start >= box.end) break;
      const end = map.end[i]!;
      let row = Math.floor((start - box.base) / rowBytes);
      let rowStart = box.base + row * rowBytes;
      let from = start;
      let y = box.top + row * rowHeight - scroll;
      if (y > height) break;
      do {
        const to = Math.min(end, rowStart + rowBytes);
        if (count === xs.length) grow();
        xs[count] = left + (from - rowStart) * scale;
        ys[count] = y;
        // A block that is narrower than a pixel is still seen.
        ws[count] = Math.max(0.75, (to - from) * scale - (scale > 0.08 ? 0.6 : 0));
        of[count++] = i;
        from = to;
        row++;
        rowStart += rowBytes;
        y += rowHeight;
      } while (from < end && y <= height);
    }
  }
  for (let slot = 0; slot < colours.length; slot++) {
    context.fillStyle = colours[slot]!;
    for (let k = 0; k < count; k++) {
      if (colour[of[k]!] === slot && map.dimmed[of[k]!] === 0) context.fillRect(xs[k]!, ys[k]!, ws[k]!, tall);
    }
  }
  drawDimmed(context, picture, { xs, ys, ws, of, count }, tall);
  if (scale >= PARTS_FROM) drawParts(context, picture, { xs, ys, ws, of, count }, tall, scale);
  if (outlineMakers) {
    context.strokeStyle = palette.error;
    context.lineWidth = 1.5;
    for (let k = 0; k < count; k++) {
      if (map.gain[of[k]!]! > 0) context.strokeRect(xs[k]! - 1.5, ys[k]! - 1.5, Math.max(3, ws[k]! + 3), tall + 3);
    }
  }
  if (selected >= 0) {
    context.strokeStyle = palette.text;
    context.lineWidth = 2;
    for (let k = 0; k < count; k++) {
      if (of[k] === selected) context.strokeRect(xs[k]! - 2, ys[k]! - 2, Math.max(4, ws[k]! + 4), tall + 4);
    }
  }
}

interface Pieces {
  readonly xs: Float32Array;
  readonly ys: Float32Array;
  readonly ws: Float32Array;
  readonly of: Uint32Array;
  readonly count: number;
}

/** What the filter refuses stays as a trace. */
function drawDimmed(
  context: CanvasRenderingContext2D,
  { map, palette }: MapPicture,
  { xs, ys, ws, of, count }: Pieces,
  tall: number,
): void {
  context.fillStyle = palette.grey;
  context.globalAlpha = 0.28;
  for (let k = 0; k < count; k++) if (map.dimmed[of[k]!] === 1) context.fillRect(xs[k]!, ys[k]!, ws[k]!, tall);
  context.globalAlpha = 1;
}

/** Near enough, a block has a header, the bytes asked for, and what was added: red zone and rounding. */
function drawParts(
  context: CanvasRenderingContext2D,
  { map, palette }: MapPicture,
  { xs, ys, ws, of, count }: Pieces,
  tall: number,
  scale: number,
): void {
  context.font = `10px ${palette.mono}`;
  context.textBaseline = "middle";
  for (let k = 0; k < count; k++) {
    const i = of[k]!;
    const isFirst = k === 0 || of[k - 1] !== i;
    const isLast = k + 1 === count || of[k + 1] !== i;
    if (isFirst) {
      context.fillStyle = palette.muted;
      context.fillRect(xs[k]! - HEADER_BYTES * scale, ys[k]!, HEADER_BYTES * scale - 0.6, tall);
    }
    const added = map.end[i]! - map.address[i]! - map.size[i]!;
    if (isLast && added > 0) {
      context.fillStyle = palette.page;
      context.globalAlpha = 0.5;
      const wide = Math.min(ws[k]!, added * scale);
      context.fillRect(xs[k]! + ws[k]! - wide, ys[k]!, wide, tall);
      context.globalAlpha = 1;
    }
    if (isFirst && ws[k]! > 70 && tall >= 9) {
      context.fillStyle = palette.page;
      context.fillText(`${map.size[i]} B`, xs[k]! + 4, ys[k]! + tall / 2 + 0.5);
    }
  }
}

function hatchOf(context: CanvasRenderingContext2D, palette: Palette): CanvasPattern | string {
  const tile = new OffscreenCanvas(6, 6);
  const pen = tile.getContext("2d");
  if (!pen) return palette.hatch;
  pen.strokeStyle = palette.hatch;
  pen.lineWidth = 1;
  pen.beginPath();
  for (const shift of [-6, 0, 6]) {
    pen.moveTo(shift - 1, 7);
    pen.lineTo(shift + 7, -1);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat") ?? palette.hatch;
}
