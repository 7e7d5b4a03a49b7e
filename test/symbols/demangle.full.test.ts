// Names of the C++ library that GCC brings along, against c++filt of the GNU tools.
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { demangle } from "../../src/symbols/index.ts";
import { missingCommands } from "../toolchain.ts";

const missing = missingCommands("gcc", "nm", "c++filt");

/** `c++filt -i`, as addr2line: with std::string and not the template behind it. */
function filtered(names: readonly string[]): string[] {
  const input = `${names.join("\n")}\n`;
  return execFileSync("c++filt", ["-i"], { input, maxBuffer: 2 ** 28, encoding: "utf8" })
    .trimEnd()
    .split("\n");
}

test.skipIf(missing.length > 0)("every name of libstdc++ reads as c++filt writes it", () => {
  const library = execFileSync("gcc", ["-print-file-name=libstdc++.so.6"], { encoding: "utf8" }).trim();
  const symbols = execFileSync("nm", ["-D", library], { maxBuffer: 2 ** 28, encoding: "utf8" });
  const names = [...new Set(symbols.match(/\b_Z[A-Za-z0-9_$.]+/g) ?? [])];
  expect(names.length).toBeGreaterThan(4000);
  const theirs = filtered(names);
  const differing = names.flatMap((name, i) =>
    demangle(name) === theirs[i] ? [] : [[name, demangle(name), theirs[i]]],
  );
  expect(differing).toEqual([]);
});
