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

export class BootList {
  /** The first entry stands for what lies before any boot message. */
  private readonly boots: LogBoot[] = [{ line: 1, isRiscV: false }];
  /** Those behind it have not been looked at. */
  private settled = 0;

  get current(): LogBoot {
    return this.boots.at(-1) ?? { line: 1, isRiscV: false };
  }

  begin(line: number): void {
    if (this.boots.length - this.settled > MOST_WHOLE) this.settle();
    this.boots.push({ line, isRiscV: this.current.isRiscV });
  }

  /** All of them, in their order. */
  get all(): readonly LogBoot[] {
    this.settle();
    const { boots } = this;
    let brief = 0;
    for (let i = boots.length - 1; i >= 0; i--) {
      const boot = boots[i];
      if (boot?.isBrief === true) brief++;
      else if (boot !== undefined && brief > 0) {
        boots[i] = { ...boot, furtherStarts: brief };
        brief = 0;
      }
    }
    return boots;
  }

  /** One that is not among the longest so far will not be among them later. */
  private settle(): void {
    const { boots } = this;
    this.settled = boots.length;
    if (boots.length <= FIRST + LONGEST + LAST) return;
    const lines = (i: number): number => (boots[i + 1]?.line ?? Infinity) - (boots[i]?.line ?? 0);
    const between: number[] = [];
    for (let i = FIRST; i < boots.length - LAST; i++) if (boots[i]?.isBrief !== true) between.push(i);
    between.sort((a, b) => lines(b) - lines(a) || a - b);
    for (const i of between.slice(LONGEST)) boots[i] = briefly(boots[i]);
  }
}

function briefly({ line, chip, isRiscV }: LogBoot = { line: 1, isRiscV: false }): LogBoot {
  return { line, isRiscV, ...(chip === undefined ? {} : { chip }), isBrief: true };
}
