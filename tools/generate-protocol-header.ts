// Writes firmware/memmap/include/memmap_protocol.h from src/wire/protocol.ts and the keys in src/wire/records.ts, so that the probe and the decoder
// cannot disagree.
// `npm run generate` writes it; with `--check` (part of `npm run check`) nothing is written and a difference fails.
//
// The constants are taken from the source text, not from the running module, because comments and the way numbers are
// written (0x40, 1024) belong to the contract too.
import { readFileSync } from "node:fs";
import ts from "typescript";
import type { Description } from "../src/wire/fields.ts";
import { mostBytesInOrder } from "../src/wire/encode-fields.ts";
import { hello, records } from "../src/wire/records.ts";
import { writeOrCheck } from "./generated-file.ts";

const root = new URL("../../", import.meta.url); // this file runs as dist/tools/generate-protocol-header.js
const source = new URL("src/wire/protocol.ts", root);
const recordsSource = new URL("src/wire/records.ts", root);
const header = new URL("firmware/memmap/include/memmap_protocol.h", root);

/** The C form of blockHash() in protocol.ts; protocol/vectors/hash.txt holds both to the same results. */
const blockHash = `// One block's share of the live-set hash, which is the sum of all shares modulo 2^32.
static inline uint32_t memmap_block_hash(uint32_t address, uint32_t size, uint32_t site)
{
    uint32_t h = address * UINT32_C(0x9e3779b1);
    h = ((h ^ (h >> 15)) + size) * UINT32_C(0x85ebca77);
    h = ((h ^ (h >> 13)) + site) * UINT32_C(0xc2b2ae3d);
    return h ^ (h >> 16);
}
`;

const text = generateHeader(readFileSync(source, "utf8"), readFileSync(recordsSource, "utf8"));
writeOrCheck(header, text, "src/wire/protocol.ts and records.ts say");

/** The whole header. Throws on a construct in protocol.ts that has no C form: whoever adds one decides here what it becomes. */
function generateHeader(protocol: string, descriptions: string): string {
  const file = ts.createSourceFile("protocol.ts", protocol, ts.ScriptTarget.Latest, true);
  const sections = file.statements
    .filter(ts.isVariableStatement)
    .map((statement) => defineConstant(statement, protocol));
  return `// The wire protocol's constants for the probe. What every byte means stands in protocol/SPEC.md.
// Generated from src/wire/protocol.ts and src/wire/records.ts by \`npm run generate\`. Do not edit.
#ifndef MEMMAP_PROTOCOL_H
#define MEMMAP_PROTOCOL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

${sections.join("\n")}
${keys("HELLO", hello, descriptions)}
${keys("FAULT", records.fault, descriptions)}
${keys("FAILURE", records.failure, descriptions)}
// Most bytes of a HEARTBEAT record's payload.
#define MEMMAP_HEARTBEAT_BYTES ${mostBytesInOrder(records.heartbeat)}u

${blockHash}
#ifdef __cplusplus
}
#endif

#endif // MEMMAP_PROTOCOL_H
`;
}

function defineConstant(statement: ts.VariableStatement, protocol: string): string {
  const [declaration] = statement.declarationList.declarations;
  if (declaration?.initializer === undefined) throw new Error(`no value in: ${statement.getText()}`);
  const name = declaration.name.getText();
  const value = withoutAsConst(declaration.initializer);
  const comment = commentOf(statement, protocol);
  if (name === "CAPS_NAMES" && ts.isObjectLiteralExpression(value)) return comment + capsTable(value);
  if (ts.isArrayLiteralExpression(value)) {
    // The bytes of a marker, as an initializer.
    const bytes = value.elements.map((element) => element.getText()).join(", ");
    return `${comment}#define MEMMAP_${name} {${bytes}}\n`;
  }
  if (ts.isStringLiteral(value)) return `${comment}#define MEMMAP_${name} ${JSON.stringify(value.text)}\n`;
  if (!ts.isObjectLiteralExpression(value)) return `${comment}#define MEMMAP_${name} ${number(value)}\n`;
  const lines = value.properties.filter(ts.isPropertyAssignment).map((property) => {
    const full = `MEMMAP_${upperSnake(name)}_${property.name.getText()}`;
    return `${commentOf(property, protocol)}#define ${full} ${number(property.initializer)}\n`;
  });
  return comment + lines.join("");
}

/** The keys of a keyed frame. */
function keys(frame: string, { wire }: Description, descriptions: string): string {
  const lines = wire
    .filter(({ key }, index) => key !== wire[index - 1]?.key)
    .map(({ name, key, header }) => {
      const comment = commentsIn(descriptions, frame.toLowerCase()).get(name) ?? "";
      return `${comment}#define MEMMAP_${frame}_KEY_${upperSnake(header ?? name)} ${String(key)}u\n`;
    });
  return `// Keys of a ${frame} frame.\n${lines.join("")}`;
}

/** Comments of the fields of a description, those of `hello` and of the boot that it tells of together. */
function commentsIn(descriptions: string, name: string): ReadonlyMap<string, string> {
  const file = ts.createSourceFile("records.ts", descriptions, ts.ScriptTarget.Latest, true);
  const comments = new Map<string, string>();
  const visit = (node: ts.Node, inside: boolean): void => {
    const isNamed = (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) && ts.isIdentifier(node.name);
    const named = isNamed ? node.name.getText() : "";
    const here = named === name || (named === "boot" && name === "hello");
    if (inside && ts.isPropertyAssignment(node)) comments.set(named, commentOf(node, descriptions));
    ts.forEachChild(node, (child) => visit(child, inside || here));
  };
  visit(file, false);
  return comments;
}

function withoutAsConst(expression: ts.Expression): ts.Expression {
  return ts.isAsExpression(expression) ? expression.expression : expression;
}

/** Unsigned, because C would otherwise compare signed with unsigned; written as in the source. */
function number(expression: ts.Expression): string {
  if (!ts.isNumericLiteral(expression)) throw new Error(`not a number: ${expression.getText()}`);
  return `${expression.getText().replaceAll("_", "")}u`;
}

/** FrameType → FRAME_TYPE */
function upperSnake(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toUpperCase();
}

/** The doc comment before a node, as // lines. */
function commentOf(node: ts.Node, protocol: string): string {
  const range = ts.getLeadingCommentRanges(protocol, node.getFullStart())?.at(-1);
  if (range === undefined || !protocol.startsWith("/**", range.pos)) return "";
  const lines = protocol.slice(range.pos + 3, range.end - 2).split("\n");
  const words = lines.map((line) => line.trim().replace(/^\* ?/, "")).filter((line) => line !== "");
  return words.map((line) => `// ${line}\n`).join("");
}

/** MEMMAP_CAPS_TABLE(X) calls X(bit, name) for every capability, so that the probe can print all of them. */
function capsTable(table: ts.ObjectLiteralExpression): string {
  const entries = table.properties.filter(ts.isPropertyAssignment).map((property) => {
    if (!ts.isStringLiteral(property.initializer)) throw new Error(`not a name: ${property.getText()}`);
    return `  X(${property.name.getText()}, ${JSON.stringify(property.initializer.text)})`;
  });
  return `// MEMMAP_CAPS_TABLE(X) expands to X(bit, name) for each.\n#define MEMMAP_CAPS_TABLE(X) \\\n${entries.join(" \\\n")}\n`;
}
