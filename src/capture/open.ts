// Chooses the source by what the user wrote. The only place that knows all kinds of sources.
import { realpath, stat } from "node:fs/promises";
import { MemmapError } from "../base/errors.ts";
import type { Microseconds } from "../base/units.ts";
import { openFileSource, openStandardInput } from "./file.ts";
import { DEFAULT_BAUD, openSerial } from "./serial.ts";
import type { ByteSource, Notice } from "./source.ts";
import { openTcpClient, openTcpListener } from "./tcp.ts";

export type SourceSpec =
  | { readonly kind: "serial"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "tcp-listen"; readonly host: string; readonly port: number }
  | { readonly kind: "stdin" }
  | { readonly kind: "simulator"; readonly scenario: string; readonly chip: string | undefined }
  | { readonly kind: "file"; readonly path: string };

export interface OpenOptions {
  /** Serial only. */
  readonly baud?: number | undefined;
  /** Serial only: restart the board first. */
  readonly reset?: boolean | undefined;
  /** TCP client only: how long to wait for somebody to listen. */
  readonly waitSeconds?: number | undefined;
  readonly notice?: Notice | undefined;
  /** Simulator only: how long its run lasts; the scenario's own duration where not said. */
  readonly duration?: Microseconds | undefined;
  /** Simulator only: as fast as it can (where not said), or so that a second takes a second. */
  readonly pace?: "full-speed" | "real-time" | undefined;
}

/** How SOURCE is written, for help texts. */
export const SOURCE_FORMS = `  /dev/ttyUSB0, COM3         a serial port (\`memmap ports\` lists them)
  tcp://HOST:PORT            a board, QEMU or ser2net that listens
  tcp-listen://[HOST]:PORT   wait for a board that connects. HOST is an address
                             of this machine; without it: local programs only
  run.bin, console.log       a file of captured bytes
  -                          standard input
  sim:SCENARIO[@CHIP]        the simulator (\`memmap demo --list\`)`;

const LOOPBACK = "127.0.0.1";
/** Character devices that are no terminals. */
const NO_PORTS = /^\/dev\/(null|zero|full|u?random|stdin)$/;

/** Reads a SOURCE as the user wrote it. Whether a plain path is a file or a port is decided by its name alone. */
export function parseSource(text: string): SourceSpec {
  if (text === "-") return { kind: "stdin" };
  if (text.startsWith("sim:")) {
    const [scenario = "", chip] = text.slice("sim:".length).split("@");
    if (scenario === "") {
      throw new MemmapError(`${text} names no scenario`, {
        code: "usage-source",
        hint: "Write sim:NAME, for example sim:overflow; `memmap demo --list` shows all names.",
      });
    }
    return { kind: "simulator", scenario, chip };
  }
  const scheme = /^([a-z][a-z0-9+-]+):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === "tcp" || scheme === "tcp-listen") return parseTcp(text, scheme);
  if (scheme !== undefined) {
    throw new MemmapError(`memmap knows no source of the kind ${scheme}://`, {
      code: "usage-source",
      hint: "A source is a port (/dev/ttyUSB0, COM3), tcp://HOST:PORT, tcp-listen://[HOST]:PORT, a file, - for standard input, or sim:SCENARIO.",
    });
  }
  if (isPortName(text)) return { kind: "serial", path: text };
  return { kind: "file", path: text };
}

function parseTcp(text: string, scheme: "tcp" | "tcp-listen"): SourceSpec {
  const match = /^[^:]+:\/\/(\[[0-9a-f:.]+\]|[^:/[\]]*):(\d{1,5})\/?$/i.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535 || (scheme === "tcp" && port === 0)) {
    throw new MemmapError(`${text} is no address`, {
      code: "usage-source",
      hint: `Write ${scheme}://HOST:PORT with a port from 1 to 65535, for example ${scheme}://127.0.0.1:3333.`,
    });
  }
  const host = (match[1] ?? "").replace(/^\[|\]$/g, "");
  if (scheme === "tcp" && host !== "") return { kind: "tcp", host, port };
  return { kind: "tcp-listen", host: host === "" ? LOOPBACK : host, port };
}

function isPortName(text: string): boolean {
  return /^\/dev\/(tty|cu\.|serial\/|pts\/|rfcomm)/.test(text) || /^(\\\\\.\\)?COM\d+$/i.test(text);
}

export async function openSource(text: string, options: OpenOptions = {}): Promise<ByteSource> {
  const spec = parseSource(text);
  const notice = options.notice ?? (() => undefined);
  const serial = { baud: options.baud ?? DEFAULT_BAUD, reset: options.reset ?? true, notice };
  switch (spec.kind) {
    case "stdin":
      return openStandardInput(process.stdin);
    case "simulator": {
      const { openSimulator } = await import("./sim.ts"); // the module and its scenarios are loaded for nobody else
      return openSimulator(spec.scenario, spec.chip, options.duration, options.pace);
    }
    case "tcp":
      return openTcpClient(spec, options.waitSeconds ?? 30, notice);
    case "tcp-listen":
      return openTcpListener(spec, notice);
    case "serial":
      return openSerial(spec.path, serial);
    case "file": {
      // A terminal under another name, as udev rules make: /dev/esp32.
      const isDevice = (await stat(spec.path).catch(() => undefined))?.isCharacterDevice() === true;
      const names = [spec.path, await realpath(spec.path).catch(() => spec.path)];
      if (isDevice && !names.some((name) => NO_PORTS.test(name))) return openSerial(spec.path, serial);
      return openFileSource(spec.path);
    }
  }
}
