// Every command with a recording, an ELF's name and files whose names would clear the screen, set the clipboard, forge lines and turn reading
// round: whatever it prints, on pipes and with colours, is text.
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { beforeAll, expect, test, vi } from "vitest";
import { createRecordingFile } from "../../src/capture/recording-file.ts";
import { Method } from "../../src/wire/protocol.ts";
import { Teller } from "../../src/wire/teller.ts";
import { atLength, covered } from "../length.ts";
import { shortRun, tellTroubles } from "./recordings.ts";
import { cliScript, scratchFolder } from "./run-cli.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }); // processes start slowly on a busy machine

const folder = scratchFolder();
const at = (name: string): string => join(folder, name);

/** Colour that stays on, clear the screen, clipboard, title, fake line, C1, right-to-left, zero width, tag. */
const hostile = (what: string): string =>
  `${what}\u001b[31m\u001b[2J\u001b]52;c;aGk=\u0007\n ERROR  forged\r\u009b2J\u202e\u2066\u200b\u{e0041}`;

beforeAll(() => {
  const recording = createRecordingFile(at("evil.memmap"));
  const teller = new Teller(recording.writer);
  const names = {
    chip: hostile("chip"),
    idfVersion: hostile("idf"),
    appName: hostile("app"),
    appVersion: hostile("v"),
  };
  const boot = { bootId: 1, protocolVersion: 1, configuration: 0, tableCapacity: 64, sampleInterval: 1, stackDepth: 1 };
  teller.record({ kind: "boot", value: { ...boot, ...names } });
  teller.record({ kind: "task", value: { id: 3, name: hostile("task"), handle: 0 } });
  const site = { method: Method.MALLOC, caps: 4, line: 7 };
  for (const id of [1, 2]) {
    const place = {
      file: `main/${hostile("file")}`,
      function: hostile(`function${id}`),
      variable: hostile("variable"),
    };
    teller.record({ kind: "site", value: { id, ...site, ...place } });
  }
  const region = {
    start: 0x3ffb0000,
    end: 0x3ffc0000,
    caps: 4,
    free: 40_000,
    largestFree: 30_000,
    name: hostile("region"),
  };
  teller.record({ kind: "regions", value: { time: 1, regions: [region] } });
  for (let second = 1; second <= 120; second++) {
    const address = 0x3ffb0000 + second * 128;
    teller.alloc(second * 1e6, address, 96, 1, 3, 0);
    teller.alloc(second * 1e6 + 10, address + 8192 * 2, 64, 2, 3, 1);
    teller.free(second * 1e6 + 2000, address + 8192 * 2, 2, 3, 1);
    if (second === 60)
      teller.record({ kind: "mark", value: { time: 60.5e6, name: hostile("mark"), task: 3, core: 0 } });
  }
  tellTroubles(teller, 120.5e6, [region]);
  teller.flush();
  recording.close();
  copyFileSync(at("evil.memmap"), at("evil\u001b[2J\u202e.memmap"));
  writeFileSync(at("mine.supp"), `# ${hostile("reason")}\nleak:function1*\n`);
  const heapTrace = `I (5) ${hostile("x")}\nCORRUPT HEAP: Bad head at 0x3ffb0000. Expected 0xabba1234 got 0x${hostile("0")}\n`;
  writeFileSync(at("evil.log"), heapTrace);
  writeFileSync(
    at("capture.bin"),
    shortRun()
      .text(`${hostile("text")}\n`)
      .take(),
  );
});

const commands: readonly (readonly string[])[] = [
  ["report", "evil.memmap", "--verbose"],
  ["report", "evil.memmap", "--suppressions", "mine.supp"],
  ["report", "evil.memmap", "--json"],
  ["leaks", "evil.memmap"],
  ["faults", "evil.memmap"],
  ["failures", "evil.memmap"],
  ["fragmentation", "evil.memmap"],
  ["fragmentation", "evil.memmap", "--caps"],
  ["fits", "evil.memmap", "--size", "16k"],
  ["list", "evil.memmap"],
  ["list", "evil.memmap", "--json"],
  ["list", "evil.memmap", "--at", "mark:nosuch"],
  ["top", "evil.memmap"],
  ...["stack", "function", "file", "component", "variable", "task", "region", "generation"].map((by) => [
    "top",
    "evil.memmap",
    "--by",
    by,
  ]),
  ["timeline", "evil.memmap"],
  ["map", "evil.memmap"],
  ["diff", "evil.memmap", "--from", "start"],
  ["block", "evil.memmap", "0x3ffb0090"],
  ["query", "evil.memmap", "task:tusk"],
  ["query", "evil.memmap", `no\u001b[2Jsuch\u202e`],
  ["list", "evil\u001b[2J\u202e.memmap"],
  ["list", "no\u001b[2J\u202e.memmap"],
  ["import", "evil.log", "-o", "out\u001b[2J\u202e.memmap", "--force"],
  ["elf", "no\u001b[2J\u202e.elf"],
  ["record", "capture.bin", "-q", "-o", "again\u001b[2J.memmap", "--force"],
  ["no\u001b[2J\u202e"],
  ["help", "no\u001b[2J\u202e"],
];

/** With colours and without; the short form asks each command in one of the two ways. */
const both: readonly string[] = ["0", "1"];
const waysOf = (args: readonly string[]): readonly string[] =>
  atLength({ short: both.slice(commands.indexOf(args) % 2).slice(0, 1), long: both });

test.each(commands.map((args) => [args.join(" "), args] as const))("memmap %s", (_, args) => {
  for (const colours of waysOf(args)) {
    // NO_COLOR of the surroundings would win.
    const env = { ...process.env, NO_COLOR: "", FORCE_COLOR: colours };
    const { stdout, stderr } = spawnSync(process.execPath, [cliScript, ...args], {
      cwd: folder,
      env,
      encoding: "utf8",
    });
    const output = stdout + stderr;
    expect(output).not.toBe("");
    // Our own colours, and each ends in its line.
    // eslint-disable-next-line no-control-regex -- control characters are what this is about
    const ours = colours === "1" ? /\u001b\[(1|2|22|3[1-6]|39)m/g : /(?!)/g;
    for (const line of output.split("\n")) {
      expect(line.replace(ours, "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      const codes = line.match(ours) ?? [];
      if (codes.length > 0) expect(codes.at(-1)).toMatch(/\[(22|39|0)m/);
    }
    expect(output).not.toMatch(/^ ?ERROR +forged/m);
    covered(`${args[0]}, ${colours === "1" ? "with colours" : "without"}`);
  }
});
