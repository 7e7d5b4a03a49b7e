// Which of the few colours a name has: the same one in every view and, as far as eight colours allow, in every run, because it comes from the
// name. A name keeps its colour once it has one.

/** Colours that can be told apart; every other name is grey. */
export const CATEGORY_COLOURS = 8;
export const GREY_SLOT = -1;

export class ColourBook {
  private readonly slots = new Map<string, number>();
  private readonly taken = new Set<number>();

  /** Gives colours to the first of these names, the most important first, as long as there are any. */
  assign(names: readonly string[]): void {
    for (const name of names.slice(0, CATEGORY_COLOURS)) {
      if (this.taken.size === CATEGORY_COLOURS) return;
      if (this.slots.has(name)) continue;
      let slot = hashOf(name) % CATEGORY_COLOURS;
      while (this.taken.has(slot)) slot = (slot + 1) % CATEGORY_COLOURS;
      this.taken.add(slot);
      this.slots.set(name, slot);
    }
  }

  /** 0 to 7, or `greySlot`. */
  slotOf(name: string): number {
    return this.slots.get(name) ?? GREY_SLOT;
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
