// As much of GDB's remote protocol as a test needs to stop a program at every instruction: registers, memory, single steps. Packets are
// "$data#checksum", each confirmed with "+". Source: GDB's manual, appendix E.
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Bytes of memory asked for at once: what every stub's packets have room for. */
const PIECE = 1024;

export class GdbClient {
  private readonly socket: Socket;
  private received = "";
  private wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (data: Buffer) => {
      this.received += data.toString("latin1");
      this.wake?.();
    });
  }

  close(): void {
    this.socket.destroy();
  }

  /** x0 … x31 and pc. */
  async registers(): Promise<number[]> {
    const bytes = Buffer.from(await this.ask("g"), "hex");
    return Array.from({ length: 33 }, (_, i) => bytes.readUInt32LE(4 * i));
  }

  async memory(address: number, size: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let at = address; at < address + size; at += PIECE) {
      const length = Math.min(PIECE, address + size - at);
      pieces.push(Buffer.from(await this.ask(`m${at.toString(16)},${length.toString(16)}`), "hex"));
    }
    return Buffer.concat(pieces);
  }

  async step(): Promise<void> {
    await this.ask("s");
  }

  private async ask(command: string): Promise<string> {
    const sum = [...command].reduce((total, letter) => total + letter.charCodeAt(0), 0) & 255;
    this.socket.write(`$${command}#${sum.toString(16).padStart(2, "0")}`, "latin1");
    for (;;) {
      const packet = /\$([^#]*)#../.exec(this.received);
      if (packet?.[1] !== undefined) {
        this.received = this.received.slice(packet.index + packet[0].length);
        this.socket.write("+");
        return packet[1];
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

/** QEMU listens some milliseconds after its start. */
export async function connectGdb(port: number): Promise<GdbClient> {
  for (let attempt = 0; ; attempt++) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return new GdbClient(socket);
    } catch (error) {
      socket.destroy();
      if (attempt === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
