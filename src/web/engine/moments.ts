// The moments that were looked at last: map, totals and whatever else shows a moment ask for the same one at once, and it is read once.
import type { MomentKeeper } from "../../heap/model.ts";
import type { Moment } from "../../heap/types.ts";
import { Overtaken } from "./polite-run.ts";

/** With 20,000 blocks a megabyte each. */
const MOST_MOMENTS = 12;

export class Moments implements MomentKeeper {
  private readonly kept = new Map<number, Promise<Moment>>();

  async at(time: number, read: () => Promise<Moment>): Promise<Moment> {
    for (let kept = this.kept.get(time); kept !== undefined; kept = this.kept.get(time)) {
      try {
        return await kept;
      } catch (error) {
        // Nobody wants that question's answer any more; this one's is wanted, or its own reading says that it is not.
        if (!(error instanceof Overtaken)) throw error;
      }
    }
    const reading = read();
    this.kept.set(time, reading);
    reading.catch(() => this.kept.delete(time));
    const oldest = this.kept.size > MOST_MOMENTS ? this.kept.keys().next().value : undefined;
    if (oldest !== undefined) this.kept.delete(oldest);
    return reading;
  }
}
