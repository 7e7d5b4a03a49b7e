// A cell of CSV (RFC 4180), for spreadsheets: what a spreadsheet would take for a formula has an apostrophe in front.
import { safeText } from "./safe-text.ts";

const FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

export function csvCell(cell: number | string | boolean | undefined): string {
  if (typeof cell !== "string") return cell === undefined ? "" : String(cell);
  const safe = safeText(cell);
  const plain = FORMULA.test(safe) ? `'${safe}` : safe;
  return NEEDS_QUOTES.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
