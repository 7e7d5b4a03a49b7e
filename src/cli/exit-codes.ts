// What the process says to a script. Part of the public interface: documented in the README and in `memmap --help`.
export const exitCodes = {
  fine: 0,
  /** The command worked and found more than its budget allows. */
  findings: 1,
  /** Wrong command, option or argument. */
  usage: 2,
  /** What was given cannot be read or used: file, port, stream. */
  input: 3,
  /** A defect in memmap itself (EX_SOFTWARE of sysexits.h). */
  defect: 70,
} as const;
