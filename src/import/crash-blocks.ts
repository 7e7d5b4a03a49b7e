// The block that an address of an accident belongs to, where the log has told of it before: in a heap trace, a dump, a table.

import type { Incident, IncidentKind } from "../wire/log-records.ts";
import type { LogRun } from "./log-run.ts";

/** The block that a damaged canary belongs to, where the log has told of it. */
export function blockOf(run: LogRun, kind: IncidentKind, address: number): Partial<Incident> {
  if (kind === "write-after-free") return blockAt(run, address);
  const { live } = run;
  if (kind === "bad-head") {
    const user = address + 8;
    const block = run.freedAt(user) ?? live.at(user) ?? live.at(user + 4);
    return {
      ...blockFields(block),
      ...(block !== undefined && run.freeSiteOf(block) !== undefined ? { freeSite: run.freeSiteOf(block) ?? 0 } : {}),
    };
  }
  const below = live.before(address);
  const isIts = below !== undefined && address <= below.address + below.size && address > below.address;
  // The dump of a heap tells the whole block, canaries included; the user's bytes end where the tail stands.
  return isIts ? { ...blockFields(below), blockSize: address - below.address } : {};
}

/** The block that the address lies in, or lay in before it was freed. */
export function blockAt(run: LogRun, address: number): Partial<Incident> {
  const freed = run.freedAt(address);
  const block = freed ?? run.live.overlapping(address, 1)[0];
  const freeSite = freed === undefined ? undefined : run.freeSiteOf(freed);
  return { ...blockFields(block), ...(freeSite === undefined ? {} : { freeSite }) };
}

function blockFields(
  block: { readonly address: number; readonly size: number; readonly site: number } | undefined,
): Partial<Incident> {
  if (block === undefined) return {};
  return { blockAddress: block.address, blockSize: block.size, ...(block.site === 0 ? {} : { allocSite: block.site }) };
}
