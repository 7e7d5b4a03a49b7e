// What every program does beside its fault: set-up that stays, buffers that come and go, sessions that last a while.
import { second, type Program } from "./program.ts";

export function ordinaryWork(p: Program): void {
  for (let i = 0; i < 40; i++)
    p.after(p.between(0, 5) * second, () => p.malloc("init:table", Math.round(p.between(16, 300))));
  p.repeat(
    () => p.around(0.2 * second),
    () => {
      const buffer = p.malloc("read_sensor:buffer", 64);
      p.after(p.around(0.02 * second), () => p.free(buffer));
    },
  );
  p.repeat(
    () => p.around(6 * second),
    () => {
      const session = p.malloc("session_open:session", Math.round(p.between(100, 800)));
      p.after(p.around(15 * second), () => p.free(session));
    },
  );
}
