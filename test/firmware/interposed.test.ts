// The symbols that the linker sends through the probe are the same in every build system's files and in the code.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../tools/build-c.ts";
import { DIRECT_CALLER_FLAGS, INTERPOSE_FLAGS } from "../../tools/c-sources.ts";

describe("what is interposed is the same", () => {
  const flags = [...INTERPOSE_FLAGS, ...DIRECT_CALLER_FLAGS];
  const probeFile = (name: string): string => readFileSync(join(projectRoot, "firmware/memmap", name), "utf8");

  test("for ESP-IDF", () => {
    const text = probeFile("CMakeLists.txt");
    const lists = [...text.matchAll(/foreach\(symbol ([^)]*)\)/g)].flatMap((match) => match[1]?.split(/\s+/) ?? []);
    const single = [...text.matchAll(/--wrap=(heap\w+)/g)].map((match) => match[1] ?? "");
    expect(new Set([...lists, ...single].map((symbol) => `-Wl,--wrap=${symbol}`))).toEqual(new Set(flags));
  });

  test("for PlatformIO", () => {
    const library = JSON.parse(probeFile("library.json")) as { build: { flags: string[] } };
    expect(library.build.flags.filter((flag) => flag.includes("--wrap="))).toEqual(flags);
  });

  test("for Arduino, as its README says", () => {
    const line = /^compiler\.c\.elf\.extra_flags=(.*)$/m.exec(probeFile("README.md"))?.[1];
    expect(line?.split(" ")).toEqual(INTERPOSE_FLAGS);
  });

  test("in the code", () => {
    const code = ["interpose.c", "failure.c", "callers.c", "callers_cxx.c"]
      .map((name) => probeFile(`src/${name}`))
      .join();
    const defined = [
      ...[
        ...code.matchAll(/^NOTED(?:_THEN)?\([^,]*, (\w+),/gm),
        ...code.matchAll(/^NOTED_(?:VOID|PREFER)\((\w+),/gm),
      ].map((match) => match[1]),
      ...[...code.matchAll(/__wrap_(\w+)\(/g)].map((match) => match[1]),
    ];
    expect(new Set(defined.map((symbol) => `-Wl,--wrap=${symbol}`))).toEqual(new Set(flags));
  });
});
