// The records of a run as the model and recordings have them: the device's own (src/wire/records.ts) with what the host adds. A kind's code is its
// number in a recording, and its bit in ChunkSummary.noteKinds; codes never change meaning.

import { describe, type Description, type RecordOf } from "../wire/fields.ts";
import { logRecords } from "../wire/log-records.ts";
import { records } from "../wire/records.ts";

/** Something that only the host can see, because it knows the whole history. */
export const AnomalyKind = {
  /** A free of an address at which nothing was live, of which the probe did not know either. */
  UNKNOWN_FREE: "unknown-free",
  /** A free that the probe knew but the model did not: history is missing. */
  MISSED_ALLOCATION: "missed-allocation",
  /** An allocation at an address that was still live: a free is missing, or the heap handed out one block twice. */
  DOUBLE_ALLOCATION: "double-allocation",
  /** The device's own account differs from the reconstruction though no loss was reported. */
  DIVERGED: "diverged",
} as const;
export type AnomalyKind = (typeof AnomalyKind)[keyof typeof AnomalyKind];

/** What the model made of a heartbeat. */
const Verdict = {
  /** Count, bytes and hash agree with the reconstruction. */
  VERIFIED: "verified",
  DIVERGED: "diverged",
  /** In a gap, not compared. */
  UNCERTAIN: "uncertain",
} as const;

export const runRecords = {
  boot: describe({
    ...records.boot.fields,
    /** Run time of this boot's time zero. */
    startedAt: { type: "time", saved: 17 },
  }),

  /** A call site; `id` is run-wide. */
  site: describe({
    ...records.site.fields,
    /** The id by which the device calls it, within its boot. */
    deviceId: { type: "count", saved: 2 },
    /** Index into `RunTables.boots`; -1 before the first boot was told. */
    boot: { type: "int", saved: 3 },
  }),

  /** A task; `id` is run-wide. A device that uses a number again for another task gives a second one. */
  task: describe({
    ...records.task.fields,
    deviceId: { type: "count", saved: 2 },
    boot: { type: "int", saved: 3 },
    /** Run time at which it was first said to be deleted. */
    deletedAt: { type: "time", saved: 7, optional: true },
  }),

  fault: records.fault,
  failure: records.failure,
  gap: records.gap,
  mark: records.mark,
  regions: records.regions,

  anomaly: describe({
    kind: { type: { oneOf: AnomalyKind }, saved: 1 },
    time: { type: "time", saved: 2 },
    address: { type: "address", saved: 3 },
    site: { type: "site", saved: 4 },
    task: { type: "task", saved: 5 },
    /** True after a gap and before the snapshot that heals it: the anomaly then proves nothing. */
    explainedByGap: { type: "flag", saved: 6 },
  }),

  heartbeat: describe({
    ...records.heartbeat.fields,
    verdict: { type: { oneOf: Verdict }, saved: 14 },
  }),

  series: describe({
    ...logRecords.series.fields,
    /** Index into `RunTables.boots`. */
    boot: { type: "int", saved: 13 },
  }),
  readings: describe({
    ...logRecords.readings.fields,
    boot: { type: "int", saved: 6 },
  }),
  incident: describe({
    ...logRecords.incident.fields,
    boot: { type: "int", saved: 40 },
  }),
} as const satisfies Readonly<Record<string, Description>>;

export type RunRecordKind = keyof typeof runRecords;

export const KIND_CODE: Readonly<Record<RunRecordKind, number>> = {
  boot: 1,
  site: 2,
  task: 3,
  mark: 4,
  fault: 5,
  failure: 6,
  gap: 7,
  anomaly: 8,
  heartbeat: 9,
  regions: 10,
  series: 11,
  readings: 12,
  incident: 13,
};

export type RunBoot = RecordOf<typeof runRecords.boot>;
export type RunSite = RecordOf<typeof runRecords.site>;
export type RunTask = RecordOf<typeof runRecords.task>;
export type RunMark = RecordOf<typeof runRecords.mark>;
export type Anomaly = RecordOf<typeof runRecords.anomaly>;
/** A heartbeat with what the model made of it. */
export type CheckedHeartbeat = RecordOf<typeof runRecords.heartbeat>;
export type RunSeries = RecordOf<typeof runRecords.series>;
export type RunReadings = RecordOf<typeof runRecords.readings>;
export type RunIncident = RecordOf<typeof runRecords.incident>;
export type RegionReport = RecordOf<typeof runRecords.regions>;
