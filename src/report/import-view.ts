// An import's account: what came over, what did not, what the files themselves told of.
import type { Address, Bytes } from "../base/units.ts";
import type { FigureMemory, FigureQuantity } from "../wire/log-records.ts";
import type { ImportReport, InputAccount, InputReport } from "../import/import-report.ts";

/** A fault, a failed request or a crash that a log tells of. */
export interface IncidentView {
  /** From 1. */
  readonly line: number;
  /** `failed-allocation`, `bad-tail`, `panic` … */
  readonly kind: string;
  /** The log's own words. */
  readonly quote: string;
  /** How often the same was said. */
  readonly count: number;
  /** Bytes asked for. */
  readonly size?: Bytes;
  /** The address that the message names. */
  readonly address?: Address;
}

/** A figure of memory that a log prints now and then. */
export interface FoundSeriesView {
  /** The words beside the number. */
  readonly label: string;
  readonly quantity: FigureQuantity;
  readonly memory: FigureMemory;
  readonly readings: number;
  /** First line, from 1, and its words. */
  readonly line: number;
  readonly quote: string;
}

/** One of the files. */
export interface InputView extends InputAccount {
  readonly incidents: readonly IncidentView[];
  readonly series: readonly FoundSeriesView[];
}

export interface ImportView {
  /** The recording that was written; absent where the files were only explained. */
  readonly output?: string;
  readonly events: number;
  readonly inputs: readonly InputView[];
}

export function viewImport({ inputs, events }: ImportReport, output: string | undefined): ImportView {
  return { ...(output !== undefined && { output }), events, inputs: inputs.map(viewInput) };
}

function viewInput({ incidents, series, ...rest }: InputReport): InputView {
  return {
    ...rest,
    incidents: incidents.map(({ line, kind, quote, count, size, address }) => ({
      line,
      kind,
      quote,
      count,
      ...(size !== undefined && { size }),
      ...(address !== undefined && { address }),
    })),
    series: series.map(({ label, quantity, memory, readings, line, quote }) => ({
      label,
      quantity,
      memory,
      readings,
      line,
      quote,
    })),
  };
}
