// Each stamp that is taken off a line: what is left, and the exact time that it tells.
import { describe, expect, test } from "vitest";
import { stripPrefix } from "./log-prefix.ts";
import { clockIn, epochIn, uptimeIn } from "./log-times.ts";

const DAY = 86_400e6;
const date = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) * 1e3;
const time = (h: number, m: number, s = 0): number => ((h * 60 + m) * 60 + s) * 1e6;

type Stripped = Partial<ReturnType<typeof stripPrefix>>;

describe("stamps", () => {
  test.for<readonly [string, Stripped]>([
    ["\t  said", {}],
    ["\u00a0said", {}],
    ["a.app-1 | said", { source: "a.app-1" }],
    ["z1_123 | said", { source: "z1_123" }],
    ["Apr 1 00:00:01 said", { clock: date(2026, 4, 1) + 1e6 }],
    ["9 : Info: said", { uptime: 9000, isWarning: false }],
    [">> said", {}],
    ["--- 0x400d1000: said", { text: "0x400d1000: said" }],
    ["--- (inlined by) said", { text: "(inlined by) said" }],
    ["my.app-board_12   | said", { source: "my.app-board_12" }],
    ["<14>said", {}],
    ["<14>1 2026-03-04 05:06:07 said", { clock: date(2026, 3, 4) + time(5, 6, 7) }],
    ["[    1.234567] said", { uptime: 1_234_567 }],
    ["[12.345 0.001]: said", { uptime: 12_345_000 }],
    ["2026-03-04 05:06:07 said", { clock: date(2026, 3, 4) + time(5, 6, 7) }],
    ["[2026/12/31T23:59:59.5] said", { clock: date(2026, 12, 31) + time(23, 59, 59.5) }],
    ["(2026.01.01 00:00:00:25 UTC) - said", { clock: date(2026, 1, 1) + 250_000 }],
    ["2026-03-04T05:06:07,890 +01:00 -> said", { clock: date(2026, 3, 4) + time(5, 6, 7.89) }],
    ["141667.57 [INFO] said", { uptime: 141_667_570_000, text: "[INFO] said" }],
    ["12.5: WARN - said", { uptime: 12_500_000, isWarning: true }],
    ["W 79707: [mqtt] said", { tags: ["mqtt"], isWarning: true }],
    ["W 79707: said", { text: "W 79707: said" }],
    ["05-Aug-20, 19:37:41: said", { clock: date(2020, 8, 5) + time(19, 37, 41) }],
    ["05-Aug-2020 19:37:41.5 said", { clock: date(2020, 8, 5) + time(19, 37, 41.5) }],
    ["05-Foo-20, 19:37:41: said", { text: "said" }],
    ["2020-12-26_15-13-28: said", { clock: date(2020, 12, 26) + time(15, 13, 28) }],
    ["2020-12-26_15-13-28 - said", { clock: date(2020, 12, 26) + time(15, 13, 28) }],
    ["1970-01-01 00:00:03 said", { uptime: 3e6 }],
    ["2000-01-02 00:00:03 said", { uptime: DAY + 3e6 }],
    ["2001-01-01 00:00:03 said", { clock: date(2001, 1, 1) + 3e6 }],
    ["I (1970-01-01 00:00:03) app: said", { uptime: 3e6, tags: ["app"], isWarning: false }],
    ["Mar  4 05:06:07 said", { clock: date(2026, 3, 4) + time(5, 6, 7) }],
    ["[Dec 31 2025 05:06:07.25] said", { clock: date(2026, 12, 31) + time(5, 6, 7.25) }],
    ["Jan 1 00:00:01 host picocom: said", { source: "host", clock: date(2026, 1, 1) + 1e6 }],
    ["Jan 1 00:00:01 host app[12]: said", { source: "host", clock: date(2026, 1, 1) + 1e6 }],
    ["Xyz 1 00:00:01 said", {}],
    ["[00:00:01.234,567] <wrn> net.tcp: said", { uptime: 1_234_567, tags: ["net.tcp"], isWarning: true }],
    ["[01:02:03.000,004] <inf> main: said", { uptime: time(1, 2, 3) + 4, tags: ["main"], isWarning: false }],
    ["05:06:07 said", { clock: time(5, 6, 7) }],
    ["[05:06:07.5] said", { clock: time(5, 6, 7.5) }],
    ["05:06:07,123-016/4 -> said", { clock: time(5, 6, 7.123) }],
    ["05:06:07;[x] said", { clock: time(5, 6, 7), text: "[x] said" }],
    ["05:06:07Z | said", { clock: time(5, 6, 7) }],
    ["03-04 05:06:07.123 said", { clock: date(2026, 3, 4) + time(5, 6, 7.123) }],
    ["12-31 05:06:07.123456  12  345 E wifi : said", { clock: date(2026, 12, 31) + time(5, 6, 7.123456), tags: ["wifi"], isWarning: true }],
    ["12-31 05:06:07.123  12  345 I net: said", { clock: date(2026, 12, 31) + time(5, 6, 7.123), tags: ["net"], isWarning: false }],
    ["I (1234) wifi: said", { uptime: 1_234_000, tags: ["wifi"], isWarning: false }],
    ["W (0) wifi init: said", { uptime: 0, tags: ["wifi init"], isWarning: true }],
    ["E (12:34:56.789) wifi: said", { uptime: time(12, 34, 56.789), tags: ["wifi"], isWarning: true }],
    ["D (2026-03-04 12:34:56.789) wifi: said", { clock: date(2026, 3, 4) + time(12, 34, 56.789), tags: ["wifi"], isWarning: false }],
    ["E wifi: said", { tags: ["wifi"], isWarning: true }],
    ["V wifi.sta: said", { tags: ["wifi.sta"], isWarning: false }],
    ["[  1234][E][net.cpp:12] open(): said", { uptime: 1_234_000, tags: ["net.cpp:12"], caller: "open", isWarning: true }],
    ["[1][I][net.cpp:12]: said", { uptime: 1000, tags: ["net.cpp:12"], isWarning: false }],
    ["[W][net:12]: open(): said", { tags: ["net:12"], caller: "open", isWarning: true }],
    ["[C][net:12] said", { tags: ["net:12"], isWarning: false }],
    ["[VV][net:12] said", { tags: ["net:12"], isWarning: false }],
    ["ERROR | 00:05:00 300 [Power] said", { uptime: 300e6, tags: ["Power"], isWarning: true }],
    ["DEBUG | ??:??:?? 7 said", { uptime: 7e6, isWarning: false }],
    ["1234 ms: [WARNING] net.cpp:12 said", { uptime: 1_234_000, tags: ["net.cpp:12"], isWarning: true }],
    ["[ 123] INFO: said", { uptime: 123_000, isWarning: false, ambiguous: { kind: "counter", value: 123 } }],
    ["30000 : Error : WD   : said", { uptime: 30e6, tags: ["WD"], isWarning: true }],
    ["3 : Debug More: said", { uptime: 3000, isWarning: false }],
    ["002+01:02:03.004 W 70: said", { uptime: 2 * DAY + time(1, 2, 3.004), isWarning: true }],
    ["[WARN] - net: said", { tags: ["net"], isWarning: true, text: " said" }],
    ["NOTICE - said", { isWarning: false }],
    ["[1234] said", { uptime: 1_234_000, ambiguous: { kind: "counter", value: 1234 } }],
    ["(12345 ms): said", { uptime: 12_345_000 }],
    ["12.5s: said", { uptime: 12_500_000 }],
    ["[7 sec]| said", { uptime: 7e6 }],
    ["1234 ms said", { uptime: 1_234_000 }],
    ["[12:27:30]I (881) net: said", { uptime: 881_000, clock: time(12, 27, 30), tags: ["net"], isWarning: false }],
    ["[12:27:30]said", { clock: time(12, 27, 30) }],
    ["08:05 said", { clock: time(8, 5), ambiguous: { kind: "minutes", value: 485 } }],
    ["[8:05 PM] said", { clock: time(20, 5) }],
    ["[08:05]said", { clock: time(8, 5), ambiguous: { kind: "minutes", value: 485 } }],
    ["23:59 -> said", { clock: time(23, 59), ambiguous: { kind: "minutes", value: 1439 } }],
    ["3/1/2024, 12:34:10 PM said", { clock: date(2024, 3, 1) + time(12, 34, 10) }],
    ["3/1/2024 1:34:10 said", { clock: date(2024, 1, 3) + time(1, 34, 10) }],
    ["3/12/2024 12:34:10.5 said", { clock: date(2024, 12, 3) + time(12, 34, 10.5) }],
    ["3/13/2024 12:34:10 said", { clock: date(2024, 3, 13) + time(12, 34, 10) }],
    ["01.03.2024 12:34:10 said", { clock: date(2024, 3, 1) + time(12, 34, 10) }],
    ["01:05 said", { clock: time(1, 5), ambiguous: { kind: "minutes", value: 65 } }],
    ["23:05 said", { clock: time(23, 5), ambiguous: { kind: "minutes", value: 1385 } }],
    ["00:05 said", { ambiguous: { kind: "minutes", value: 5 } }],
    ["24:05 said", {}],
    ["[Warn]\t(40.510, +410)\t said", { uptime: 40_510_000, isWarning: true }],
    ["[User]\t(0.002, +2)\t said", { uptime: 2000, isWarning: false }],
  ])("%j", ([line, told]) => {
    const { text, ...stripped } = stripPrefix(line, 5);
    expect({ ...stripped, text: text.trimStart() }).toEqual({ tags: [], text: "said", number: 5, ...told, ...(told.text === undefined ? {} : { text: told.text.trimStart() }) });
  }); // prettier-ignore

  test("of several the first that tells a time counts, and tags are kept in their order", () => {
    expect(stripPrefix("2026-03-04 05:06:07 05:06:08 E (12) app: I (13) wifi: said")).toEqual({
      clock: date(2026, 3, 4) + time(5, 6, 7),
      uptime: 12_000,
      tags: ["app", "wifi"],
      isWarning: false,
      number: 0,
      text: "said",
    });
  });

  test("what all lines begin with is taken off once, wherever it stands among them", () => {
    const common = /\[rack-2\] /y;
    const told = (line: string): Stripped => stripPrefix(line, 0, common);
    expect(told("[rack-2] I (12) app: said")).toMatchObject({ text: "said", tags: ["app"], uptime: 12_000 });
    expect(told("I (12) app: [rack-2] E (13) net: said")).toMatchObject({ text: "said", tags: ["app", "net"] });
    expect(told("I (12) app: [rack-2] [rack-2] said")).toMatchObject({ text: "[rack-2] said" });
    expect(told("I (12) app: said")).toMatchObject({ text: "said", tags: ["app"] });
  });

  test("twelve of them are taken off, and no more", () => {
    const stamps = (count: number): string => Array.from({ length: count }, (_, i) => `I (${i}) t${i}: `).join("");
    expect(stripPrefix(`${stamps(12)}said`)).toMatchObject({ text: "said", uptime: 0 });
    expect(stripPrefix(`${stamps(13)}said`)).toMatchObject({ text: "I (12) t12: said" });
  });

  test.for([
    "said",
    "s: said",
    "12 said",
    "[12 said",
    "<said> x",
    "-x",
    "(12:34) x",
    "12:60 x",
    "12:34 12",
    "[12:27:30]8 x",
    "A (12) x",
    "",
  ])("%j has none", (line) => {
    expect(stripPrefix(line)).toEqual({ text: line, tags: [], number: 0 });
  });
});

describe("uptimes that the message tells", () => {
  test.for<readonly [string, number | undefined]>([
    ["uptime: 1d 02:03:04", DAY + time(2, 3, 4)],
    ["Uptime 12 days, 02:03:04", 12 * DAY + time(2, 3, 4)],
    ["uptime 000+02:03:04", time(2, 3, 4)],
    ["up_time=02:03:04", time(2, 3, 4)],
    ['"UptimeSec":3610', 3610e6],
    ["up 3 days, 4:05", 3 * DAY + time(4, 5, 0)],
    ["up 1 day 4:05:06", DAY + time(4, 5, 6)],
    ["up 4:05", time(4, 5, 0)],
    ["up 300s", 300e6],
    ["up 300 ms", 300e3],
    ["uptime: 12345 ms", 12_345e3],
    ["uptime=12345msec", 12_345e3],
    ["uptime: 12345 millis", 12_345e3],
    ["uptime: 12345", 12_345e6],
    ["uptime: 12.5 s", 12.5e6],
    ["uptime: 12 sec", 12e6],
    ["uptime: 12 seconds", 12e6],
    ["uptime: 12 min", 720e6],
    ["uptime: 12 h", 43_200e6],
    ["uptime_ms=12345", 12_345e3],
    ["uptime_s=12345", 12_345e6],
    ["millis(): 12345", 12_345e3],
    ["t_ms=12", 12e3],
    ["time_ms: 12 s", 12e6],
    ["Uptime 0d 4h 05m", time(4, 5, 0)],
    ["uptime: 2 days 3 hours 4 minutes", 2 * DAY + time(3, 4, 0)],
    ["up 3h12m07s, free 1", time(3, 12, 7)],
    ["uptime=5m", 300e6],
    ["Up 432.59, RAM: 1", 432.59e6],
    ["up 3.2 MB", undefined],
    ["up 3.2V", undefined],
    ["free 12345", undefined],
    ["up 300", undefined],
  ])("%j: %j", ([text, uptime]) => {
    expect(uptimeIn(text)).toBe(uptime);
  });
});

describe("seconds since 1970, and parts of them", () => {
  test.for<readonly [string, number | undefined]>([
    ['{"ts":1767225600}', 1_767_225_600e6],
    ["time=1767225600.25", 1_767_225_600_250_000],
    ["timestamp: 1767225600123", 1_767_225_600_123_000],
    ["heap,host=a free=1 1767225600", 1_767_225_600e6],
    ["heap,host=a free=1 1767225600123456", 1_767_225_600_123_456],
    ["heap free=1 1767225600123456789", 1_767_225_600_123_456.8],
    ['esp_free_heap_bytes{cap="internal"} 142388 1767225600123', 1_767_225_600_123_000],
    ["esp_free_heap_bytes 1.42388e+05 1767225600123", 1_767_225_600_123_000],
    ["house.esp32.heap 142388 1767225600", 1_767_225_600e6],
    ["free heap 142388 1767225600", undefined],
    ["free 1 -- Tue Mar  4 10:00:10 2025", date(2025, 3, 4) + time(10, 0, 10)],
    ["free 1 -- Tue Foo  4 10:00:10 2025", undefined],
    ["ts=1467225600", undefined],
    ["ts=1.2.1767225600", undefined],
    ["x 1767225600", undefined],
  ])("%j: %j", ([text, epoch]) => {
    expect(epochIn(text)).toBe(epoch);
  });
});

describe("the columns of a table", () => {
  test.for<readonly [string, number | undefined]>([
    ["2026-03-04 05:06:07.25", date(2026, 3, 4) + time(5, 6, 7.25)],
    ["2026/12/31T05:06:07Z", date(2026, 12, 31) + time(5, 6, 7)],
    ["05:06:07,5", time(5, 6, 7.5)],
    ["05:06:07+01:00", time(5, 6, 7)],
    ["2026-03-04", undefined],
    ["", undefined],
    ["12", undefined],
  ])("%j: %j", ([text, clock]) => {
    expect(clockIn(text)).toBe(clock);
  });
});
