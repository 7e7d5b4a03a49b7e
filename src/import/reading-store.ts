/* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
// The readings of one series in memory that does not grow with the log: all of them up to a limit, then the lowest and the highest of stretches
// of equal length, each at its place. In columns, because a million objects are a hundred megabytes.

/** All series of a log together keep so many exactly before stretches begin. */
const EXACT_READINGS = 1_000_000;
/** Points of a stretched series before its stretches are joined in pairs. */
const MOST_POINTS = 1 << 16;
/** Of each stretch two readings are kept: a quarter of them all. */
const LEAST_STRETCH = 8;
/** Room at first: V8 keeps typed arrays of up to 64 bytes beside other objects, which is far cheaper for series that are told once. */
const FIRST_POINTS = 8;
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
  private times = new Float64Array(FIRST_POINTS);
  private lines = new Uint32Array(FIRST_POINTS);
  private values = new Float64Array(FIRST_POINTS);
  /** Readings in a stretch; 1: every reading is kept. */
  stretch = 1;
  count = 0;
  /** Of the stretch under way: readings, and the lowest and the highest of them. */
  private ofStretch = 0;
  private readonly low: Point = { time: NaN, line: 0, value: 0 };
  private readonly high: Point = { time: NaN, line: 0, value: 0 };
  private readonly budget: ReadingBudget;

  constructor(budget = new ReadingBudget()) {
    this.budget = budget;
  }

  add(time: number | undefined, line: number, value: number): void {
    this.count++;
    if (this.stretch === 1) {
      this.push(time ?? NaN, line, value);
      this.budget.left--;
      if (this.budget.left < 0 && this.length > FEW) {
        this.budget.left += this.length;
        this.join(Math.max(LEAST_STRETCH, Math.ceil((2 * this.length) / MOST_POINTS)));
        this.budget.left -= this.length;
      }
      return;
    }
    this.take(time ?? NaN, line, value, 1);
    if (this.length > MOST_POINTS) this.join(this.stretch * 2);
  }

  /** Closes the stretch under way: no reading follows. */
  finish(): void {
    if (this.ofStretch > 0) this.pushStretch();
    this.ofStretch = 0;
  }

  /**
   * Where a block tells its time behind its figures, they have that of the block before, and the first ones none: as long before the second as that was
   * before the third. False where it is another that has none.
   */
  timeFirst(): boolean {
    const [first = 0, second = NaN, third = NaN] = this.times.subarray(0, this.length);
    if (this.stretch > 1 || !Number.isNaN(first) || !(third >= second)) return false;
    this.times[0] = Math.max(0, 2 * second - third);
    return true;
  }

  at(index: number): Reading | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const time = this.times[index]!;
    return { time: Number.isNaN(time) ? undefined : time, line: this.lineAt(index), value: this.values[index]! };
  }

  lineAt(index: number): number {
    return this.lines[index] ?? 0;
  }

  /** `count` points from `start` on; a time that is not told is NaN. Valid until the next change. */
  columns(
    start: number,
    count: number,
  ): { readonly times: Float64Array; readonly lines: Uint32Array; readonly values: Float64Array } {
    const end = start + count;
    return {
      times: this.times.subarray(start, end),
      lines: this.lines.subarray(start, end),
      values: this.values.subarray(start, end),
    };
  }

  /** Lets go of all points. */
  release(): void {
    this.length = 0;
    this.resize(0);
  }

  private join(stretch: number): void {
    this.finish();
    // A point of a joined stretch stands for half of it.
    const weight = this.stretch === 1 ? 1 : this.stretch / 2;
    this.stretch = stretch;
    const count = this.length;
    // What is written is always behind what is read.
    this.length = 0;
    for (let i = 0; i < count; i++) this.take(this.times[i]!, this.lineAt(i), this.values[i]!, weight);
    // From now on there are never many more points than these.
    if (this.lines.length > 2 * MOST_POINTS) this.resize(2 * MOST_POINTS);
  }

  private take(time: number, line: number, value: number, weight: number): void {
    const { low, high } = this;
    if (this.ofStretch === 0 || value < low.value) set(low, time, line, value);
    if (this.ofStretch === 0 || value >= high.value) set(high, time, line, value);
    this.ofStretch += weight;
    if (this.ofStretch < this.stretch) return;
    this.pushStretch();
    this.ofStretch = 0;
  }

  private pushStretch(): void {
    const { low, high } = this;
    const [first, second] = low.line <= high.line ? [low, high] : [high, low];
    this.push(first.time, first.line, first.value);
    if (low.line !== high.line || low.value !== high.value) this.push(second.time, second.line, second.value);
  }

  private push(time: number, line: number, value: number): void {
    if (this.length === this.lines.length) this.resize(this.length + (this.length >> 1));
    this.times[this.length] = time;
    this.lines[this.length] = line;
    this.values[this.length] = value;
    this.length++;
  }

  private resize(capacity: number): void {
    this.times = resized(this.times, new Float64Array(capacity));
    this.lines = resized(this.lines, new Uint32Array(capacity));
    this.values = resized(this.values, new Float64Array(capacity));
  }
}

interface Point {
  time: number;
  line: number;
  value: number;
}

function set(point: Point, time: number, line: number, value: number): void {
  point.time = time;
  point.line = line;
  point.value = value;
}

function resized<Column extends Float64Array | Uint32Array>(column: Column, other: Column): Column {
  other.set(column.subarray(0, other.length));
  return other;
}
