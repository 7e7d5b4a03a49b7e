// What a fault is called: by rules, views and timelines alike.
import { FaultKind, type FaultCode } from "./protocol.ts";

type Dashed<Name extends string> = Name extends `${infer First}_${infer Rest}`
  ? `${Lowercase<First>}-${Dashed<Rest>}`
  : Lowercase<Name>;
/** `double-free`, `overflow` …: as rules and views name a fault. */
export type FaultName = Dashed<keyof typeof FaultKind>;

const faultNames = new Map(
  Object.entries(FaultKind).map(([name, kind]) => [kind, name.toLowerCase().replaceAll("_", "-") as FaultName]),
);

export function faultName(kind: FaultCode): FaultName {
  return faultNames.get(kind) ?? "overflow";
}
