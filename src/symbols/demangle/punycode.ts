// Identifiers of Rust that are not ASCII: Punycode (RFC 3492) with "_" in place of "-".

const BASE = 36;
const [T_MIN, T_MAX, SKEW, DAMP] = [1, 26, 38, 700];

/** Undefined where it is not well-formed. */
export function punycode(name: string): string | undefined {
  const end = name.lastIndexOf("_");
  const points = [...(end < 0 ? "" : name.slice(0, end))].map((char) => char.codePointAt(0) ?? 0);
  const rest = name.slice(end + 1);
  let point = 128;
  let index = 0;
  let bias = 72;
  for (let at = 0; at < rest.length;) {
    const before = index;
    for (let k = BASE, weight = 1; ; k += BASE) {
      const char = rest.charCodeAt(at++);
      const digit = char >= 97 && char <= 122 ? char - 97 : char >= 48 && char <= 57 ? char - 22 : NaN;
      if (Number.isNaN(digit)) return undefined;
      index += digit * weight;
      const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
      if (digit < threshold) break;
      weight *= BASE - threshold;
      if (weight > 2 ** 40) return undefined;
    }
    const length = points.length + 1;
    let delta = before === 0 ? Math.floor((index - before) / DAMP) : Math.floor((index - before) / 2);
    delta += Math.floor(delta / length);
    let k = 0;
    for (; delta > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) delta = Math.floor(delta / (BASE - T_MIN));
    bias = k + Math.floor(((BASE - T_MIN + 1) * delta) / (delta + SKEW));
    point += Math.floor(index / length);
    if (point > 0x10ffff) return undefined;
    index %= length;
    points.splice(index++, 0, point);
  }
  return String.fromCodePoint(...points);
}
