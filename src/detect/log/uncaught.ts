// C++ exceptions that nobody caught: which one it was says what was asked for that cannot be, and seldom that memory was short.

import type { RunIncident } from "../../heap/run-records.ts";
import type { Names } from "../names.ts";
import { ownName, quoteOf } from "./places.ts";
import type { Reading } from "./reading.ts";

/** By the exception's type and what it says of itself. */
const MEANS: readonly { readonly thrown: RegExp; readonly means: string }[] = [
  {
    thrown: /null not valid|construction from null/,
    means: "A std::string was made from a pointer that is NULL: what a function gave that had nothing to give (getenv(), strstr(), a field of JSON that is not there), or an allocation whose result was not checked",
  },
  {
    thrown: /length_error/,
    means: "A string or a vector was to become longer than any can be: a negative number or garbage that was taken for a length, or an object that was overwritten or freed; no want of memory",
  },
  {
    thrown: /out_of_range/,
    means: "at(), substr(), stoi() and the like were given an index beyond the end, or a number too large: what was looked for is not there",
  },
  {
    thrown: /invalid_argument/,
    means: "stoi(), stof() and the like were given text that is no number, often an empty one",
  },
  {
    thrown: /bad_function_call/,
    means: "A std::function was called that is empty: a callback that nobody has set, or whose object was moved away",
  },
  {
    thrown: /system_error/,
    means: "The system refused a thread, a mutex or a wait; std::thread throws it where no task could be made, nearly always for want of internal memory for its stack (CONFIG_PTHREAD_TASK_STACK_SIZE_DEFAULT)",
  },
  { thrown: /bad_(?:variant|optional|any|weak|cast)|bad_\w+_access/, means: "A value was taken out as something that it is not, or that is not there" },
  { thrown: /json|parse/i, means: "A document could not be read: it is not whole, or not what was expected (an error page, an answer that was cut)" },
]; // prettier-ignore

export function uncaught(incident: RunIncident, names: Names): Reading | undefined {
  const thrown = quoteOf(incident, "thrown");
  if (thrown === undefined) return undefined;
  const own = ownName(names, incident);
  return {
    rule: "crash",
    severity: "error",
    confidence: 0.8,
    title: `an exception that nobody caught: ${thrown.quote}${incident.core === undefined ? "" : ` on core ${incident.core}`}`,
    evidence: [
      MEANS.find((one) => one.thrown.test(thrown.quote))?.means ?? "The program or a library threw it, and no catch takes it",
      `It was thrown right before the program ended (line ${thrown.line}); nothing here proves a fault of the heap`,
    ],
    next: `${own === undefined ? "Decode the backtrace (`--elf build/APP.elf`): behind std::terminate() and __cxa_throw() stands who threw" : `Look at ${own}`}; check there what is handed on, or catch the exception where it can be answered`,
  }; // prettier-ignore
}
