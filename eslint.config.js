// Lint rules. Layout is Prettier's; what a layer may see is the compiler's (tsconfig.*.json); import directions are
// dependency-cruiser's (.dependency-cruiser.mjs).
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const noNull = { selector: "TSNullKeyword", message: "Our own types say undefined, not null." };
const noSpread = {
  selector: "CallExpression[callee.object.name='Math'][callee.property.name=/^(min|max)$/] > SpreadElement",
  message: "Of many values it overflows the stack: greatest, smallest (src/base/values.ts).",
};
const noHash = { selector: "PrivateIdentifier", message: "One way to be private: write `private x`." };
/** Numbers, texts, patterns, sets, and lists of numbers or texts that a module never changes; lists of objects and tables may be named like any variable. */
const plain = "/^(Literal|TemplateLiteral|UnaryExpression|BinaryExpression)$/";
const upperCase = {
  selector:
    ":matches(Program, ExportNamedDeclaration) > VariableDeclaration[kind='const'] > VariableDeclarator[id.name=/^[a-z]/]" +
    `:matches([init.type=${plain}], [init.expression.type=${plain}], [init.callee.name=/^(Set|RegExp)$/],` +
    ["init", "init.expression", "init.expression.expression"]
      .map((list) => ` [${list}.elements.0.type=${plain}]`)
      .join() +
    ")",
  message: "A module's constant is written in UPPER_CASE.",
};
const noDefaultExport = { selector: "ExportDefaultDeclaration", message: "Export by name." };

export default defineConfig(
  globalIgnores(["dist/", "build/", ".tmp/", "firmware/", "**/fixtures/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: "tsconfig.lint.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      // In a hot loop on typed arrays, where the index is known to be inside, switch it off for that file and say so:
      //   /* eslint-disable @typescript-eslint/no-non-null-assertion -- hot loops on typed arrays */
      "@typescript-eslint/no-non-null-assertion": "error",
      // An async function without await may be there to satisfy an interface.
      "@typescript-eslint/require-await": "off",
      eqeqeq: "error",
      "no-restricted-syntax": ["error", noNull, noHash, noDefaultExport],
      "no-warning-comments": ["error", { terms: ["todo", "fixme", "xxx", "not implemented"] }],
    },
  },
  {
    files: ["src/**/*.ts", "src/**/*.tsx", "simulator/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: { "no-restricted-syntax": ["error", noNull, noHash, noDefaultExport, upperCase, noSpread] },
  },
  // A question, not a limit. Where the file holds one idea, answer it in its second line:
  //   /* eslint-disable max-lines -- one idea: the state machine of a log's reader */
  { files: ["src/**/*.ts", "src/**/*.tsx", "simulator/**/*.ts"], rules: { "max-lines": ["error", 400] } },
  { files: ["vitest.config.ts"], rules: { "no-restricted-syntax": ["error", noNull, noHash] } },
  {
    files: ["**/*.js", "**/*.mjs"],
    languageOptions: { globals: { console: "readonly", process: "readonly", URL: "readonly" } },
  },
);
