// What `memmap report` of a large console log costs: processor time as a ratio to splitting it into lines, and memory, on made logs of quite
// different kinds. `npm run build && node dist/bench/log.js [MEGABYTES] [KIND …]`.
import { spawnSync } from "node:child_process";
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LineReader } from "../src/import/line-reader.ts";
import { keep } from "./ratio.ts";

const WORDS = "sensor motor relay pump valve door window light fan heater mixer drive axis modem radio bridge node leaf cloud cache queue state event timer clock".split(" "); // prettier-ignore

let state = 1;
const random = (below: number): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const word = (): string => WORDS[random(WORDS.length)] ?? "";
const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
const clock = (ms: number): string => `${two((ms / 3.6e6) % 24)}:${two((ms / 6e4) % 60)}:${two((ms / 1e3) % 60)}`;

const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;
const XTENSA_REGISTERS = "PC PS A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 SAR EXCCAUSE EXCVADDR LBEG LEND LCOUNT".split(" "); // prettier-ignore
const CAUSES = ["LoadProhibited", "StoreProhibited", "InstrFetchProhibited", "IllegalInstruction"];

/** A boot that ends at once, in the code at a place. */
function crash(place: number): string {
  const pc = 0x400d1000 + 0x35 * place;
  const registers = XTENSA_REGISTERS.map(
    (name) =>
      `${name.padEnd(8)}: ${hex(name === "PC" ? pc : name === "EXCCAUSE" ? 28 : 0x3ffb0000 + random(65_536))}  `,
  );
  const rows = [0, 4, 8, 12, 16, 20].map((row) => registers.slice(row, row + 4).join(""));
  const calls = [0, 1, 2, 3, 4].map((call) => `${hex(pc + 0x1010 * call)}:0x3ffb${1000 + 32 * call}`);
  return `I (${300 + random(90)}) app: start
Guru Meditation Error: Core  ${place % 2} panic'ed (${CAUSES[place % CAUSES.length] ?? ""}). Exception was unhandled.

Core  ${place % 2} register dump:
${rows.join("\n")}

Backtrace: ${calls.join(" ")}

ELF file SHA256: 1f2e3d4c5b6a7980

Rebooting...
ets Jun  8 2016 00:22:57

rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)
configsip: 0, SPIWP:0xee
clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00
mode:DIO, clock div:2
load:0x3fff0030,len:1184
entry 0x400805e4`;
}

/** Line `i`, or the lines of boot `i`, written `ms` after the boot. */
const kinds: Readonly<Record<string, (i: number, ms: number) => string>> = {
  "six kinds of ESP_LOG lines": (i, ms) =>
    [
      `I (${ms}) wifi:bcn_timeout,ap_probe_send_start ${random(100)}`,
      `I (${ms}) http: GET /api/v1/state?id=${random(100_000)} 200`,
      `D (${ms}) sensor: t=${random(40)}.${random(100)} h=${random(100)}.${random(10)}`,
      `W (${ms}) mqtt: retry ${random(10)} of 10 after ${random(3000)} ms`,
      `I (${ms}) mem: free ${200_000 - ((i >> 8) % 50_000)} largest ${110_592 - random(4) * 4096}`,
      `I (${ms}) app: loop ${i} done in ${random(900)} us`,
    ][i % 6] ?? "",
  "a sketch's short lines": (i) =>
    [
      `Free heap: ${180_000 - random(2000)}`,
      `Loop time ${random(100)} ms`,
      `temp=${random(40)}.${random(10)}`,
      `Connected to ${random(255)}.${random(255)}.1.2 rssi -${random(90)}`,
    ][i % 4] ?? "",
  "JSON of fifty devices": (i, ms) =>
    i % 3 === 0
      ? `${clock(ms)} MQT: tele/${word()}_${random(50)}/STATE = {"Time":"2024-03-01T${clock(ms)}","Uptime":"0T${clock(ms)}","UptimeSec":${Math.floor(ms / 1000)},"Heap":${20 + random(8)},"SleepMode":"Dynamic","Sleep":50,"LoadAvg":${random(40)},"Wifi":{"AP":1,"RSSI":${random(100)},"Signal":-${random(90)}}}`
      : `${clock(ms)} MQT: stat/${word()}_${random(50)}/${word().toUpperCase()}${random(9)} = ${random(1000)}`,
  "four figures in each line": (i, ms) =>
    `[${clock(ms)}.${String(ms % 1000).padStart(3, "0")}] mem: heap_free=${190_000 - random(3000)} heap_min=${150_000 - (i >> 11)} largest=${65_536 - random(8) * 512} psram_free=${4_000_000 - random(99_999)} tasks=${random(20)}`,
  CSV: (i, ms) =>
    i === 0
      ? "time_ms,free_heap,largest_block,min_free,tasks,rssi"
      : `${ms},${180_000 - random(3000)},${110_592 - random(9) * 1024},${120_000 - (i >> 12)},${10 + random(3)},-${40 + random(40)}`,
  "errors of many components": (i, ms) =>
    i % 5 === 4
      ? `E (${ms}) ${word()}: failed to send packet ${random(1e6)}, errno ${random(130)} (0x${random(65_536).toString(16)})`
      : i % 5 === 3
        ? `W (${ms}) task_${random(9)}: buffer ${random(64)} not available, code=${random(100)}`
        : `V (${ms}) ${word()}: state ${word()} -> ${word()} after ${random(1000)} status ${random(5)}`,
  "hexadecimal dumps": (_, ms) =>
    `I (${ms}) spi: 0x3ffb${random(65_536).toString(16).padStart(4, "0")}   ${Array.from({ length: 16 }, () => random(256).toString(16).padStart(2, "0")).join(" ")}  |................|`,
  "errors with identifiers that never come again": (_, ms) =>
    `Mar  1 ${clock(ms)} host${random(3)} ${word()}[${random(9999)}]: ${word()} ${word()} ${random(1e5).toString(36)} ${word()} ${random(1e6).toString(36)} error ${word()}`,
  "figures in words that never come again": (_, ms) =>
    `I (${ms}) app: ${word()} ${random(1e9).toString(36)} free heap ${random(1e9).toString(36)} ${180_000 - random(3000)}`,
  "a board that finds no program": () =>
    "rst:0x7 (TG0WDT_SYS_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\nflash read err, 1000\nets_main.c 371\nets Jun  8 2016 00:27:57\n",
  "crashes at thirty places": () => crash(random(30)),
  "crashes at ever other places": () => crash(random(1 << 18)),
};

function write(path: string, line: (i: number, ms: number) => string, bytes: number): number {
  const file = openSync(path, "w");
  let i = 0;
  let ms = 300;
  let lines = 0;
  for (let size = 0; size < bytes;) {
    let text = "";
    while (text.length < 1 << 20) text += `${line(i++, (ms += 1 + random(20)))}\n`;
    size += writeSync(file, text);
    lines += text.split("\n").length - 1;
  }
  closeSync(file);
  return lines;
}

/** Seconds of processor time in the program itself, and the most memory it had, in MB. */
function run(args: readonly string[]): { readonly seconds: number; readonly megabytes: number } {
  const tell =
    'process.on("exit",()=>{const u=process.resourceUsage();process.stderr.write(`\\nUSED ${u.userCPUTime} ${u.maxRSS}`)})';
  const { stderr } = spawnSync(process.execPath, ["--import", `data:text/javascript,${tell}`, ...args], {
    encoding: "utf8",
  });
  const [, micros, kilobytes] = /USED (\d+) (\d+)$/.exec(stderr) ?? [];
  return { seconds: Number(micros) / 1e6, megabytes: Number(kilobytes) / 1000 };
}

async function countLines(path: string): Promise<void> {
  let lines = 0;
  const reader = new LineReader(() => lines++);
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) reader.push(chunk);
  reader.finish();
  console.log(lines);
}

const [first = "200", ...rest] = process.argv.slice(2);
if (first === "--lines") await countLines(rest[0] ?? "");
else {
  const megabytes = Number(first);
  const folder = mkdtempSync(join(tmpdir(), "memmap-bench-"));
  const path = join(folder, "console.log");
  console.log(`memmap report of ${megabytes} MB of log:`);
  for (const [name, line] of Object.entries(kinds)) {
    if (rest.length > 0 && !rest.some((part) => name.includes(part))) continue;
    const lines = write(path, line, megabytes * 1e6);
    const split = run([import.meta.filename, "--lines", path]);
    const report = run([join(import.meta.dirname, "../src/cli/main.js"), "report", path]);
    const ratio = report.seconds / split.seconds;
    keep("log", `processor time, parts of splitting into lines: ${name}`, ratio);
    console.log(
      `  ${name}, ${(lines / 1e6).toFixed(1)} M lines: ${report.seconds.toFixed(1)} s, ${ratio.toFixed(1)} times splitting into lines; ${report.megabytes.toFixed(0)} MB`,
    );
  }
  rmSync(folder, { recursive: true });
}
