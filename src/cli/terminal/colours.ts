// Colours for one stream: the standard output may be a pipe while standard error is a terminal, and the other way round. Codes: ECMA-48, SGR.

type Paint = (text: string) => string;

export interface Colours {
  readonly isColorSupported: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly inverse: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly magenta: Paint;
  readonly cyan: Paint;
}

export function coloursIf(isColorSupported: boolean): Colours {
  const paint = (on: number, off: number): Paint => {
    const open = `\u001b[${on}m`;
    const close = `\u001b[${off}m`;
    // What is painted inside ends there and not here.
    return isColorSupported ? (text) => open + text.replaceAll(close, close + open) + close : (text) => text;
  };
  return {
    isColorSupported,
    bold: paint(1, 22),
    dim: paint(2, 22),
    inverse: paint(7, 27),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    magenta: paint(35, 39),
    cyan: paint(36, 39),
  };
}

/** None where the stream is no terminal; NO_COLOR and FORCE_COLOR decide before that (no-color.org). */
export function coloursFor(stream: { readonly isTTY?: boolean }): Colours {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return coloursIf(false);
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return coloursIf(FORCE_COLOR !== "0");
  return coloursIf(stream.isTTY === true && TERM !== "dumb");
}
