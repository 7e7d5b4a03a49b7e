// Which colour each block of the map has, and what the legend says of it.
import { groupMap, type BlockMap } from "../../report/block-map.ts";
import { GREY_SLOT, type ColourBook } from "../../report/colour-book.ts";
import type { MapColour } from "../../report/page-state.ts";
import { placeQuery } from "../../report/show-me.ts";
import { VIRIDIS, type Palette } from "../app/palette.ts";
import type { Store } from "../app/store.ts";

export interface Painted {
  readonly colour: Uint8Array;
  readonly colours: readonly string[];
  readonly legend: readonly {
    readonly name: string;
    readonly slot: number;
    readonly bytes: number;
    readonly query?: string;
  }[];
  readonly ramp?: readonly [string, string];
}

export function paint(store: Store, map: BlockMap, by: MapColour, palette: Palette): Painted {
  if (by === "site" || by === "component" || by === "task") {
    const groups = groupMap(map, by);
    const book: ColourBook = store.colours[by];
    book.assign(groups.names);
    const grey = palette.categories.length;
    const slots = groups.names.map((name) => book.slotOf(name));
    const colourOf = Uint8Array.from(slots, (slot) => (slot === GREY_SLOT ? grey : slot));
    const colour = new Uint8Array(map.length);
    for (let row = 0; row < map.length; row++) colour[row] = colourOf[groups.group[row] ?? 0] ?? grey;
    return {
      colour,
      colours: [...palette.categories, palette.grey],
      legend: groups.names.slice(0, 8).map((name, i) => ({
        name,
        slot: slots[i] ?? GREY_SLOT,
        bytes: groups.liveBytes[i] ?? 0,
        query: by === "site" ? placeQuery(name) : `${by}:"${name.replaceAll('"', "")}"`,
      })),
    };
  }
  const value = (row: number): number => {
    if (by === "size") return Math.log2(1 + (map.size[row] ?? 0));
    return Math.log2(1 + Math.max(0, map.time - ((by === "age" ? map.born : map.lastBorn)[row] ?? map.time)) / 1000);
  };
  let [low, high] = [Infinity, -Infinity];
  for (let row = 0; row < map.length; row++) {
    low = Math.min(low, value(row));
    high = Math.max(high, value(row));
  }
  const steps = VIRIDIS.length - 1;
  const scale = high > low ? steps / (high - low) : 0;
  return {
    colour: Uint8Array.from({ length: map.length }, (_, row) => {
      const step = Math.round((value(row) - low) * scale);
      return by === "recency" ? steps - step : step;
    }),
    colours: VIRIDIS,
    legend: [],
    ramp: by === "size" ? ["small", "large"] : by === "age" ? ["young", "old"] : ["long ago", "just now"],
  };
}
