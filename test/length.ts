// Tests that have two lengths: `npm test` runs the short form of a `*.long.test.ts`, `npm run test:long` the long one.
import { TestRunner } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** What the test has gone through, in words, for the summary of `npm run test:long`. */
    covered?: string[];
  }
}

/** What belongs to the running form: how often, how many, which. */
export function atLength<T>(forms: { readonly short: T; readonly long: T }): T {
  return process.env["MEMMAP_LONG"] === undefined ? forms.short : forms.long;
}

/** Tests of the long form alone. */
export function onlyLong(register: () => void): void {
  if (process.env["MEMMAP_LONG"] !== undefined) register();
}

/** Says what the running test has covered, counted and not assumed: `covered("20,014 addresses of app.elf")`. */
export function covered(what: string): void {
  const meta = TestRunner.getCurrentTest()?.meta;
  if (meta !== undefined) (meta.covered ??= []).push(what);
}
