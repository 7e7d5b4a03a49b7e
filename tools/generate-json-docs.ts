// Writes docs/json.md from the types of src/cli/json.ts, so that what `--json` prints and what is said of it cannot differ.
// `npm run generate` writes it; with `--check` (part of `npm run check`) nothing is written and a difference fails.
//
// A field's type is read from the source as it stands there, because the names of units (Bytes, Microseconds) mean more than what they are
// made of; the compiler is asked what other names are.
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { ADDRESS_FIELDS, VIEWS_VERSION } from "../src/report/views.ts";
import { writeOrCheck } from "./generated-file.ts";

const root = new URL("../../", import.meta.url); // this file runs as dist/tools/generate-json-docs.js
const entry = fileURLToPath(new URL("src/cli/json.ts", root));

/** The units of src/base/units.ts and the language's own types, as JSON has them. */
const plainTypes: Readonly<Record<string, string>> = {
  Address: "address",
  Bytes: "bytes",
  Microseconds: "µs",
  string: "text",
  boolean: "true or false",
  number: "number",
};

const introduction = `# JSON

Generated from the types of the views by \`npm run generate\`. Do not edit.

\`--json\` prints one object, \`memmap symbolize\` one on each line. It begins with the name of the view and the version of this vocabulary:

\`\`\`json
{ "view": "list", "version": ${VIEWS_VERSION}, "time": 81200000 }
\`\`\`

The version counts up when a field goes or means something else; new fields may come at any time.

- The same thing has the same name in every view. An amount of memory is \`…Bytes\`, a count of blocks \`…Blocks\`; a block's own size is \`size\`.
- Times are microseconds since the run's first boot, ages and spans microseconds as well. Sizes are bytes. Addresses are hexadecimal text,
  \`"0x3ffb1234"\`. Shares are parts of 1.
- A number that lost history or a sample can make uncertain is a [Quantity](#quantity), which says how far it is known; its \`value\` is the number
  to calculate with.
- What is not known is absent. Fields with a ? may be.
- What a limit left out is counted in \`omitted…\`.
`;

const program = ts.createProgram([entry], compilerOptions());
const checker = program.getTypeChecker();
/** Types in the order in which they are first mentioned. */
const mentioned: (ts.InterfaceDeclaration | ts.TypeAliasDeclaration)[] = [];

writeOrCheck(new URL("docs/json.md", root), document(), "the types of src/cli/json.ts say");

function compilerOptions(): ts.CompilerOptions {
  const path = fileURLToPath(new URL("tsconfig.node.json", root));
  const { config } = ts.readConfigFile(path, (name) => ts.sys.readFile(name)) as { config: object };
  return { ...ts.parseJsonConfigFileContent(config, ts.sys, fileURLToPath(root)).options, composite: false };
}

function document(): string {
  const outputs = program.getSourceFile(entry)?.statements.find(isOutputs);
  if (outputs === undefined) throw new Error("src/cli/json.ts has no JsonOutputs");
  const views = propertiesOf(outputs).map((property) => {
    const view = declarationOf(typeNodeOf(property));
    const { comment } = describe(property);
    return { view, section: `### ${property.name}\n\n${[comment, commentOf(view)].join(" ").trim()}\n\n${body(view)}` };
  });
  const isView = new Set<ts.Node>(views.map(({ view }) => view));
  const types: string[] = [];
  // The list grows while it is walked.
  for (const type of mentioned) {
    if (isView.has(type)) continue;
    const comment = commentOf(type);
    types.push(`### ${type.name.text}\n\n${comment === "" ? "" : `${comment}\n\n`}${body(type)}`);
  }
  return `${introduction}\n## Views\n\n${views.map(({ section }) => section).join("\n")}\n## Types\n\n${types.join("\n")}`;
}

function isOutputs(statement: ts.Statement): statement is ts.InterfaceDeclaration {
  return ts.isInterfaceDeclaration(statement) && statement.name.text === "JsonOutputs";
}

/** A table of the fields; of a union, of the fields of each of its members. */
function body(type: ts.InterfaceDeclaration | ts.TypeAliasDeclaration): string {
  if (ts.isInterfaceDeclaration(type)) return table(type);
  if (!ts.isUnionTypeNode(type.type)) throw new Error(`no view: ${type.getText()}`);
  return type.type.types
    .map((member) => {
      const declaration = declarationOf(member);
      if (!ts.isInterfaceDeclaration(declaration)) throw new Error(`no interface: ${member.getText()}`);
      return `${commentOf(declaration)}\n\n${table(declaration)}`;
    })
    .join("\n");
}

function table(type: ts.InterfaceDeclaration): string {
  const rows = propertiesOf(type).map((property) => {
    const { comment, optional } = describe(property);
    return `| \`${property.name}\`${optional ? " ?" : ""} | ${fieldType(property)} | ${comment.replaceAll("|", "\\|")} |`;
  });
  return ["| field | type | |", "|---|---|---|", ...rows, ""].join("\n");
}

/** Those of the types that it extends first. */
function propertiesOf(type: ts.InterfaceDeclaration): readonly ts.Symbol[] {
  const properties = checker.getPropertiesOfType(checker.getTypeAtLocation(type));
  const isOwn = ({ valueDeclaration }: ts.Symbol): boolean => valueDeclaration?.parent === type;
  return [...properties.filter((property) => !isOwn(property)), ...properties.filter(isOwn)];
}

function describe(property: ts.Symbol): { readonly comment: string; readonly optional: boolean } {
  return {
    comment: ts.displayPartsToString(property.getDocumentationComment(checker)).replace(/\s+/g, " "),
    optional: (property.flags & ts.SymbolFlags.Optional) !== 0,
  };
}

function commentOf(declaration: ts.InterfaceDeclaration | ts.TypeAliasDeclaration): string {
  const symbol = checker.getSymbolAtLocation(declaration.name);
  return symbol === undefined ? "" : describe(symbol).comment;
}

function typeNodeOf(property: ts.Symbol): ts.TypeNode {
  // A field that a type picks from another is declared there.
  const declaration = property.valueDeclaration ?? property.declarations?.[0];
  if (declaration === undefined || !ts.isPropertySignature(declaration) || declaration.type === undefined) {
    throw new Error(`${property.name} is no plain field`);
  }
  return declaration.type;
}

function fieldType(property: ts.Symbol): string {
  const node = typeNodeOf(property);
  const text = typeText(node);
  // The writer of JSON knows addresses by the fields' names.
  if (/\baddress(es)?$/.test(text) !== ADDRESS_FIELDS.includes(property.name)) {
    throw new Error(
      `${property.name} is ${text}: addressFields in src/report/views.ts must name it, or its type is wrong`,
    );
  }
  return text;
}

function typeText(node: ts.TypeNode): string {
  if (ts.isTypeOperatorNode(node)) return typeText(node.type);
  if (ts.isArrayTypeNode(node)) return `list of ${typeText(node.elementType)}`;
  const plain = plainTypes[node.getText()];
  if (plain !== undefined) return plain;
  const choices = choicesOf(node);
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(", ");
  const declaration = declarationOf(node);
  const { text } = declaration.name;
  if (!mentioned.includes(declaration)) {
    if (mentioned.some(({ name }) => name.text === text)) throw new Error(`two types are called ${text}`);
    mentioned.push(declaration);
  }
  return `[${text}](#${text.toLowerCase()})`;
}

/** Of a type that is one of some words; as the source orders them where it lists them. */
function choicesOf(node: ts.TypeNode): readonly string[] | undefined {
  const type = checker.getTypeFromTypeNode(node);
  const members = type.isUnion() ? type.types : [type];
  const words = members.filter((member) => member.isStringLiteral()).map(({ value }) => value);
  if (words.length < members.length) return undefined;
  const source = ts.isTypeReferenceNode(node) ? declarationOf(node).getText() : node.getText();
  return words.sort((a, b) => source.indexOf(`"${a}"`) - source.indexOf(`"${b}"`) || (a < b ? -1 : 1));
}

function declarationOf(node: ts.TypeNode): ts.InterfaceDeclaration | ts.TypeAliasDeclaration {
  const name = ts.isTypeReferenceNode(node) ? checker.getSymbolAtLocation(node.typeName) : undefined;
  const symbol = name !== undefined && name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name;
  const declaration = symbol?.declarations?.[0];
  if (declaration !== undefined && (ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration))) {
    return declaration;
  }
  throw new Error(`${node.getText()} has no form in JSON: whoever adds one decides here what it becomes`);
}
