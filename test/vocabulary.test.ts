// One vocabulary: what the page asks has the field names of the commands' JSON (docs/json.md), and a name means one thing in both.
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = new URL("../", import.meta.url);

/** Of each field: its name, where it stands, and its type as far as a reader sees it. */
interface Field {
  readonly name: string;
  readonly owner: string;
  readonly type: string;
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, root));
}

const LEAVES = new Set(["Bytes", "Microseconds", "Address", "Caps", "string", "number", "boolean"]);

/** All fields of a type and of what it is made of. */
class Fields {
  readonly found: Field[] = [];
  private readonly seen = new Set<ts.Node>();
  private readonly program: ts.Program;
  private readonly checker: ts.TypeChecker;

  constructor(program: ts.Program) {
    this.program = program;
    this.checker = program.getTypeChecker();
  }

  add(file: string, name: string): this {
    const source = this.program.getSourceFile(pathOf(file));
    const type = source?.statements.find((one) => ts.isInterfaceDeclaration(one) && one.name.text === name);
    if (type === undefined) throw new Error(`${file} has no ${name}`);
    this.walk(type);
    return this;
  }

  /** Of an interface all properties, also those that it has from others; of another type what stands in it. */
  private walk(node: ts.Node): void {
    if (this.seen.has(node)) return;
    this.seen.add(node);
    if (ts.isInterfaceDeclaration(node)) {
      for (const { valueDeclaration, declarations } of this.checker.getTypeAtLocation(node).getProperties()) {
        this.addField(node.name.text, valueDeclaration ?? declarations?.[0]);
      }
      return;
    }
    if (ts.isPropertySignature(node)) return this.addField("", node);
    // Of `Finding["rule"]` only the field's own type is meant, which is a word or a number.
    if (ts.isIndexedAccessTypeNode(node)) return;
    if (ts.isTypeReferenceNode(node)) {
      const declaration = this.declarationOf(node.typeName);
      // Types of the language have no fields of ours.
      if (declaration?.getSourceFile().fileName.includes("/src/") === true) this.walk(declaration);
    }
    node.forEachChild((child) => this.walk(child));
  }

  private addField(owner: string, field: ts.Node | undefined): void {
    if (field === undefined || !ts.isPropertySignature(field) || field.type === undefined) return;
    this.found.push({ name: field.name.getText(), owner, type: this.typeOf(field.type) });
    this.walk(field.type);
  }

  private declarationOf(name: ts.Node): ts.Declaration | undefined {
    const symbol = this.checker.getSymbolAtLocation(name);
    const isAlias = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    return (isAlias ? this.checker.getAliasedSymbol(symbol) : symbol)?.declarations?.[0];
  }

  private typeOf(node: ts.TypeNode): string {
    if (ts.isTypeOperatorNode(node)) return this.typeOf(node.type);
    if (ts.isArrayTypeNode(node)) return `${this.typeOf(node.elementType)}[]`;
    const text = node.getText();
    if (/^(?:Float|Uint|Int)\d+Array\b/.test(text)) return "column";
    if (LEAVES.has(text)) return text;
    const type = this.checker.getTypeFromTypeNode(node);
    const members = type.isUnion() ? type.types : [type];
    return members.every((member) => (member.flags & ts.TypeFlags.StringLike) !== 0) ? "string" : text;
  }
}

const { config } = ts.readConfigFile(pathOf("tsconfig.node.json"), (name) => ts.sys.readFile(name)) as {
  config: object;
};
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, fileURLToPath(root));
const entries = ["src/cli/json.ts", "src/report/questions.ts", "src/report/frozen.ts", "src/web/engine/protocol.ts"];
const program = ts.createProgram(entries.map(pathOf), { ...options, composite: false });
const inJson = new Fields(program).add("src/cli/json.ts", "JsonOutputs").found;
const onPage = new Fields(program)
  .add("src/report/questions.ts", "Answers")
  .add("src/report/frozen.ts", "Frozen")
  .add("src/web/engine/protocol.ts", "RunState").found;

function told({ owner, name, type }: Field): string {
  return `${owner}.${name}: ${type}`;
}

test("a field that the page asks for has the type of the fields of that name in the commands' JSON", () => {
  const types = new Map<string, Set<string>>();
  for (const { name, type } of inJson) types.set(name, (types.get(name) ?? new Set()).add(type));
  const known = new Set([...LEAVES, ...inJson.map(({ type }) => type)]);
  // An answer is called after its question.
  const answers = new Set(onPage.flatMap(({ owner, type }) => (owner === "Answers" ? [type] : [])));
  // Types that only the page has are its own: their fields are compared. A list of texts is a column, as columns of numbers are.
  const other = onPage.filter(({ name, type }) => {
    const wanted = types.get(name);
    return (
      wanted !== undefined &&
      type !== "column" &&
      !answers.has(type) &&
      known.has(type) &&
      !wanted.has(type) &&
      !wanted.has(type.replace(/^string\[\]$/, "string"))
    );
  });
  expect(onPage.length).toBeGreaterThan(150);
  expect(other.map((field) => `${told(field)}, in JSON ${[...(types.get(field.name) ?? [])].join(", ")}`)).toEqual([]);
});

test("an amount of memory is called …Bytes; the size of a block, a variable or a file is its size", () => {
  const isSaid = ({ name }: Field): boolean => /Bytes$|^(?:size|offset|bytesPerHour)$/.test(name);
  expect([...inJson, ...onPage].filter((field) => field.type === "Bytes" && !isSaid(field)).map(told)).toEqual([]);
});

/** What a field must not be called, since the same thing has another name. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  where: "site",
  bytes: "liveBytes, size or …Bytes",
  free: "freeBytes",
  used: "usedBytes",
  largest: "largestFreeBytes",
  largestFree: "largestFreeBytes",
  minimumFree: "minimumFreeBytes",
  request: "size",
  temporary: "temporaryAllocations",
  oldest: "oldestAge",
  capsName: "caps",
};

test("no field has a second name", () => {
  const found = [...inJson, ...onPage].filter(({ name }) => Object.hasOwn(OTHER_WORDS, name));
  expect(found.map((field) => `${told(field)}: ${OTHER_WORDS[field.name] ?? ""}`)).toEqual([]);
});
