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

/** With the milliseconds since the boot: what the line's own stamp or words say, else 10 after the line before it. */
function perDeviceTime(text: string, change: (line: string, milliseconds: number) => string): string {
  let now = 0;
  return perLine(text, (line) => {
    const stamp = /^[EWIDV] \((\d{1,10})\) |^\[ *(\d{1,10})\]\[[EWIDV]\]/.exec(line);
    const uptime = /^uptime: (\d{1,7}) s$|\{"up":(\d{1,7}),/.exec(line)?.slice(1).join("");
    const told = stamp?.[1] ?? stamp?.[2] ?? (uptime === undefined ? undefined : `${uptime}000`);
    now = told === undefined ? now + 10 : Number(told);
    return change(line, now);
  });
}

const ESCAPE = "\u001b";

/** As Python prints bytes. */
function pythonBytes(line: string): string {
  const inner = [...utf8(`${line}\r\n`)].map((byte) => {
    const letter = String.fromCharCode(byte);
    const short = { "\r": "\\r", "\n": "\\n", "\t": "\\t", "\\": "\\\\", "'": "\\'" }[letter];
    return short ?? (byte >= 0x20 && byte < 0x7f ? letter : `\\x${byte.toString(16).padStart(2, "0")}`);
  });
  return `b'${inner.join("")}'`;
}

const MARKS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" } as const;
const escaped = (line: string): string => line.replaceAll(/[&<>"']/g, (mark) => MARKS[mark as keyof typeof MARKS]);

export const dresses: Readonly<Record<string, (text: string) => Uint8Array>> = {
  "four spaces": (text) => utf8(perLine(text, (line) => `    ${line}`)),
  "a quote": (text) => utf8(perLine(text, (line) => `> ${line}`)),
  "the kernel's stamp": (text) => utf8(perDeviceTime(text, (line, ms) => `[${(ms / 1000).toFixed(6).padStart(12)}] ${line}`)),
  "syslog's stamp": (text) => utf8(perLine(text, (line, i) => `Mar  1 ${clock(i)} host minicom[12]: ${line}`)),
  "ESP_LOG's stamp": (text) => utf8(perDeviceTime(text, (line, ms) => `I (${ms}) app: ${line}`)),
  "ESPHome's stamp": (text) => utf8(perLine(text, (line, i) => `[${clock(i)}][D][app:123]: ${line}`)),
  "UTF-16, little end first, without a mark": (text) => utf16(text, false),
  "UTF-16, big end first, without a mark": (text) => utf16(text, true),
  "lone carriage returns": (text) => utf8(`${text.replaceAll("\n", "\r")}\r\r`),
  "carriage returns and line feeds": (text) => utf8(text.replaceAll("\n", "\r\n")),
  colours: (text) => utf8(perLine(text, (line) => (line === "" ? line : `\u001b[0;33m${line}\u001b[0m`))),
  "a mark of UTF-8": (text) => utf8(`\ufeff${text}`),
  "Latin-1, with letters that UTF-8 has not": (text) => Uint8Array.from(`Gr\u00fc\u00dfe aus K\u00f6ln\n${text}`, (letter) => letter.charCodeAt(0) & 0xff),
  "a terminal's stamp": (text) => utf8(perLine(text, (line, i) => `[${clock(i)}.789] ${line}`)),
  "a stamp and an arrow": (text) => utf8(perLine(text, (line, i) => `${clock(i)}.789 -> ${line}`)),
  "PlatformIO's stamp": (text) => utf8(perLine(text, (line, i) => `${clock(i)}.789 > ${line}`)),
  "Tera Term's stamp": (text) => utf8(perLine(text, (line, i) => `[Fri Mar 01 ${clock(i)}.789 2024] ${line}`)),
  "SSCOM's stamp": (text) => utf8(perLine(text, (line, i) => `[${clock(i)}.789]收←◆${line}`)),
  "Docklight's stamp, and named line ends": (text) => utf8(perLine(text, (line, i) => `01.03.2024 ${clock(i)}.789 [RX] - ${line}<CR><LF>`)),
  "an American date": (text) => utf8(perLine(text, (line, i) => `3/1/2024, ${clock(i)} PM: ${line}`)),
  "seconds since 1970": (text) => utf8(perLine(text, (line, i) => `[${1_709_296_450 + i}.123] ${line}`)),
  "the port": (text) => utf8(perLine(text, (line) => `COM3: ${line}`)),
  "a job's step and its stamp": (text) => utf8(perLine(text, (line, i) => `board\tRun tests\t2024-03-01T${clock(i)}.1234567Z ${line}`)),
  "a job's stamp and stream": (text) => utf8(perLine(text, (line, i) => `2024-03-01T${clock(i)}.123456Z 01O ${line}`)),
  "a container's stamp and stream": (text) => utf8(perLine(text, (line, i) => `2024-03-01T${clock(i)}.123456789Z stdout F ${line}`)),
  "the journal's stamp": (text) => utf8(perLine(text, (line, i) => `2024-03-01T${clock(i)}+0100 host serial-log[12]: ${line}`)),
  "RFC 5424's stamp": (text) => utf8(perLine(text, (line, i) => `<14>1 2024-03-01T${clock(i)}.123Z gateway serial 12 - - ${line}`)),
  "docker's JSON": (text) => utf8(perLine(text, (line, i) => JSON.stringify({ log: `${line}\n`, stream: "stdout", time: `2024-03-01T${clock(i)}.123456789Z` }))),
  "the journal's JSON": (text) => utf8(perLine(text, (line, i) => JSON.stringify({ _PID: "12", __REALTIME_TIMESTAMP: `${1_709_296_450 + i}123456`, MESSAGE: line }))),
  "the journal's JSON, in bytes": (text) => utf8(perLine(text, (line, i) => JSON.stringify({ __REALTIME_TIMESTAMP: `${1_709_296_450 + i}123456`, MESSAGE: [...utf8(line)] }))),
  "Python's bytes": (text) => utf8(perLine(text, pythonBytes)),
  "a stamp and Python's bytes": (text) => utf8(perLine(text, (line, i) => `2024-03-01 ${clock(i)} ${pythonBytes(line)}`)),
  "Python's logger": (text) => utf8(perLine(text, (line, i) => `2024-03-01 ${clock(i)},789 - monitor - INFO - ${line}`)),
  "Home Assistant's logger": (text) => utf8(perLine(text, (line, i) => `2024-03-01 ${clock(i)}.789 INFO (MainThread) [custom.serial] ${line}`)),
  "Rust's logger": (text) => utf8(perLine(text, (line, i) => `[2024-03-01T${clock(i)}Z INFO ] ${line}`)),
  "Android's short stamp": (text) => utf8(perLine(text, (line) => `I/esp     ( 1234): ${line}`)),
  "ESPHome's stamp with a task": (text) => utf8(perLine(text, (line, i) => `[${clock(i)}][D][app:123][main]: ${line}`)),
  "a name and the line's number": (text) => utf8(perLine(text, (line, i) => `console.log:${i + 1}:${line}`)),
  "numbers before a bar": (text) => utf8(perLine(text, (line, i) => `${String(i + 1).padStart(4)} │ ${line}`)),
  "a page's markup": (text) => utf8(perLine(text, (line) => `&gt; ${escaped(line)}<br>`)),
  "a block in a remark": (text) => utf8(`<details>\n<summary>log</summary>\n\n\`\`\`txt\n${text}\n\`\`\`\n</details>`),
  "colours with a picture of the escape character": (text) => utf8(perLine(text, (line) => `␛[0;33m${line}␛[0m␍`)),
  "colours with the escape character in caret notation": (text) => utf8(perLine(text, (line) => `^[[0;33m${line}^[[0m`)),
  "colours as a program writes them": (text) => utf8(perLine(text, (line) => `\\x1b[0;33m${line}\\x1b[0m`)),
  "colours that have lost the escape character": (text) => utf8(perLine(text, (line) => `[0;33m${line}[0m`)),
  "a title, and commands to the terminal": (text) => utf8(`${ESCAPE}]0;user@host: ~\u0007${perLine(text, (line) => `${ESCAPE}[?2004l${ESCAPE}[38;5;214m${line}${ESCAPE}(B${ESCAPE}[m${ESCAPE}[K`)}`),
  "two carriage returns and a line feed": (text) => utf8(text.replaceAll("\n", "\r\r\n")),
  "line feeds before carriage returns": (text) => utf8(text.replaceAll("\n", "\n\r")),
  "other lines in between": (text) => utf8(perLine(text, (line) => `${line}\nI am another line, of no interest`)),
}; // prettier-ignore
