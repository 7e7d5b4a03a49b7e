// Part of `npm run check`: fails where a file exports what nobody imports, because dead code hides behind an `export`, where neither the
// compiler nor the linter looks for it. A type that its own file uses may be exported for nobody: it names what a function takes or gives.
// Sources are read for their syntax only; names are compared, and of imports the paths are resolved.
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../", import.meta.url)); // this file runs as dist/tools/unused-exports.js

/** Imported by those who use the package, and by tools that find them by name. */
const entries = new Set(["src/index.ts", "src/symbols/index.ts", "vitest.config.ts", "test/built.ts"]);

interface Export {
  readonly path: string;
  readonly name: string;
  readonly line: number;
  /** A type that its own file mentions elsewhere. */
  readonly names: boolean;
}

const files = ts.sys
  .readDirectory(root, [".ts", ".tsx"], ["node_modules", "dist", "build", ".tmp"])
  .map((path) => ({ path: relative(root, path).split(sep).join("/"), text: ts.sys.readFile(path) ?? "" }))
  .map(({ path, text }) => ({ path, source: ts.createSourceFile(path, text, ts.ScriptTarget.Latest) }));

/** `path name`, or `path *` where all of a file may be used. */
const used = new Set(files.flatMap(({ path, source }) => importsOf(path, source)));
const unused = files
  .filter(({ path }) => !entries.has(path))
  .flatMap(({ path, source }) => exportsOf(path, source))
  .filter(({ path, name, names }) => !names && !used.has(`${path} ${name}`) && !used.has(`${path} *`));
for (const { path, name, line } of unused) console.error(`${path}:${line}: nobody imports ${name}`);
if (unused.length > 0) {
  console.error(`Delete what is dead, and the word export before what only its own file uses.`);
  process.exitCode = 1;
}

function importsOf(path: string, source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      found.push(...namesFrom(path, node));
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [module] = node.arguments;
      if (module !== undefined && ts.isStringLiteral(module)) found.push(`${resolve(path, module.text)} *`);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const { literal } = node.argument;
      if (ts.isStringLiteral(literal)) found.push(`${resolve(path, literal.text)} *`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function namesFrom(path: string, node: ts.ImportDeclaration | ts.ExportDeclaration): string[] {
  if (node.moduleSpecifier === undefined || !ts.isStringLiteral(node.moduleSpecifier)) return [];
  const module = resolve(path, node.moduleSpecifier.text);
  const named = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : node.exportClause;
  if (named === undefined || !(ts.isNamedImports(named) || ts.isNamedExports(named))) return [`${module} *`];
  return named.elements.map(({ name, propertyName }) => `${module} ${(propertyName ?? name).text}`);
}

function resolve(path: string, module: string): string {
  return module.startsWith(".") ? join(dirname(path), module).split(sep).join("/") : module;
}

function exportsOf(path: string, source: ts.SourceFile): Export[] {
  return source.statements.flatMap((statement) => {
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!isExported) return [];
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
    return declaredNames(statement).map((name) => ({
      path,
      name: name.text,
      line: source.getLineAndCharacterOfPosition(name.getStart(source)).line + 1,
      names: isType && mentions(source, name) > 1,
    }));
  });
}

function declaredNames(statement: ts.Statement): ts.Identifier[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name).filter(ts.isIdentifier);
  }
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return named && statement.name !== undefined ? [statement.name] : [];
}

function mentions(source: ts.SourceFile, { text }: ts.Identifier): number {
  let count = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === text) count++;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return count;
}
