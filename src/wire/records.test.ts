import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runRecords } from "../heap/run-records.ts";
import type { Description } from "./fields.ts";
import { hello, records } from "./records.ts";

/** camelCase → CAMEL_CASE */
const upperSnake = (name: string): string => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toUpperCase();

test.each(Object.entries<Description>({ ...records, ...runRecords, hello }))(
  "%s: no two fields have the same key",
  (_name, { wire, saved }) => {
    const places = wire.filter(({ part }) => part !== "core").map(({ key }) => key);
    expect(new Set(places).size).toBe(places.length);
    expect(new Set(saved.map(({ key }) => key)).size).toBe(saved.length);
  },
);

test.each([
  ["HELLO (1)", hello],
  ["FAULT (6)", records.fault],
  ["FAILURE (7)", records.failure],
])("SPEC.md explains every key of %s", (title, { wire }) => {
  const [, section = ""] = readFileSync("protocol/SPEC.md", "utf8").split(`**${title}**`);
  const [table = ""] = section.split(/\n(?:\*\*|## )/);
  const explained = [...table.matchAll(/(?:^\| |, )(\d+) ([A-Z][A-Z0-9_]+)/gm)].map(
    ([, key, name]) => `${key} ${name}`,
  );
  const described = wire.map(({ name, key, header }) => `${String(key)} ${upperSnake(header ?? name)}`);
  expect(explained).toEqual([...new Set(described)]);
});
