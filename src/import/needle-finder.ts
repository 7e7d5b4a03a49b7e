/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// Which patterns a line may match at all, from one pass over its bytes: Aho and Corasick's automaton over the needles of all of them.

import { withoutCommands } from "../base/text.ts";
import { LINE_BYTES } from "./log-text.ts";
import { needlesOf } from "./needles.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const ESCAPE = 0x1b;
const BRACKET = 0x5b;
const SPACE = 0x20;
const OTHER = 0;
/** Marks a state where needles end; larger than any state. */
const ENDS = 1 << 30;
/** So many blanks more are read as one (failed-allocation-text.ts). */
const MOST_BLANKS = 7;

/** The automaton, which finders share: to take the patterns apart takes longer than to read a short log. */
export class Needles {
  /** By byte, its place in a row of `next`; capital letters are small ones. */
  readonly columns = new Uint8Array(256).fill(OTHER);
  /** Bytes that may be no letter of the text: those of colours, control characters, and what is not ASCII; and blanks, of which many are one. */
  readonly isSpecial = new Uint8Array(256);
  /** A state is where its row begins in here: the states that follow, of those where a needle ends with `ENDS`. */
  readonly next: Uint32Array;
  /** By state, the groups whose needles end there. */
  readonly ends: ReadonlyMap<number, Uint16Array>;
  /** Groups with a pattern that needs no certain word. */
  readonly always: readonly number[];
  readonly groups: number;

  /** @param groups of patterns, known by their place, or of words in lower case */
  constructor(groups: readonly (readonly (RegExp | string)[])[]) {
    const needles = groups.map((patterns) =>
      patterns.map((pattern) =>
        typeof pattern === "string" ? (pattern === "" ? undefined : [pattern]) : needlesOf(pattern),
      ),
    );
    this.always = needles.flatMap((some, group) => (some.includes(undefined) ? [group] : []));
    this.groups = groups.length;
    const words = needles.flatMap((some, group) =>
      [...new Set(some.flatMap((one) => one ?? []))].map((text) => ({ bytes: encoder.encode(text), group })),
    );
    let width = OTHER + 1;
    for (const { bytes } of words)
      for (const byte of bytes) if (this.columns[byte] === OTHER) this.columns[byte] = width++;
    for (let byte = 0x41; byte <= 0x5a; byte++) this.columns[byte] = this.columns[byte + 0x20]!;
    for (let byte = 0; byte < 256; byte++) {
      const isControl = (byte < 0x20 && byte !== 0x09) || byte === 0x7f;
      this.isSpecial[byte] = isControl || byte === BRACKET || byte === SPACE || byte >= 0x80 ? 1 : 0;
    }
    const trie = trieOf(words, this.columns);
    this.next = new Uint32Array(trie.length * width);
    this.ends = this.link(trie, width);
  }

  /** Fills `next`; a state's row is that of its longest end that is a beginning, but for its own letters. */
  private link(trie: readonly TrieNode[], width: number): ReadonlyMap<number, Uint16Array> {
    const { next } = this;
    const ends: Set<number>[] = trie.map(({ groups }) => new Set(groups));
    const shorter = new Uint32Array(trie.length);
    const queue = [0];
    for (const node of queue) {
      const other = shorter[node]!;
      next.copyWithin(node * width, other * width, (other + 1) * width);
      for (const group of ends[other]!) ends[node]!.add(group);
      for (const [column, child] of trie[node]!.children) {
        shorter[child] = node === 0 ? 0 : (next[other * width + column]! & ~ENDS) / width;
        next[node * width + column] = child * width;
        queue.push(child);
      }
    }
    for (const [i, state] of next.entries()) if (ends[state / width]!.size > 0) next[i] = state | ENDS;
    return new Map(
      ends.flatMap((groups, node) => (groups.size === 0 ? [] : [[node * width, Uint16Array.from(groups)]])),
    );
  }
}

/** What a finder has found in a line. */
export interface Words {
  readonly groups: Uint16Array;
  readonly isForeign: boolean;
}

export class NeedleFinder {
  private readonly needles: Needles;
  /** By group, the number of the last line that may match one of its patterns. */
  private readonly found: Uint32Array;
  /** The groups of the last line, each once. */
  private readonly hits: Uint16Array;
  private hitCount = 0;
  private lines = 0;
  /** True if the line holds what may be a command to a terminal and is not written as one. */
  private isOdd = false;
  /** True if the line holds letters that are not ASCII. */
  isForeign = false;

  constructor(needles: Needles) {
    this.needles = needles;
    this.found = new Uint32Array(needles.groups);
    this.hits = new Uint16Array(needles.groups);
  }

  /**
   * Looks at a line, of which `has` then tells.
   * @param known what is kept of the line if it has come before
   */
  look(bytes: Uint8Array, start: number, end: number, known?: { words?: Words }): void {
    this.lines++;
    this.isForeign = false;
    this.hitCount = 0;
    if (known?.words !== undefined) this.recall(known.words);
    else {
      this.lookClosely(bytes, start, end);
      if (known !== undefined) known.words = { groups: this.hits.slice(0, this.hitCount), isForeign: this.isForeign };
    }
  }

  private recall({ groups, isForeign }: Words): void {
    this.isForeign = isForeign;
    for (let i = 0; i < groups.length; i++) this.hit(groups[i]!);
  }

  private lookClosely(bytes: Uint8Array, start: number, end: number): void {
    for (const group of this.needles.always) this.hit(group);
    const stop = Math.min(end, start + LINE_BYTES);
    this.isOdd = false;
    this.search(bytes, start, stop);
    if (!this.isOdd) return;
    const text = encoder.encode(withoutCommands(decoder.decode(bytes.subarray(start, stop))));
    this.search(text, 0, text.length);
  }

  private search(bytes: Uint8Array, start: number, stop: number): void {
    const { columns, isSpecial, next, ends } = this.needles;
    let state = 0;
    for (let i = start; i < stop; i++) {
      const byte = bytes[i]!;
      if (isSpecial[byte] === 1) {
        const after = byte === SPACE ? behindBlanks(bytes, i, stop) : this.afterSpecial(bytes, i, stop);
        if (after > i) {
          i = after - 1;
          if (byte !== SPACE) continue;
        }
      }
      state = next[state + columns[byte]!]!;
      if (state < ENDS) continue;
      state -= ENDS;
      const groups = ends.get(state)!;
      for (let end = 0; end < groups.length; end++) this.hit(groups[end]!);
    }
  }

  private hit(group: number): void {
    if (this.found[group] === this.lines) return;
    this.found[group] = this.lines;
    this.hits[this.hitCount++] = group;
  }

  /** True where the line may match a pattern of the group. */
  has(group: number): boolean {
    return this.found[group] === this.lines;
  }

  /** True where the line may match a pattern of one of the groups from `first` on, of which `test` is asked. */
  hasSome(first: number, test: (group: number) => boolean): boolean {
    for (let i = 0; i < this.hitCount; i++) {
      const group = this.hits[i]!;
      if (group >= first && test(group)) return true;
    }
    return false;
  }

  hasAll(groups: readonly number[]): boolean {
    for (let i = 0; i < groups.length; i++) if (this.found[groups[i]!] !== this.lines) return false;
    return true;
  }

  /** Where the text goes on behind what is no letter of it; `at` where it is one. */
  private afterSpecial(bytes: Uint8Array, at: number, stop: number): number {
    const byte = bytes[at]!;
    if (byte >= 0x80) {
      this.isForeign = true;
      const isControl = byte === 0xc2 && bytes[at + 1]! >= 0x80 && bytes[at + 1]! < 0xa0;
      if (isControl) return at + 2;
      const isPicture = byte === 0xe2 && bytes[at + 1] === 0x90 && bytes[at + 2]! >= 0x80 && bytes[at + 2]! < 0xa0;
      return isPicture ? at + 3 : at;
    }
    const hasEscape = byte === ESCAPE && bytes[at + 1] === BRACKET;
    if (byte === ESCAPE && !hasEscape) this.isOdd = true;
    if (byte !== BRACKET && !hasEscape) return at + 1;
    let end = at + (hasEscape ? 2 : 1);
    while (end < stop && ((bytes[end]! >= 0x30 && bytes[end]! <= 0x39) || bytes[end] === 0x3b || bytes[end] === 0x3f))
      end++;
    const letter = end < stop ? bytes[end]! | 0x20 : 0;
    const isLetter = letter >= 0x61 && letter <= 0x7a;
    if (hasEscape && isLetter) return end + 1;
    // A command in another form, or none: what it is, the text's own reader says.
    if (hasEscape || letter === 0x6d || letter === 0x6b) this.isOdd = true;
    return hasEscape ? at + 1 : at;
  }
}

/** Behind so many blanks that they are read as one; `at` where they are few. */
function behindBlanks(bytes: Uint8Array, at: number, stop: number): number {
  if (bytes[at + MOST_BLANKS] !== SPACE) return at;
  let end = at;
  while (end < stop && (bytes[end] === SPACE || bytes[end] === 0x09)) end++;
  return end > at + MOST_BLANKS ? end : at;
}

interface TrieNode {
  readonly children: Map<number, number>;
  readonly groups: number[];
}

function trieOf(
  words: readonly { readonly bytes: Uint8Array; readonly group: number }[],
  columns: Uint8Array,
): readonly TrieNode[] {
  const trie: TrieNode[] = [{ children: new Map(), groups: [] }];
  for (const { bytes, group } of words) {
    let state = 0;
    for (const byte of bytes) {
      const known = trie[state]!.children.get(columns[byte]!);
      if (known === undefined) {
        trie[state]!.children.set(columns[byte]!, trie.length);
        trie.push({ children: new Map(), groups: [] });
      }
      state = known ?? trie.length - 1;
    }
    trie[state]!.groups.push(group);
  }
  return trie;
}
