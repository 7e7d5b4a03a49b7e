// This computer: Node's version, the library for serial ports, and the port itself: there, allowed, free.
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { describePorts } from "../../capture/ports.ts";
import { findPortHolders } from "../../capture/port-holder.ts";
import { portRefused } from "../../capture/port-permission.ts";
import { manifest } from "../package.ts";
import { note, ok, problem, type Check } from "./check.ts";

export function checkNode(version = process.versions.node): Check {
  const { node: needed } = manifest().engines;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [needMajor = 0, needMinor = 0] = (/(\d+)\.(\d+)/.exec(needed) ?? []).slice(1).map(Number);
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return ok(`Node ${version}`);
  return problem(
    `Node ${version} is too old: memmap needs ${needed}`,
    "install a newer Node from nodejs.org or your system's packages",
  );
}

export async function checkPort(path: string): Promise<readonly Check[]> {
  const checks: Check[] = [];
  try {
    await import("serialport");
  } catch {
    checks.push(problem("the library for serial ports is not installed", "npm install serialport, beside memmap"));
  }
  if (process.platform === "win32")
    return [...checks, note(`whether ${path} is allowed and free is only seen when it is opened`)];
  if (!existsSync(path)) return [...checks, problem(`there is no ${path}`, await describePorts())];
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    checks.push(ok(`you may read and write ${path}`));
  } catch (error) {
    const { message, hint } = await portRefused(path, statSync(path), error);
    checks.push(problem(message, hint));
  }
  const holders = await findPortHolders(path);
  checks.push(
    holders.length === 0
      ? ok(`no program of yours has ${path} open`)
      : problem(
          `${holders.join(" and ")} ${holders.length === 1 ? "has" : "have"} ${path} open`,
          "end it: two programs share what comes, and both see half",
        ),
  );
  return checks;
}
