// All readers of text formats, in the order in which a line is offered to them: the first that takes it is the only one.

import { ClassicReader } from "./classic-text.ts";
import { CoreDumpReader } from "./core-dump-text.ts";
import { CrashReader } from "./crash-text.ts";
import { type Asks, FailedAllocationReader } from "./failed-allocation-reader.ts";
import { HeapDumpReader } from "./heap-dump-text.ts";
import { HeapInfoReader } from "./heap-info-text.ts";
import { HeapTraceReader } from "./heap-trace-text.ts";
import { HostCheckReader } from "./host-check-text.ts";
import type { LogRun, SectionReader } from "./log-run.ts";
import type { SeriesCollector } from "./log-series.ts";
import { PrintedBlockReader } from "./printed-block-text.ts";
import { RefusedBacktraceReader } from "./refused-backtrace.ts";
import { SysviewTextReader } from "./sysview-text.ts";
import { TaskTrackingReader } from "./task-tracking-text.ts";
import { TraceTableReader } from "./trace-table-text.ts";
import { UnityReader } from "./unity-text.ts";

/** What they are made for; each boot has its own. */
interface Reading {
  readonly run: () => LogRun;
  readonly series: () => SeriesCollector;
  readonly asks: () => Asks;
}

export const readerMakers = ({ run, series, asks }: Reading): readonly (() => SectionReader)[] => [
  () => new PrintedBlockReader(run()),
  () => new HeapTraceReader(run()),
  () => new TraceTableReader(run()),
  () => new SysviewTextReader(run()),
  () => new HostCheckReader(run()),
  () => new HeapInfoReader(run(), series()),
  () => new HeapDumpReader(run()),
  () => new TaskTrackingReader(run(), series()),
  () => new CrashReader(run()),
  () => new RefusedBacktraceReader(run()),
  () => new ClassicReader(run()),
  () => new UnityReader(run()),
  () => new FailedAllocationReader(run(), asks()),
  () => new CoreDumpReader(run()),
];
