// Numbers whose own word says nothing, as `value`: what they are stands in another field, or is the measurement of a line of InfluxDB's protocol.

import { kindOf, wordsOf } from "./memory-words.ts";

/** Right before a number. */
const BARE = /["']?\b(?:value|val|state|payload|reading)["']?\s*[:=]\s*["']?$/i;
/** `heap_free,host=kitchen,type=internal value=183220i` */
const MEASUREMENT = /^([A-Za-z_][\w.-]*)((?:,[\w.-]+=(?:\\ |[^\s,])+)*) +(?:[\w.-]+=\S+,)*$/;
/** `"metric":"free_heap"`, `name=free_heap` */
const NAME =
  /(?<![\w"'])["']?(?:name|metric|sensor|field|key|measurement|variable|param(?:eter)?|label|entity(?:_id)?|series)["']?\s*[:=]\s*(?:"([^"]{1,80})"|'([^']{1,80})'|([\w./-]{1,80}))/gi;
const MOST_LETTERS = 400;

/** The name of the number that begins at `start`; undefined where its own words are all there is. */
export function nameOfValue(text: string, start: number): string | undefined {
  const left = text.slice(Math.max(0, start - MOST_LETTERS), start);
  const bare = BARE.exec(left)?.[0];
  if (bare === undefined) return undefined;
  const [, measurement, tags = ""] = (start <= MOST_LETTERS && MEASUREMENT.exec(left.slice(0, -bare.length))) || [];
  if (measurement !== undefined) {
    const kind = tags.split(",").find((tag) => kindOf(wordsOf(tag.slice(tag.indexOf("=") + 1))) !== undefined);
    return kind === undefined ? measurement : `${measurement} ${kind.slice(kind.indexOf("=") + 1)}`;
  }
  const before = left.slice(left.lastIndexOf("{") + 1);
  const after = text.slice(start, start + MOST_LETTERS).replace(/[{}].*/s, "");
  const isFields = left.includes("{");
  const [, double, single, plain] = [...before.matchAll(NAME)].at(-1) ?? (isFields ? [...after.matchAll(NAME)][0] : undefined) ?? []; // prettier-ignore
  return double ?? single ?? plain;
}

/** Fields of JSON, one a line: `"entity_id": "sensor.shed_free_heap",`, and a few lines below it `"state": "81234",`. */
const NAME_LINE =
  /^\s*"(?:name|metric|sensor|field|measurement|variable|entity(?:_id)?|topic)"\s*:\s*"([^"]{1,80})",?\s*$/i;
const VALUE_LINE = /^\s*"(?:value|state|payload|reading)"\s*:\s*"?(\d+(?:\.\d+)?)"?,?\s*$/i;

/** What the lines below are of. */
export function nameInLine(text: string): string | undefined {
  return NAME_LINE.exec(text)?.[1];
}

export function valueInLine(text: string): string | undefined {
  return VALUE_LINE.exec(text)?.[1];
}
