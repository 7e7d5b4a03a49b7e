// `memmap block`: what happened to an address: allocated, moved, freed, hit, by whom and when, and what lies beside it.
import type { Command } from "commander";
import { MemmapError } from "../../base/errors.ts";
import { formatAddress, formatBytes, formatTime } from "../../base/format.ts";
import { viewBlock, type BlockEventKind, type BlockEventView, type BlockStoryView } from "../../report/block-view.ts";
import type { BlockView } from "../../report/site-view.ts";
import { asJson } from "../json.ts";
import { needsBlocks } from "../needs-blocks.ts";
import { addRunOptions, asLines, ask, textOptions, type RunOptions } from "../run-options.ts";
import { formatTable, omittedLine, type Column } from "../terminal/table.ts";
import { wrap } from "../terminal/wrap.ts";

const choice = { window: true, limit: 50 } as const;

export function define(command: Command): void {
  command.argument("<file>", "a recording").argument("<address>", "any address inside a block, in hexadecimal");
  addRunOptions(command, choice)
    .addHelpText(
      "after",
      `
The story ends at --at; --limit keeps the latest events.

Examples:
  memmap block run.memmap 0x3ffb1234
  memmap block run.memmap 0x3ffb1234 --at mark:connected`,
    )
    .action(async (file: string, text: string, options: RunOptions) => {
      const address = parseAddress(text);
      await ask(file, options, choice, async ({ model, names, window, limit }) => {
        needsBlocks(model, file);
        const story = await viewBlock(model, names, window, address);
        return options.json ? asJson("block", story) : asLines(storyLines(story, limit));
      });
    });
}

function parseAddress(text: string): number {
  if (/^(0x)?[0-9a-f]{1,8}$/i.test(text)) return parseInt(text, 16);
  throw new MemmapError(`${text} is no address`, {
    code: "usage-address",
    hint: "Addresses are hexadecimal, with or without 0x: 0x3ffb1234.",
  });
}

const words: Record<BlockEventKind, string> = {
  allocated: "allocated",
  "moved-here": "moved here by realloc",
  "moved-away": "moved away by realloc",
  resized: "resized in place",
  freed: "freed",
  found: "found in a snapshot",
  gone: "gone unseen",
  "lost-at-restart": "lost at a restart",
  fault: "fault",
  gap: "history is missing",
};

function storyLines(story: BlockStoryView, limit: number): string[] {
  const { colours, width } = textOptions();
  const { address, block, before, after, region, events, window } = story;
  const where = region === undefined ? "" : ` (${region})`;
  const now =
    block === undefined
      ? `No live block holds ${formatAddress(address)}${where} at ${formatTime(window.to)}.`
      : `${formatAddress(address)}${where} is ${offsetText(address - block.address)} a block of ${blockText(block)} at ${formatTime(window.to)}.`;
  const lines = wrap(now, width);
  if (before !== undefined)
    lines.push(...wrap(`before it  ${distanceText(before, block?.address ?? address)}`, width, "  "));
  if (after !== undefined) {
    const end = block === undefined ? address : block.address + block.size;
    lines.push(...wrap(`after it   ${formatBytes(after.address - end)} on, ${blockText(after)}`, width, "  "));
  }
  if (events.length === 0) return [...lines, "", "Nothing has happened there in this time."];
  const columns: Column[] = [
    { title: "time", align: "right" },
    { title: "what", style: colours.bold },
    { title: "block" },
    { title: "size", align: "right" },
    { title: "task", shorten: "end" },
    { title: "at", shorten: "middle" },
  ];
  const hidden = Math.max(0, events.length - limit);
  const cells = events.slice(hidden).map(eventCells);
  lines.push("", ...formatTable(columns, cells, process.stdout.isTTY ? width : undefined, colours.dim));
  if (hidden > 0) lines.push("", omittedLine(hidden, "earlier event"));
  return lines;
}

function eventCells({ time, kind, address, size, site, task, fault }: BlockEventView): string[] {
  return [
    formatTime(time),
    fault === undefined ? words[kind] : `fault: ${fault}`,
    address === undefined ? "" : formatAddress(address),
    size === undefined ? "" : formatBytes(size),
    task ?? "",
    site?.text ?? "",
  ];
}

function offsetText(offset: number): string {
  return offset === 0 ? "the start of" : `${formatBytes(offset)} inside`;
}

function blockText({ address, size, site, task, born }: BlockView): string {
  const who = task === undefined ? "" : `, task ${task}`;
  return `${formatBytes(size)} at ${formatAddress(address)}, ${site.text}${who}${born === undefined ? "" : `, since ${formatTime(born)}`}`;
}

function distanceText(before: BlockView, start: number): string {
  const free = start - before.address - before.size;
  return `${formatBytes(Math.max(0, free))} back, ${blockText(before)}`;
}
