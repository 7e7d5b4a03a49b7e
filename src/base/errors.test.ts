import { expect, test } from "vitest";
import { MemmapError } from "./errors.ts";

test("an error carries code, hint and cause", () => {
  const cause = new Error("ENOENT");
  const error = new MemmapError("run.memmap cannot be read", {
    code: "file-unreadable",
    hint: "Check the path.",
    cause,
  });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "MemmapError", code: "file-unreadable", hint: "Check the path.", cause });
});

test("an error without a cause has no cause property", () => {
  const error = new MemmapError("no such port", { code: "port-missing", hint: "Run `memmap ports`." });
  expect("cause" in error).toBe(false);
});
