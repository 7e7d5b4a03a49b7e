// The rules of eslint.config.js but for those that ask the compiler for types: what `npm test` runs. `npm run check` and `npm run lint` run all.
import tseslint from "typescript-eslint";
import config from "./eslint.config.js";

export default [
  ...config,
  {
    files: ["**/*.ts", "**/*.tsx"],
    ...tseslint.configs.disableTypeChecked,
    linterOptions: { reportUnusedDisableDirectives: "off" },
  },
];
