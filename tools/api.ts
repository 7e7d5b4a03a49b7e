// `npm run api`: writes what programs may import, "memmap" and "memmap/symbols", as docs/api.md: each name with its type as the compiler
// resolves it. With --check nothing is written, and the exit code is 1 where the page is stale, so that the public interface never changes unseen.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { projectRoot } from "./build-c.ts";

const entries = { memmap: "dist/src/index.d.ts", "memmap/symbols": "dist/src/symbols/index.d.ts" };
const page = join(projectRoot, "docs/api.md");

const files = Object.values(entries).map((path) => join(projectRoot, path));
const program = ts.createProgram(files, { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023 });
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });

/** The declarations of an exported name as in the .d.ts files, without comments and without what is private. */
function declarations(symbol: ts.Symbol): string[] {
  const origin = (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
  return (origin.declarations ?? []).map((declaration) => {
    const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
    const text = printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
    return text
      .split("\n")
      .filter((line) => !/^\s+(private\b|#)/.test(line))
      .map((line) => line.replace(/^export (declare )?/, ""))
      .join("\n");
  });
}

function section(name: string, path: string): string {
  const file = program.getSourceFile(join(projectRoot, path));
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${path} is not built`);
  const exported = [...checker.getExportsOfModule(module)].sort((a, b) => (a.name < b.name ? -1 : 1));
  return `## ${name}\n\n\`\`\`ts\n${exported.flatMap(declarations).join("\n")}\n\`\`\`\n`;
}

const text = [
  "# The public interface\n",
  "Written by `npm run api` from what the compiler emits; `npm run check` fails when they differ. What is not here may change at any time.\n",
  ...Object.entries(entries).map(([name, path]) => section(name, path)),
].join("\n");

if (!process.argv.includes("--check")) {
  writeFileSync(page, text);
} else if (readFileSync(page, "utf8").replaceAll("\r\n", "\n") !== text) {
  console.error(
    "The public interface is not what docs/api.md says. If it is meant to change: npm run api, and a line in CHANGELOG.md.",
  );
  process.exit(1);
}
