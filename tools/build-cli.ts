// Bundles the command line: dist/memmap.cjs, and in dist/cli one file for each command and for what several share. Node starts few files much faster than
// the two hundred modules that a command consists of, and CommonJS without the loader of ES modules, which it would have to start first.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot } from "./build-c.ts";
import { hashOfSources } from "./source-hash.ts";

const output = join(projectRoot, "dist");
const entry = join(output, "memmap.cjs");
/** Compiles what a look-up needs, in a process of its own. */
const compileScript = join(output, "tools", "compile-cli.js");
/** Says from what the command line was built. */
const stamp = join(output, "cli", "sources.sha256");

/** Left alone, a command would be forty files. First what `main.ts` needs itself, which no command should load the rest for. */
const groups = [
  {
    name: "base",
    test: /[\\/]src[\\/](?:base|capture[\\/](?:output-file|unreadable)|report[\\/]views|cli[\\/](?:json|failure|program|package|exit-codes|terminal[\\/](?:colours|output|print|wrap)))(?:[\\/][\w-]+)?\.ts$|rolldown.runtime|node_modules[\\/]commander[\\/]/,
  },
  {
    name: "symbols",
    // Without the words of logs, which their readers need as they are loaded, and look-ups do not.
    test: /[\\/]src[\\/](?:symbols(?![\\/]log[\\/](?:boot-lines|last-words))|base[\\/]zstd)[\\/]|[\\/]@noble[\\/]|[\\/]cli[\\/](?:find-elf|rom-elfs|inflaters)\.ts$/,
  },
  { name: "recordings", test: /[\\/]src[\\/]/, minShareCount: 10 },
];

/** The parser starts programs for commands that are programs of their own, of which there are none: this spares it node:child_process, and what that needs. */
const withoutPrograms = {
  name: "without-programs",
  transform(code: string, id: string): string | undefined {
    return /commander[\\/]lib[\\/]command\.js$/.test(id)
      ? code.replace("require('node:child_process')", "{}")
      : undefined;
  },
};

/** Resolves to the path of an up-to-date command line. */
export async function buildCli(): Promise<string> {
  const wanted = hashOfSources(["src", "simulator"], /\.ts$(?<!\.test\.ts)/, "tools/build-cli.ts").digest("hex");
  if (existsSync(entry) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return entry;
  const { build } = await import("vite"); // takes a second, which most runs need not
  rmSync(join(output, "cli"), { recursive: true, force: true });
  await build({
    root: projectRoot,
    configFile: false,
    mode: "production",
    logLevel: "warn",
    publicDir: false,
    plugins: [withoutPrograms],
    // What is optional, and native, stays a package of its own.
    ssr: { noExternal: true, external: ["serialport"] },
    build: {
      ssr: true,
      outDir: output,
      emptyOutDir: false,
      target: "node20.19",
      minify: false, // for the stacks that --debug shows
      rollupOptions: {
        input: { memmap: "src/cli/start.ts", "cli/main": "src/cli/main.ts" },
        checks: { ineffectiveDynamicImport: false }, // the page's, where it has an effect
        output: {
          comments: false,
          charset: "ascii",
          format: "cjs",
          dynamicImportInCjs: false,
          entryFileNames: "[name].cjs",
          chunkFileNames: "cli/[name].cjs",
          codeSplitting: { groups, includeDependenciesRecursively: false },
        },
      },
    },
  });
  execFileSync(process.execPath, [compileScript]);
  writeFileSync(stamp, wanted);
  return entry;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await buildCli();
