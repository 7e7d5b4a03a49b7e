// Builds the page: dist/site, which any web server can host as it is and `memmap serve` sends, and report.html within, the page without an engine
// into which a report's data is put. Everything is addressed relatively.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type InlineConfig } from "vite";
import { projectRoot } from "./build-c.ts";
import { buildSimulator } from "./build-simulator.ts";
import { hashOfSources } from "./source-hash.ts";

const siteFolder = join(projectRoot, "dist", "site");
const webFolder = join(projectRoot, "src", "web");
/** Says from what the site was built. */
const stamp = join(projectRoot, "dist", "site.sha256");

const shared: InlineConfig = {
  root: webFolder,
  configFile: false,
  base: "./",
  mode: "production",
  logLevel: "warn",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
};

/** What the page loads when it is opened, the gallery and the report in one file hold: no mistake. */
const quiet = { checks: { ineffectiveDynamicImport: false, emptyImportMeta: false } } as const;

/** Resolves to the folder of an up-to-date site. */
export async function buildSite(): Promise<string> {
  // Whoever starts this may be a test: a page built for development holds the paths of this machine.
  process.env["NODE_ENV"] = "production";
  const simulator = await buildSimulator();
  const wanted = hashOf(simulator);
  if (existsSync(stamp) && existsSync(siteFolder) && readFileSync(stamp, "utf8") === wanted) return siteFolder;
  rmSync(siteFolder, { recursive: true, force: true });
  mkdirSync(siteFolder, { recursive: true });
  // One after the other: what two entries share is one chunk with all that either needs, and a visitor would load the gallery's engine.
  await buildPage("index", true);
  await buildPage("gallery", false);
  copyFileSync(simulator, join(siteFolder, "simulator.wasm"));
  writeFileSync(join(siteFolder, "report.html"), await buildReport());
  writeFileSync(stamp, wanted);
  return siteFolder;
}

async function buildPage(name: string, isFirst: boolean): Promise<void> {
  await build({
    ...shared,
    worker: { format: "es" },
    build: {
      outDir: siteFolder,
      emptyOutDir: isFirst,
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: false,
      rollupOptions: { ...quiet, input: { [name]: join(webFolder, `${name}.html`) } },
    },
  });
}

/** The page without an engine, in one file: style and script stand in it, and its policy allows nothing else. */
async function buildReport(): Promise<string> {
  const built = await build({
    ...shared,
    build: {
      write: false,
      target: "es2022",
      cssCodeSplit: false,
      assetsInlineLimit: 1 << 20,
      modulePreload: false,
      rollupOptions: {
        ...quiet,
        input: join(webFolder, "report.tsx"),
        output: { format: "iife", codeSplitting: false },
      },
    },
  });
  const [first] = Array.isArray(built) ? built : [built];
  if (first === undefined || !("output" in first)) throw new Error("vite built no report");
  let script = "";
  let style = "";
  for (const part of first.output) {
    if (part.type === "chunk") script += part.code;
    else if (part.fileName.endsWith(".css")) style += String(part.source);
  }
  // Inside an element of markup, a script may not name the element's end.
  script = script.replaceAll("</script", "<\\/script");
  const hash = createHash("sha256").update(script).digest("base64");
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
  return readFileSync(join(webFolder, "report.html"), "utf8")
    .replace("<!--policy-->", () => `<meta http-equiv="Content-Security-Policy" content="${policy}" />`)
    .replace("<!--style-->", () => `<style>${style}</style>`)
    .replace("<!--script-->", () => `<script>${script}</script>`);
}

/** Of all sources that the page can import, of what builds it, and of the simulator's module. */
function hashOf(simulator: string): string {
  const sources = hashOfSources(["src", "simulator"], /\.(tsx?|css|html)$(?<!\.test\.ts)/, "tools/build-site.ts");
  return sources.update(readFileSync(simulator)).digest("hex");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await buildSite();
