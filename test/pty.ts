// A serial line without hardware: a pseudo terminal from util-linux's `script`. What is written to `board` arrives at the port
// with the path `port`, and the other way round; closing it looks like pulling the plug.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";

export interface PtyPair {
  /** The path that memmap opens. */
  readonly port: string;
  /** What the board sends. */
  send(bytes: Uint8Array | string): Promise<void>;
  /** All that has arrived at the board so far. */
  received(): Uint8Array;
  /** Pulls the plug. */
  unplug(): Promise<void>;
}

export async function openPty(): Promise<PtyPair> {
  // The shell inside says its terminal's name and keeps it open; `script` carries bytes between it and our pipes.
  const child = spawn("script", ["-qefc", "stty raw -echo; tty; exec sleep 600", "/dev/null"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const stdin: Writable = child.stdin;
  const stdout: Readable = child.stdout;
  let head = "";
  const chunks: Uint8Array[] = [];
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error("script ended early")));
    stdout.on("data", (chunk: Uint8Array) => {
      if (head.includes("\n")) {
        chunks.push(chunk);
        return;
      }
      head += new TextDecoder().decode(chunk);
      if (head.includes("\n")) resolve();
    });
  });
  return {
    port: head.trim(),
    send: (bytes) =>
      new Promise((resolve, reject) => stdin.write(bytes, (error) => (error ? reject(error) : resolve()))),
    received: () => Buffer.concat(chunks),
    async unplug() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}
