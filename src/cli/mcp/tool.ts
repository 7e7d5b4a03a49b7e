// What a tool for agents is: a name, words, a schema of its arguments, and an answer in text.
import { MemmapError } from "../../base/errors.ts";

export interface Property {
  readonly type: "string" | "integer" | "number";
  readonly description: string;
}

export type Arguments = Readonly<Record<string, string | number | undefined>>;

export interface ToolContext {
  readonly signal?: AbortSignal;
  /** What the person has said to the tool's question; undefined before it was asked. */
  readonly approved: boolean | undefined;
  /** Whether the agent's program can ask its person. */
  readonly canAsk: boolean;
  /** The person has allowed it when the server was started. */
  readonly mayRecord: boolean;
}

export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, Property>>;
  readonly required: readonly string[];
  /** Changes something: a file, a board. */
  readonly acts?: true;
  /** The text, or a question to the person whose answer the next call brings. */
  answer(args: Arguments, context: ToolContext): Promise<string | { readonly ask: string }>;
}

export const fileProperty = {
  file: {
    type: "string",
    description:
      "a .memmap recording, or a console log or other tool's file (heaptrack, SystemView) that memmap imports",
  },
  elf: { type: "string", description: "the firmware's .elf or its project folder, for names of return addresses" },
} as const satisfies Record<string, Property>;

export const windowProperties = {
  from: {
    type: "string",
    description: "begin of the time looked at: 12.5s, 50%, -30s (before the end), mark:NAME, start",
  },
  to: { type: "string", description: "its end: the same forms, end, peak" },
} as const satisfies Record<string, Property>;

/** A word of the arguments. */
export function word(args: Arguments, name: string): string | undefined {
  const value = args[name];
  return value === undefined || value === "" ? undefined : String(value);
}

export function needed(args: Arguments, name: string): string {
  const value = word(args, name);
  if (value !== undefined) return value;
  throw new MemmapError(`${name} is missing`, { code: "usage-mcp", hint: `Give ${name}.` });
}

/** The recording: standard input is the protocol's. */
export function fileOf(args: Arguments, name = "file"): string {
  const file = needed(args, name);
  if (file !== "-") return file;
  throw new MemmapError("- is standard input, on which the agent speaks", { code: "usage-mcp", hint: "Name a file." });
}

/** Options of the command line for those of a tool that were given. */
export function optionsOf(args: Arguments, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const value = word(args, name);
    return value === undefined ? [] : [`--${name}=${value}`];
  });
}
