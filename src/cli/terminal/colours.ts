// Colours for one stream: the standard output may be a pipe while standard error is a terminal, and the other way round.
import pc from "picocolors";

export type Colours = ReturnType<typeof pc.createColors>;

/** None where the stream is no terminal; NO_COLOR and FORCE_COLOR decide before that (no-color.org). */
export function coloursFor(stream: NodeJS.WriteStream): Colours {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return pc.createColors(false);
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return pc.createColors(FORCE_COLOR !== "0");
  // Undefined for a pipe, whatever its type says; createColors(undefined) would colour in every CI job.
  const terminal: boolean | undefined = stream.isTTY;
  return pc.createColors(terminal === true && TERM !== "dumb");
}
