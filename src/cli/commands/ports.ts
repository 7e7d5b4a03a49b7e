// `memmap ports`: which serial ports there are, and which of them is likely the board.
import type { Command } from "commander";
import { describePorts, listPorts } from "../../capture/ports.ts";
import { asJson } from "../json.ts";
import { coloursFor } from "../terminal/colours.ts";
import { print } from "../terminal/print.ts";
import { formatTable } from "../terminal/table.ts";
import { textWidth, wrap } from "../terminal/wrap.ts";

export function define(command: Command): void {
  command
    .option("--all", "also ports that no USB device stands behind")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Examples:
  memmap ports
  memmap record "$(memmap ports --json | jq -r '.ports[0].path')"`,
    )
    .action(async (options: { all?: true; json?: true }) => {
      const ports = await listPorts({ all: options.all === true });
      if (options.json) {
        process.stdout.write(asJson("ports", { ports }));
        return;
      }
      if (ports.length === 0) {
        print(...wrap(await describePorts(), textWidth(process.stdout)));
        return;
      }
      const { bold, dim } = coloursFor(process.stdout);
      const rows = ports.map((port) => {
        const usb = port.vendorId === undefined ? "" : `${port.vendorId}:${port.productId ?? "????"}`;
        return [port.path, usb, port.hint ?? port.description];
      });
      const columns = [{ title: "port", style: bold }, { title: "USB" }, { title: "what", shorten: "end" }] as const;
      const width = process.stdout.isTTY ? process.stdout.columns : undefined;
      print(...formatTable(columns, rows, width, dim));
      const first = ports.find((port) => port.hint !== undefined);
      if (first !== undefined) print("", `Record it: memmap record ${first.path}`);
    });
}
