// Which lines each reader of logs takes for its own, so that no other reads them: marked with a plus, one line after the other.
import { expect, test } from "vitest";
import { Told } from "../../test/told.ts";
import { ClassicReader } from "./classic-text.ts";
import { CoreDumpReader } from "./core-dump-text.ts";
import { CrashReader } from "./crash-text.ts";
import { FailedAllocationReader } from "./failed-allocation-reader.ts";
import { HeapDumpReader } from "./heap-dump-text.ts";
import { HeapInfoReader } from "./heap-info-text.ts";
import { HeapTraceReader } from "./heap-trace-text.ts";
import { ReportBuilder } from "./import-report.ts";
import { LogRun, type SectionReader } from "./log-run.ts";
import { SeriesCollector } from "./log-series.ts";
import { logLine, OverviewReader } from "./log-text.ts";
import { SysviewTextReader } from "./sysview-text.ts";
import { TaskTrackingReader } from "./task-tracking-text.ts";
import { TraceTableReader } from "./trace-table-text.ts";
import { UnityReader } from "./unity-text.ts";

type Make = (run: LogRun, series: SeriesCollector) => SectionReader;

/** The log is marked: `+` before the lines that are taken, `-` before the others. */
function marked(make: Make, log: string): string {
  const report = new ReportBuilder("a.log", "log");
  const run = new LogRun(new Told(false), report, new OverviewReader().overview, 1);
  const reader = make(run, new SeriesCollector());
  return log
    .split("\n")
    .map((line, i) => {
      const read = logLine(new TextEncoder().encode(line.slice(1)), i + 1);
      run.beginLine(read);
      const taken = reader.line(read);
      return `${taken ? "+" : "-"}${line.slice(1)}`;
    })
    .join("\n");
}

test.for<readonly [string, Make, string]>([
  [
    "heap traces",
    (run) => new HeapTraceReader(run),
    `-freed by 0x400d1000
-total allocations 7 total frees 2
-0x400d3cf8: start_worker at /p/worker.c:41
+5 allocations trace (100 entry buffer)
-freed by 0x400d1000
+8 bytes (@ 0x3ffb68a0) allocated CPU 0 ccount 0xffffff00 caller 0x400d3caf:0x400e3898
+freed by 0x400d3d00:0x400e3898
+0x400d3cf8: start_worker at /p/worker.c:41
-I (1) app: in between
+24 bytes (@ 0x3ffb68b0) allocated CPU 1
+140 bytes alive in trace (3/4 allocations)
+total allocations 7 total frees 2
-I (1100) app: done
+====== Heap Trace: 2 records (2 capacity) ======
+    40 bytes (@ 0x3fc94a00, Internal) allocated CPU 0 ccount 0x00001000 caller 0x42001000
+heap trace linked list is corrupt
+====== Heap Trace Summary ======
+Mode: Heap Trace All
+records: 2 (2 capacity, 2 high water mark)
+hashmap: 2 used
+total allocations: 5
+total frees: 3
-other: 5
+(NB: New entries were traced while dumping, so trace dump may have duplicate entries.)
+(NB: Internal Buffer has overflowed, so trace data is incomplete.)
+================================
-================================
-24 bytes (@ 0x3ffb68b0) allocated CPU 1`,
  ],
  [
    "tables of records",
    (run) => new TraceTableReader(run),
    `-name,size
-address;length
-address
-address,size,12345
+address,size,freed
+0x3ffb0000,100,0
-0x3ffb0000,100
+0x3ffb0000,100,0
+addr\tbytes
-x\t15
-{"name":"x"}
+[{"address":"0x3ffb0000","size":100},
+{"addr":1073422336,
+ "bytes":7}]
-text
+{"address":"0x3ffb0000","size":100}
-{"name":"other"}
+{"address":"0x3ffb0000",
+ "size":100}
-
-{"address":"0x3ffb0000"}`,
  ],
  [
    "SystemView's text",
    (run) => new SysviewTextReader(run),
    `-/p/net.c:12
-
+HEAP: Allocated 32 bytes @ 0x3ffb0000 from task "net" on core 0 by:
+/p/net.c:12
+
-I (1) app: x
+HEAP: Allocated 32 bytes @ 0x3ffb from task "net" on core 0 by:
-/p/net.c:12
+HEAP: Freed bytes @ 0x3ffb0000 from task "net" on core 0 by:
+====== LOG TRACE REPORT ======
+HEAP: Allocated 32 bytes @ 0x3ffb0000 from task "net" on core 0 by:
-/p/net.c:12`,
  ],
  [
    "states of regions",
    (run, series) => new HeapInfoReader(run, series),
    `-  At 0x3ffb0010 len 65520 free 40000 allocated 20000 min_free 30000
+At 3FFB0000 len 00010000 (64 KiB): DRAM
-I (1) app: x
-I (1) app: At 3FFB0000 len 00010000 (64 KiB): DRAM
+I (1) heap_init: At 3FFB0000 len 00010000 (64 KiB): DRAM
+Heap summary for capabilities 0x00001000:
-I (1) app: x
+  At 0x3ffb0010 len 65520 free 40000 allocated 20000 min_free 30000
+    largest_free_block 32000 alloc_blocks 40 free_blocks 5 total_blocks 45
+  At 0x3ff
+  Totals:
+    free 140000 allocated 50000 min_free 120000 largest_free_block 98304
-    free 140000 allocated 50000 min_free 120000 largest_free_block 98304`,
  ],
  [
    "dumps of heaps",
    (run) => new HeapDumpReader(run),
    `-Block 0x3ffb
+Block 0x3ffb0018 data, size: 64 bytes, Free: No
+Showing data for heap: 0x3ffb0000
+Block 0x3ffb0018 data, size: 64 bytes, Free: No
-I (1) app: x
+Block 0x3ffb
+Block 0x3ffb00 data, size: 64 bytes, Free: No
+Block 0x3ffb0010 data, size: 64 bytes, Free: No`,
  ],
  [
    "tables of tasks",
    (run, series) => new TaskTrackingReader(run, series),
    `-│ TASK               │ STATUS  │ CURRENT MEMORY USAGE │ PEAK MEMORY USAGE │ TOTAL HEAP USED │
+ ├ ALLOC 0x3fc9a000, SIZE 32
-I (1) app: x
+│ worker │ DELETED │ 96 │ 512 │ 2 │
+└──────┴───┘
+
-I (1) app: x
+│ TASK               │ STATUS  │ CURRENT MEMORY USAGE │ PEAK MEMORY USAGE │ TOTAL HEAP USED │
-text
-└──────┴───┘
+├ DELETED: worker, CURRENT MEMORY USAGE 96, PEAK MEMORY USAGE 512, TOTAL HEAP USED 2:
+│    ├ HEAP: RAM, CAPS: 0x0010580e, SIZE: 345678, USAGE: CURRENT 96 (0%), PEAK 512 (0%), ALLOC COUNT: 3
+│    │    ├ ALLOC 0x3fc9a000, SIZE 32
+│    │    ├ ALLOC 0x3fc9
-the end`,
  ],
  [
    "accidents",
    (run) => new CrashReader(run),
    `-Backtrace: 0x400d1231:0x3ffb5740
-PC      : 0x400d1234  PS      : 0x00060b30
-   Bug type: use-after-free
-Debug exception reason: BREAK instr
-Detected in task "ui"
+*** CRASH DETECTED ON PREVIOUS BOOT ***
+  Reason: Abort
-text
-Rebooting...
-ESP_ERROR_CHECK failed: esp_err_t 0x101 (ESP_ERR_NO_MEM) at 0x400d1234
+func: app_main
-Rebooting...
+CORRUPT HEAP: Bad head at 0x3ffb0008. Expected 0xabba1234 got 0xdeadbeef
+CORRUPT HEAP: block 0x3ffb0300 has a bad size
-   Bug type: use-after-free
-Rebooting...
+KASAN error: WRITE of size 4 at 3ffb0027
+   Bug type: use-after-free
+assert failed: block_locate_free heap_tlsf.c:441 (block_size(block) >= size)
+assert failed: something else
+assertion "q" failed
+abort() was called at PC 0x400d4444 on core 1
+A stack overflow in task wifi has been detected.
+Guru Meditation Error: Core  0 panic'ed (Unhandled debug exception).
+Debug exception reason: Stack canary watchpoint triggered (net task)
+Debug exception reason: BREAK instr
+Detected in task "ui"
- - IDLE0 (CPU 0)
-I (1) app: x
+Core  0 register dump:
+PC      : 0x400d1234  PS      : 0x00060b30
+Stack memory:
+3fc8ea70: 0x00000001 0x00000002 0x00000003 0x00000004
+3ffffe10:  00000001 00000002 00000003 00000004
+#0  0x400d5b21
+Backtrace: 0x400d1231:0x3ffb5740
+0x400d1231: f at /p/a.c:1
+
-Rebooting...
-
+Task watchdog got triggered.
+ - IDLE0 (CPU 0)
-Rebooting...
+Guru Meditation Error of type LoadProhibited occurred on core  1. Exception was unhandled.
+rst:0xc (SW_CPU_RESET),boot:0x13
-rst:0x1 (POWERON_RESET),boot:0x13
-rst:0x5 (DEEPSLEEP_RESET),boot:0x13
+Brownout detector was triggered`,
  ],
  [
    "the classic tracker",
    (run) => new ClassicReader(run),
    `+Memory allocated at 0x3ffb0000, caps 0x1804, size 1 bytes, in main/net.c, line 12, function f, variable rx
+Memory allocated at 0x3ffb0000
+Failed to allocate 65536 bytes for frame in draw at main/ui.c:9
-Failed to allocate 65536 bytes`,
  ],
  [
    "Unity's checks",
    (run) => new UnityReader(run),
    `-Running one...
-TEST(a, b)
+MALLOC_CAP_8BIT potential leak: Before 1000 bytes free, After 900 bytes free (delta -100)
+MALLOC_CAP_8BIT usage: Free memory delta: -100 Leak threshold: -50
+MALLOC_CAP_8BIT leak: Before 1000 bytes free, After 1900 bytes free (delta 900)
-leak: 5`,
  ],
  [
    "refused requests",
    (run) => new FailedAllocationReader(run, { mayBe: () => true, some: () => true }),
    `-E (1) app: x
+E (2) app: malloc(100) failed
+E (3) app: Error: ESP_ERR_NO_MEM
+std::bad_alloc
+what(): std::bad_alloc
-E (3) rmt: failed to allocate an RMT channel`,
  ],
  [
    "core dumps",
    (run) => new CoreDumpReader(run),
    `-ABCD
-================= CORE DUMP END =================
+================= CORE DUMP START =================
+ABCD
-not base64 !
+================= CORE DUMP END =================
-ABCD`,
  ],
])("%s", ([, make, log]) => {
  expect(marked(make, log)).toBe(log);
});
