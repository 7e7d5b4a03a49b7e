// The boots of a log. A board that restarts for a night starts ten thousand times: the first boots, the last ones and the longest are told one by
// one, and of the others, which are brief, accidents alone, as those of the boot before them.

/** What the first pass learns of a boot. */
export interface LogBoot {
  readonly line: number;
  chip?: string;
  idfVersion?: string;
  appName?: string;
  appVersion?: string;
  elfSha256?: string;
  /** Hz. */
  cpuFrequency?: number;
  isRiscV: boolean;
  /** It is told within the boot before it. */
  readonly isBrief?: true;
  /** Brief boots that follow it. */
  readonly furtherStarts?: number;
}

const FIRST = 256;
const LONGEST = 192;
const LAST = 64;
/** As many are kept whole while more are found. */
const MOST_WHOLE = 4096;

/** All boots in their order: a few whole, and of the brief ones their lines, four bytes each. */
export class Boots implements Iterable<LogBoot> {
  private readonly whole: readonly LogBoot[];
  private readonly briefLines: Uint32Array;
  private readonly riscVSince: number;

  /**
   * @param briefLines in their order
   * @param riscVSince the board is known to be one from the boot at this line on
   */
  constructor(whole: readonly LogBoot[], briefLines: Uint32Array, riscVSince: number) {
    this.whole = whole;
    this.briefLines = briefLines;
    this.riscVSince = riscVSince;
  }

  *[Symbol.iterator](): Generator<LogBoot, undefined> {
    const { whole, briefLines, riscVSince } = this;
    let next = 0;
    for (const [i, boot] of whole.entries()) {
      const from = next;
      const end = whole[i + 1]?.line ?? Infinity;
      while ((briefLines[next] ?? Infinity) < end) next++;
      yield next === from ? boot : { ...boot, furtherStarts: next - from };
      for (const line of briefLines.subarray(from, next)) yield { line, isRiscV: line >= riscVSince, isBrief: true };
    }
    return undefined;
  }
}

export class BootList {
  /** The first entry stands for what lies before any boot message. */
  private whole: WholeBoot[] = [{ boot: { line: 1, isRiscV: false }, end: Infinity }];
  /** In no order. */
  private brief = new Uint32Array(MOST_WHOLE);
  private briefCount = 0;
  private riscVSince = Infinity;

  get current(): LogBoot {
    return this.last.boot;
  }

  begin(line: number): void {
    const { isRiscV } = this.endCurrent(line);
    if (this.whole.length > FIRST + LONGEST + LAST + MOST_WHOLE) this.settle();
    this.whole.push({ boot: { line, isRiscV }, end: Infinity });
  }

  get all(): Boots {
    this.endCurrent(Infinity);
    this.settle();
    return new Boots(
      this.whole.map(({ boot }) => boot),
      this.brief.slice(0, this.briefCount).sort(),
      this.riscVSince,
    );
  }

  private get last(): WholeBoot {
    return this.whole.at(-1) as WholeBoot;
  }

  /** A board that was known as RISC-V once remains it. */
  private endCurrent(line: number): LogBoot {
    const { last } = this;
    last.end = line;
    if (last.boot.isRiscV) this.riscVSince = Math.min(this.riscVSince, last.boot.line);
    return last.boot;
  }

  /** One that is not among the longest so far will not be among them later. */
  private settle(): void {
    const { whole } = this;
    if (whole.length <= FIRST + LONGEST + LAST) return;
    const between = whole.slice(FIRST, -LAST).sort((a, b) => linesOf(b) - linesOf(a) || a.boot.line - b.boot.line);
    for (const { boot } of between.slice(LONGEST)) this.addBrief(boot.line);
    const longest = between.slice(0, LONGEST).sort((a, b) => a.boot.line - b.boot.line);
    this.whole = [...whole.slice(0, FIRST), ...longest, ...whole.slice(-LAST)];
  }

  private addBrief(line: number): void {
    if (this.briefCount === this.brief.length) {
      const larger = new Uint32Array(2 * this.brief.length);
      larger.set(this.brief);
      this.brief = larger;
    }
    this.brief[this.briefCount++] = line;
  }
}

/** With the line where the next one begins. */
interface WholeBoot {
  readonly boot: LogBoot;
  end: number;
}

const linesOf = ({ boot, end }: WholeBoot): number => end - boot.line;
