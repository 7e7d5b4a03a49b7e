// What is shipped of the page: small enough, whole, addressed relatively, and in the npm package.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { covered, onlyLong } from "../length.ts";

const site = "dist/site";
/** Page, worker, and the simulator with its WebAssembly; compressed. */
const mostBytes = 200_000;
/**
 * Loaded only by those who drop a file (what tells files apart, symbols, importers, decompressors, what reads a log), save a report, have a program that
 * died or leaks, open a view that few open first, or have a board or a server.
 */
const onNeed = new RegExp(
  `^(${[
    "open-files|freeze-page|name-from-elf|recognize|findings-of-log|log-curves|leak-view|series-view|read-series|restart-story|exhaustion|browser|stream|xxhash-wasm",
    "annotator|return-address|system-frames", // shared by two of these
    "flame-view|leaks-view|compare-view|stories-view|blocks-view|sites-view|story-view|block-rows|site-rows|log-view|web-serial|follow-server", // who opens that view, or that source
  ].join("|")})-`,
);
/** Assets that the page's own parts name, in any way, without those that are loaded on need and what only these or other pages name. */
function assetsOfPage(): readonly string[] {
  const all = readdirSync(join(site, "assets")).filter((name) => !onNeed.test(name));
  const found = new Set<string>();
  const follow = (path: string): void => {
    const text = readFileSync(path, "latin1");
    for (const name of all) {
      if (found.has(name) || !text.includes(name)) continue;
      found.add(name);
      follow(join(site, "assets", name));
    }
  };
  follow(join(site, "index.html"));
  return [...found];
}

beforeAll(async () => {
  await promisify(execFile)(process.execPath, ["dist/tools/build-site.js"]);
});

function sizeOf(path: string): number {
  return gzipSync(readFileSync(path), { level: 9 }).length;
}

test("the page with all that it needs is at most 200 KB, compressed", () => {
  const assets = assetsOfPage();
  const files = [
    join(site, "index.html"),
    join(site, "simulator.wasm"),
    ...assets.map((name) => join(site, "assets", name)),
  ];
  const sizes = files.map((file) => [file, sizeOf(file)] as const);
  const sum = sizes.reduce((total, [, size]) => total + size, 0);
  expect(sum, sizes.map(([file, size]) => `${file} ${size}`).join("\n")).toBeLessThanOrEqual(mostBytes);
  covered(`${sum} bytes in ${files.length} files`);
});

test("nothing is addressed from a server's root, and nothing from elsewhere", () => {
  for (const name of ["index.html", "gallery.html", "report.html"]) {
    const html = readFileSync(join(site, name), "utf8").replace(/<script>[\s\S]*<\/script>/, "");
    expect(html).not.toMatch(/(?:src|href)="(?:\/|https?:)/);
  }
});

test("nothing tells where it was built", () => {
  const files = readdirSync(site, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(js|css|html)$/.test(name),
  );
  for (const name of files) expect(readFileSync(join(site, name), "utf8"), name).not.toContain(process.cwd());
  covered(`${files.length} files that could tell where they were built`);
});

onlyLong(() => {
  test("the packed package has the page", async () => {
    const { stdout } = await promisify(execFile)("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      maxBuffer: 1 << 26,
    });
    const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const paths = packed.files.map(({ path }) => path);
    for (const name of ["index.html", "report.html", "simulator.wasm"]) expect(paths).toContain(`${site}/${name}`);
    expect(paths.filter((path) => path.startsWith(`${site}/assets/worker-`))).toHaveLength(1);
    expect(paths.filter((path) => path.startsWith("dist/src/web/"))).toEqual([]);
    covered(`${paths.length} files of the package`);
  });
});
