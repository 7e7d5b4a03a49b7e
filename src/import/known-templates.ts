// The templates that a log's lines have had so far, and what each of their numbers was taken for. A log of ever new words must not fill memory, and
// figures that stand behind thousands of its lines are figures all the same.

import type { OpenSeries } from "./open-series.ts";

/** A number of a kind of line that was considered as a figure of memory. */
export interface Considered {
  readonly line: number;
  readonly quote: string;
  readonly label: string;
  /** Lines of this kind. */
  readonly count: number;
  /** What it was taken for, or why not. */
  readonly verdict: string;
  readonly taken: boolean;
}

/** A template whose first line has been looked at. */
export interface Template {
  readonly series: readonly (OpenSeries | undefined)[];
  readonly considered: (Considered & { count: number })[];
}

/** Beyond these that hold figures a log has no more kinds of lines that are worth telling apart. */
const MOST_TEMPLATES = 4096;

export class KnownTemplates {
  private readonly templates = new Map<number, Template>();

  get(key: number): Template | undefined {
    return this.templates.get(key);
  }

  /** False where another one would not be kept. */
  get hasRoom(): boolean {
    return this.templates.size < MOST_TEMPLATES;
  }

  add(key: number, template: Template): void {
    if (!this.hasRoom) return;
    this.templates.set(key, template);
    if (this.hasRoom) return;
    this.forget(({ considered }) => considered.length === 0);
    if (this.templates.size > MOST_TEMPLATES / 2)
      this.forget(({ series }) => series.every((one) => one?.isForgotten !== false));
  }

  considered(): readonly Considered[] {
    return [...this.templates.values()].flatMap(({ considered }) => considered);
  }

  private forget(isIdle: (template: Template) => boolean): void {
    for (const [key, template] of this.templates) if (isIdle(template)) this.templates.delete(key);
  }
}
