// What `memmap doctor` says of one thing: it is well, or what to do.

export interface Check {
  /** "problem": nothing comes, or names or blocks are missing. "note": it works, and could work better, or is not known. */
  readonly state: "ok" | "note" | "problem";
  readonly what: string;
  readonly todo?: string;
}

export function ok(what: string): Check {
  return { state: "ok", what };
}

export function note(what: string, todo?: string): Check {
  return { state: "note", what, ...(todo !== undefined && { todo }) };
}

export function problem(what: string, todo: string): Check {
  return { state: "problem", what, todo };
}
