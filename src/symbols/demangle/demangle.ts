// Readable names for C++ and Rust symbols. Own code rather than a library: the ones on npm are compiled to WebAssembly, half
// a megabyte that a host has to load before the first name, while looking up an address is synchronous and must stay so in a
// browser as in Node; and names should read as GNU addr2line writes them.
import { demangleItanium } from "./itanium.ts";
import { demangleRustLegacy } from "./rust-legacy.ts";
import { demangleRustV0 } from "./rust-v0.ts";

/** The longest name that is worth reading; above it the name is shown as it is. */
const MAX_MANGLED = 8192;

/** The readable form of a linker's name; the name itself when it is not mangled or not understood. */
export function demangle(name: string): string {
  if (name.length > MAX_MANGLED) return name;
  if (name.startsWith("_Z")) return demangleRustLegacy(name) ?? demangleItanium(name) ?? name;
  if (/^_R[A-Z]/.test(name)) return demangleRustV0(name) ?? name;
  return name;
}
