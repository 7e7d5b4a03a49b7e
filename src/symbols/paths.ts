// Paths as compilers write them, of any host: "/", "\" and drive letters, with "." and ".." inside.

function isAbsolute(path: string): boolean {
  return path.startsWith("/") || path.startsWith("\\") || /^[A-Za-z]:[\\/]/.test(path);
}

/** Joins like a shell would, an absolute part dropping what is before it, and resolves "." and "..". Gives "/" as separator. */
export function joinPath(...parts: readonly string[]): string {
  let joined = "";
  for (const part of parts) {
    if (part === "") continue;
    joined = joined === "" || isAbsolute(part) ? part : `${joined}/${part}`;
  }
  return normalizePath(joined);
}

export function normalizePath(path: string): string {
  const unified = path.replaceAll("\\", "/");
  if (!unified.includes("//") && !unified.includes("/.") && !unified.startsWith(".")) return unified;
  const absolute = unified.startsWith("/");
  const kept: string[] = [];
  for (const part of unified.split("/")) {
    if (part === "" || part === ".") continue;
    const last = kept.at(-1);
    if (part === ".." && last !== undefined && last !== "..") kept.pop();
    else if (part !== ".." || !absolute) kept.push(part);
  }
  return (absolute ? "/" : "") + kept.join("/");
}

/** What is behind `root` in `path`; undefined when the path does not lie under it. */
export function pathUnder(path: string, root: string): string | undefined {
  if (root === "" || !path.startsWith(root)) return undefined;
  if (root.endsWith("/")) return path.slice(root.length);
  return path.charAt(root.length) === "/" ? path.slice(root.length + 1) : undefined;
}
