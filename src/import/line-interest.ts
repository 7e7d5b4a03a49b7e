// Which lines are worth reading: lines of one shape (the same letters, other numbers) are looked at once, and the answer holds for all of them.

const SHAPE_BYTES = 200;
/** Shapes that are remembered; lines of ever new words must not fill memory. */
const MOST_SHAPES = 1 << 15;

/** A number that lines of the same letters and other digits share. */
export function shapeOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  const stop = Math.min(end, start + SHAPE_BYTES);
  let inNumber = false;
  for (let i = start; i < stop; i++) {
    let byte = bytes[i] ?? 0;
    // Digits, and the letters of hexadecimal numbers behind them.
    const isDigit = byte >= 0x30 && byte <= 0x39;
    if (isDigit || (inNumber && ((byte >= 0x61 && byte <= 0x66) || (byte >= 0x41 && byte <= 0x46)))) {
      if (inNumber) continue;
      inNumber = true;
      byte = 0x23;
    } else inNumber = false;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

export class Interest {
  private readonly test: (text: string) => boolean;
  private shapes = new Map<number, boolean>();

  constructor(test: (text: string) => boolean) {
    this.test = test;
  }

  known(shape: number): boolean | undefined {
    return this.shapes.get(shape);
  }

  learn(shape: number, text: string): boolean {
    const answer = this.test(text);
    if (this.shapes.size >= MOST_SHAPES) this.shapes = new Map();
    this.shapes.set(shape, answer);
    return answer;
  }
}
