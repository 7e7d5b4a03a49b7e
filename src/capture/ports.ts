// Which serial ports there are, and which of them is likely a board.
import { readdir, realpath } from "node:fs/promises";
import { join } from "node:path";

export interface SerialPortInfo {
  readonly path: string;
  /** What is behind it, as far as the system says: "CP2102 USB to UART Bridge Controller (Silicon Labs)". */
  readonly description: string;
  /** USB vendor and product, four lower-case hex digits each. */
  readonly vendorId?: string;
  readonly productId?: string;
  /** What this vendor's ports usually are; absent where the vendor makes no boards or bridges that we know. */
  readonly hint?: string;
}

/** USB vendors of what ESP32 boards are connected through. */
const vendors: Readonly<Record<string, string>> = {
  "303a": "Espressif chip on its own USB; any baud rate works",
  "10c4": "Silicon Labs CP210x USB-to-UART bridge, as on most ESP32 DevKits",
  "1a86": "WCH CH340 or CH9102 USB-to-UART bridge, as on many ESP32 boards",
  "0403": "FTDI USB-to-UART bridge, as on ESP-WROVER-KIT and ESP-Prog (there the second of two ports is the UART)",
};

/** Ports, likely boards first. Built-in ports that no USB device stands behind are left out unless `all`. */
export async function listPorts(options: { readonly all?: boolean } = {}): Promise<SerialPortInfo[]> {
  const ports = (await listThroughLibrary()) ?? (await listByName("/dev"));
  return ports
    .filter(
      (port) => options.all === true || port.vendorId !== undefined || port.hint !== undefined || isUsb(port.path),
    )
    .sort((a, b) => Number(b.hint !== undefined) - Number(a.hint !== undefined) || a.path.localeCompare(b.path));
}

/** The serialport library knows vendors everywhere, but it may be absent, and on Linux it needs udevadm, which containers lack. */
async function listThroughLibrary(): Promise<SerialPortInfo[] | undefined> {
  try {
    const { SerialPort } = await import("serialport");
    const found = await SerialPort.list();
    return found.map((port) => {
      const vendorId = port.vendorId?.toLowerCase();
      const product = (port as { readonly friendlyName?: string }).friendlyName ?? port.pnpId ?? "";
      return {
        path: port.path,
        description: [port.manufacturer, product].filter((part) => part !== undefined && part !== "").join(", "),
        ...(vendorId === undefined ? {} : withVendor(vendorId)),
        ...(port.productId === undefined ? {} : { productId: port.productId.toLowerCase() }),
      };
    });
  } catch {
    return undefined; // absent or without udevadm: the names in /dev tell enough
  }
}

function withVendor(vendorId: string): { vendorId: string; hint?: string } {
  const hint = vendors[vendorId];
  return hint === undefined ? { vendorId } : { vendorId, hint };
}

/** What the names in /dev say: `ttyUSB*` are bridges, `ttyACM*` chips with USB of their own, `serial/by-id` names the maker. */
export async function listByName(dev: string): Promise<SerialPortInfo[]> {
  const names = (await readdir(dev).catch(() => [])).filter(isUsb);
  const byId = await linksByTarget(join(dev, "serial", "by-id"));
  return names.sort().map((name) => {
    const path = join(dev, name);
    const id = byId.get(path);
    const description = id?.replace(/^usb-/, "").replaceAll("_", " ") ?? "";
    const vendor = Object.entries(vendorNames).find(([, pattern]) => pattern.test(description))?.[0];
    return { path, description, ...(vendor === undefined ? {} : withVendor(vendor)) };
  });
}

/** How the vendors call themselves in /dev/serial/by-id. */
const vendorNames: Readonly<Record<string, RegExp>> = {
  "303a": /^Espressif/i,
  "10c4": /^Silicon Labs/i,
  "1a86": /^(1a86|QinHeng)/i,
  "0403": /^FTDI/i,
};

async function linksByTarget(folder: string): Promise<Map<string, string>> {
  const links = new Map<string, string>();
  for (const link of await readdir(folder).catch(() => [])) {
    const target = await realpath(join(folder, link)).catch(() => undefined);
    if (target !== undefined) links.set(target, link);
  }
  return links;
}

/** Names under which Linux, macOS and Windows show serial ports on USB. */
function isUsb(path: string): boolean {
  return /(ttyUSB|ttyACM|cu\.(usb|SLAB|wch))|^COM\d+$/i.test(path);
}

/** One sentence on what there is, for the messages about a port that is not. */
export async function describePorts(): Promise<string> {
  const ports = await listPorts();
  if (ports.length === 0) {
    return "No serial port is there now: check the cable (many carry only power) and, in a container or WSL, that the device is passed in.";
  }
  return `Ports there now: ${ports.map((port) => port.path).join(", ")}.`;
}
