// The names of addresses, where the log decodes them: a panic handler prints addresses of calls, a trace those that calls return to.

import { callSiteOf } from "../symbols/return-address.ts";
import type { NamedFrame } from "../wire/fields.ts";
import type { Site } from "../wire/records.ts";
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

  /** Undefined where none of a stack's addresses is decoded. */
  private framesOf(callers: readonly number[]): NamedFrame[] | undefined {
    if (!callers.some((address) => this.framesAt(address) !== undefined)) return undefined;
    return callers.flatMap(
      (address) => this.framesAt(address) ?? [{ function: `0x${address.toString(16).padStart(8, "0")}`, address }],
    );
  }

  /** A site with the frames of its stack, unless it brings them; undefined where nothing is known of it. */
  named(site: Omit<Site, "id">): Omit<Site, "id"> | undefined {
    const { callers = [], frames: told = [], ...rest } = site;
    const isKnown = callers.length > 0 || told.length > 0 || site.file !== undefined || site.function !== undefined;
    if (!isKnown && site.caps === 0) return undefined;
    const frames = told.length > 0 ? told : this.framesOf(callers);
    return {
      ...rest,
      ...(callers.length === 0 ? {} : { callers }),
      ...(frames === undefined ? {} : { frames }),
    };
  }

  private framesAt(address: number): readonly NamedFrame[] | undefined {
    const { decoded } = this;
    return (
      decoded.get(address) ?? decoded.get(callSiteOf("xtensa", address)) ?? decoded.get(callSiteOf("riscv", address))
    );
  }
}
