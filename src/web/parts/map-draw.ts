/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Draws the heap map: only what is in view. Knows nothing of the page but a canvas.
import { countBelow } from "../../base/bisect.ts";
import { type BlockMap } from "../../report/block-map.ts";
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

/** Draws on one canvas, again and again. */
export type MapPainter = (picture: MapPicture, width: number, height: number, ratio: number) => void;

export function makeMapPainter(canvas: HTMLCanvasElement): MapPainter | undefined {
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) return undefined;
  let image = new ImageData(1, 1);
  let pieces: Pieces = { ...emptyPieces(0), count: 0 };
  return (picture, width, height, ratio) => {
    const [wide, tall] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (wide < 1 || tall < 1) return;
    if (canvas.width !== wide || canvas.height !== tall) {
      canvas.width = wide;
      canvas.height = tall;
      image = new ImageData(wide, tall);
    } else if (image.width !== wide) image = new ImageData(wide, tall);
    pieces = piecesOf(picture, height, pieces);
    fillPixels(new Uint32Array(image.data.buffer), wide, tall, ratio, picture, pieces);
    context.putImageData(image, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawDetails(context, picture, pieces);
  };
}

/** Parts of blocks, each within one row: in the map's pixels, seen from `scroll` on. */
interface Pieces {
  readonly xs: Float32Array;
  readonly ys: Float32Array;
  readonly ws: Float32Array;
  /** Row of the block in the map. */
  readonly of: Uint32Array;
  readonly count: number;
}

function emptyPieces(length: number): Omit<Pieces, "count"> {
  return {
    xs: new Float32Array(length),
    ys: new Float32Array(length),
    ws: new Float32Array(length),
    of: new Uint32Array(length),
  };
}

/** Written over those of the picture before. */
function piecesOf({ map, layout, scroll, left }: MapPicture, height: number, before: Pieces): Pieces {
  const { rowBytes, rowHeight, width } = layout;
  const scale = width / rowBytes;
  const most = map.length + 64;
  let { xs, ys, ws, of } = before.xs.length < most ? emptyPieces(Math.ceil(most * 1.25)) : before;
  let count = 0;
  const grow = (): void => {
    const longer = emptyPieces(xs.length * 2);
    longer.xs.set(xs);
    longer.ys.set(ys);
    longer.ws.set(ws);
    longer.of.set(of);
    ({ xs, ys, ws, of } = longer);
  };
  for (const box of layout.boxes) {
    if (box.top + box.height < scroll || box.top > scroll + height) continue;
    const firstRow = Math.max(0, Math.floor((scroll - box.top) / rowHeight));
    const seenFrom = Math.max(box.start, box.base + firstRow * rowBytes);
    let i = Math.max(0, countBelow(map.address, seenFrom) - 1);
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
        ws[count] = (to - from) * scale;
        of[count++] = i;
        from = to;
        row++;
        rowStart += rowBytes;
        y += rowHeight;
      } while (from < end && y <= height);
    }
  }
  return { xs, ys, ws, of, count };
}

/** Pixels from one line of the hatching to the next. */
const HATCH_STEP = 6;
/** A block that is this many pixels wide keeps one of them free, so that neighbours of a colour are told apart. */
const WIDTH_WITH_SEAM = 3;

/**
 * Regions, hatching and blocks, as pixels: tens of thousands of rectangles on a canvas cost ten times as much where no GPU helps. All rectangles
 * of a row of the map are equally tall, so one line of pixels is made for each row and copied.
 */
function fillPixels(
  pixels: Uint32Array,
  wide: number,
  tall: number,
  ratio: number,
  picture: MapPicture,
  pieces: Pieces,
): void {
  const { map, layout, colour, palette, scroll } = picture;
  const height = tall / ratio;
  const row = pixelOf(palette.row);
  pixels.fill(pixelOf(palette.page));
  /** Of what a row of the map is tall, the first line of pixels that is seen; below 0 where none is. */
  const lineOf = (y: number): number => {
    const first = Math.max(0, Math.round(y * ratio));
    return first < Math.min(tall, Math.round((y + layout.rowHeight - 1) * ratio)) ? first : -1;
  };
  const fill = (line: number, x: number, width: number, value: number): void => {
    const from = Math.max(0, Math.round(x * ratio));
    const to = Math.min(wide, Math.max(from + 1, Math.round((x + width) * ratio)));
    const start = line * wide;
    const seam = to - from >= WIDTH_WITH_SEAM && value !== row ? 1 : 0;
    for (let at = start + from; at < start + to - seam; at++) pixels[at] = value;
  };
  const boxes = layout.boxes.filter((box) => box.top + box.height >= scroll && box.top <= scroll + height);
  for (const box of boxes) {
    eachPiece(picture, box, box.start, box.end, height, (x, y, width) => {
      const line = lineOf(y);
      if (line >= 0) fill(line, x, width, row);
    });
  }
  const values = Uint32Array.from(picture.colours, pixelOf);
  const dimmed = mixed(palette.grey, palette.row, DIMMED_SHARE);
  const { xs, ys, ws, of, count } = pieces;
  for (let k = 0, y = NaN, line = -1; k < count; k++) {
    if (ys[k] !== y) {
      y = ys[k]!;
      line = lineOf(y);
    }
    const i = of[k]!;
    if (line >= 0) fill(line, xs[k]!, ws[k]!, map.dimmed[i] === 1 ? dimmed : values[colour[i]!]!);
  }
  for (const box of boxes) {
    for (let y = box.top - scroll, n = 0; n < box.rows && y < height; n++, y += layout.rowHeight) {
      const line = lineOf(y);
      if (line < 0) continue;
      const last = Math.min(tall, Math.round((y + layout.rowHeight - 1) * ratio));
      for (let to = line + 1; to < last; to++) pixels.copyWithin(to * wide, line * wide, (line + 1) * wide);
    }
    hatch(pixels, wide, tall, ratio, picture, box, row);
  }
}

/** What the stream does not show, where no block is. */
function hatch(
  pixels: Uint32Array,
  wide: number,
  tall: number,
  ratio: number,
  picture: MapPicture,
  box: MapBox,
  under: number,
): void {
  const { map, palette } = picture;
  const height = tall / ratio;
  const value = pixelOf(palette.hatch);
  const step = Math.round(HATCH_STEP * ratio);
  const thick = Math.max(1, Math.round(ratio));
  const draw = (x: number, y: number, width: number, rowTall: number): void => {
    const from = Math.max(0, Math.round(x * ratio));
    const to = Math.min(wide, Math.round((x + width) * ratio));
    const last = Math.min(tall, Math.round((y + rowTall) * ratio));
    for (let line = Math.max(0, Math.round(y * ratio)); line < last; line++) {
      for (let stripe = from - ((from + line) % step); stripe < to; stripe += step) {
        for (let at = Math.max(from, stripe); at < Math.min(to, stripe + thick); at++) {
          if (pixels[line * wide + at] === under) pixels[line * wide + at] = value;
        }
      }
    }
  };
  const region = map.regions[box.region];
  if (region === undefined) return;
  if (region.freeBytes.certainty === "unknown") {
    eachPiece(picture, box, box.start, box.end, height, draw);
    return;
  }
  for (let i = countBelow(map.holeStart, box.start); i < map.holeStart.length; i++) {
    const start = map.holeStart[i]!;
    if (start >= box.end) break;
    if (map.holeUnknown[i] === 1) eachPiece(picture, box, start, start + map.holeBytes[i]!, height, draw);
  }
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

/** What the filter refuses stays as a trace. */
const DIMMED_SHARE = 0.28;

/** `#rrggbb` as a pixel: red in the lowest byte. */
function pixelOf(colour: string): number {
  const value = Number.parseInt(colour.slice(1, 7), 16);
  return (0xff00_0000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >>> 16)) >>> 0;
}

function mixed(over: string, under: string, share: number): number {
  const [a, b] = [pixelOf(over), pixelOf(under)];
  const channel = (shift: number): number =>
    Math.round(((a >>> shift) & 0xff) * share + ((b >>> shift) & 0xff) * (1 - share)) << shift;
  return (0xff00_0000 | channel(16) | channel(8) | channel(0)) >>> 0;
}

/** What is few, or fine: parts of a block, outlines. */
function drawDetails(context: CanvasRenderingContext2D, picture: MapPicture, pieces: Pieces): void {
  const { map, layout, outlineMakers, selected, palette } = picture;
  const { xs, ys, ws, of, count } = pieces;
  const scale = layout.width / layout.rowBytes;
  const tall = layout.rowHeight - 1;
  if (scale >= PARTS_FROM) drawParts(context, picture, pieces, tall, scale);
  if (outlineMakers) {
    context.strokeStyle = palette.error;
    context.lineWidth = 1.5;
    for (let k = 0; k < count; k++) {
      if (map.gainBytes[of[k]!]! > 0) context.strokeRect(xs[k]! - 1.5, ys[k]! - 1.5, Math.max(3, ws[k]! + 3), tall + 3);
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

/** Near enough, a block has a header, the bytes asked for, and what was added: red zone and rounding. */
function drawParts(
  context: CanvasRenderingContext2D,
  { map, palette, left }: MapPicture,
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
      // Of a block that begins a row it is at the end of the row before.
      const start = Math.max(left, xs[k]! - HEADER_BYTES * scale);
      if (xs[k]! > start) context.fillRect(start, ys[k]!, xs[k]! - start - 0.6, tall);
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
