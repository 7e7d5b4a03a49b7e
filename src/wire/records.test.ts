import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runRecords } from "../heap/run-records.ts";
import { completed, type Description } from "./fields.ts";
import { hello, records } from "./records.ts";

/** camelCase → CAMEL_CASE */
const upperSnake = (name: string): string => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toUpperCase();

/** It, and the records that its fields hold. */
function withinIt([name, description]: readonly [string, Description]): (readonly [string, Description])[] {
  const inner = Object.entries(description.fields).flatMap(([field, { type }]) =>
    typeof type === "object" && "records" in type ? withinIt([`${name}.${field}`, type.records]) : [],
  );
  return [[name, description], ...inner];
}

test.each(Object.entries<Description>({ ...records, ...runRecords, hello }).flatMap(withinIt))(
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

test("a value that is not of its field's type is as good as none", () => {
  const found = {
    number: 3,
    kind: 99,
    time: "soon",
    pointer: 16,
    activeTasks: [1, "2"],
    damageBytes: [1],
    eventNumber: 7,
  };
  expect(completed(records.fault, found)).toEqual({
    number: 3,
    time: 0,
    pointer: 16,
    blockAddress: 0,
    blockSize: 0,
    eventNumber: 7,
  });
  const site = { id: 1, method: 250, file: 5, line: 12, frames: [{ function: "f" }, { file: "x.c" }], callers: [1, 2] };
  expect(completed(records.site, site)).toEqual({ id: 1, method: 0, caps: 0, line: 12, callers: [1, 2] });
});
