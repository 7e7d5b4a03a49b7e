// `memmap symbolize` and `memmap elf` as a user calls them, on the small firmware fixtures.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "../../../test/cli/run-cli.ts";
import { commands } from "../commands.ts";
import { buildProgram } from "../program.ts";

const elf = fileURLToPath(new URL("../../../test/symbols/fixtures/riscv.elf", import.meta.url));

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "memmap-symbolize-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** What a command line prints; rejects with what the command throws. */
async function output(...args: string[]): Promise<string> {
  const program = await buildProgram(commands, args);
  const write = process.stdout.write.bind(process.stdout);
  let text = "";
  process.stdout.write = (chunk: string | Uint8Array) => {
    text += String(chunk);
    return true;
  };
  try {
    await program.parseAsync(args, { from: "user" });
  } finally {
    process.stdout.write = write;
  }
  return text;
}

test("an address with the calls that are inlined around it", async () => {
  expect(await output("symbolize", elf, "0x42000034", "3fc80000")).toBe(
    [
      "0x42000034 reading_create at main/app.c:50:31 [main]",
      "        inlined into record at main/app.c:60:14 [main]",
      "        inlined into poll_sensor at main/app.c:66:5 [main]",
      "0x3fc80000 is not in the code of this ELF",
      "",
    ].join("\n"),
  );
});

test("a return address names the call in front of it", async () => {
  expect(await output("symbolize", "--returned", elf, "0x42000076")).toContain("app_main at main/app.c:72:9");
});

test("a project's folder does in place of an ELF", async () => {
  writeFileSync(join(folder, "app.elf"), readFileSync(elf));
  expect(await output("symbolize", folder, "0x42000060")).toContain("app_main");
});

test("JSON has every field", async () => {
  const [line = ""] = (await output("symbolize", "--json", elf, "0x42000060")).split("\n");
  expect(JSON.parse(line)).toMatchObject({
    address: "0x42000060",
    frames: [{ function: "app_main", line: 70, column: 1, source: "dwarf", component: "main", origin: "user" }],
  });
});

test("what is in an ELF: application, memory, components, layouts", async () => {
  const text = await output("elf", elf);
  expect(text).toContain("greenhouse 1.4.2");
  expect(text).toContain("v5.5.1");
  expect(text).toMatch(/SPIRAM +0x3c000000 +0x3c7fffff +8\.00 MiB +SPIRAM\|DEFAULT/);
  expect(text).toMatch(/heap +\d+ B +4,100 B/);
  expect(await output("elf", elf, "--layout", "reading")).toMatch(/12 +8 +list/);
});

test("--source shows the lines around each call, from the project's folder, and says when they may have moved", async () => {
  mkdirSync(join(folder, "build"));
  mkdirSync(join(folder, "main"));
  const built = join(folder, "build", "app.elf");
  writeFileSync(built, readFileSync(elf));
  const source = join(folder, "main", "app.c");
  writeFileSync(source, Array.from({ length: 70 }, (_, i) => `\tline ${i + 1}();\u001b[2J\r\n`).join(""));
  utimesSync(source, 1e9, 1e9);
  const text = await output("symbolize", "--source", folder, "0x42000034");
  const marked = text.split("\n").filter((line) => /^ {4}>/.test(line));
  expect(marked).toEqual([50, 60, 66].map((line) => `    >    ${line} |     line ${line}();\\x1b[2J`));
  expect(text).toContain("         48 |     line 48();");
  expect(text).not.toContain("changed after the build");
  utimesSync(source, 4e9, 4e9);
  expect(await output("symbolize", "--source", folder, "0x42000034")).toContain("was changed after the build");
  const [line = ""] = (await output("symbolize", "--source", "--json", folder, "0x42000034")).split("\n");
  const { frames } = JSON.parse(line) as { frames: { sourceLines: { line: number }[] }[] };
  expect(frames.map(({ sourceLines }) => sourceLines.map(({ line: number }) => number))[0]).toEqual([
    48, 49, 50, 51, 52,
  ]);
  rmSync(source);
  expect(await output("symbolize", "--source", folder, "0x42000034")).toBe(
    await output("symbolize", folder, "0x42000034"),
  );
});

test("a log's line of digits stays as it is; a list of addresses is answered", async () => {
  const run = async (input: string): Promise<string> =>
    (await runCli(["symbolize", elf], folder, new TextEncoder().encode(input))).out;
  expect(await run("0x42000060\n\n42000076\n")).toBe(
    "0x42000060 app_main at main/app.c:70:1 [main]\n\n0x42000076 app_main at main/app.c:71:28 [main]\n",
  );
  expect(await run("boot\n0x3fc80000\n0x42000060\r\n")).toBe(
    "boot\n0x3fc80000\n0x42000060\r\n--- 0x42000060 app_main at main/app.c:70:1 [main]\n",
  );
});

test("where names of the ROM come from is said once", async () => {
  const text = await output("symbolize", elf, "0x40000200", "0x40000208");
  expect(text).toBe(
    "0x40000200 is in the chip's ROM: its names come with ESP-IDF's tools (ESP_ROM_ELF_DIR) or --rom\n0x40000208 is in the chip's ROM\n",
  );
});

test("an address that is none is refused with what to give", async () => {
  await expect(output("symbolize", elf, "app_main")).rejects.toMatchObject({ code: "usage-address" });
  await expect(output("symbolize", join(folder, "none.elf"), "0x1")).rejects.toMatchObject({ code: "elf-missing" });
});
