// The page's colours for what draws on a canvas: read from the style sheet, so that there is one place for them.
import { CATEGORY_COLOURS } from "../../report/colour-book.ts";

export interface Palette {
  readonly page: string;
  readonly panel: string;
  readonly line: string;
  readonly text: string;
  readonly muted: string;
  readonly faint: string;
  readonly accent: string;
  readonly error: string;
  readonly amber: string;
  readonly amberFill: string;
  readonly used: string;
  readonly free: string;
  readonly row: string;
  readonly hatch: string;
  readonly grey: string;
  readonly categories: readonly string[];
  readonly sans: string;
  readonly mono: string;
  /** Pixels of text beside a picture: larger where the page's text is. */
  readonly small: number;
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    page: value("--page"),
    panel: value("--panel"),
    line: value("--line"),
    text: value("--text"),
    muted: value("--muted"),
    faint: value("--faint"),
    accent: value("--accent"),
    error: value("--error"),
    amber: value("--amber"),
    amberFill: value("--amber-fill"),
    used: value("--used"),
    free: value("--free"),
    row: value("--map-row"),
    hatch: value("--map-hatch"),
    grey: value("--grey"),
    categories: Array.from({ length: CATEGORY_COLOURS }, (_, i) => value(`--c${i}`)),
    sans: value("--sans"),
    mono: value("--mono"),
    small: Math.round(Number.parseFloat(getComputedStyle(document.body).fontSize) * 0.85),
  };
}

/** Viridis in 16 steps: ages, sizes; equal for the colour-blind. */
export const VIRIDIS: readonly string[] = [
  "#440154",
  "#481a6c",
  "#472f7d",
  "#414487",
  "#39568c",
  "#31688e",
  "#2a788e",
  "#23888e",
  "#1f988b",
  "#22a884",
  "#35b779",
  "#54c568",
  "#7ad151",
  "#a5db36",
  "#d2e21b",
  "#fde725",
];
