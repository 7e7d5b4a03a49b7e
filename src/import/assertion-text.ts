// Assertions that failed, in the wordings of all generations of ESP-IDF, of the ESP8266's core and of Zephyr: what failed, where, and what that proves.

import { fileName } from "../base/paths.ts";
import type { IncidentKind } from "../wire/log-records.ts";
import { OLD_ASSERT } from "../symbols/log/last-words.ts";
import {
  ASSERT,
  ASSERT_ANY,
  CONTROLLER_ASSERT,
  ESP8266_PANIC,
  FREERTOS_ASSERT,
  LWIP_ASSERT,
  NAMED_ASSERT,
  PLACED_ASSERT,
  VERIFY_OR_DIE,
  ZEPHYR_ASSERT,
  ZEPHYR_HEAP,
} from "./crash-wordings.ts";
import type { IncidentDraft } from "./incident-book.ts";

/** RESET_MEM_ALLOC_FAIL of the Bluetooth controller, 0xF2F2F2F2. */
const NO_MEMORY = /[( ](?:-218959118|4076008178|f2f2f2f2)\b/i;

type Assertion = Pick<IncidentDraft, "kind" | "detail" | "function">;

const UNTOLD = "its condition is not told";

/** GDB prints it among the arguments of panic_abort(). */
const QUOTED = /"((?:assert failed: |assertion \\?").*?)"\) at \S+:\d+\s*$/;

/** One of these each of them holds. */
const WORDS = /assert|VerifyOrDie|^Panic /i;

export function assertionIn(whole: string): Assertion | undefined {
  if (!WORDS.test(whole)) return undefined;
  const text = QUOTED.exec(whole)?.[1] ?? whole;
  const zephyr = ZEPHYR_ASSERT.exec(text);
  if (zephyr !== null) return asserted(zephyr[1], zephyr[2], zephyr[3]);
  const old = OLD_ASSERT.exec(text);
  if (old !== null) return asserted(old[1], old[2], old[3], old[4]);
  const assertion = ASSERT.exec(text);
  if (assertion !== null) {
    const [, name, file, line, expression = ""] = assertion;
    return asserted(expression.replace(/^\(|\)$/g, ""), file, line, name);
  }
  const ofFreeRtos = FREERTOS_ASSERT.exec(text);
  if (ofFreeRtos !== null) return asserted(UNTOLD, ofFreeRtos[1], ofFreeRtos[2], ofFreeRtos[3]);
  const ofController = CONTROLLER_ASSERT.exec(text);
  if (ofController !== null)
    return asserted(
      `a check of the Bluetooth controller${NO_MEMORY.test(text) ? ", which had no memory" : ""}`,
      ofController[1] ?? ofController[3],
      ofController[2] ?? ofController[4],
    );
  const ofLwip = LWIP_ASSERT.exec(text);
  if (ofLwip !== null) return asserted(ofLwip[4], ofLwip[2], ofLwip[3], ofLwip[1]);
  const placed = PLACED_ASSERT.exec(text);
  if (placed !== null)
    return asserted(placed[1] ?? placed[2] ?? UNTOLD, placed[3], placed[4], /\bin function (\w+)/.exec(text)?.[1]);
  const verified = VERIFY_OR_DIE.exec(text);
  if (verified !== null) return asserted(verified[3]?.trim(), verified[1], verified[2]);
  const named = NAMED_ASSERT.exec(text);
  if (named !== null) return asserted(`${UNTOLD}, line ${named[2]}`, "", "", named[1]);
  const other = ASSERT_ANY.exec(text)?.[1];
  if (other !== undefined) return asserted(other);
  const panicked = ESP8266_PANIC.exec(text);
  if (panicked === null) return undefined;
  const [, file, line, name = "", expression] = panicked;
  return asserted(expression ?? `panic() in ${name}`, file, line, name);
}

/** What Zephyr's heap says below its assertion. */
export function zephyrsHeap(text: string): Pick<IncidentDraft, "kind" | "detail" | "address"> | undefined {
  const heap = ZEPHYR_HEAP.exec(text);
  if (heap === null) return undefined;
  const [, detail = "", address = ""] = heap;
  return {
    kind: detail.includes("double-free") ? "double-free" : "heap-metadata",
    detail,
    address: Number.parseInt(address, 16),
  };
}

function asserted(expression = "", file = "", line = "", name?: string): Assertion {
  const base = fileName(file);
  const place = base === "" ? "" : ` (${base}${line === "" ? "" : `:${line}`})`;
  return {
    kind: kindOfAssertion(expression, `${name ?? ""} ${base}`),
    detail: `${expression}${place}`,
    ...(name === undefined ? {} : { function: name }),
  };
}

/** What an assertion proves, by its words and its place. */
function kindOfAssertion(expression: string, place: string): IncidentKind {
  if (/already marked as free/.test(expression)) return "double-free";
  if (/outside heap areas/.test(expression) || /umm_get_ptr_context/.test(place)) return "invalid-free";
  if (
    /tlsf|multi_heap|heap_caps|block_locate_free|insert_free_block|remove_free_block|block_(?:merge|trim|next|prev|split)|get_next_block|get_prev_free|umm_|\bmm_\w+\.c$/.test(
      place,
    )
  ) {
    return "heap-metadata";
  }
  return "assert";
}
