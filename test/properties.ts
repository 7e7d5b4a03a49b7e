// Runs before each file of tests: what an arbitrary may be long, it becomes (fast-check's own default is ten elements, whatever maxLength says); and
// `npm test` draws the same cases every time, so that nobody's change is blamed for what another draw would have found in the code before it. The long
// tests, and `MEMMAP_SEED=any npm test`, draw new ones; a number as MEMMAP_SEED draws the cases of that number.
import fc from "fast-check";

const { MEMMAP_LONG: isLong, MEMMAP_SEED: asked = isLong === undefined ? "1" : "any" } = process.env;

fc.configureGlobal({
  ...fc.readConfigureGlobal(),
  defaultSizeToMaxWhenMaxSpecified: true,
  ...(asked !== "any" && { seed: Number(asked) }),
});
