// Other languages' words, as what they mean.
import { expect, test } from "vitest";
import { uptimeIn } from "./log-times.ts";
import { wordsOf } from "./memory-words.ts";

test.for<readonly [string, string]>([
  ["Tas libre", "heap free"],
  ["plus gros bloc", "largest bloc"],
  ["Ledigt minne", "free memory"],
  ["lägsta", "minimum"],
  ["Szabad memória", "free memory"],
  ["Vapaa muisti", "free memory"],
  ["Memori bebas", "memory free"],
  ["Slobodna memorija", "free memory"],
  ["Ελεύθερη μνήμη", "free memory"],
  ["Bộ nhớ còn lại", "memory free"],
  ["หน่วยความจำว่าง", "memory free"],
  ["Fri heap", "fri heap"],
])("%s", ([text, words]) => {
  expect(wordsOf(text).join(" ")).toBe(words);
});

test.for<readonly [string, number]>([
  ["Betriebszeit: 2 Tage, 5 Std. 12 Min.", 2 * 86_400 + 5 * 3600 + 12 * 60],
  ["Время работы: 3 ч 20 мин 5 сек", 3 * 3600 + 20 * 60 + 5],
  ["运行时间：1天 2小时 3分钟", 86_400 + 2 * 3600 + 180],
  ["Temps de fonctionnement : 1 jour 02:03:04", 86_400 + 7384],
  ["Czas pracy: 4 godz. 5 min", 4 * 3600 + 300],
])("%s", ([text, seconds]) => {
  expect(uptimeIn(text)).toBe(seconds * 1e6);
});
