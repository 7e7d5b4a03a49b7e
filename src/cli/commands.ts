// The list of commands. A command is one file in commands/ that exports `define`; it is loaded only when it is called, so
// that `memmap --help` starts at once however much a command needs.
import type { CommandEntry } from "./command-entry.ts";

/** In the order in which `memmap --help` shows them: from bytes to a recording, then from a recording to answers. */
export const commands: readonly CommandEntry[] = [
  {
    name: "demo",
    summary: "run a simulated board with planted faults, record it, and print the verdict",
    load: () => import("./commands/demo.ts"),
  },
  {
    name: "init",
    summary: "bring the probe into an ESP-IDF, PlatformIO or Arduino project",
    load: () => import("./commands/init.ts"),
  },
  {
    name: "doctor",
    summary: "why nothing comes or names are missing: project, port, board, recording",
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "ports",
    summary: "list serial ports and what is behind them",
    load: () => import("./commands/ports.ts"),
  },
  {
    name: "record",
    summary: "record what a board, a file or the simulator sends",
    load: () => import("./commands/record.ts"),
  },
  {
    name: "live",
    summary: "watch a board in the terminal, also over SSH",
    load: () => import("./commands/live.ts"),
  },
  {
    name: "serve",
    summary: "show a board, the simulator or a recording in the browser, live",
    load: () => import("./commands/serve.ts"),
  },
  {
    name: "import",
    summary: "turn other tools' files into a recording: SystemView, heaptrack, console logs",
    load: () => import("./commands/import.ts"),
  },
  {
    name: "report",
    summary: "what is wrong, most urgent first: the verdict on a recording",
    load: () => import("./commands/report.ts"),
  },
  {
    name: "leaks",
    summary: "leaks with evidence, blocks and call stacks",
    load: () => import("./commands/leaks.ts"),
  },
  {
    name: "faults",
    summary: "double frees, overflows, writes after free, with every site",
    load: () => import("./commands/faults.ts"),
  },
  {
    name: "failures",
    summary: "allocations that failed, and what would have made room",
    load: () => import("./commands/failures.ts"),
  },
  {
    name: "fragmentation",
    summary: "how split each region is, and who keeps it split",
    load: () => import("./commands/fragmentation.ts"),
  },
  {
    name: "fits",
    summary: "would a block of this size and capabilities be found at a moment",
    load: () => import("./commands/fits.ts"),
  },
  {
    name: "list",
    summary: "list the blocks that were live at a moment",
    load: () => import("./commands/list.ts"),
  },
  {
    name: "top",
    summary: "who holds memory, who churns",
    load: () => import("./commands/top.ts"),
  },
  {
    name: "timeline",
    summary: "live bytes over time, with what happened when",
    load: () => import("./commands/timeline.ts"),
  },
  {
    name: "map",
    summary: "the address space of each region at a moment",
    load: () => import("./commands/map.ts"),
  },
  {
    name: "diff",
    summary: "what two recordings, or two moments, hold differently",
    load: () => import("./commands/diff.ts"),
  },
  {
    name: "query",
    summary: "blocks and call sites that match a query",
    load: () => import("./commands/query.ts"),
  },
  {
    name: "block",
    summary: "the life story of an address: allocated, moved, freed, hit, by whom",
    load: () => import("./commands/block.ts"),
  },
  {
    name: "export",
    summary: "write a recording for pprof, Perfetto, heaptrack, Firefox Profiler and others",
    load: () => import("./commands/export.ts"),
  },
  {
    name: "symbolize",
    summary: "addresses, or the addresses in a log, to functions, lines and components",
    isTextOnly: true,
    load: () => import("./commands/symbolize.ts"),
  },
  {
    name: "guide",
    summary: "how to hunt a leak in five commands, and what each rule means",
    load: () => import("./commands/guide.ts"),
  },
  {
    name: "mcp",
    summary: "memmap's answers for coding agents (Model Context Protocol)",
    load: () => import("./commands/mcp.ts"),
  },
  {
    name: "completion",
    summary: "a script that completes memmap's commands in bash, zsh or fish",
    load: () => import("./commands/completion.ts"),
  },
  {
    name: "elf",
    summary: "what a firmware's ELF says: application, chip, memory, static RAM",
    load: () => import("./commands/elf.ts"),
  },
];
