// `memmap fits`: would a block of this size, with these capabilities, be found at a moment?
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";
import { formatAbout, formatBytes, formatCount, formatTime } from "../../base/format.ts";
import { parseSize } from "../../base/size.ts";
import type { FitAnswer } from "../../heap/fit.ts";
import { viewFit, type FitView } from "../../report/fit-view.ts";
import { parseCaps } from "../../wire/caps.ts";
import { CAPS_NAMES } from "../../wire/protocol.ts";
import { asJson } from "../json.ts";
import { addRunOptions, asLines, ask, noRegions, textOptions, type RunOptions } from "../run-options.ts";
import { formatTable, type Column } from "../terminal/table.ts";
import { wrap } from "../terminal/wrap.ts";

interface FitsOptions extends RunOptions {
  readonly size: string;
  readonly caps: string;
}

const choice = { at: true } as const;

export function define(command: Command): void {
  command.argument("<file>", "a recording");
  addRunOptions(command, choice)
    .requiredOption("--size <bytes>", "of the request: 16717, 16k, 1.5M")
    .option("--caps <names>", "capabilities, as in 8BIT|DMA or a number; malloc asks for DEFAULT", "DEFAULT")
    .addHelpText(
      "after",
      `
TLSF looks for a hole of the next size class: 16,717 bytes need one of 16,896 in
a region of 300 KiB. "could": blocks exist there that the stream does not show,
or history is missing.

Examples:
  memmap fits run.memmap --size 16717 --caps INTERNAL
  memmap fits run.memmap --size 40k --caps '8BIT|DMA' --at mark:connected`,
    )
    .action(async (file: string, options: FitsOptions) => {
      const size = sizeArgument(options.size);
      const caps = capsArgument(options.caps);
      await ask(file, options, choice, async ({ model, at }) => {
        const view = await viewFit(model, at, size, caps);
        if (options.json) return asJson("fits", view);
        if ((await model.regionsAt(at)).length === 0) return `${await noRegions(model, at)}\n`;
        return asLines(linesOf(view));
      });
    });
}

function sizeArgument(text: string): number {
  const size = parseSize(text);
  if (size !== undefined && size >= 1 && size < 2 ** 32) return Math.round(size);
  throw new MemmapError(`--size ${text} is no size of a block`, {
    code: "usage-size",
    hint: "Write bytes, or 16k, or 1.5M.",
  });
}

function capsArgument(text: string): number {
  const caps = parseCaps(text);
  if (typeof caps === "number") return caps;
  throw new MemmapError(`there is no capability "${caps.unknown}"`, {
    code: "usage-caps",
    hint: `Known ones: ${Object.values(CAPS_NAMES).join(", ")}.`,
  });
}

const words: Readonly<Record<FitAnswer, string>> = { fits: "yes", could: "could", refused: "no" };

function linesOf(view: FitView): string[] {
  const { colours, width } = textOptions();
  const lines = wrap(sentenceOf(view), width);
  if (view.regions.length === 0) return lines;
  const columns: Column[] = [
    { title: "region", shorten: "middle" },
    { title: "fits", style: colours.bold },
    { title: "needs", align: "right" },
    { title: "largest", align: "right" },
    { title: "free", align: "right" },
  ];
  const cells = view.regions.map((region) => [
    region.name,
    words[region.answer],
    `${formatCount(region.neededBytes)} B`,
    formatAbout(region.largestFreeBytes, formatBytes),
    formatAbout(region.freeBytes, formatBytes),
  ]);
  return [...lines, "", ...formatTable(columns, cells, process.stdout.isTTY ? width : undefined, colours.dim)];
}

function sentenceOf({ time, size, caps, answer, regions }: FitView): string {
  const what = `${formatCount(size)} ${size === 1 ? "byte" : "bytes"} with ${caps} at ${formatTime(time)}`;
  if (regions.length === 0) return `No: ${what}; no region has these capabilities`;
  const deciding = regions.find((region) => region.answer === answer);
  switch (answer) {
    case "fits":
      return `Yes: ${what} would fit in ${deciding?.name ?? ""}`;
    case "could":
      return `Could be: ${what} could fit in ${deciding?.name ?? ""}; not all blocks there are known`;
    case "refused":
      return `No: ${what} would be refused`;
  }
}
