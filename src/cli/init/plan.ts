// What `memmap init` would change in a project, worked out before anything is touched: texts of files before and after, and folders to be copied.

/** A file that is changed or made. */
export interface FileChange {
  readonly kind: "file";
  /** Relative to the project, with slashes. */
  readonly path: string;
  /** Undefined: it is made. */
  readonly before: string | undefined;
  readonly after: string;
  readonly why: string;
}

/** The probe's folder, copied from this package. */
export interface CopyChange {
  readonly kind: "copy";
  readonly path: string;
  readonly why: string;
}

export type Change = FileChange | CopyChange;

export interface Plan {
  /** `an ESP-IDF project` */
  readonly title: string;
  readonly changes: readonly Change[];
  /** What the person has to do or know beside. */
  readonly notes: readonly string[];
  /** The two commands to run next. */
  readonly next: readonly [string, string];
}

/** A project's files, as far as a plan has to look at them. */
export interface ProjectFiles {
  /** Undefined where there is none. */
  readonly read: (path: string) => string | undefined;
  /** Names in a folder, with a slash behind those of folders; empty where there is none. */
  readonly list: (folder: string) => readonly string[];
}

/** How the file ends its lines. */
export function endOfLine(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/** Lines added at the end, in the file's own way. */
export function withLines(before: string | undefined, lines: readonly string[]): string {
  const text = before ?? "";
  const eol = endOfLine(text);
  const start = text === "" || text.endsWith("\n") ? text : text + eol;
  return start + lines.map((line) => line + eol).join("");
}

/** Lines of `after` that `before` does not have, and the other way round; for showing. */
export function changedLines(
  before: string,
  after: string,
): readonly { readonly sign: "+" | "-"; readonly line: string }[] {
  const [old, now] = [before.split(/\r?\n/), after.split(/\r?\n/)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  const counts = new Map<string, number>();
  for (const line of old.slice(start)) counts.set(line, (counts.get(line) ?? 0) + 1);
  const added: { sign: "+" | "-"; line: string }[] = [];
  for (const line of now.slice(start)) {
    const left = counts.get(line) ?? 0;
    if (left > 0) counts.set(line, left - 1);
    else added.push({ sign: "+", line });
  }
  const removed = [...counts].flatMap(([line, left]) =>
    Array.from({ length: left }, () => ({ sign: "-" as const, line })),
  );
  return [...removed, ...added];
}
