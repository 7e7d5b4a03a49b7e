import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { detectors } from "./detectors.ts";

const docs = fileURLToPath(new URL("../../docs/detectors/", import.meta.url));

/** Commands that show the findings of one group in full. */
const commands = new Map(["leaks", "faults", "failures"].map((name) => [name, `\`memmap ${name}\``]));

test("the table in docs/detectors is the list: `npx vitest run src/detect/detectors.test.ts -u` writes it", async () => {
  const rows = detectors.map(({ name, page, group, rules }) => {
    const words = Object.keys(rules).map((rule) => `\`${rule}\``);
    return `| [${name}](${page}.md) | ${words.join(", ")} | ${commands.get(group) ?? "`memmap report`"} |`;
  });
  const table = ["| detector | rules | in full |", "|---|---|---|", ...rows].join("\n");
  const page = readFileSync(`${docs}README.md`, "utf8").replace(/^\| detector .*(\n\|.*)*/m, () => table);
  expect(page).toContain(table);
  await expect(page).toMatchFileSnapshot(`${docs}README.md`);
});

test.each(detectors)("$name has its page, which names its rules", ({ page, rules }) => {
  const path = `${docs}${page}.md`;
  expect(existsSync(path)).toBe(true);
  const text = readFileSync(path, "utf8");
  for (const rule of Object.keys(rules)) expect(text).toContain(`\`${rule}\``);
});

test("a rule that several detectors report is equally urgent in all", () => {
  const urgencies = new Map<string, Set<number>>();
  for (const { rules } of detectors) {
    for (const [rule, urgency] of Object.entries(rules)) {
      urgencies.set(rule, (urgencies.get(rule) ?? new Set()).add(urgency));
    }
  }
  for (const [rule, values] of urgencies) expect([rule, values.size]).toEqual([rule, 1]);
});
