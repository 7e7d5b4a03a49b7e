// Builds the bare-metal program (test/qemu) for RV32IMC and runs it in QEMU, with its UART on a TCP port of this machine.
import { spawn, type ChildProcess } from "node:child_process";
import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";
import { buildForRv32, type CProgram } from "../tools/build-c.ts";
import { HEAP_SOURCES, INTERPOSE_FLAGS, LIBC_SOURCES, PROBE_INCLUDES, probeSources } from "../tools/c-sources.ts";
import type { Line } from "./conformance/section.ts";

/** What `needsCommands` must be asked for. */
export const QEMU_COMMANDS = ["riscv64-unknown-elf-gcc", "qemu-system-riscv32"] as const;

/** The probe, the heap and test/qemu, with the conformance program, or with a loop of `benchCalls` calls instead. */
export function qemuProgram(benchCalls?: number): CProgram {
  return {
    name: benchCalls === undefined ? "conformance.elf" : "bench.elf",
    sources: [
      "test/qemu/start.S",
      "test/qemu/main.c",
      "test/qemu/bare_board.c",
      "firmware/examples/conformance/main/conformance.c",
      "test/qemu/port_bare.c",
      "simulator/heap/port_simulated_heap.c",
      ...probeSources(),
      ...HEAP_SOURCES,
      ...LIBC_SOURCES,
    ],
    includeFolders: [
      ...PROBE_INCLUDES,
      "simulator/heap",
      "simulator/libc/include",
      "test/qemu",
      "firmware/examples/conformance/main",
    ],
    defines: { CONFIG_MEMMAP_INTERPOSE: 1, ...(benchCalls === undefined ? {} : { QEMU_BENCH: benchCalls }) },
    flags: ["-fno-builtin", ...INTERPOSE_FLAGS, "-T", "test/qemu/link.ld", "-Wl,--gc-sections"],
  };
}

export interface Qemu {
  /** Where the UART can be reached: `memmap record tcp://127.0.0.1:PORT`. The machine starts when somebody connects. */
  readonly port: number;
  stop(): Promise<void>;
}

/** Time that goes by instructions, one a nanosecond: every run is the same. */
export const COUNTED_TIME = ["-icount", "shift=0,sleep=off"] as const;

/** Starts QEMU as the server; it waits for one connection and runs the program then. */
export async function startQemu(elf: string, options: readonly string[] = []): Promise<Qemu> {
  const port = await freePort();
  const child = spawn(
    "qemu-system-riscv32",
    ["-M", "virt", "-m", "8M", "-bios", "none", "-kernel", elf, "-display", "none", "-monitor", "none"].concat(
      ["-serial", `tcp:127.0.0.1:${port},server=on,wait=on`],
      options,
    ),
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const running = watch(child);
  return {
    port,
    stop: async () => {
      child.kill();
      await running.ended;
    },
  };
}

/** Builds, starts and connects. */
export async function runInQemu(program: CProgram): Promise<Line> {
  return runElf(await buildForRv32(program));
}

/** Starts and connects. */
export async function runElf(elf: string, options: readonly string[] = []): Promise<Line> {
  const qemu = await startQemu(elf, options);
  const socket = await connectTo(qemu.port);
  return {
    async *[Symbol.asyncIterator]() {
      for await (const chunk of socket) yield chunk as Uint8Array;
    },
    write: async (bytes) => {
      if (!socket.write(bytes)) await once(socket, "drain");
    },
    close: async () => {
      socket.destroy();
      await qemu.stop();
    },
  };
}

function watch(child: ChildProcess): { ended: Promise<void> } {
  const ended = new Promise<void>((resolve, reject) => {
    child.on("exit", () => resolve());
    child.on("error", reject);
  });
  return { ended };
}

/** QEMU listens some milliseconds after its start. */
async function connectTo(port: number): Promise<Socket> {
  for (let attempt = 0; ; attempt++) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return socket;
    } catch (error) {
      socket.destroy();
      if (attempt === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}
