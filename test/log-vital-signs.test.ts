// Figures that logs print now and then, in wordings and orders of many projects: what an expert concludes of them must be said, and what he does not must not.
import { describe, expect, test } from "vitest";
import { answerTo } from "./log-answer.ts";
import { type Look, times } from "./log-looks.ts";

const boards: Readonly<Record<string, Look>> = {
  "fifty boards, of which one leaks": { log: times(12, (r) => times(50, (d) => `{"dev":"node-${String(d).padStart(2, "0")}","ts":${1_767_225_600 + 300 * r + d},"heap":${d === 17 ? 180_000 - 1200 * r : 170_000 + 100 * d + 16 * ((r * 7 + d) % 5)},"rssi":-60}`)), says: ["warning leak: on node-17, free heap falls by about 1,200 B", /14\.1 KiB an hour/, /49 other boards of this log lose nothing: what node-17 does/], never: [/no leak is in sight/] },
  "two ports in one file": { log: times(20, (i) => `/dev/ttyUSB0| I (${60_000 * i + 200}) app: free heap ${180_000 - 900 * i}\n/dev/ttyUSB1| I (${60_000 * i + 900}) app: free heap ${150_000 + 64 * (i % 3)}`), says: ["warning leak: on ttyUSB0, free heap falls by about 900 B", /52\.7 KiB an hour/] },
  "topics before JSON, with clocks of their own": { log: times(20, (i) => `home/hall/status {"uptime":${60 * i + 100},"free_heap":${180_000 - 900 * i}}\nhome/roof/status {"uptime":${60 * i + 9000},"free_heap":${150_000 + 64 * (i % 3)}}`), says: ["warning leak: on hall, free heap falls by about 900 B", /52\.7 KiB an hour/] },
  "names before ESP-IDF's stamps, and one that starts while others run": { log: times(20, (i) => `hall I (${60_000 * i + 900_000}) app: free heap ${180_000 - 900 * i}\nroof I (${60_000 * i + 300}) app: free heap ${150_000 + 64 * (i % 3)}\nroof I (${60_000 * i + 310}) app: sent\nroof I (${60_000 * i + 320}) app: done\nroof I (${60_000 * i + 330}) app: sleeps`), says: ["warning leak: on hall, free heap falls by about 900 B", /over 20 readings/, /52\.7 KiB an hour/] },
  "a column for the device": { log: `time,device,heap_free,heap_min\n${times(16, (i) => `2026-01-02 10:${String(i + 10)}:00,d1,${150_000 - 700 * i},${140_000 - 700 * i}\n2026-01-02 10:${String(i + 10)}:01,d2,${120_000 + 8 * (i % 4)},110000`)}`, says: ["warning leak: on d1, free heap falls by about 700 B", /41\.0 KiB an hour/, /least that was ever free: 129,500 B/] },
  "all boards leak": { log: times(12, (i) => `10:${i + 10}:01 [hall] heap ${180_000 - 900 * i}\n10:${i + 10}:01 [hall] sent ${i}\n10:${i + 10}:02 [hall] got ${i}\n10:${i + 10}:01 [roof] heap ${90_000 - 880 * i}\n10:${i + 10}:01 [roof] sent ${i}\n10:${i + 10}:02 [roof] got ${i}`), says: ["warning leak: on roof, free heap falls by about 880 B", /So it is on another board: on hall, free heap falls by about 900 B/, /Both boards of this log do so/] },
  "no board leaks": { log: times(30, (i) => `{"node":"a","heap":${150_000 + 40 * (i % 5)}}\n{"node":"b","heap":${120_000 + 32 * (i % 3)}}`), says: ["note log-readings: on a, no leak is in sight", /So it is on another board: on b, no leak is in sight/], never: [/leak:/] },
  "capitals in one spelling and small letters in the other": { log: times(18, (i) => `I (${60_000 * i}) mem: ${i % 3 === 0 ? "Free heap" : "free heap"}: ${180_000 - 500 * i} ${i % 3 === 0 ? "Min" : "min"}: ${170_000 - 500 * i}`), says: ["warning leak: free heap falls by about 500 B", /over 18 readings/, /least that was ever free: 161,500 B/] },
}; // prettier-ignore

const looks: Readonly<Record<string, Look>> = { ...boards };

describe.each(Object.entries(looks))("%s", (_, { log, says, never = [] }) => {
  test("is answered as an expert would", async () => {
    const { texts } = await answerTo(log);
    const [head, ...words] = says;
    const found = texts.find((text) => text.startsWith(head));
    expect(found, texts.join("\n\n")).toBeDefined();
    for (const word of words) expect(found).toMatch(word);
    for (const word of never) for (const text of texts) expect(text).not.toMatch(word);
  });
});
