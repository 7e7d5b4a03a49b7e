import fc from "fast-check";
import { expect, test } from "vitest";
import { wrap } from "./wrap.ts";

test("continuation lines stand under the first word", () => {
  expect(wrap("one two three four", 12, "  - ")).toEqual(["  - one two", "    three", "    four"]);
});

test("a long word is never broken", () => {
  expect(wrap("see components/esp_http_client/http_client.c:120 there", 20)).toEqual([
    "see",
    "components/esp_http_client/http_client.c:120",
    "there",
  ]);
});

test("no word is lost and no line is too wide", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,10}$/), { minLength: 1 }), (words) => {
      const lines = wrap(words.join(" "), 20);
      expect(lines.join(" ")).toBe(words.join(" "));
      expect(lines.every((line) => line.length <= 20)).toBe(true);
    }),
  );
});

test("a number stays with its unit", () => {
  expect(wrap("no hole larger than 51.3 KiB, they say", 24)).toEqual(["no hole larger than", "51.3 KiB, they say"]);
});
