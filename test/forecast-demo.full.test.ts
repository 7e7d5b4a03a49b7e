// The forecast of the tour's first three minutes, held against what the simulated board's own heap does in the twenty-five that follow.
import { expect, test } from "vitest";
import type { FindingsView } from "../src/report/findings-view.ts";
import { runCli, scratchFolder } from "./cli/run-cli.ts";

const folder = scratchFolder();

test("the interval holds the first usual request that is refused", async () => {
  expect((await runCli(["demo", "--duration", "28m", "--output", "tour.memmap"], folder)).exitCode).toBe(0);
  const findings = async (...args: readonly string[]): Promise<FindingsView["findings"]> =>
    (JSON.parse((await runCli([...args, "--json"], folder)).out) as FindingsView).findings;
  const [forecast] = (await findings("report", "tour.memmap", "--to", "180s")).filter(
    ({ rule }) => rule === "exhaustion",
  );
  // What is refused from the beginning on, the camera's frame of 16 KiB, is no news.
  const later = (await findings("failures", "tour.memmap", "--from", "180s")).filter(
    ({ affectedBytes }) => affectedBytes !== 16_384,
  );
  const happened = Math.min(...later.map(({ since = Infinity }) => since)) - 180e6;
  expect(happened).toBeGreaterThan(forecast?.expected?.earliest ?? Infinity);
  expect(happened).toBeLessThan(forecast?.expected?.latest ?? 0);
});
