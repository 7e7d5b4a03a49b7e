// Whether this browser can read a serial port.

/** Undefined: this browser has no Web Serial; the sentence says what to do instead. */
export function whyNoSerial(): string | undefined {
  if ("serial" in navigator) return undefined;
  return isSecureContext
    ? "This browser has no Web Serial. Chrome, Edge and other Chromium browsers have it; or run `memmap serve /dev/ttyUSB0` on this computer."
    : "Web Serial needs https or localhost. Open this page there, or run `memmap serve /dev/ttyUSB0` on the computer with the board.";
}
