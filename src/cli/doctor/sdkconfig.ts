// The project's sdkconfig against what the probe needs: what it wraps, where it sends, what call stacks need, what watchdog and core dumps allow.
import { formatBytes, formatCount } from "../../base/format.ts";
import { note, ok, problem, type Check } from "./check.ts";

type Settings = ReadonlyMap<string, string>;

/** What of the project the rules may ask beside its settings. */
export interface Around {
  /** Bytes of the core dump's partition: undefined where there is none, "not known" where the table cannot be read. */
  readonly coreDumpPartition: number | "not known" | undefined;
}

const isOn = (settings: Settings, name: string): boolean => settings.get(`CONFIG_${name}`) === "y";
const numberOf = (settings: Settings, name: string): number | undefined => {
  const value = settings.get(`CONFIG_${name}`);
  return value === undefined || !/^(0x)?[0-9a-f]+$/i.test(value) ? undefined : Number(value);
};

const rules: readonly ((settings: Settings, around: Around) => readonly Check[])[] = [
  presence,
  interposition,
  transport,
  stacks,
  watchdog,
  coreDump,
  sanitizers,
];

export function checkSettings(settings: Settings, around: Around): readonly Check[] {
  const [isThere] = presence(settings);
  if (isThere?.state === "problem")
    return [...presence(settings), ...interposition(settings).filter(({ state }) => state === "problem")];
  return rules.flatMap((rule) => rule(settings, around));
}

function presence(settings: Settings): Check[] {
  if (isOn(settings, "MEMMAP_ENABLE")) return [ok("the probe is in this build (CONFIG_MEMMAP_ENABLE)")];
  return settings.has("CONFIG_MEMMAP_ENABLE")
    ? [
        problem(
          "the probe is switched off (CONFIG_MEMMAP_ENABLE)",
          "menuconfig > Component config > memmap memory debugger > Track allocations",
        ),
      ]
    : [problem("the component memmap is not in this build", "`memmap init` adds it; then build anew")];
}

function interposition(settings: Settings): Check[] {
  const tracing = ["HEAP_TRACING_STANDALONE", "HEAP_TRACING_TOHOST"].find((name) => isOn(settings, name));
  if (tracing !== undefined) {
    return [
      problem(
        `ESP-IDF's heap tracing is on (CONFIG_${tracing}) and wraps the functions that the probe wraps: only memmap's macros are seen`,
        "menuconfig > Component config > Heap memory debugging > Heap tracing: Disabled; or CONFIG_HEAP_USE_HOOKS and CONFIG_MEMMAP_HOOKS",
      ),
    ];
  }
  if (isOn(settings, "MEMMAP_INTERPOSE"))
    return [ok("all allocations are seen, by interposition (CONFIG_MEMMAP_INTERPOSE)")];
  if (isOn(settings, "MEMMAP_HOOKS") && isOn(settings, "HEAP_USE_HOOKS")) {
    return [
      note(
        "allocations are seen by ESP-IDF's hooks: moved blocks keep an old record, callers and failures are not seen",
        "CONFIG_MEMMAP_INTERPOSE, where no other tool wraps the heap",
      ),
    ];
  }
  return [
    problem(
      "only calls through memmap's macros are seen",
      "CONFIG_MEMMAP_INTERPOSE=y; or CONFIG_HEAP_USE_HOOKS=y with CONFIG_MEMMAP_HOOKS=y",
    ),
  ];
}

/** Bits of a byte on a UART, and bytes of an event and its share of snapshots. */
const BITS = 10;
const EVENT_BYTES = 5;

function transport(settings: Settings): Check[] {
  if (isOn(settings, "MEMMAP_TRANSPORT_USB_SERIAL_JTAG"))
    return [ok("the stream goes to USB-Serial-JTAG: any baud rate works")];
  if (isOn(settings, "MEMMAP_TRANSPORT_OWN"))
    return [
      note(
        "the stream goes where memmap_stream_start() is told to: with NULL nothing comes",
        "give it a transport, as memmap_tcp_transport()",
      ),
    ];
  if (isOn(settings, "MEMMAP_TRANSPORT_UART")) {
    const port = numberOf(settings, "MEMMAP_UART_PORT") ?? numberOf(settings, "MEMMAP_UART_NUM");
    return [
      ok(
        `the stream goes to a UART of its own${port === undefined ? "" : ` (number ${port})`}: not to the console's port`,
      ),
    ];
  }
  if (!isOn(settings, "MEMMAP_TRANSPORT_CONSOLE_UART")) return [];
  if (isOn(settings, "ESP_CONSOLE_NONE")) {
    return [
      problem(
        "the stream goes to the console, and there is none (CONFIG_ESP_CONSOLE_NONE)",
        "menuconfig > ESP System Settings > Channel for console output, or another transport of memmap",
      ),
    ];
  }
  const baud = numberOf(settings, "ESP_CONSOLE_UART_BAUDRATE") ?? numberOf(settings, "MONITOR_BAUD") ?? 115_200;
  const events = formatCount(Math.floor(baud / BITS / EVENT_BYTES));
  const option = baud === 115_200 ? "" : `; give memmap record --baud ${baud}`;
  const what = `the stream shares the console's UART at ${formatCount(baud)} baud, enough for about ${events} events a second${option}`;
  return [
    baud < 460_800
      ? note(
          what,
          "CONFIG_ESP_CONSOLE_UART_CUSTOM=y and CONFIG_ESP_CONSOLE_UART_BAUDRATE=921600, where events are dropped",
        )
      : ok(what),
  ];
}

function stacks(settings: Settings): Check[] {
  const depth = numberOf(settings, "MEMMAP_STACK_DEPTH");
  if (depth === undefined) return [];
  const isRiscv = isOn(settings, "IDF_TARGET_ARCH_RISCV");
  const hasFrames = isOn(settings, "ESP_SYSTEM_USE_FRAME_POINTER");
  const hasCallers = isOn(settings, "MEMMAP_DIRECT_CALLERS");
  if (isRiscv && !hasFrames && depth > 1) {
    return [
      problem(
        `call stacks of ${depth} are asked for, and RISC-V has none without frame pointers`,
        "CONFIG_ESP_SYSTEM_USE_FRAME_POINTER=y (ESP System Settings > Backtracing method)",
      ),
    ];
  }
  if (depth > 3) return [ok(`call sites are stacks of up to ${depth} calls`)];
  if (hasCallers) {
    const more =
      isRiscv && !hasFrames
        ? "CONFIG_ESP_SYSTEM_USE_FRAME_POINTER=y and CONFIG_MEMMAP_STACK_DEPTH=6"
        : "CONFIG_MEMMAP_STACK_DEPTH=6";
    return [note("call sites are the callers of malloc and new: one level", `for whole call stacks ${more}`)];
  }
  return [
    problem(
      `call sites are ${depth === 1 ? "one level" : `${depth} levels`} deep: malloc itself takes three, so that most sites are malloc`,
      "CONFIG_MEMMAP_STACK_DEPTH=6, or CONFIG_MEMMAP_DIRECT_CALLERS=y",
    ),
  ];
}

/** Below this, a walk over PSRAM's blocks with interrupts off may last longer. */
const SAFE_WATCHDOG_MILLISECONDS = 800;

function watchdog(settings: Settings): Check[] {
  const seconds = numberOf(settings, "MEMMAP_REGIONS_SECONDS") ?? 0;
  const timeout = numberOf(settings, "ESP_INT_WDT_TIMEOUT_MS");
  if (seconds === 0 || !isOn(settings, "SPIRAM") || !isOn(settings, "ESP_INT_WDT") || timeout === undefined) return [];
  if (timeout >= SAFE_WATCHDOG_MILLISECONDS) return [ok(`the interrupt watchdog has ${timeout} ms`)];
  return [
    note(
      `the heap walks all blocks of PSRAM with interrupts off for the state of its regions, every ${seconds} s; the interrupt watchdog has ${timeout} ms`,
      `if it fires: CONFIG_MEMMAP_REGIONS_SECONDS=0, or CONFIG_ESP_INT_WDT_TIMEOUT_MS=${SAFE_WATCHDOG_MILLISECONDS} and more`,
    ),
  ];
}

/** Internal data memory of a chip, all of which a core dump with CAPTURE_DRAM can hold. */
const INTERNAL_KILOBYTES: Readonly<Record<string, number>> = {
  esp32: 328,
  esp32s2: 320,
  esp32s3: 512,
  esp32c2: 272,
  esp32c3: 400,
  esp32c5: 384,
  esp32c6: 512,
  esp32c61: 320,
  esp32h2: 320,
  esp32p4: 768,
};
/** Of a dump with tasks only, and of the probe's tables with the default settings. */
const TASKS_BYTES = 64 * 1024;
const TABLES_BYTES = 42 * 1024;

function coreDump(settings: Settings, { coreDumpPartition: partition }: Around): Check[] {
  if (!isOn(settings, "ESP_COREDUMP_ENABLE_TO_FLASH")) return [];
  if (partition === "not known")
    return [note("the partition table could not be read: whether core dumps have room is not known")];
  if (partition === undefined)
    return [
      problem(
        "core dumps go to flash, and the partition table has no coredump partition",
        "add one: `coredump, data, coredump, , 1M`",
      ),
    ];
  const all = isOn(settings, "ESP_COREDUMP_CAPTURE_DRAM");
  const chip = INTERNAL_KILOBYTES[settings.get("CONFIG_IDF_TARGET") ?? ""];
  if (all && chip === undefined)
    return [note(`how large a core dump of this chip gets is not known; the partition has ${formatBytes(partition)}`)];
  const tables = isOn(settings, "MEMMAP_IN_CORE_DUMP") ? TABLES_BYTES : 0;
  const needed = (all ? (chip ?? 0) * 1024 : TASKS_BYTES) + tables;
  const psram = all && isOn(settings, "SPIRAM") ? ", and the blocks in PSRAM beside" : "";
  if (partition >= needed && psram === "")
    return [ok(`the core dump partition of ${formatBytes(partition)} holds a whole dump`)];
  const what = `a core dump ${all ? "with all of DRAM (CONFIG_ESP_COREDUMP_CAPTURE_DRAM)" : "with the probe's tables"} can take ${formatBytes(needed)}${psram}; its partition has ${formatBytes(partition)}`;
  const todo = `enlarge it: ESP-IDF says "has been saved to flash" also where nothing fitted`;
  return [partition >= needed ? note(what, todo) : problem(what, todo)];
}

function sanitizers(settings: Settings): Check[] {
  if (!isOn(settings, "COMPILER_KASAN")) return [];
  return [
    note(
      "KASAN is on: its red zones hide the heap's words from the probe, which then proves less",
      "one of the two at a time",
    ),
  ];
}
