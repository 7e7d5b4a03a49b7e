// What everything that delivers bytes looks like to those who read them.

export interface ByteSource extends AsyncIterable<Uint8Array> {
  /** As messages name it: "/dev/ttyUSB0 at 115200 baud". */
  readonly name: string;
  /**
   * Whether bytes arrive as they happen. A live source ends when the user says so, or when it goes away: then iteration throws
   * a MemmapError with the code `source-lost` after the last byte has been handed on. Any other source just ends.
   */
  readonly live: boolean;
  /** Set where it is a serial port. */
  readonly baud?: number;
  /** Sends bytes to the device; absent where there is no way to it. */
  write?(bytes: Uint8Array): Promise<void>;
  /** Ends the iteration, at once and without an error, also from another task than the one that iterates. Idempotent. */
  close(): Promise<void>;
}

/** Told to the user while a source opens or waits, in one sentence: "waiting for tcp://…". */
export type Notice = (sentence: string) => void;
