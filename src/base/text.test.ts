import { expect, test } from "vitest";
import { capital, escapeRegExp, plainName, withoutCommands } from "./text.ts";

test("a sentence begins with a capital, whatever it begins with", () => {
  expect(["a block", "λ", "", "1 block"].map(capital)).toEqual(["A block", "Λ", "", "1 block"]);
});

test("a text in a regular expression finds itself alone", () => {
  const text = String.raw`a.*b+?^$ {c}(d)|[e]\f/g`;
  expect(new RegExp(`^${escapeRegExp(text)}$`, "u").test(text)).toBe(true);
  expect(new RegExp(escapeRegExp("a.b")).test("acb")).toBe(false);
});

test("a file's name holds what every system takes, and neither begins nor ends with a dot or a dash", () => {
  expect(["sim:demo", "../My App v1.2?", ".hidden", "a/b\\c", "…"].map(plainName)).toEqual([
    "sim-demo",
    "My-App-v1.2",
    "hidden",
    "a-b-c",
    "",
  ]);
});

test("commands to a terminal are taken out, also where their escape character is lost or written", () => {
  for (const text of ["\u001b[0;32msaid\u001b[0m", "[0;32msaid[0m", "^[[1msaid\\x1b[0m", "\u001b]0;title\u0007said"])
    expect(withoutCommands(text), text).toBe("said");
  expect(withoutCommands("a[12] = [0m]")).toBe("a[12] = [0m]");
});
