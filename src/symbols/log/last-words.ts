// The words in which a program dies on ESP-IDF: what an accident of a console log begins with, and by what a recording's text tells that the board went
// down. Those of other systems and languages stand with their readers (src/import/crash-wordings.ts).

export const CORRUPT = /CORRUPT HEAP: ?(.*)$/i;
export const SANITIZER = /KASAN error: (READ|WRITE) of size (\d+) at (?:0x)?([0-9a-f]{1,8})/i;
export const OLD_ASSERT =
  /assertion ["„“](.{0,400})["“”] failed(?:: file ["„“]([^"“”]*)["“”], line (\d+)(?:, function: (\w+))?)?/;
export const STACK_OVERFLOW =
  /A stack overflow in task (.+?) has been detected|Stack canary watchpoint triggered \((.*?)\s*\)|stack smashing (?:protect failure|detected)|Stack protection fault/i;
export const WATCHDOG =
  /Task watchdog got triggered|Interrupt wdt timeout|(?:Soft|Hardware) WDT reset|Interrupt watchdog timeout/i;
export const ERROR_CHECK = /ESP_ERROR_CHECK failed: esp_err_t 0x[0-9a-f]+ \((\w+)\)(?: at (0x[0-9a-f]{8}))?/;

/** Of each the first words: what stands behind them may be cut, and is read where it is not. */
export const LAST_WORDS: readonly RegExp[] = [
  /Guru Meditation Error/,
  /abort ?\(\) was called/i,
  /assert failed/i,
  /\bpanicked at (?:'|\S+:\d)/,
  CORRUPT,
  SANITIZER,
  OLD_ASSERT,
  STACK_OVERFLOW,
  WATCHDOG,
  ERROR_CHECK,
];
