// Names for numbers. They are plain aliases, so they mix freely with typed arrays and cost nothing; what they buy is that a
// signature says its unit, and that a reader can find here what a number means.

/** An address on the chip, 0 … 2^32-1, unsigned (use `>>> 0` after bit operations). */
export type Address = number;

/** A size or a distance in bytes. */
export type Bytes = number;

/** A time or a duration in microseconds, as a double: exact up to 2^53 µs, 285 years. Zero is the device's boot. */
export type Microseconds = number;

/** A call site's number, as the probe assigned it on first use; valid within one boot. */
export type SiteId = number;

/** A task's number, as the probe assigned it; valid within one boot. */
export type TaskId = number;

/** A set of `MALLOC_CAP_*` bits. */
export type Caps = number;

/** A node in the prefix tree of call stacks; see src/heap. */
export type StackId = number;

/** A row in the event columns; see src/heap. */
export type EventIndex = number;

/** A row in the table of strings. */
export type StringIndex = number;
