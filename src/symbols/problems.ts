// What could not be read: every view on a damaged or unusual ELF can say that it is partial, and why.

export interface Problem {
  /** Stable, kebab-case. */
  readonly code: string;
  /** One sentence; the first one seen of its kind. */
  readonly message: string;
  /** How often it came up. */
  count: number;
}

/** Collects problems by code, so that a damaged file cannot make the list long. */
export class ProblemList {
  private readonly byCode = new Map<string, Problem>();

  add(code: string, message: string): void {
    const known = this.byCode.get(code);
    if (known !== undefined) known.count++;
    else this.byCode.set(code, { code, message, count: 1 });
  }

  list(): readonly Problem[] {
    return [...this.byCode.values()];
  }
}

/**
 * What may be read out of one file in all, counted in entries. Damaged references can make a small file point at the same
 * bytes many times; no intact file reaches these limits, because each entry takes at least a byte of its own section.
 */
export class Budget {
  private left: number;

  constructor(entries: number) {
    this.left = entries;
  }

  /** True while there is something left. */
  take(entries: number): boolean {
    this.left -= entries;
    return this.left >= 0;
  }
}
