// Numbers and names as the page says them, beside src/base/format.ts: times of a run as m:ss, changes with their sign.
import type { Microseconds } from "../../base/units.ts";

/** `2:30`, `2:30.125`, `1:02:03`: time since the run began. `step`: how fine, in microseconds. */
export function formatClock(time: Microseconds, step = 1000): string {
  const sign = time < 0 ? "-" : "";
  const digits = step >= 1e6 ? 0 : step >= 1e3 ? 3 : 6;
  const scale = 10 ** digits;
  const total = Math.round((Math.abs(time) / 1e6) * scale) / scale;
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const seconds = (total % 60).toFixed(digits).padStart(digits === 0 ? 2 : digits + 3, "0");
  return hours > 0 ? `${sign}${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${sign}${minutes}:${seconds}`;
}

/** `+1,234 B`. */
export function withSign(value: number, format: (value: number) => string): string {
  return value > 0 ? `+${format(value)}` : value < 0 ? `−${format(-value)}` : format(0);
}
