// Rust names of the legacy scheme: an Itanium path with a hash at its end, which is left out: it tells builds apart, not functions.

const LEGACY_ESCAPES: Readonly<Record<string, string>> = {
  SP: "@",
  BP: "*",
  RF: "&",
  LT: "<",
  GT: ">",
  LP: "(",
  RP: ")",
  C: ",",
};

/** `_ZN…17h<16 hex digits>E`: the readable path; undefined when it is C++. */
export function demangleRustLegacy(mangled: string): string | undefined {
  const parts: string[] = [];
  let pos = 3;
  for (;;) {
    const digits = /^[0-9]{1,5}/.exec(mangled.slice(pos, pos + 5))?.[0];
    if (digits === undefined) break;
    pos += digits.length;
    parts.push(mangled.slice(pos, pos + Number(digits)));
    pos += Number(digits);
  }
  const hash = parts.pop();
  if (!mangled.startsWith("_ZN") || mangled.charAt(pos) !== "E") return undefined;
  return hash !== undefined && /^h[0-9a-f]{16}$/.test(hash) ? parts.map(unescapeLegacy).join("::") : undefined;
}

function unescapeLegacy(name: string): string {
  return name
    .replace(/^_\$/, "$")
    .replace(/\$([A-Z]{1,2}|u[0-9a-f]{1,6})\$/g, (whole, code: string) => {
      if (!code.startsWith("u")) return LEGACY_ESCAPES[code] ?? whole;
      const point = parseInt(code.slice(1), 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    })
    .replaceAll("..", "::");
}
