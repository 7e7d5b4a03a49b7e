// Where an address lies on the map: each region is a stack of rows of equal bytes that begin at multiples of them, so that addresses line up.
import type { Address, Bytes } from "../base/units.ts";

export interface MapBox {
  readonly region: number;
  readonly start: Address;
  readonly end: Address;
  /** First address of its first row. */
  readonly base: Address;
  readonly rows: number;
  /** From the top of the whole map, in pixels. */
  readonly top: number;
  readonly height: number;
}

export interface MapLayout {
  readonly rowBytes: Bytes;
  /** With the line between two rows. */
  readonly rowHeight: number;
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly MapBox[];
}

/** Pixels between two regions, and at least so many for a region: its name stands beside it. */
const REGION_GAP = 14;
const LEAST_BOX = 46;
export const LEAST_ROW_BYTES = 64;
export const MOST_ROW_BYTES = 1 << 22;
const LOWEST_ROW = 6;
const HIGHEST_ROW = 15;

interface Bounds {
  readonly start: Address;
  readonly end: Address;
}

export function layOut(regions: readonly Bounds[], rowBytes: Bytes, rowHeight: number, width: number): MapLayout {
  let top = 0;
  const boxes = regions.map(({ start, end }, region) => {
    const base = Math.floor(start / rowBytes) * rowBytes;
    const rows = Math.max(1, Math.ceil((end - base) / rowBytes));
    const box = { region, start, end, base, rows, top, height: Math.max(LEAST_BOX, rows * rowHeight) };
    top += box.height + REGION_GAP;
    return box;
  });
  return { rowBytes, rowHeight, width, height: Math.max(0, top - REGION_GAP), boxes };
}

/**
 * The finest rows with which all regions are seen at once. Where there are more regions than there is room for, each is as tall as its name, and
 * the map is scrolled.
 */
export function fitLayout(regions: readonly Bounds[], width: number, room: number): MapLayout {
  const height = Math.max(room, regions.length * (LEAST_BOX + REGION_GAP) - REGION_GAP);
  for (let rowBytes = LEAST_ROW_BYTES; rowBytes < MOST_ROW_BYTES; rowBytes *= 2) {
    for (let rowHeight = HIGHEST_ROW; rowHeight >= LOWEST_ROW; rowHeight--) {
      const layout = layOut(regions, rowBytes, rowHeight, width);
      if (layout.height <= height) return layout;
    }
  }
  return layOut(regions, MOST_ROW_BYTES, LOWEST_ROW, width);
}

/** The address at a place of the map; undefined between and beside regions. */
export function addressAt({ boxes, rowBytes, rowHeight, width }: MapLayout, x: number, y: number): Address | undefined {
  const box = boxes.find(({ top, height }) => y >= top && y < top + height);
  if (box === undefined || x < 0 || x >= width) return undefined;
  const address = Math.floor(box.base + (Math.floor((y - box.top) / rowHeight) + x / width) * rowBytes);
  return address >= box.start && address < box.end ? address : undefined;
}

/** Where an address is; undefined outside all regions. */
export function placeOf(
  { boxes, rowBytes, rowHeight, width }: MapLayout,
  address: Address,
): { readonly x: number; readonly y: number } | undefined {
  const box = boxes.find(({ start, end }) => address >= start && address < end);
  if (box === undefined) return undefined;
  const row = Math.floor((address - box.base) / rowBytes);
  return { x: ((address - box.base - row * rowBytes) / rowBytes) * width, y: box.top + row * rowHeight };
}
