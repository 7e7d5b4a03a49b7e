// What the programs of this folder share. They are kinds that people report in public (esp-idf, arduino-esp32, LVGL, NimBLE, micropython, ESPHome
// and others): their sizes, rates and rounds are of those reports, not of the detectors' thresholds.
import { second, type Block, type Board, type CorpusProgram, type LeakLabel, type Program } from "../program.ts";

export const minute = 60 * second;
export const hour = 60 * minute;

type Play = CorpusProgram["play"];

/** `leaks`: `function`, or `function<caller` where only that caller loses; with `?` behind it where a warning is enough, `~` where it may be named or not. */
export function leaking(name: string, leaks: readonly string[], play: Play, board?: Board): CorpusProgram {
  const labels = leaks.map(labelOf);
  return {
    name,
    ...(board !== undefined && { board }),
    leaks: labels,
    expect: labels
      .filter(({ severity }) => severity !== "optional")
      .map(({ function: place }) => ({ rule: "leak", function: place })),
    play,
  };
}

export function healthy(name: string, play: Play, board?: Board): CorpusProgram {
  return { name, ...(board !== undefined && { board }), leaks: [], expect: [], tempts: ["leaks"], play };
}

function labelOf(text: string): LeakLabel {
  const [place = "", caller] = text.replace(/[?~]$/, "").split("<");
  const severity = text.endsWith("~") ? "optional" : text.endsWith("?") ? "warning" : "error";
  return { function: place, ...(caller !== undefined && { caller }), severity };
}

/** Every so often, with jitter: as timers and people do. */
export function every(p: Program, gap: number, action: () => void): void {
  p.repeat(() => gap * p.between(0.85, 1.15), action);
}

/** At random, so many apart on average: as requests and packets come. */
export function nowAndThen(p: Program, gap: number, action: () => void): void {
  p.repeat(() => p.around(gap), action);
}

/** Allocates, and frees after about `life`; goes on where it is refused. */
export function use(p: Program, place: string, size: number, life: number, caps?: number): void {
  const block = p.tryMalloc(place, Math.round(size), caps);
  if (block !== undefined) p.freeAfter(life * p.between(0.5, 1.5), block);
}

/** Allocates, and loses a share of it; the others are freed after about `life`. */
export function useOrLose(p: Program, place: string, size: number, share: number, life: number): void {
  const block = p.malloc(place, Math.round(size));
  if (p.chance(share)) p.isLost(block);
  else p.freeAfter(life * p.between(0.5, 1.5), block);
}

export function dropOldest(p: Program, blocks: Block[]): void {
  const oldest = blocks.shift();
  if (oldest !== undefined) p.free(oldest);
}

/** What nearly every firmware does: start-up that stays, sensors that are read, strings that are made. */
export function firmware(p: Program, scale = 1): void {
  const parts = ["nvs", "netif", "event", "timer", "console", "vfs", "sntp", "phy"];
  for (const part of parts) {
    for (let i = 0; i < 3; i++) {
      p.after(p.between(0, 2) * second, () => p.malloc(`${part}_init:state<app_main`, Math.round(p.between(24, 700))));
    }
  }
  nowAndThen(p, scale * second, () => use(p, "snprintf_text:line<sensor_task", p.between(24, 90), 0.05 * second));
  nowAndThen(p, 1.7 * scale * second, () => use(p, "queue_item:item<sensor_task", 32, 0.4 * second));
}

/** A server with clients that come and go: each has a session and some buffers. */
export function webServer(p: Program, gap = 4 * second): void {
  p.inTask("httpd");
  nowAndThen(p, gap, () => {
    const session = p.malloc("httpd_sess_new:session<httpd_accept", 296);
    const scratch = p.malloc("httpd_req:scratch<httpd_accept", 1024);
    use(p, "httpd_resp:chunk<send_file", p.between(200, 1400), 0.1 * second);
    p.freeAfter(p.between(0.1, 3) * second, session, scratch);
  });
}

/** A TLS connection with its handshake, given back when it is closed. */
export function tls(p: Program, caller: string, life: number): void {
  const contexts = [
    p.malloc(`esp_tls_init:tls<${caller}`, 540),
    p.malloc(`ssl_setup:in_buf<${caller}`, 4429),
    p.malloc(`ssl_setup_out:out_buf<${caller}`, 2200),
  ];
  for (let i = 0; i < 3; i++) use(p, `x509_parse:cert<${caller}`, p.between(300, 1200), life / 4);
  use(p, `mpi_grow:limbs<${caller}`, p.between(64, 512), life / 8);
  p.freeAfter(life, ...contexts);
}
