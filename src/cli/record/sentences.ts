// One-line sentences on what the device reports, for the moment at which it reports it. The verdict with evidence and advice comes from
// src/detect when the run is over.
import { greatest } from "../../base/values.ts";
import { formatAddress, formatBytes, formatNumberOf, formatTime } from "../../base/format.ts";
import type { Names } from "../../detect/names.ts";
import type { RunBoot } from "../../heap/run-records.ts";
import { formatCaps } from "../../wire/caps.ts";
import type { Failure, Fault } from "../../wire/records.ts";
import { FailureReason, FaultKind } from "../../wire/protocol.ts";
import { resetReasonWords } from "../../wire/reset-reason.ts";

export function faultSentence(fault: Fault, names: Names): string {
  const block = `${formatAddress(fault.blockAddress)} (${formatBytes(fault.blockSize)})`;
  const at = (word: string, site: number | undefined): string =>
    site === undefined || site === 0 ? "" : `, ${word} at ${names.site(site).text}`;
  const allocated = at("allocated", fault.allocSite);
  const freed = at("freed", fault.freeSite);
  const found = at("found", fault.detectedSite);
  switch (fault.kind) {
    case FaultKind.DOUBLE_FREE:
      return `double free of ${block}${allocated}${freed}${at("freed again", fault.detectedSite)}`;
    case FaultKind.INTERIOR_FREE: {
      const inside = formatNumberOf(fault.pointer - fault.blockAddress, "byte");
      return `free of ${formatAddress(fault.pointer)}, ${inside} inside the block ${block}${allocated}${at("freed", fault.detectedSite)}`;
    }
    case FaultKind.REALLOC_AFTER_FREE:
      return `realloc of the freed block ${block}${allocated}${freed}${at("reallocated", fault.detectedSite)}`;
    case FaultKind.OVERFLOW:
      return `write past the end of ${block}: ${damage(fault)}${allocated}${found}`;
    case FaultKind.UNDERFLOW:
      return `write before the start of ${block}: ${damage(fault)}${allocated}${found}`;
    case FaultKind.WRITE_AFTER_FREE:
      return `write after free to ${block}: ${damage(fault)}${allocated}${freed}${found}`;
  }
}

function damage(fault: Fault): string {
  const length = fault.damageLength ?? fault.damageBytes?.length;
  const bytes = length === undefined ? "bytes" : formatNumberOf(length, "byte");
  if (fault.damageOffset === undefined) return `${bytes} damaged`;
  const past = fault.damageOffset - fault.blockSize;
  if (past >= 0) return `${bytes} from ${past === 0 ? "its very end" : `${past} past its end`}`;
  return fault.damageOffset < 0
    ? `${bytes} from ${-fault.damageOffset} before it`
    : `${bytes} from offset ${fault.damageOffset}`;
}

export function failureSentence(failure: Failure, names: Names): string {
  const where = failure.site === undefined || failure.site === 0 ? "" : ` at ${names.site(failure.site).text}`;
  if (failure.reason === FailureReason.SIZE_OVERFLOW) {
    return `calloc of ${failure.count ?? "?"} × ${formatBytes(failure.size)}${where} refused: more than the address space`;
  }
  const size = formatBytes(failure.size * (failure.count ?? 1));
  const largest = greatest(
    failure.regions.map((region) => region.largestFree),
    0,
  );
  const free = failure.regions.reduce((sum, region) => sum + region.free, 0);
  const why =
    failure.regions.length === 0
      ? "no region has these capabilities"
      : `${formatBytes(free)} free there, largest block ${formatBytes(largest)}`;
  return `allocation of ${size} (${formatCaps(failure.caps)})${where} failed: ${why}`;
}

/** @param previous the boot before, undefined for the first one */
export function bootSentence(boot: RunBoot, number: number, previous: RunBoot | undefined): string {
  const app = [boot.appName, boot.appVersion].filter((part) => part !== undefined && part !== "").join(" ");
  const what = [app, boot.chip, boot.idfVersion === undefined ? undefined : `ESP-IDF ${boot.idfVersion}`];
  const described = what.filter((part) => part !== undefined && part !== "").join(", ");
  if (previous === undefined) return described === "" ? "frames are coming in" : `connected to ${described}`;
  const reason = resetReasonWords(boot.resetReason);
  const ran = formatTime(boot.startedAt - previous.startedAt);
  return `the board restarted${reason === undefined ? "" : ` ${reason}`}, ${ran} after its last start; this is boot ${number}`;
}
