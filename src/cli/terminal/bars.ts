// Bars and shades of block characters.

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A horizontal bar for a share of 0 to 1, padded to `width` characters. */
export function bar(share: number, width: number): string {
  const steps = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  return ("█".repeat(steps >> 3) + (EIGHTHS[steps & 7] ?? "")).padEnd(width);
}

const SHADES = ["·", "░", "▒", "▓", "█"];

/** How full something is: `·` empty to `█` full. */
export function shade(share: number): string {
  if (share <= 0) return "·";
  return SHADES[Math.min(4, 1 + Math.floor(share * 4 * 0.999))] ?? "█";
}
