// The names in a heaptrack file: strings, instruction pointers, modules and the tree of stacks. A stack becomes a site with
// named frames, made when its first allocation needs it.

import { fileName } from "../base/paths.ts";
import type { NamedFrame } from "../wire/fields.ts";
import { Method, SITE_UNKNOWN } from "../wire/protocol.ts";
import type { HeaptrackLine } from "./heaptrack-line.ts";
import type { SiteTable } from "./site-table.ts";

interface Module {
  readonly name: string;
  /** Where it was loaded: another place in each run. */
  readonly base: number;
  readonly start: number;
  readonly end: number;
}

/** Stacks deeper than this are damage: heaptrack records at most 64 frames, inlined ones not counted. */
const MAX_DEPTH = 256;

export class HeaptrackStacks {
  private readonly sites: SiteTable;
  private readonly strings: string[] = [];
  /** Frames of an instruction pointer, innermost (inlined) first. Interpreted files number the pointers. */
  private readonly pointers: (readonly NamedFrame[])[] = [];
  /** Node i + 1 of the tree: a pointer (number of one where interpreted) and the node of the caller, 0 at the root. */
  private readonly nodes: { readonly pointer: number; readonly parent: number }[] = [];
  private readonly siteOfNode = new Map<number, number>();
  private modules: Module[] = [];
  private executable = "";
  /** Raw files name no functions: nodes hold addresses. */
  private readonly isRaw: () => boolean;

  constructor(sites: SiteTable, isRaw: () => boolean) {
    this.sites = sites;
    this.isRaw = isRaw;
  }

  addString(text: string): void {
    this.strings.push(text);
  }

  setExecutable(path: string): void {
    this.executable = path;
  }

  /** `i <ip> <module> [<function> [<file> <line> {<function> <file> <line>}…]]`; false where that is damaged. */
  addPointer(line: HeaptrackLine): boolean {
    const ip = line.hex();
    const module = line.hex();
    const named: number[] = [];
    for (let id = line.hex(); id !== undefined && named.length < 3 * MAX_DEPTH; id = line.hex()) named.push(id);
    const frames: NamedFrame[] = [];
    for (let i = 0; ip !== undefined && (i === 0 || i < named.length); i += 3) {
      const [name = 0, file = 0, number = 0] = named.slice(i);
      frames.push(this.frame(ip, module ?? 0, name, file, number));
    }
    // A damaged one keeps its place, or all that follow would get wrong numbers.
    this.pointers.push(frames);
    return ip !== undefined && line.atEnd;
  }

  /** `t <pointer> <parent>`; false where that is damaged. */
  addNode(line: HeaptrackLine): boolean {
    const pointer = line.hex();
    const parent = line.hex();
    const whole = pointer !== undefined && parent !== undefined && parent <= this.nodes.length;
    this.nodes.push(whole ? { pointer, parent } : { pointer: 0, parent: 0 });
    return whole;
  }

  /** `m [<length>] <file or x> <base> {<address> <bytes>}…` or `m [1] -`, which forgets all. */
  addModule(line: HeaptrackLine, lengthPrefixed: boolean): boolean {
    const length = lengthPrefixed ? line.hex() : undefined;
    const name = length === undefined ? line.word() : line.text(length);
    if (name === undefined) return false;
    if (name === "-") {
      this.modules = [];
      return true;
    }
    const base = line.hex();
    if (base === undefined) return false;
    for (let address = line.hex(); address !== undefined; address = line.hex()) {
      const bytes = line.hex();
      if (bytes === undefined) return false;
      const start = base + address;
      this.modules.push({ name: name === "x" ? this.executable : name, base, start, end: start + bytes });
    }
    return true;
  }

  /** The site of a stack. */
  site(node: number): number {
    const known = this.siteOfNode.get(node);
    if (known !== undefined) return known;
    const frames = this.framesOf(node);
    if (frames.length === 0) return SITE_UNKNOWN;
    const id = this.sites.id({ method: Method.UNKNOWN, caps: 0, frames });
    this.siteOfNode.set(node, id);
    return id;
  }

  private framesOf(node: number): NamedFrame[] {
    const frames: NamedFrame[] = [];
    let at = this.nodes[node - 1];
    for (let depth = 0; at !== undefined && depth < MAX_DEPTH; depth++) {
      if (this.isRaw()) {
        const { pointer } = at;
        const module = this.modules.find(({ start, end }) => pointer >= start && pointer < end);
        frames.push(
          module === undefined
            ? { function: hex(pointer) }
            : { function: `${fileName(module.name)}+${hex(pointer - module.base)}`, module: module.name },
        );
      } else {
        frames.push(...(this.pointers[at.pointer - 1] ?? []));
      }
      at = this.nodes[at.parent - 1];
    }
    return frames;
  }

  private frame(ip: number, module: number, name: number, file: number, line: number): NamedFrame {
    const moduleName = this.strings[module - 1];
    const source = this.strings[file - 1];
    return {
      // Interpreted files do not tell where a module was loaded.
      function: this.strings[name - 1] ?? (moduleName === undefined ? hex(ip) : `${fileName(moduleName)} ${hex(ip)}`),
      ...(source === undefined ? {} : { file: source }),
      ...(source === undefined || line === 0 ? {} : { line }),
      ...(moduleName === undefined ? {} : { module: moduleName }),
    };
  }
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
