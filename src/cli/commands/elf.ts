// `memmap elf`: what is in a firmware's ELF: application, chip, memory for heaps, debug information, static RAM.
import type { Command } from "commander";
import { formatAddress, formatBytes, formatCount } from "../../base/format.ts";
import { safeText } from "../../base/safe-text.ts";
import { type ComponentRam, type MemoryRegion, type Symbols } from "../../symbols/index.ts";
import { formatCaps } from "../../wire/caps.ts";
import { viewElf, viewLayouts } from "../../report/elf-view.ts";
import { findElf, openElfFile } from "../find-elf.ts";
import { asJson } from "../json.ts";
import { asLines } from "../run-options.ts";
import { coloursFor } from "../terminal/colours.ts";
import { formatTable } from "../terminal/table.ts";

export function define(command: Command): void {
  command
    .argument("[elf]", "the firmware's .elf or project folder; without it, the project around the current folder")
    .option("--all", "every component, also those that take little RAM")
    .option("--layout <name>", "print the layout of a structure instead; may be given several times", collect)
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Examples:
  memmap elf build/app.elf
  memmap elf . --layout multi_heap_info --layout TCB_t`,
    )
    .action((given: string | undefined, options: { all?: true; layout?: readonly string[]; json?: true }) => {
      const { path } = findElf(given);
      const symbols = openElfFile(path);
      const { bytes } = symbols.elf;
      const text =
        options.layout !== undefined
          ? layouts(symbols, options.layout, options.json === true)
          : options.json
            ? asJson("elf", viewElf(symbols, path, bytes.length))
            : asLines(describe(symbols, path, bytes.length, options.all === true));
      process.stdout.write(text);
    });
}

/** A variadic option would take the ELF for its own value. */
function collect(value: string, others: readonly string[] = []): readonly string[] {
  return [...others, value];
}

function describe(symbols: Symbols, path: string, size: number, all: boolean): string[] {
  const { dim, bold, yellow } = coloursFor(process.stdout);
  const width = process.stdout.isTTY ? process.stdout.columns : undefined;
  const { app, chip, regions, components, roots, problems } = symbols;
  const lines: string[] = [];
  const fact = (name: string, value: string | undefined, style = (text: string) => text): void => {
    if (value !== undefined && value !== "") lines.push(`${dim(name.padEnd(14))}${style(safeText(value))}`);
  };
  const architecture = { xtensa: "Xtensa", riscv: "RISC-V", other: "unknown architecture" }[symbols.architecture];
  fact("file", `${path}, ${formatBytes(size)}`);
  if (app === undefined) fact("application", "no ESP-IDF application description");
  else fact("application", `${app.project} ${app.version}`, bold);
  fact("built", app?.built);
  fact("ESP-IDF", app?.idfVersion);
  fact("chip", `${chip ?? "unknown"} (${architecture})`);
  fact("SHA-256", symbols.sha256);
  const versions = [...symbols.dwarfVersions].map(
    ([version, count]) => `${formatCount(count)} units of version ${version}`,
  );
  if (versions.length === 0) fact("DWARF", "none: functions from the symbol table, no lines", yellow);
  else fact("DWARF", versions.join(", "));
  fact("project", roots.project);
  fact("IDF path", roots.idf);

  if (regions.length > 0) {
    lines.push("", dim("Memory that heaps are made of, with what the program itself takes of it"));
    lines.push(...formatTable(regionColumns, regionRows(regions), width, dim));
  }
  lines.push("", dim("Static RAM by component"), ...formatTable(ramColumns, ramRows(components, all), width, dim));
  const left = components.length - MAX_COMPONENTS;
  if (!all && left > 0) lines.push(dim(`${left} more with --all`));
  for (const { message, count } of problems)
    lines.push(`${yellow("note:")} ${safeText(message)}${count > 1 ? ` (${count} times)` : ""}`);
  return lines;
}

const MAX_COMPONENTS = 20;

const regionColumns = [
  { title: "name" },
  { title: "start" },
  { title: "end" },
  { title: "size", align: "right" },
  { title: "capabilities", shorten: "end" },
] as const;

/** Neighbours of one kind as one row: the tables cut memory at addresses that only the boot code cares about. */
function regionRows(regions: readonly MemoryRegion[]): string[][] {
  const merged: MemoryRegion[] = [];
  for (const region of [...regions].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    const continues =
      last !== undefined &&
      last.start + last.size === region.start &&
      last.name === region.name &&
      `${last.caps.join()}` === `${region.caps.join()}`;
    if (continues) merged[merged.length - 1] = { ...last, size: last.size + region.size };
    else merged.push(region);
  }
  return merged.map(({ name, start, size, caps }) => [
    name,
    formatAddress(start),
    formatAddress(start + size - 1),
    formatBytes(size),
    caps
      .filter((set) => set !== 0)
      .map((set) => formatCaps(set))
      .join(", then "),
  ]);
}

const ramColumns = [
  { title: "component" },
  { title: "data", align: "right" },
  { title: "bss", align: "right" },
  { title: "code in RAM", align: "right" },
  { title: "total", align: "right" },
] as const;

function ramRows(components: readonly ComponentRam[], all: boolean): string[][] {
  const shown = all ? components : components.slice(0, MAX_COMPONENTS);
  const row = (name: string, data: number, bss: number, iram: number): string[] => [
    name,
    ...[data, bss, iram, data + bss + iram].map((bytes) => (bytes === 0 ? "" : formatBytes(bytes))),
  ];
  const sum = (of: (row: ComponentRam) => number): number => components.reduce((total, one) => total + of(one), 0);
  return [
    ...shown.map(({ component, data, bss, iram }) => row(component, data, bss, iram)),
    row(
      "all",
      sum(({ data }) => data),
      sum(({ bss }) => bss),
      sum(({ iram }) => iram),
    ),
  ];
}

function layouts(symbols: Symbols, names: readonly string[], json: boolean): string {
  const view = viewLayouts(symbols, names);
  if (json) return asJson("layouts", view);
  const columns = [
    { title: "offset", align: "right" },
    { title: "size", align: "right" },
    { title: "member" },
    { title: "type" },
  ] as const;
  return asLines(
    view.structures.flatMap(({ name, size: total, members }, index) => {
      const space = index > 0 ? [""] : [];
      if (total === undefined) return [...space, `${name}: no structure of this name in the debug information`];
      const rows = members.map(({ name: member, offset, size, type, bits }) => [
        String(offset),
        bits === undefined ? String(size) : `${bits} bits`,
        member,
        type,
      ]);
      return [...space, `${name}, ${formatBytes(total)}`, ...formatTable(columns, rows, undefined)];
    }),
  );
}
