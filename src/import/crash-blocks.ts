// The block that an address of an accident belongs to, where the log has told of it before: in a heap trace, a dump, a table.

import type { Incident, IncidentKind } from "../wire/log-records.ts";
import type { LogRun } from "./log-run.ts";
import type { PrintedBlock } from "./printed-blocks.ts";

/** The block that a damaged canary belongs to, where the log has told of it. */
export function blockOf(run: LogRun, kind: IncidentKind, address: number): Partial<Incident> {
  if (kind === "write-after-free") return blockAt(run, address);
  const { live } = run;
  if (kind === "bad-head") {
    const user = address + 8;
    // A place that was given to another block since is that one's.
    const block = live.at(user) ?? live.at(user + 4) ?? run.freedAt(user);
    if (block === undefined) return printedFields(run.printed.at(user));
    const freeSite = run.freeSiteOf(block);
    return { ...blockFields(block), ...(freeSite === undefined ? {} : { freeSite }) };
  }
  const below = live.before(address);
  const isIts = below !== undefined && address <= below.address + below.size && address > below.address;
  // The dump of a heap tells the whole block, canaries included; the user's bytes end where the tail stands.
  return isIts ? { ...blockFields(below), blockSize: address - below.address } : printedFields(run.printed.endingAt(address)); // prettier-ignore
}

/** The block that the address lies in, or lay in before it was freed. */
export function blockAt(run: LogRun, address: number): Partial<Incident> {
  const live = run.live.overlapping(address, 1)[0];
  const freed = live === undefined ? run.freedAt(address) : undefined;
  const block = live ?? freed;
  if (block === undefined) return printedFields(run.printed.holding(address));
  const freeSite = freed === undefined ? undefined : run.freeSiteOf(freed);
  return { ...blockFields(block), ...(freeSite === undefined ? {} : { freeSite }) };
}

function blockFields(
  block: { readonly address: number; readonly size: number; readonly site: number } | undefined,
): Partial<Incident> {
  if (block === undefined) return {};
  return { blockAddress: block.address, blockSize: block.size, ...(block.site === 0 ? {} : { allocSite: block.site }) };
}

function printedFields(block: PrintedBlock | undefined): Partial<Incident> {
  if (block === undefined) return {};
  return { ...blockFields({ ...block, site: 0 }), facts: [`block line ${block.line} ${block.quote}`] };
}
