import { expect, test } from "vitest";
import { explain, rulePages } from "../guide.ts";
import { fitMarkdown } from "./markdown.ts";

test("paragraphs and items are broken, tables are items, code stays", () => {
  const page = `# Title

One sentence
that goes on.

1. First item that is
   long
- another

| words | finding |
|---|---|
| \`Bad tail\` | an overflow that is told |

\`\`\`
code that is never broken into lines
\`\`\`
`;
  expect(fitMarkdown(page, 20)).toBe(`# Title

One sentence that
goes on.

1. First item that
   is long
- another

- words: finding
- \`Bad tail\`: an
  overflow that is
  told

\`\`\`
code that is never broken into lines
\`\`\`
`);
});

test("every rule's page fits 80 columns and loses no word", () => {
  const words = (text: string): readonly string[] => text.split(/[\s|]+/).filter((word) => /\p{L}|\d/u.test(word));
  for (const rule of rulePages().keys()) {
    const page = explain(rule);
    const fitted = fitMarkdown(page, 80);
    expect(fitted.split("\n").filter((line) => [...line].length > 80)).toEqual([]);
    expect(words(fitted).map((word) => word.replace(/:$/, ""))).toEqual(
      words(page).map((word) => word.replace(/:$/, "")),
    );
  }
});
