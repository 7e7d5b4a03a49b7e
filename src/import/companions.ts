// Which other line comes with each step of a series: the request, the reconnect, the error that goes with what is lost.

interface Event {
  readonly quote: string;
  readonly board: string | undefined;
  readonly line: number;
  readonly isWarning: boolean;
  count: number;
  lastLine: number;
}

/** A series and an event. */
interface Pair {
  readonly event: Event;
  seen: number;
  /** Since the event was first seen. */
  steps: number;
  sumCount: number;
  sumDrop: number;
  sumBoth: number;
  sumCountSquare: number;
  sumDropSquare: number;
  /** Steps between which it came exactly once. */
  once: number;
  /** Lines from the last one before each reading to it. */
  distance: number;
}

/** Kinds of lines that are watched; the first ones of a log are its boot, so that the words decide. */
const MOST_EVENTS = 48;
export const EVENT =
  /accept|connect|\bassoc|client|session|request|publish|subscrib|message|packet|recei|sent\b|send|GET |POST |PUT |http|handshake|socket|retry|reconnect|timeout|fail|error|scan|update|join|leave|open|close|start|stop|refus|reject|quer(?:y|ies)|resolv|lookup|fetch|upload|download|discover|notif/i;

/** `Client IP: 10.0.0.12`, `sent = 41`, `http_requests_total{code="200"} 12`, `uptime 60 s, clients 3`, `"restart_required": false,`, a sensor's `Sending state`: what the page says that shows the figure as well, and nothing that happens. */
const STATE =
  /^\W*\w[\w ./[\]-]{0,24}\s?[:=]\s*[\d.:,/-]+\s?\w{0,4}\W*$|^[a-z]\w*_\w+(?:\{[^}]*\})? +[\d.e+]+$|^\W*up[ _]?time\b|: Sending state |^\s*"[\w .-]+"\s*:\s*(?:true|false|null|"[^"]*"|-?[\d.]+),?\s*$/i;

export class Companions {
  private readonly events = new Map<string | number, Event>();
  private readonly watched: Event[] = [];
  /** By series: the readings so far, and a pair for each event, in the order of `watched`. */
  private readonly series = new Map<number, { steps: number; readonly pairs: Pair[] }>();

  event(
    line: { readonly number: number; readonly text: string; readonly isWarning?: boolean; readonly board?: string },
    key: string | number,
  ): void {
    const known = this.events.get(key);
    if (known !== undefined) {
      known.count++;
      known.lastLine = line.number;
      return;
    }
    if (this.events.size >= MOST_EVENTS || !mayBeEvent(line)) return;
    const isWarning = line.isWarning === true;
    const event = {
      quote: line.text.slice(0, 160),
      board: line.board,
      line: line.number,
      isWarning,
      count: 1,
      lastLine: line.number,
    };
    this.events.set(key, event);
    this.watched.push(event);
  }

  /** A line of that kind, which may be none that is watched. */
  again(key: string | number, line: number): void {
    const known = this.events.get(key);
    if (known === undefined) return;
    known.count++;
    known.lastLine = line;
  }

  /** A new reading of the series, so much less than the one before. */
  step(id: number, drop: number, line: number): void {
    let series = this.series.get(id);
    if (series === undefined) this.series.set(id, (series = { steps: 0, pairs: [] }));
    const steps = ++series.steps;
    const { pairs } = series;
    for (let i = pairs.length; i < this.watched.length; i++) {
      const event = this.watched[i];
      if (event !== undefined) pairs.push(pairOf(event, steps === 1));
    }
    // What came before the first reading belongs to no step.
    if (steps === 1) return;
    for (const pair of pairs) {
      const count = pair.event.count - pair.seen;
      pair.seen = pair.event.count;
      pair.steps++;
      pair.sumCount += count;
      pair.sumDrop += drop;
      pair.sumBoth += count * drop;
      pair.sumCountSquare += count * count;
      pair.sumDropSquare += drop * drop;
      if (count === 1) pair.once++;
      pair.distance += line - pair.event.lastLine;
    }
  }

  forget(id: number): void {
    this.series.delete(id);
  }

  /** The line that goes with the steps of a series, where one does. */
  of(series: number, board?: string): { readonly quote: string; readonly line: number } | undefined {
    let best: { readonly event: Event; readonly score: number; readonly distance: number } | undefined;
    const told = this.series.get(series);
    if (told === undefined) return undefined;
    for (const pair of told.pairs) {
      const { event } = pair;
      if (event.board !== board) continue;
      // What came first when most was lost already goes with little of it.
      if (2 * pair.steps < told.steps - 1) continue;
      const score = scoreOf(pair) + (event.isWarning ? 0.05 : 0);
      const distance = pair.distance / pair.steps;
      // Of those that come as often, the one right before the reading.
      const isBetter = best === undefined || score > best.score || (score === best.score && distance < best.distance);
      if (score >= 0.9 && isBetter) best = { event, score, distance };
    }
    return best === undefined ? undefined : { quote: best.event.quote, line: best.event.line };
  }
}

/** What the radio's own power saving says between any two lines. */
const RADIO = /^\W*(?:pm (?:open|close)|scandone|sleep (?:en|dis)able|bcn_timeout|ap_probe_send)/;

function mayBeEvent({ text, isWarning }: { readonly text: string; readonly isWarning?: boolean }): boolean {
  return isWarning === true || (EVENT.test(text) && !STATE.test(text) && !RADIO.test(text));
}

function pairOf(event: Event, isFirst: boolean): Pair {
  return {
    event, seen: isFirst ? event.count : 0, steps: 0,
    sumCount: 0, sumDrop: 0, sumBoth: 0, sumCountSquare: 0, sumDropSquare: 0, once: 0, distance: 0,
  }; // prettier-ignore
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
