// The names of addresses, where the log decodes them: a panic handler prints addresses of calls, a trace those that calls return to.

import { callSiteOf } from "../symbols/return-address.ts";
import type { NamedFrame } from "../wire/fields.ts";
import type { LogOverview } from "./log-text.ts";

export class DecodedNames {
  private readonly decoded: LogOverview["decoded"];

  constructor(decoded: LogOverview["decoded"]) {
    this.decoded = decoded;
  }

  /** The function at an address. */
  at(address: number): string | undefined {
    return this.framesAt(address)?.[0]?.function;
  }

  /** Frames of a stack, or undefined where none of its addresses is decoded. */
  framesOf(callers: readonly number[]): NamedFrame[] | undefined {
    if (!callers.some((address) => this.framesAt(address) !== undefined)) return undefined;
    return callers.flatMap(
      (address) => this.framesAt(address) ?? [{ function: `0x${address.toString(16).padStart(8, "0")}`, address }],
    );
  }

  private framesAt(address: number): readonly NamedFrame[] | undefined {
    const { decoded } = this;
    return (
      decoded.get(address) ?? decoded.get(callSiteOf("xtensa", address)) ?? decoded.get(callSiteOf("riscv", address))
    );
  }
}
