import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkOutput, freeName, openOutput } from "./output-file.ts";

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "memmap-output-"))));
afterEach(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(at(name), "utf8");
const bytes = (words: string): Uint8Array => new TextEncoder().encode(words);

test("a new file is there at once; an older one is replaced only when the new one is whole, and only when allowed", () => {
  const fresh = openOutput(at("a"), {});
  fresh.write(bytes("new"));
  expect(text("a")).toBe("new");
  fresh.commit();
  expect(() => openOutput(at("a"), {})).toThrow(expect.objectContaining({ code: "usage-file-exists" }) as Error);
  for (const end of ["abandon", "discard"] as const) {
    const output = openOutput(at("a"), { force: true });
    output.write(bytes("half"));
    output[end]();
    expect(text("a")).toBe("new");
  }
  expect(text("a.partial")).toBe("half"); // what was abandoned can still be read
  const output = openOutput(at("a"), { force: true });
  output.write(bytes("newer"));
  output.commit();
  output.commit();
  expect([text("a"), text("a.partial"), output.bytes]).toEqual(["newer", "half", 5]);
  expect(readdirSync(folder).sort()).toEqual(["a", "a.partial"]);
});

test("what is also read is refused under every name that it has", () => {
  writeFileSync(at("in"), "precious");
  linkSync(at("in"), at("hard"));
  symlinkSync(at("in"), at("soft"));
  mkdirSync(at("sub"));
  for (const name of ["in", "hard", "soft", "sub/../in"]) {
    expect(() => openOutput(`${folder}/${name}`, { force: true, others: [at("in")] })).toThrow(
      expect.objectContaining({ code: "usage-output-is-input" }) as Error,
    );
  }
  // Neither of two outputs exists yet.
  expect(() => checkOutput(at("new"), { others: [`${folder}/sub/../new`] })).toThrow(
    expect.objectContaining({ code: "usage-output-is-input" }) as Error,
  );
  expect(text("in")).toBe("precious");
});

test("behind a link the file itself is replaced; folders are refused; devices are just written", () => {
  writeFileSync(at("real"), "old");
  symlinkSync(at("real"), at("link"));
  const output = openOutput(at("link"), { force: true });
  output.write(bytes("new"));
  output.commit();
  expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
  expect(text("real")).toBe("new");
  mkdirSync(at("sub"));
  expect(() => openOutput(at("sub"), { force: true })).toThrow(/it is a folder/);
  expect(() => openOutput(at("no/such"), {})).toThrow(/its folder does not exist/);
  const nowhere = openOutput("/dev/null", {});
  nowhere.write(bytes("x"));
  nowhere.commit();
  expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
});

test("a free name is the first number that nobody has", () => {
  expect(freeName(at("demo"), ".memmap")).toBe(at("demo.memmap"));
  writeFileSync(at("demo.memmap"), "");
  writeFileSync(at("demo-2.memmap"), "");
  expect(freeName(at("demo"), ".memmap")).toBe(at("demo-3.memmap"));
});
