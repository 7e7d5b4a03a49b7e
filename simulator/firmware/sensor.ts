// A well-behaved task: reads a sensor ten times a second, builds a JSON tree from it, prints that and frees all of it. An interrupt
// hands it the samples.
import type { Address } from "../../src/base/units.ts";
import type { Board } from "../board.ts";
import { Cap } from "../../src/wire/caps.ts";
import { milliseconds, site } from "../task.ts";

const FILE = "main/sensor.c";
const SAMPLE = site(FILE, 33, "on_data_ready", "sample");
const NODE = site("components/json/cJSON.c", 243, "cJSON_New_Item", "node");
const KEY = site("components/json/cJSON.c", 218, "cJSON_strdup", "copy");
const TEXT = site("components/json/cJSON.c", 1214, "print", "buffer");
const FREE_NODE = site("components/json/cJSON.c", 262, "cJSON_Delete", "item");
const FREE_TEXT = site(FILE, 92, "publish_reading", "text");
const FREE_SAMPLE = site(FILE, 78, "publish_reading", "sample");

export function startSensor(board: Board): void {
  const { random } = board;
  board.start("sensor", { core: 0, stack: 4096 }, function* (t) {
    for (let reading = 0; ; reading++) {
      const sample = board.interrupt(0, (isr) => isr.malloc(32, { at: SAMPLE, caps: Cap.INTERNAL | Cap["8BIT"] }));
      const tree: Address[] = [];
      for (let field = random.integer(4, 7); field > 0; field--) {
        tree.push(t.calloc(1, 40, { at: NODE, caps: Cap["8BIT"] }));
        tree.push(t.malloc(random.integer(4, 20), { at: KEY, caps: Cap["8BIT"] }));
      }
      const text = t.malloc(random.integer(90, 200), { at: TEXT, caps: Cap["8BIT"] });
      t.busy(400);
      if (reading % 50 === 0) t.log("I", "sensor", `reading ${reading}: ${(20 + random.next() * 5).toFixed(2)} °C`);
      for (const part of tree) t.free(part, { at: FREE_NODE });
      t.free(text, { at: FREE_TEXT });
      t.free(sample, { at: FREE_SAMPLE });
      yield milliseconds(100);
    }
  });
}
