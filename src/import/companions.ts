// Which other line comes with each step of a series: the request, the reconnect, the error that goes with what is lost.

interface Event {
  readonly key: string;
  readonly quote: string;
  readonly line: number;
  readonly isWarning: boolean;
  count: number;
}

interface Pair {
  seen: number;
  steps: number;
  sumCount: number;
  sumDrop: number;
  sumBoth: number;
  sumCountSquare: number;
  sumDropSquare: number;
  /** Steps between which it came exactly once. */
  once: number;
}

/** Kinds of lines that are watched; the first ones of a log are its boot, so that the words decide. */
const MOST_EVENTS = 48;
export const EVENT =
  /accept|connect|client|session|request|publish|subscrib|message|packet|recei|sent\b|send|GET |POST |PUT |http|handshake|socket|retry|reconnect|timeout|fail|error|scan|update|join|leave|open|close|start|stop|refus|reject/i;

export class Companions {
  private readonly events = new Map<string, Event>();
  private readonly pairs = new Map<number, Map<Event, Pair>>();
  private readonly steps = new Map<number, number>();

  event(line: { readonly number: number; readonly text: string; readonly isWarning?: boolean }, key: string): void {
    const known = this.events.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    if (this.events.size >= MOST_EVENTS || !(line.isWarning === true || EVENT.test(line.text))) return;
    this.events.set(key, {
      key,
      quote: line.text.slice(0, 160),
      line: line.number,
      isWarning: line.isWarning === true,
      count: 1,
    });
  }

  /** A line of that kind, which may be none that is watched. */
  again(key: string): void {
    const known = this.events.get(key);
    if (known !== undefined) known.count++;
  }

  /** A new reading of the series, so much less than the one before. */
  step(series: number, drop: number): void {
    const steps = (this.steps.get(series) ?? 0) + 1;
    this.steps.set(series, steps);
    let pairs = this.pairs.get(series);
    if (pairs === undefined) this.pairs.set(series, (pairs = new Map<Event, Pair>()));
    for (const event of this.events.values()) {
      const pair = pairs.get(event);
      if (pair === undefined) {
        // What came before the first reading belongs to no step.
        const fresh = {
          steps: steps - 1,
          sumCount: 0,
          sumDrop: 0,
          sumBoth: 0,
          sumCountSquare: 0,
          sumDropSquare: 0,
          once: 0,
        };
        pairs.set(event, { seen: steps === 1 ? event.count : 0, ...fresh });
        if (steps === 1) continue;
      }
      const at = pairs.get(event);
      if (at === undefined) continue;
      const count = event.count - at.seen;
      at.seen = event.count;
      at.steps = steps - 1;
      at.sumCount += count;
      at.sumDrop += drop;
      at.sumBoth += count * drop;
      at.sumCountSquare += count * count;
      at.sumDropSquare += drop * drop;
      if (count === 1) at.once++;
    }
  }

  /** The line that goes with the steps of a series, where one does. */
  of(series: number): { readonly quote: string; readonly line: number } | undefined {
    let best: { readonly event: Event; readonly score: number } | undefined;
    for (const [event, pair] of this.pairs.get(series) ?? []) {
      const score = scoreOf(pair) + (event.isWarning ? 0.05 : 0);
      if (score >= 0.9 && score > (best?.score ?? 0)) best = { event, score };
    }
    return best === undefined ? undefined : { quote: best.event.quote, line: best.event.line };
  }
}

/** How well counts and drops agree: the correlation, or that it came once in each step. */
function scoreOf(pair: Pair): number {
  const n = pair.steps;
  if (n < 2) return 0;
  const covariance = pair.sumBoth - (pair.sumCount * pair.sumDrop) / n;
  const varianceCount = pair.sumCountSquare - pair.sumCount ** 2 / n;
  const varianceDrop = pair.sumDropSquare - pair.sumDrop ** 2 / n;
  if (varianceCount <= 0) return pair.once === n ? 0.92 : 0;
  if (varianceDrop <= 0 || n < 4) return 0;
  return covariance / Math.sqrt(varianceCount * varianceDrop);
}
