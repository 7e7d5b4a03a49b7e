import { expect, test } from "vitest";
import { MemmapError } from "../base/errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { describeFailure } from "./failure.ts";

const missing = new MemmapError("run.memmap does not exist", { code: "file-missing", hint: "Check the path." });

test("an expected failure is its message and its hint, without a stack", () => {
  const { exitCode, text } = describeFailure(missing, false);
  expect(exitCode).toBe(exitCodes.input);
  expect(text).toContain("run.memmap does not exist");
  expect(text).toContain("Check the path.");
  expect(text).not.toContain("    at ");
});

test("--debug adds the stack", () => {
  expect(describeFailure(missing, true).text).toContain("    at ");
});

test("a code that begins with usage- ends with the exit code for usage", () => {
  const error = new MemmapError("--at is no time", { code: "usage-time", hint: "Write 1.5s or 200ms." });
  expect(describeFailure(error, false).exitCode).toBe(exitCodes.usage);
});

test("anything else is a defect and asks for a report", () => {
  const { exitCode, text } = describeFailure(new TypeError("x is undefined"), false);
  expect(exitCode).toBe(exitCodes.defect);
  expect(text).toContain("--debug");
  expect(text).not.toContain("    at ");
});
