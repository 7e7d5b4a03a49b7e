// How the page looks: no serious violation of accessibility, and every part draws something within its frame. Every test also asserts that nothing complained in the console.
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { atLength, covered } from "../length.ts";
import { settled, testedPage, views } from "./tested-page.ts";

const on = testedPage();

test("no serious violation of accessibility, in any view, in each theme", async () => {
  const axe = createRequire(import.meta.url).resolve("axe-core");
  const page = await on.openDemo();
  await page.addScriptTag({ path: axe });
  const found: string[] = [];
  let looked = 0;
  for (const scheme of atLength({ short: ["light"], long: ["light", "dark"] } as const)) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const [index, view] of views.entries()) {
      await page.click(`#tab-${view}`);
      await settled(page);
      // Nothing is looked at twice: around the panel all views are the same, and a theme changes but colours.
      const look = {
        ...(index > 0 ? { within: "#panel" } : {}),
        ...(scheme === "dark" ? { rules: ["color-contrast"] } : {}),
      };
      looked++;
      found.push(...(await seriousViolations(page, look)).map((one) => `${scheme} ${view}: ${one}`));
    }
  }
  expect(found).toEqual([]);
  covered(`${looked} views in their themes`);
});

test("the gallery: every part in every state draws something, and within its frame", async () => {
  const page = await on.browser.newPage();
  await page.goto(`${on.address}gallery.html`);
  await page.waitForSelector('.gallery section:nth-of-type(5) [data-part="status"]');
  const problems = (): Promise<string[]> =>
    page.evaluate(() => {
      const isBlank = (canvas: HTMLCanvasElement): boolean => {
        const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
        const colours = new Set(pixels === undefined ? [] : new Uint32Array(pixels.buffer));
        return colours.size < 2;
      };
      return [...document.querySelectorAll<HTMLElement>("[data-part]")].flatMap((part) => {
        const name = `${part.closest("section")?.querySelector("h2")?.textContent}: ${part.dataset["part"]}`;
        const said = (part.textContent ?? "").trim();
        return [
          ...(said === "" ? [`${name} is empty`] : []),
          ...(/undefined|NaN|\[object/.test(said) ? [`${name} says ${said}`] : []),
          ...(part.scrollWidth > part.clientWidth + 1 ? [`${name} is wider than its frame`] : []),
          ...([...part.querySelectorAll("canvas")].some(isBlank) ? [`${name} has a blank picture`] : []),
        ];
      });
    });
  await expect.poll(problems, { timeout: 20_000 }).toEqual([]);
  covered(`${await page.locator("[data-part]").count()} parts of the gallery`);
});

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** What is looked at: all of the page, or what is within an element; by all rules, or by some. */
interface Look {
  readonly within?: string;
  readonly rules?: readonly string[];
}

async function seriousViolations(page: Page, look: Look): Promise<string[]> {
  const { violations } = await page.evaluate(
    ({ within, rules }: Look) =>
      (globalThis as unknown as { axe: { run(context: unknown, options: object): Promise<AxeResult> } }).axe.run(
        within ?? document,
        rules === undefined ? {} : { runOnly: rules },
      ),
    look,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary?.slice(0, 240)}`);
}
