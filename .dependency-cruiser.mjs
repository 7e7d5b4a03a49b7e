// Import directions: the picture in ARCHITECTURE.md, as a check. A folder may import itself and what its row names.
// Type-only imports count as imports, except where a row says otherwise.
const allowed = {
  "src/base": [],
  "src/wire": ["src/base"],
  "src/heap": ["src/base", "src/symbols/allocators", "src/symbols/whose-code", "src/wire"],
  "src/symbols": ["src/base"],
  "src/detect": ["src/base", "src/heap", "src/symbols", "src/wire"],
  "src/report": ["src/base", "src/detect", "src/heap", "src/import", "src/symbols", "src/wire"],
  "src/recording": ["src/base", "src/wire", "src/heap"],
  "src/import": [
    "src/base",
    "src/symbols/allocators",
    "src/symbols/log/boot-lines",
    "src/symbols/log/last-words",
    "src/symbols/log/line-kinds",
    "src/symbols/log/monitor-lines",
    "src/symbols/return-address",
    "src/symbols/system-frames",
    "src/symbols/whose-code",
    "src/wire",
  ],
  "src/export": ["src/base", "src/detect", "src/heap", "src/report", "src/symbols", "src/wire"],
  simulator: ["src/base", "src/wire"],
  "src/capture": ["src/base", "src/heap", "src/recording", "src/wire", "simulator"],
  "src/server": ["src/base", "src/wire", "src/heap", "src/recording", "src/capture"],
  "src/web": [
    "src/base",
    "src/wire",
    "src/heap",
    "src/recording",
    "src/symbols",
    "src/detect",
    "src/report",
    "src/import",
    "src/export",
    "src/capture",
    "simulator",
  ],
};

const ours = "^(src|simulator|tools|test|bench)/";
const isTest = "\\.test\\.ts$";

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...Object.entries(allowed).map(([folder, targets]) => ({
      name: `${folder.replace("src/", "")}-imports-only-what-is-left-of-it`,
      severity: "error",
      from: { path: `^${folder}/`, pathNot: isTest },
      to: { path: ours, pathNot: [folder, ...targets].map((target) => `^${target}[/.]`) },
    })),
    {
      name: "detect-takes-only-types-and-constants-from-wire",
      severity: "error",
      from: { path: "^src/detect/", pathNot: isTest },
      to: {
        path: "^src/wire/(?!(protocol|caps|fault-name|reset-reason|series-labels)\\.ts)",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "nobody-imports-the-command-line",
      severity: "error",
      from: { pathNot: ["^src/cli/", "^test/crafted/answers.ts$", "^tools/compile-cli.ts$", isTest] },
      to: { path: "^src/cli/" },
    },
    { name: "cli-does-not-import-the-page", severity: "error", from: { path: "^src/cli/" }, to: { path: "^src/web/" } },
    {
      name: "production-never-imports-tests",
      severity: "error",
      from: { path: "^(src|simulator|tools)/", pathNot: isTest },
      to: { path: [isTest, "^test/", "^bench/"] },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "no-dev-dependency-in-production",
      severity: "error",
      from: { path: "^src/", pathNot: [isTest, "^src/web/"] },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|build|\\.tmp)/" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
