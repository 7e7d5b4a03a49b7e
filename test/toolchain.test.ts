import { expect, test } from "vitest";
import { missingCommands } from "./toolchain.ts";

test("missingCommands names what the PATH does not have", () => {
  expect(missingCommands("node", "no-such-compiler")).toEqual(["no-such-compiler"]);
});
