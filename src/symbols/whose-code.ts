// Which frame of a call stack is to be named: the first that is the program's own, and the library's function through which it asked. The one
// definition of that, for stacks out of an ELF as for those that recordings, logs and other tools' files name.
import type { Origin } from "./file-owner.ts";
import { idfOf, isLibraryFile } from "./library-folders.ts";
import { normalizePath } from "./paths.ts";

/** A frame as far as it tells whose it is. */
export interface StackFrame {
  /** Demangled; undefined, empty, question marks or an address where nothing is known. */
  readonly function: string | undefined;
  readonly file?: string | undefined;
  /** Where an ELF has told. */
  readonly origin?: Origin | undefined;
}

export interface Place {
  /** Index of the frame to name. */
  readonly at: number;
  /** False where all frames that have names are libraries'. */
  readonly isOwn: boolean;
  /** Index of the library's function that the program called or, where nothing is its own, of the innermost one; undefined where there is none but `at`. */
  readonly through: number | undefined;
}

/** Code that is nobody's own wherever it lies: copies of these libraries are kept in projects too, and templates are instantiated there. */
const LIBRARY =
  /^(?:(?:const |unsigned |static )?[\w:]+[*&]* )?(?:std::|__gnu_cxx::|__cxxabiv1::|ArduinoJson::|cJSON_|mbedtls_|wolfSSL_|lv_|nghttp2_|sqlite3_|luaL?_|nimble_|ble_gap_|ble_hs_|core::|alloc::|<alloc::|<core::|<std::|esp_alloc::|hashbrown::)/;

/** Functions of the standard containers that only allocate, and yet tell what asked. */
const CONTAINER = /^(?:[\w:]+[*&]* )?std::(?!\w*alloc|pmr)[\w:]+<.*::_M_/;

/** Names that tell a library where no path says more. */
const LIKELY_LIBRARY = new RegExp(
  `^(?:${[
    "esp_|nvs_|wifi_|ieee80211_|wpa_|lwip_|tcp_|tcpip_|udp_|pbuf_|netconn_|netif_|dns_|dhcp_|sys_|mem_|memp_|httpd_|http_|mqtt_|outbox_|mdns_|ets_|rom_|ble_|btc_|bta_|btm_|osi_|fixed_|hci_",
    "uart_|gpio_|spi_|i2c_|i2s_|i2sInit|ledc_|rmt_|adc_|sdmmc_|spiffs_|f_(?:open|read|write)$|vfs_|ringbuf|transport_|tls_|ssl_|tcp_transport",
    "x(?:Task|Queue|Timer|Event|Ring|Semaphore|Stream|Message)[A-Z]|v(?:Task|Queue|Event|Semaphore|Port|Ring)[A-Z]|ux?[A-Z]?Task|prv[A-Z]|pv[A-Z]",
    "_?v?(?:as|sn|s|f)?n?i?printf(?:_r)?$|_?(?:f?puts|putc|fopen|fdopen|fclose|fwrite|fread|fflush|setvbuf|getline|qsort|atexit|localtime|gmtime|mktime|strftime|tzset)(?:_r)?$|__s(?:init|fp|wsetup|makebuf|wbuf|rget|flush)|__(?:register_exitproc|libc|retarget_lock|sinit|d2b|dtoa|Balloc|env_lock)|_dtoa_r|_Balloc|_?str(?:len|cpy|cat|cmp|chr|dup|ncpy|ncmp|tok|tod|tol|str)|_?mem(?:cpy|set|move|cmp|chr)$|getaddrinfo$|setenv|putenv",
    "String::|StringSumHelper|WiFi\\w*::|HTTPClient::|HardwareSerial::|Print::|Stream::|Network\\w+::|Preferences::|BLE\\w+::|NimBLE\\w+::|Async\\w+::|PubSubClient::|WebServer::|Web[Ss]ockets\\w*::|Adafruit_\\w+::|TFT_e\\w+::|DNSServer::|Update\\w*::|fs::|EspClass::|z_|k_|sys_heap_|net_",
  ].join("|")})`,
);

/** Where tasks and programs begin: what calls the program, not what it calls. */
const START =
  /^(?:vPortTaskWrapper|pxPortInitialiseStack|main_task|loopTask|call_start_cpu\d|start_cpu\d\w*|esp_startup_start_app\w*|do_global_ctors|do_core_init|do_system_init_fn|_start|__libc_start\w*|z_thread_entry|bg_thread_main|pthread_task_func|task_wrapper|app_main_wrapper|tcpip_thread|ppTask|esp_event_loop_run_task|timer_task|prvTimerTask|prvIdleTask|ipc_task|esp_timer_process_alarm|btu_thread\w*|osi_thread_run|cont_(?:run|wrapper)|loop_wrapper)$/;

/** Longer names occur in damaged files only. */
const MAX_NAME = 500;

/**
 * Where a stack is to be named; undefined where it has no name but those that are passed over.
 *
 * @param frames innermost first
 * @param isPassedOver allocators, the heap, the panic handler: what every stack of its kind goes through
 */
export function placeIn<F extends StackFrame>(
  frames: readonly F[],
  isPassedOver: (frame: F) => boolean,
): Place | undefined {
  const idf = idfIn(frames);
  const hasFiles = frames.some(({ file = "" }) => file !== "");
  const isLibrary = ({ function: name = "", file = "", origin }: F): boolean => {
    if (LIBRARY.test(name)) return true;
    if (origin !== undefined && origin !== "unknown") return origin !== "user";
    if (file !== "" && isLibraryFile(rooted(file), idf)) return true;
    // Of code without a file nothing but its name is known; beside others that have one it is a library's in binary, or the ROM's.
    return /[/\\]/.test(file) ? false : hasFiles && file === "" ? true : LIKELY_LIBRARY.test(name);
  };
  const libraries: number[] = [];
  let container: number | undefined;
  for (const [at, frame] of frames.entries()) {
    const name = frame.function ?? "";
    if (isNameless(name) || name.length > MAX_NAME) continue;
    if (isPassedOver(frame)) {
      if (CONTAINER.test(name)) container = at;
      continue;
    }
    if (START.test(name)) {
      // What it calls at once is the task's own function, which is none that a program calls.
      if (libraries.length > 1 && name === "vPortTaskWrapper") libraries.pop();
      continue;
    }
    if (!isLibrary(frame)) return { at, isOwn: true, through: libraries.at(-1) ?? container };
    libraries.push(at);
  }
  const [innermost] = libraries;
  const outermost = libraries.at(-1);
  if (outermost === undefined) return undefined;
  return { at: outermost, isOwn: false, through: innermost === outermost ? undefined : innermost };
}

/** Whether code lies in flash, as the program's does: panic handler, assertions and the heap lie in RAM unless a setting has moved them. */
export function isInFlash(pc: number): boolean {
  return (pc >= 0x42000000 && pc < 0x44000000) || (pc >= 0x400c2000 && pc < 0x40370000);
}

/** Where Xtensa chips have the C library's functions of strings and memory in their ROM: the ESP8266 and the ESP32, the ESP32-S3. */
const ROM_LIBRARY = [[0x40001200, 0x40001700], [0x4000bb00, 0x4000e500], [0x40056000, 0x40059000]] as const; // prettier-ignore

export function isInRomLibrary(pc: number): boolean {
  return ROM_LIBRARY.some(([from, to]) => pc >= from && pc < to);
}

/**
 * Whether code lies in the ROM, whatever the chip: the ESP32-S2 has memory from 0x40020000 on, RISC-V chips have none below 0x40370000. The P4, whose stacks
 * lie where others have nothing, has flash there and its ROM at 0x4FC00000.
 *
 * @param sp the stack pointer, where it is known
 */
export function isInRom(pc: number, isRiscV: boolean, sp?: number): boolean {
  if (sp !== undefined && sp >= 0x4ff00000 && sp < 0x50000000) return pc >= 0x4fc00000 && pc < 0x4fc20000;
  return isInRomLibrary(pc) || (pc >= 0x40000000 && pc < (isRiscV ? 0x40060000 : 0x40020000));
}

/** A name as a sentence has it: `std::string` for any function of its templates, without arguments. */
export function shortName(name: string): string {
  const plain = withoutBrackets(name.replace(/ ?\[.*$/, "").replaceAll("::__cxx11", "")).replace(
    /(?: const| volatile| &&?)+$/,
    "",
  );
  const found = /(?:^|[ *&])((?:\w+::)*[~\w]+)$/.exec(plain)?.[1] ?? plain;
  const standard = /^std::(\w+)/.exec(found)?.[1];
  if (standard === undefined) return found;
  return `std::${standard
    .replace(/^basic_/, "")
    .replace(/^_(?:Hashtable|Map_base)$/, "unordered_map")
    .replace(/^_Rb_tree$/, "map")
    .replace(/^_Vector_base$/, "vector")
    .replace(/^_Deque_base$/, "deque")}`;
}

/** A name with the types of the standard library's strings as sources write them. */
export function readableName(name: string): string {
  return name
    .replace(
      /std::(?:__cxx11::)?basic_string<char(?:, std::char_traits<char>, std::allocator<char> ?)?>/g,
      "std::string",
    )
    .replaceAll("std::__cxx11::", "std::");
}

/** Without what stands in <…> and (…), except for the names of anonymous scopes. */
function withoutBrackets(name: string): string {
  let depth = 0;
  let plain = "";
  for (const letter of name.slice(0, MAX_NAME)) {
    if (letter === "<" || letter === "(") depth++;
    else if (letter === ">" || letter === ")") depth--;
    else if (depth === 0) plain += letter;
  }
  return plain.trim();
}

/** Of what is called nothing, question marks or an address. */
export function isNameless(name: string): boolean {
  return /^\?*(?: ?\(\))?$|^0x[0-9a-f]+$/i.test(name);
}

function rooted(file: string): string {
  const path = normalizePath(file);
  return path.startsWith("/") || /^[A-Za-z]:/.test(path) ? path : `/${path}`;
}

/** The folder of ESP-IDF that a frame of its heap or its scheduler names. */
function idfIn(frames: readonly StackFrame[]): string | undefined {
  for (const { file = "" } of frames) {
    const idf = file === "" ? undefined : idfOf(rooted(file));
    if (idf !== undefined && idf !== "") return idf;
  }
  return undefined;
}
