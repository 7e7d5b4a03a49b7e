// `--series 'free=WORDS'`: a figure of a log that the user names, because its words do not.
import type { Command } from "commander";
import { MemmapError } from "../base/errors.ts";
import type { NamedSeries } from "../import/log-series.ts";
import type { Quantity } from "../import/memory-words.ts";
import type { FigureMemory } from "../wire/log-records.ts";

const quantities: Readonly<Record<string, Quantity>> = {
  free: "free",
  largest: "largest",
  minimum: "minimum",
  min: "minimum",
  used: "used",
  total: "total",
  fragmentation: "fragmentation",
};
const memories: Readonly<Record<string, FigureMemory>> = { internal: "internal", dma: "dma", psram: "psram" };

export interface SeriesOption {
  readonly series?: readonly string[];
}

export function addSeriesOption(command: Command): Command {
  return command.option(
    "--series <what=words...>",
    "of a log: the number behind these words is free, largest, minimum, used, total or fragmentation; as in 'free=Heap left', 'free:psram=ext'",
  );
}

export function namedSeries({ series = [] }: SeriesOption): readonly NamedSeries[] {
  return series.map((text) => {
    const [, name = "", memory, pattern = ""] = /^([a-z]+)(?::([a-z]+))?=(.*)$/i.exec(text) ?? [];
    const quantity = quantities[name.toLowerCase()];
    const kind = memory === undefined ? "any" : memories[memory.toLowerCase()];
    if (quantity === undefined || kind === undefined) {
      throw new MemmapError(`--series ${text} names no figure`, {
        code: "usage-series",
        hint: `Write what the number is, and the words before it: --series 'free=Heap left'. Known are ${Object.keys(quantities).join(", ")}, and behind a colon ${Object.keys(memories).join(", ")}.`,
      });
    }
    return { quantity, memory: kind, pattern: pattern.replace(/[….]+$/, "").trim() };
  });
}
