// What is done with words and names wherever they stand.

/** A sentence, from a part of one. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A part of a regular expression that means nothing but itself. */
export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** As a part of a file's name that any system takes: `sim:demo` as `sim-demo`. Empty where nothing can stay. */
export function plainName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "");
}
