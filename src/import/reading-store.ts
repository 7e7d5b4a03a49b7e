// The readings of one series in memory that does not grow with the log: all of them up to a limit, then the lowest and the highest of stretches
// of equal length, each at its place.

/** All series of a log together may keep so many exactly before stretches begin. */
const EXACT_READINGS = 1_000_000;
/** Points of a stretched series before its stretches are joined in pairs. */
const MOST_POINTS = 1 << 16;

export interface Reading {
  readonly time: number | undefined;
  readonly line: number;
  readonly value: number;
}

export class ReadingStore {
  private closed: Reading[] = [];
  /** Readings in a stretch; 1: every reading is kept. */
  stretch = 1;
  count = 0;
  private open: { low: Reading; high: Reading; count: number } | undefined;
  last: Reading | undefined;
  private readonly exact: number;

  constructor(exact = EXACT_READINGS) {
    this.exact = exact;
  }

  add(time: number | undefined, line: number, value: number): void {
    const reading = { time, line, value };
    this.last = reading;
    this.count++;
    if (this.stretch === 1) {
      this.closed.push(reading);
      if (this.closed.length > this.exact) this.join(Math.max(2, Math.ceil((2 * this.exact) / MOST_POINTS)));
      return;
    }
    this.spread(reading);
    if (this.closed.length > MOST_POINTS) this.join(this.stretch * 2);
  }

  /** In order. */
  get points(): readonly Reading[] {
    return this.open === undefined ? this.closed : [...this.closed, ...inOrder(this.open)];
  }

  private join(stretch: number): void {
    const points = this.points;
    this.open = undefined;
    this.closed = [];
    // A point of a joined stretch stands for half of it.
    const weight = this.stretch === 1 ? 1 : this.stretch / 2;
    this.stretch = stretch;
    for (const point of points) this.spread(point, weight);
  }

  private spread(reading: Reading, weight = 1): void {
    this.open ??= { low: reading, high: reading, count: 0 };
    if (reading.value < this.open.low.value) this.open.low = reading;
    if (reading.value >= this.open.high.value) this.open.high = reading;
    this.open.count += weight;
    if (this.open.count < this.stretch) return;
    this.closed.push(...inOrder(this.open));
    this.open = undefined;
  }
}

function inOrder({ low, high }: { readonly low: Reading; readonly high: Reading }): Reading[] {
  if (low === high) return [low];
  return low.line <= high.line ? [low, high] : [high, low];
}
