// One-token changes of a source file that a test ought to notice: a turned comparison or sign, another constant, another boolean, another
// return value, a condition that is not asked.
import ts from "typescript";

export interface Mutation {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** The expression that is evaluated first where the change is reached: from its first character to behind its last. */
  readonly reached: { readonly start: number; readonly end: number };
  /** Outside of any function: evaluated once, by whichever test imports the file first. */
  readonly isOnce: boolean;
}

const operators: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.LessThanToken]: ">=",
  [ts.SyntaxKind.LessThanEqualsToken]: "<",
  [ts.SyntaxKind.GreaterThanToken]: "<=",
  [ts.SyntaxKind.GreaterThanEqualsToken]: ">",
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: "!==",
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: "===",
  [ts.SyntaxKind.PlusToken]: "-",
  [ts.SyntaxKind.MinusToken]: "+",
  [ts.SyntaxKind.AsteriskToken]: "/",
  [ts.SyntaxKind.SlashToken]: "*",
  [ts.SyntaxKind.PlusEqualsToken]: "-=",
  [ts.SyntaxKind.MinusEqualsToken]: "+=",
  [ts.SyntaxKind.AmpersandToken]: "|",
  [ts.SyntaxKind.BarToken]: "&",
  [ts.SyntaxKind.LessThanLessThanToken]: ">>>",
  [ts.SyntaxKind.GreaterThanGreaterThanToken]: "<<",
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken]: "<<",
  [ts.SyntaxKind.AmpersandAmpersandToken]: "||",
  [ts.SyntaxKind.BarBarToken]: "&&",
};

/** Every change that may be made to the file, in its order. */
export function mutationsOf(path: string, text: string): Mutation[] {
  const found: Mutation[] = [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const range = (node: ts.Node): { start: number; end: number } => ({
    start: node.getStart(file),
    end: node.getEnd(),
  });
  const add = (node: ts.Node, replacement: string, evaluated = node): void => {
    const isOnce = ts.findAncestor(node, ts.isFunctionLike) === undefined;
    found.push({ ...range(node), replacement, reached: range(evaluated), isOnce });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node)) return;
    if (isAssertion(node)) return; // of what the caller must not do: nothing of the sort may happen in a test
    if (ts.isBinaryExpression(node)) {
      const other = operators[node.operatorToken.kind];
      // A plus between texts is no sign.
      const joinsTexts = node.operatorToken.kind === ts.SyntaxKind.PlusToken && hasText(node);
      if (other !== undefined && !joinsTexts) {
        add(node.operatorToken, other, isAssignment(node) ? node.right : node.left);
      }
    } else if (ts.isNumericLiteral(node) && !isKey(node)) {
      add(node, String(Number(node.text.replaceAll("_", "")) + 1));
    } else if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, "false");
    else if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, "true");
    else if (ts.isPrefixUnaryExpression(node)) {
      const { operator, operand } = node;
      if (operator === ts.SyntaxKind.ExclamationToken || operator === ts.SyntaxKind.MinusToken) {
        add(node, `(${operand.getText(file)})`);
      }
    } else if (ts.isReturnStatement(node) && node.expression !== undefined && !isPlain(node.expression)) {
      add(node.expression, "undefined");
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}

function isAssertion(node: ts.Node): boolean {
  return ts.isExpressionStatement(node) && /^assert(Unreachable)?\(/.test(node.getText());
}

/** What stands on its left is a place and no value. */
function isAssignment({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind === ts.SyntaxKind.PlusEqualsToken || kind === ts.SyntaxKind.MinusEqualsToken;
}

function hasText(node: ts.BinaryExpression): boolean {
  return [node.left, node.right].some(
    (side) =>
      ts.isStringLiteralLike(side) || ts.isTemplateExpression(side) || (ts.isBinaryExpression(side) && hasText(side)),
  );
}

function isKey(node: ts.Node): boolean {
  return ts.isPropertyAssignment(node.parent) && node.parent.name === node;
}

/** What other changes turn already, or what returns nothing. */
function isPlain(node: ts.Expression): boolean {
  const kinds = [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.NumericLiteral];
  return kinds.includes(node.kind) || node.getText() === "undefined";
}

/** The text, which tells `reached` of each of the changes that it comes to, by its index; to be the same program otherwise. */
export function markReached(text: string, mutations: readonly Mutation[], reached: string): string {
  const marks = mutations.flatMap(({ reached: { start, end } }, index) => [
    { at: start, width: end - start, text: `(${reached}(${index}), ` },
    { at: end, width: start - end, text: ")" },
  ]);
  // Where several stand at one place, what closes comes first, the narrow before the wide, and the wide opens before the narrow.
  marks.sort((a, b) => a.at - b.at || Math.sign(a.width) - Math.sign(b.width) || b.width - a.width);
  let marked = "";
  let from = 0;
  for (const mark of marks) {
    marked += text.slice(from, mark.at) + mark.text;
    from = mark.at;
  }
  return marked + text.slice(from);
}

export function mutate(
  text: string,
  { start, end, replacement }: Pick<Mutation, "start" | "end" | "replacement">,
): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
