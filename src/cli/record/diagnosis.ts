// Why no frames come: silence, only text, or bytes that make no sense. Judged from the first bytes, told in a sentence that says what
// to do.
import { DEFAULT_BAUD } from "../../capture/serial.ts";
import { encodingOf } from "../../import/line-reader.ts";

export type StreamKind = "silence" | "text" | "wide-text" | "garbage" | "newer";

export interface Diagnosis {
  readonly kind: StreamKind;
  readonly sentence: string;
  readonly hint: string;
}

/** A text has hardly any control characters; noise from a wrong baud rate has them and bytes above 0x7F everywhere. */
const GARBAGE_SHARE = 0.15;

/** How many bytes are looked at; what comes later does not change the judgement. */
const ENOUGH_BYTES = 64 * 1024;
/** Enough to tell UTF-16 without a byte order mark. */
const HEAD_BYTES = 256;

/** Counts what kind of bytes a stream consists of. */
export class ByteCensus {
  private seen = 0;
  /** Letters that no text has: controls, and bytes that are no UTF-8. */
  private odd = 0;
  private letters = 0;
  private looked = 0;
  private head = new Uint8Array(0);
  private readonly decoder = new TextDecoder();

  get bytes(): number {
    return this.seen;
  }

  add(chunk: Uint8Array): void {
    this.seen += chunk.length;
    if (this.looked >= ENOUGH_BYTES) return;
    const part = chunk.subarray(0, ENOUGH_BYTES - this.looked);
    this.looked += part.length;
    if (this.head.length < HEAD_BYTES) this.head = Uint8Array.from([...this.head, ...part.subarray(0, HEAD_BYTES)]);
    // Text in any language: of noise hardly a byte above 0x7F belongs to a letter of UTF-8.
    for (const letter of this.decoder.decode(part, { stream: true })) {
      this.letters++;
      if (isOdd(letter.codePointAt(0) ?? 0)) this.odd++;
    }
  }

  get kind(): StreamKind {
    if (this.seen === 0) return "silence";
    if (encodingOf(this.head).encoding !== "utf-8") return "wide-text";
    return this.odd > GARBAGE_SHARE * this.letters ? "garbage" : "text";
  }
}

function isOdd(letter: number): boolean {
  const isSpace = (letter >= 0x07 && letter <= 0x0d) || letter === 0x1b;
  return (letter < 0x20 && !isSpace) || (letter >= 0x7f && letter < 0xa0) || letter === 0xfffd;
}

export interface StreamFacts {
  readonly kind: StreamKind;
  readonly sourceName: string;
  /** False for files, which end by themselves. */
  readonly live: boolean;
  /** Set where the source is a serial port. */
  readonly baud: number | undefined;
  readonly reset: boolean;
}

/** What to tell about a stream in which no frame has come. */
export function diagnose(facts: StreamFacts): Diagnosis {
  const { kind, sourceName, baud } = facts;
  switch (kind) {
    case "silence":
      if (!facts.live) return { kind, sentence: `${sourceName} is empty`, hint: "Capture again." };
      return {
        kind,
        sentence: `nothing comes from ${sourceName}`,
        hint:
          baud === undefined
            ? "Is the board running, and does it send to this address?"
            : `Press the board's reset button. If it stays silent: is this its port (\`memmap ports\`), and does its console use this UART or USB?`,
      };
    case "text":
      return {
        kind,
        sentence: `only log text comes from ${sourceName}, no memmap frames`,
        hint: "Is the memmap component in the firmware, CONFIG_MEMMAP_ENABLE on, and the stream started (memmap_stream_start) on this console? docs/real-board.md goes through it. `memmap import` reads heap reports that stand in a log as text.",
      };
    case "wide-text":
      return {
        kind,
        sentence: `what comes from ${sourceName} is text in UTF-16 or UTF-32, as PowerShell's > writes it, in which no frame survives`,
        hint: "A log in it is read as it is: `memmap report FILE`. For frames capture again with a program that keeps the bytes, such as `memmap record`.",
      };
    case "newer":
      return {
        kind,
        sentence: `the probe behind ${sourceName} speaks a newer protocol than this memmap`,
        hint: "Update memmap (in a clone: `git pull && npm run build`), or build the firmware with the component of this version.",
      };
    case "garbage":
      return {
        kind,
        sentence: `what comes from ${sourceName} is neither text nor memmap frames`,
        hint:
          baud === undefined
            ? "Is this a capture of a memmap stream? If it was taken from a serial port, the baud rate was probably wrong."
            : `The baud rate is probably wrong: this is ${baud}, ESP-IDF's default is ${DEFAULT_BAUD}. Take CONFIG_ESP_CONSOLE_UART_BAUDRATE from your sdkconfig and give it with --baud${otherBaud(baud)}.`,
      };
  }
}

function otherBaud(baud: number): string {
  const others = [115_200, 921_600, 460_800, 74_880].filter((one) => one !== baud);
  return ` (often ${others.slice(0, 2).join(" or ")})`;
}
