// What `--json` prints: a view with its name and version. docs/json.md is generated from this list.
import type { SerialPortInfo } from "../capture/ports.ts";
import { viewAsJson, type Views } from "../report/views.ts";

export interface PortsView {
  /** Likely boards first. */
  readonly ports: readonly SerialPortInfo[];
}

export interface JsonOutputs extends Views {
  /** `memmap ports`. */
  readonly ports: PortsView;
}

export function asJson<Name extends keyof JsonOutputs>(view: Name, value: JsonOutputs[Name]): string {
  return `${viewAsJson(view, value)}\n`;
}

/** For output that goes on: one line. */
export function asJsonLine<Name extends keyof JsonOutputs>(view: Name, value: JsonOutputs[Name]): string {
  return `${viewAsJson(view, value, 0)}\n`;
}
