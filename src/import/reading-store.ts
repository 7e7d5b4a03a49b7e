// The readings of one series in memory that does not grow with the log: all of them up to a limit, then the lowest and the highest of stretches
// of equal length, each at its place. In columns, because a million objects are a hundred megabytes.

/** All series of a log together keep so many exactly before stretches begin. */
const EXACT_READINGS = 1_000_000;
/** Points of a stretched series before its stretches are joined in pairs. */
const MOST_POINTS = 1 << 16;
/** Of each stretch two readings are kept: a quarter of them all. */
const LEAST_STRETCH = 8;
/** A series with fewer keeps them, whatever the others hold. */
const FEW = 1 << 12;

export interface Reading {
  readonly time: number | undefined;
  readonly line: number;
  readonly value: number;
}

/** What the series of one log share: how many readings they still may keep exactly. */
export class ReadingBudget {
  left: number;

  constructor(exact = EXACT_READINGS) {
    this.left = exact;
  }
}

export class ReadingStore {
  /** Points; the columns grow by half. A time that is not told is NaN. */
  length = 0;
  private times = new Float64Array(16);
  private lines = new Uint32Array(16);
  private values = new Float64Array(16);
  /** Readings in a stretch; 1: every reading is kept. */
  stretch = 1;
  count = 0;
  last: Reading | undefined;
  private open: { low: Reading; high: Reading; count: number } | undefined;
  private readonly budget: ReadingBudget;

  constructor(budget = new ReadingBudget()) {
    this.budget = budget;
  }

  add(time: number | undefined, line: number, value: number): void {
    const reading = { time, line, value };
    this.last = reading;
    this.count++;
    if (this.stretch === 1) {
      this.push(reading);
      this.budget.left--;
      if (this.budget.left < 0 && this.length > FEW) {
        this.budget.left += this.length;
        this.join(Math.max(LEAST_STRETCH, Math.ceil((2 * this.length) / MOST_POINTS)));
        this.budget.left -= this.length;
      }
      return;
    }
    this.take(reading, 1);
    if (this.length > MOST_POINTS) this.join(this.stretch * 2);
  }

  /** Closes the stretch under way: no reading follows. */
  finish(): void {
    if (this.open !== undefined) this.pushOpen(this.open);
    this.open = undefined;
  }

  at(index: number): Reading | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const time = this.times[index] ?? NaN;
    return { time: Number.isNaN(time) ? undefined : time, line: this.lineAt(index), value: this.values[index] ?? 0 };
  }

  lineAt(index: number): number {
    return this.lines[index] ?? 0;
  }

  private join(stretch: number): void {
    this.finish();
    // A point of a joined stretch stands for half of it.
    const weight = this.stretch === 1 ? 1 : this.stretch / 2;
    this.stretch = stretch;
    const count = this.length;
    // What is written is always behind what is read.
    this.length = 0;
    for (let i = 0; i < count; i++) {
      const time = this.times[i] ?? NaN;
      const reading = { time: Number.isNaN(time) ? undefined : time, line: this.lineAt(i), value: this.values[i] ?? 0 };
      this.take(reading, weight);
    }
  }

  private take(reading: Reading, weight: number): void {
    this.open ??= { low: reading, high: reading, count: 0 };
    if (reading.value < this.open.low.value) this.open.low = reading;
    if (reading.value >= this.open.high.value) this.open.high = reading;
    this.open.count += weight;
    if (this.open.count < this.stretch) return;
    this.pushOpen(this.open);
    this.open = undefined;
  }

  private pushOpen({ low, high }: { readonly low: Reading; readonly high: Reading }): void {
    if (low === high) this.push(low);
    else {
      this.push(low.line <= high.line ? low : high);
      this.push(low.line <= high.line ? high : low);
    }
  }

  private push({ time, line, value }: Reading): void {
    if (this.length === this.lines.length) {
      const capacity = this.length + (this.length >> 1);
      this.times = grown(this.times, new Float64Array(capacity));
      this.lines = grown(this.lines, new Uint32Array(capacity));
      this.values = grown(this.values, new Float64Array(capacity));
    }
    this.times[this.length] = time ?? NaN;
    this.lines[this.length] = line;
    this.values[this.length] = value;
    this.length++;
  }
}

function grown<Column extends Float64Array | Uint32Array>(column: Column, larger: Column): Column {
  larger.set(column);
  return larger;
}
