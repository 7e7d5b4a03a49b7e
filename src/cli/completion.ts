// Completion for bash, zsh and fish, written from the list of commands and their options: one definition. The scripts are complete in themselves, so
// that a press of Tab starts no program.
import { Command, type Option } from "commander";
import type { CommandEntry } from "./command-entry.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

interface OptionWords {
  /** `--html`, and `-f` where there is one. */
  readonly names: readonly string[];
  readonly summary: string;
  readonly takesValue: boolean;
  /** Words of which one is the value; empty where it is free. */
  readonly choices: readonly string[];
}

interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
}

export async function completionScript(shell: Shell, entries: readonly CommandEntry[]): Promise<string> {
  const commands = await Promise.all(entries.map((entry) => wordsOf(entry, entries)));
  switch (shell) {
    case "bash":
      return bash(commands);
    case "zsh":
      return zsh(commands);
    case "fish":
      return fish(commands);
  }
}

async function wordsOf(entry: CommandEntry, all: readonly CommandEntry[]): Promise<CommandWords> {
  const command = new Command(entry.name);
  (await entry.load()).define(command, all);
  const options = command.options.filter(({ hidden }) => !hidden).map(optionWords);
  const help = { names: ["--help", "-h"], summary: "print its help", takesValue: false, choices: [] };
  return { name: entry.name, summary: entry.summary, options: [...options, help] };
}

function optionWords({ long, short, description, required, optional }: Option): OptionWords {
  return {
    names: [long, short].filter((name) => name !== undefined && name !== null),
    summary: description,
    takesValue: required || optional,
    choices: required || optional ? choicesIn(description) : [],
  };
}

/** `rows: size, age, site` and the like: how all descriptions name the words that an option takes. */
function choicesIn(description: string): readonly string[] {
  const [, list] = /(?:^|: )((?:[a-z][\w-]*, )+[a-z][\w-]*)(?:;|$)/i.exec(description) ?? [];
  return list?.split(", ") ?? [];
}

/** In single quotes, for all three shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function bash(commands: readonly CommandWords[]): string {
  const names = quoted([...commands.map(({ name }) => name), "help"].join(" "));
  const values = commands.flatMap(({ name, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .map(({ names: flags, choices }) => {
        const pattern = flags.map((flag) => `${name},${flag}`).join("|");
        return `    ${pattern}) COMPREPLY=($(compgen -W ${quoted(choices.join(" "))} -- "$cur")); return ;;`;
      }),
  );
  const flags = commands.map(({ name, options }) => {
    const words = options.flatMap((option) => option.names.filter((flag) => flag.startsWith("--"))).join(" ");
    return `      ${name}) COMPREPLY=($(compgen -W ${quoted(words)} -- "$cur")) ;;`;
  });
  return `# memmap completion for bash: eval "$(memmap completion bash)" in ~/.bashrc
_memmap() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} != -* ]]; then command=\${COMP_WORDS[i]}; break; fi
  done
  case "$command,$prev" in
${values.join("\n")}
  esac
  if [[ -z $command || $command == help ]]; then
    COMPREPLY=($(compgen -W ${names} -- "$cur"))
  elif [[ $cur == -* ]]; then
    case "$command" in
${flags.join("\n")}
    esac
  fi
}
complete -o default -o bashdefault -F _memmap memmap
`;
}

/** What has a meaning within a specification of _arguments. */
function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, "\\$&");
}

function zsh(commands: readonly CommandWords[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, options }) => {
    const specs = options.flatMap(({ names, summary, takesValue, choices }) => {
      const value = takesValue ? `:value:${choices.length > 0 ? `(${choices.join(" ")})` : "_files"}` : "";
      return names.map((flag) => quoted(`${flag}[${zshText(summary)}]${value}`));
    });
    return `    ${name}) _arguments ${[...specs, quoted("*:file:_files")].join(" ")} ;;`;
  });
  return `#compdef memmap
# memmap completion for zsh: eval "$(memmap completion zsh)" in ~/.zshrc, after compinit
_memmap() {
  local -a commands=(
${described.join("\n")}
    'help:print the help of a command'
  )
  if (( CURRENT == 2 )) || { (( CURRENT == 3 )) && [[ $words[2] == help ]]; }; then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
compdef _memmap memmap
`;
}

function fish(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ name, summary, options }) => [
    `complete -c memmap -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
    `complete -c memmap -n '__fish_seen_subcommand_from help' -f -a ${name} -d ${quoted(summary)}`,
    ...options.map(({ names, summary: what, takesValue, choices }) => {
      const flags = names
        .map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
        .join(" ");
      const value = !takesValue ? "" : choices.length > 0 ? ` -xa ${quoted(choices.join(" "))}` : " -r";
      return `complete -c memmap -n '__fish_seen_subcommand_from ${name}' ${flags} -d ${quoted(what)}${value}`;
    }),
  ]);
  return `# memmap completion for fish: memmap completion fish > ~/.config/fish/completions/memmap.fish
complete -c memmap -n __fish_use_subcommand -f -a help -d 'print the help of a command'
${lines.join("\n")}
`;
}
