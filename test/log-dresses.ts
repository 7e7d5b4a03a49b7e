// What terminal programs, mails and editors make of a log: the same words in other clothes.

const perLine = (text: string, change: (line: string, i: number) => string): string =>
  text.split("\n").map(change).join("\n");
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function utf16(text: string, bigEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  [...text].forEach((letter, i) => new DataView(bytes.buffer).setUint16(2 * i, letter.charCodeAt(0), !bigEndian));
  return bytes;
}

/** A second a line, from 12:34:10 on. */
function clock(i: number): string {
  const seconds = 12 * 3600 + 34 * 60 + 10 + i;
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":"); // prettier-ignore
}

export const dresses: Readonly<Record<string, (text: string) => Uint8Array>> = {
  "four spaces": (text) => utf8(perLine(text, (line) => `    ${line}`)),
  "a quote": (text) => utf8(perLine(text, (line) => `> ${line}`)),
  "the kernel's stamp": (text) => utf8(perLine(text, (line, i) => `[   ${12 + i}.000001] ${line}`)),
  "syslog's stamp": (text) => utf8(perLine(text, (line, i) => `Mar  1 ${clock(i)} host minicom[12]: ${line}`)),
  "ESP_LOG's stamp": (text) => utf8(perLine(text, (line, i) => `I (${1000 * i}) app: ${line}`)),
  "ESPHome's stamp": (text) => utf8(perLine(text, (line, i) => `[${clock(i)}][D][app:123]: ${line}`)),
  "UTF-16, little end first, without a mark": (text) => utf16(text, false),
  "UTF-16, big end first, without a mark": (text) => utf16(text, true),
  "lone carriage returns": (text) => utf8(`${text.replaceAll("\n", "\r")}\r\r`),
  "carriage returns and line feeds": (text) => utf8(text.replaceAll("\n", "\r\n")),
  colours: (text) => utf8(perLine(text, (line) => (line === "" ? line : `\u001b[0;33m${line}\u001b[0m`))),
  "a mark of UTF-8": (text) => utf8(`\ufeff${text}`),
  "Latin-1, with letters that UTF-8 has not": (text) => Uint8Array.from(`Gr\u00fc\u00dfe aus K\u00f6ln\n${text}`, (letter) => letter.charCodeAt(0) & 0xff),
  "other lines in between": (text) => utf8(perLine(text, (line) => `${line}\nI am another line, of no interest`)),
}; // prettier-ignore
