// The package's one public entry: what programs may import from "memmap". The command line is not part of it.
export { MemmapError, type MemmapErrorOptions } from "./base/errors.ts";
export type { Address, Bytes, Caps, Microseconds, SiteId, TaskId } from "./base/units.ts";
