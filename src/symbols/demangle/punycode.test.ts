import { domainToASCII } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { punycode } from "./punycode.ts";

test("the example of Rust's RFC 2603", () => {
  expect(punycode("___7hkackfecea1cbdathfdh9hlq6y")).toBe("საჭმელად_გემრიელი_სადილი");
  expect(punycode("gdel_5qa")).toBe("gödel");
});

// Letters that the rules for domain names leave as they are, from below the first adaptation to far beyond the basic plane.
const letter = fc.oneof(
  fc.constantFrom(..."abcdefghij"),
  fc.constantFrom(..."äöüßçñ"),
  fc.constantFrom(..."жщъяλωσ"),
  fc.constantFrom(..."საჭმელად"),
  fc.constantFrom(..."汉字編碼"),
  fc.integer({ min: 0x20000, max: 0x2a6dd }).map((point) => String.fromCodePoint(point)),
);

test("what the encoder of domain names writes reads back", () => {
  let read = 0;
  fc.assert(
    fc.property(fc.array(letter, { minLength: 1, maxLength: 16 }), (letters) => {
      const name = letters.join("").normalize("NFC");
      const encoded = /^xn--([a-z0-9-]+)$/.exec(domainToASCII(name))?.[1];
      if (encoded === undefined) return; // all ASCII, or more than a domain may have
      read++;
      expect(punycode(encoded.replace(/-(?=[^-]*$)/, "_"))).toBe(name);
    }),
    { numRuns: 2000 },
  );
  expect(read).toBeGreaterThan(1000);
});

test.for(["A", "é", "zzzzzzzz", "99999999999"])("%s is not well-formed, or names no character", (name) => {
  expect(punycode(name)).toBeUndefined();
});

test("the last character of Unicode, and the one behind it, which there is not", () => {
  expect(punycode("dn32g")).toBe("\u{10ffff}");
  expect(punycode("en32g")).toBeUndefined();
  expect(punycode("a")).toBe("\u0080");
});
