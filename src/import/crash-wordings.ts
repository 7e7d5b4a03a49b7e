// The words in which programs die, in full: assertions of all generations, aborts, panics, what a board says of them after its restart. Their first
// words, on ESP-IDF: src/symbols/log/last-words.ts.
import { ROM_RESET } from "../symbols/log/boot-lines.ts";
import { LAST_WORDS } from "../symbols/log/last-words.ts";

export const DAMAGED =
  /CORRUPT HEAP: (Bad head|Bad tail|Invalid data) at (?:0x)?([0-9a-f]{8})\. Expected (?:0x)?([0-9a-f]+) got (?:0x)?([0-9a-f]+)/i;
/** umm_malloc of the ESP8266 core. */
export const UNPOISONED =
  /\bNo poison (before|after) (?:the )?block(?: at|\. Expected poison address): (0x[0-9a-f]{8}), actual data:((?: ?0x[0-9a-f]{2})*)/i;
/** The same where free() or realloc() is given a block that is free already. */
export const FREE_ALREADY = /\bcheck_poison_block is called for free block (0x[0-9a-f]{1,8})/i;
export const SANITIZER_TYPE = /^\s*Bug type: (.+)$/;
export const ASSERT = /assert failed: +(?:(\S+?)(?:\(\))? +)?(?:([\w./\\-]+\.\w+):(\d+) +)?(\(.*\)?)\s*$/;
export const ASSERT_ANY = /assert failed: +(.*)$/;
/** The Bluetooth controller's own checks: its source, and two values. */
export const CONTROLLER_ASSERT =
  /^assert (\w+\.c) (\d+), param [0-9a-f]{8} [0-9a-f]{8}|\bASSERT_(?:PARAM|ERR)\b.{0,200}, in (\w+\.c) at line (\d+)/i;
/** FreeRTOS's own, which tells no condition. */
export const FREERTOS_ASSERT = /(\S+\.\w+):(\d+) \((\w+)\) ?- ?assert failed\b/i;
/** A place behind the word, and perhaps a condition between them: FreeRTOS's configASSERT() as programs define it, LVGL's, NuttX's. */
export const PLACED_ASSERT =
  /^(?!.*\bzb_bufpool).{0,48}?(?<![\w./\\-])(?:\w*_)?(?:config|v)?assert(?:ion|ed|called)?\b(?! (?:passed|ok|checks?|level)\b)(?: at expression: (.{1,200}?) \(.{0,80}?\)| failed at \(([^()]{1,200})\))?.{0,80}?([\w./\\-]+\.(?:c|cc|cpp|h|hpp|S|ino))\b["']?[\s,;:([]*(?:(?:at |on )?line(?: number| no\.?)?[\s:=#]*)?(\d{1,5})\b(?!.*\b(?:pass|ok)(?:ed)?\b)/i;
/** lwIP's: its function, its place and its condition. */
export const LWIP_ASSERT = /\bAssert failed in (\w+), (\S+?\.\w+):(\d+) \((.*)\)\s*$/;
/** Matter's. */
export const VERIFY_OR_DIE = /\bVerifyOrDie failure at (\S+?):(\d+): (.+)/;
/** TinyUSB's: the function and its line. */
export const NAMED_ASSERT = /^(\w+) (\d+): ASSERT FAILED\b/;
export const ABORT = /abort ?\(\) was called at PC (?:0x)?([0-9a-f]{8})(?: on core (\d))?/i;
export const PANIC = /Guru Meditation Error: Core\s+(\S{1,2}) panic['’]ed \((.*?)\s*\)(?=\.|$|\s)/;
export const OLD_PANIC = /Guru Meditation Error of type (\w+) occurred on core\s+(\d+)/;
export const OTHER_PANIC =
  /^(?:Exception \((\d+)\):|Fatal exception \(?(\d+)\)?)|ZEPHYR FATAL ERROR \d+: ?(.*)|^Unhandled exception(?! in (?:IRQ|thread|callback))(.*)|^Exception occurred(?: on \w+)? '(\w+)'|\b(?<!tinygo: )Panic:? (?:core|at|in)\b(.*)|\*\* CPU \d EXCCAUSE \d+ \((.+?)\)|\bmcause: \d{1,2}, (.+)|^Brownout detector was triggered|^(Undefined behavior) of type (\w+)/i;
/** ESPHome tells of a crash after the restart, to everybody who connects; what it was, where, and how it came there stand in lines of their own. */
export const KEPT_CRASH = /\*{3} CRASH DETECTED ON PREVIOUS BOOT \*{3}/;
export const KEPT_REASON = /(?:^|\]: *)\s*Reason: (.+?)(?: - (.+?))?(?: \(exccause=\d+\))?\s*$/;
export const KEPT_CORE = /(?:^|\]: *)\s*Crashed core: (\d)/;
export const KEPT_HINT = /(?:^|\]: *)\s*Use: addr2line /;
/** Tasmota's answer to `Status 12`, of a crash in the boot before, and what it publishes after its restart; in one line or one for each value. */
export const TASMOTA_CRASH = /"(?:StatusSTK|RestartReason)"\s*:\s*\{\s*(?:$|"Exception"\s*:\s*\d)/;
/** ESP.getResetInfo() of the ESP8266, of the boot before: exception, and reason 1 to 3 for what was no reset from outside. */
export const RESET_INFO = /\bFatal exception:(\d+) flag:([123]) \(([\w ]+)\) /;
/** A core dump that ESP-IDF finds at its start. */
export const FOUND_DUMP = /^(?:Found core dump \d+ bytes|Core dump data is \d+ bytes)/;
/** Fields of the ESP8266's struct rst_info and of ESP-IDF's summary of a core dump, in any spelling. */
export const EXCEPTION_CAUSE = /\bexc(?:eption)?[_ ]?cause"?\s*[:=]\s*"?(?:0x)?(\d{1,2})\b(?: \((\w+)\))?/i;
export const RESET_FIELD =
  /\b(epc_?[123]|(?:exc_?)?pc|excvaddr|exc_vaddr|depc)"?\s*[:=]\s*"?(?:(?:0x)?([0-9a-f]{8})|(\d{1,10}))\b/gi;
/** The calls among them, innermost first. */
export const RESET_CALLS =
  /\b(?:exc_?)?(?:bt|back_?trace|call_?(?:stack|chain)|stack_?trace)(?:_info)?"?\s*[:=]\s*\[([^\]]{8,600})\]/i;
/** On a line of their own below the cause. */
const RESET_PLACE = /\bepc_?1"?\s*[:=]/i;
export const RESET_TASK = /\b(?:exc_?)?task(?:[ _]name)?"?\s*[:=]\s*"?([\w-]+)/i;
export const RESET_NUMBER = /\b(?:flag|reason|rst_?reason|reset_?reason)"?\s*[:=]\s*"?(\d+\b|[a-z][\w ]{0,24})/i;
/** What a program says after its restart of how it came to that, and the ESP8266's boot code: a watchdog, a crash, or too little voltage. */
export const RESET_REASON =
  /\b(?:re(?:set|start|boot)|boot)[ _-]?(?:reason|cause)\w*\b[\s"':=|()\d-]{0,12}(?=\S)([^"|,;{}[\]]{0,40}?(?:\bw(?:atch)?[ -]?dog\b|(?:\b|_)WDT\b|\bpanic\b|_PANIC\b|\bexception\b|\bbrown-?out\b|_BROWNOUT\b)[^"|,;{}[\]]{0,20})|^\s*(wdt reset)\s*$|\b(Software reset due to exception\/panic)\b/i;
/** ESP8266_RTOS_SDK's panic: the task and its stack, before the registers. */
export const RTOS_STACK = /^Task stack \[(.+?)\] stack from \[(0x[0-9a-f]{8})\] to \[(0x[0-9a-f]{8})\]/;
/** What a decoder has made of a backtrace, pasted without it. */
export const DECODED_DEATH =
  /^\s*(?:#\d+ +)?(0x4[0-9a-f]{7})(?::0x[0-9a-f]{8})?(?:: | in )(?:invoke_abort|panic_abort|abort|__assert_func) (?:at |\()/i;
/** What the cache complains of, below `(Cache error)`. */
export const CACHE_ERROR = /^(?:Cache disabled|[DI]bus |[DI]cache |MMU |Cache )\S.*/;
/** The ESP8266 core's panic() and its assertions. */
export const ESP8266_PANIC = /^Panic (\S+\.\w+):(\d+) (\S+?)(?:: Assertion '(.*)' failed\.?)?\s*$/;
/** Rust's panics, whose message is the next line; of std before 1.73 in quotes on the same; of handlers that print the place or the whole structure. */
export const RUST_PANIC =
  /\bpanicked at (?:'(.*)', )?(\S+?:\d+)(?::\d+)?:?\s*$|\bA panic occurr?ed in '([^']+)', at line (\d+)|^PanicInfo \{/;
/** Go's (TinyGo); what lacks memory is a request's, and told as that. */
export const GO_PANIC = /^panic: (?!.*\bout of memory)(?:runtime error(?: at (0x[0-9a-f]{8}))?: )?(.+)/;
export const GO_PLACE = /^\[tinygo: panic at (\S+?:\d+)(?::\d+)?\]/;
/** NuttX's, on Xtensa with the cause's number in hexadecimal, on RISC-V with its registers. */
export const NUTTX_XTENSA = /\bxtensa_(?:user_)?panic: .*\bEXCCAUSE=([0-9a-f]{4})(?: task: (.+?))?\s*$/;
export const NUTTX_RISCV =
  /\bEXCEPTION: (.+?)\. MCAUSE: ([0-9a-f]{8})(?:, EPC: ([0-9a-f]{8})(?:, MTVAL: ([0-9a-f]{8}))?)?/;
/** CircuitPython's, after its restart. */
export const SAFE_MODE = /^CircuitPython core code crashed hard/;
/** Zephyr's assertions, and what its heap says below. */
export const ZEPHYR_ASSERT = /ASSERTION FAIL \[(.*)\] @ (\S+?):(\d+)/;
export const ZEPHYR_HEAP =
  /(unexpected heap state \(double-free\?\)|corrupted heap bounds \(buffer overflow\?\)) for memory at (?:0x)?([0-9a-f]{8})/;
export const ZEPHYR_THREAD = /\bCurrent thread: 0x[0-9a-f]+ \((.+?)\)/;
export const ZEPHYR_PLACE = /\*\*\s+PC (0x[0-9a-f]+|\(nil\)) VADDR (0x[0-9a-f]+|0\b|\(nil\))/;
/** `**  A0 0x800d2a5e  SP 0x3ffb3a90  A2 (nil)  A3 0x200` */
export const ZEPHYR_REGISTERS = /\b(A\d{1,2}|SP|LBEG|LEND|SAR) (0x[0-9a-f]{1,8}|\(nil\))/g;
/** What was read where an instruction was illegal. */
export const MEMORY_DUMP = /^Memory dump at 0x[0-9a-f]{8}: ((?:[0-9a-f]{8} ?)+)/;
export const DEBUG_REASON = /Debug exception reason: (.*?)\s*$/;
export const DETECTED_IN = /Detected in task "(.+?)"/;
export const WATCHDOG_TASK = /^\s*-? ?(\S.*?) \(CPU (\d)(?:[/,]\s?\d)*\)/;
/** Whose registers or backtrace follow. */
export const PRINTED_CORE = /^Print CPU (\d)\b/;
export const ESP8266_REGISTERS = /\b(epc1|epc2|epc3|excvaddr|depc)[=:](0x[0-9a-f]{8})/g;
/** Of esp-hal, in one line of decimal numbers. */
export const DECIMAL_REGISTERS = /\b([A-Z][A-Z0-9]+): (\d+)\b/g;
/** Rows of the ESP8266's stack. */
export const STACK_WORDS = /^\s*(?:0x)?[0-9a-f]{8}: +(?:(?:0x)?[0-9a-f]{8} +){3}/i;
/** A frame of GDB's with its address: `#5  0x400d5b21 in release_frame (f=0x3ffb7e94) at frame.c:61`. */
export const GDB_FRAME = /^\s*#\d+\s+(0x[0-9a-f]{8}) in .* \(.*\)(?: at |$)/i;
/** Of the frame where it stopped, a pointer that was given and is NULL; what tasks and callbacks are started with often is. */
export const NULL_ARGUMENT = /^\s*#0 .* \((?:.*, )?(?!(?:pv\w*|args?|param\w*|ctx|user_\w+)=)(\w+)=0x0\b/;
/** A frame of GDB's or a row of its threads, with or without its address, with the arguments of the call: what these quote is no line of the log. */
export const GDB_CALL =
  /^(?:#\d+\s+|\*?\s*\d+\s+(?:process|Thread|LWP) \S+(?: \([^()]*\))?\s+)?(?:0x[0-9a-f]{8} in )?[\w:~]+ \(.*\) at \S+:\d+\s*$/;
/** A terminal's next line where it has broken an address of a backtrace; and what of it stands at the end of the line before. */
export const GOES_ON = /^[0-9a-fx]{1,9}(?:[:\s]|$)/i;
export const CUT = /(?:(?<=[\s:])0|:?0x[0-9a-f]{0,7})$/i;
export const DECODED_FRAME = /^\s*#\d+ +0x[0-9a-f]{8}/i;
export const RELATED =
  /register dump:|^Stack memory:|^>>>stack>>>|^<<<stack<<<|^ctx: |^sp: |^\s*$|^Setting breakpoint|^Core\s+\d+ |^Tasks currently running|^CPU \d:|^-{5,}|^CUT HERE|^User exception|^Panic (?!reason)|^Memory dump at|^Last unhandled|^Exception was unhandled|\*\* +(?:PS|A\d|LBEG|SAR|THREADPTR)\b|\*\* +\(INTLEVEL|\*\* FATAL EXCEPTION|^={5,}|^Crashed task is|^Context$|^0x[0-9a-f]{8} - \S|^\s+at \S+:(?:\d+|\?\?)/;
/** What stopped was no task. */
export const IN_INTERRUPT =
  /\bwas running in ISR context\b|\bFault during interrupt handling\b|^Crashed task is in the interrupt context/;
/** GDB's first calls of a program that ended itself, with what it said. */
export const ABORT_CALL = /\b(?:panic_abort|esp_system_abort) \(details=(?:0x[0-9a-f]+ )?(?:<\S+> )?"(.+?)"\)/;
export const END = /^\s*(?:Rebooting\.\.\.|={5,} CORE DUMP START|={5,} (?:THREADS INFO|THREAD \d))/;
export const HASH = /^\s*ELF file SHA256/;

/** The first line of what the panic handler prints below its reason, and of what esp-coredump prints below the task, where these are lost. */
export const REGISTER_DUMP = /^Core\s+(\d) register dump:|^={5,} CURRENT THREAD (?:REGISTERS|STACK) ={5,}/;

/** The first line of what the exception decoder of Arduino's IDE makes of a crash. */
export const DECODED_CRASH = /^PC: (0x4[0-9a-f]{7})(?:: .*)?$/i;

/** What stands above it, of an ESP8266. */
export const DECODER_HEADING = /^Exception (\d{1,2}): \w+: /;

/** The first line of esp-coredump's account of the task that crashed; those of others follow it. */
export const CORE_DUMP_TASK = /^Crashed task handle: 0x[0-9a-f]+(?:, name: '([^']+)')?/;

/** What the ROM and the bootloader say that find no program to start; an empty partition alone is none of these, the next one may hold one. */
export const NO_PROGRAM =
  /^(?:flash read err, ?\d+|invalid header: ?0x[0-9a-f]{8}|csum err ?: ?0x[0-9a-f]+ ?!= ?0x[0-9a-f]+|Invalid image block, can't boot|No bootable app partitions in the partition table|load partition table error\b|Failed to verify partition table|secure boot verification failed|Unable to find bootable image)/i;
/** Why a program that is there was not taken, told before. */
export const NOT_TAKEN =
  /\bsecure[_ ]?boot\b.*\bfail|\bsignature\b.*\b(?:fail\w*|bad|invalid|untrusted)\b|\buntrusted key\b|\bchecksum failed\b|\bhash failed\b|\binvalid (?:magic|segment|header|load address)\b|\bmismatch chip\b|\bchip rev(?:ision)?\b.*\b(?:require\w*|minimum|higher|lower)\b|\brequires? (?:efuse )?chip rev|\bimage length\b.*\bfit\b|\bimage in the primary slot is not valid\b/i;

/** What libstdc++ says of an exception that nobody caught: its type, and below that its own words. */
export const THROWN = /\bterminate called after throwing an instance of '([^']+)'/;
export const THROWN_WHAT = /^\s*what\(\): +(.+)/;

/** Of what an accident begins with. */
export const ACCIDENTS = [
  ...LAST_WORDS, UNPOISONED, FREE_ALREADY, PLACED_ASSERT, VERIFY_OR_DIE, CONTROLLER_ASSERT, OTHER_PANIC, NUTTX_XTENSA, NUTTX_RISCV, RUST_PANIC, GO_PANIC, KEPT_CRASH, TASMOTA_CRASH, RESET_INFO, EXCEPTION_CAUSE, RESET_PLACE, FOUND_DUMP, RESET_REASON, SAFE_MODE, RTOS_STACK, DECODED_DEATH, ESP8266_PANIC, CORE_DUMP_TASK, REGISTER_DUMP, DECODED_CRASH, ZEPHYR_ASSERT, ZEPHYR_HEAP, ROM_RESET, NO_PROGRAM,
]; // prettier-ignore
