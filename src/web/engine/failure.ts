// An error as the page shows it.
import { MemmapError } from "../../base/errors.ts";
import type { Failure } from "./protocol.ts";

export function failureOf(error: unknown): Failure {
  if (error instanceof MemmapError) return { message: error.message, code: error.code, hint: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  return { message, code: "internal", hint: "This is a defect in memmap; please report it with what you did." };
}
