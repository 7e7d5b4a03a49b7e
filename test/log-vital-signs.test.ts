// Figures that logs print now and then, in wordings and orders of many projects: what an expert concludes of them must be said, and what he does not must not.
import { describe, expect, test } from "vitest";
import { answerTo } from "./log-answer.ts";
import { type Look, times } from "./log-looks.ts";

const clock = (seconds: number): string => [(seconds / 3600) % 24, (seconds / 60) % 60, seconds % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":"); // prettier-ignore

const boards: Readonly<Record<string, Look>> = {
  "fifty boards, of which one leaks": { log: times(12, (r) => times(50, (d) => `{"dev":"node-${String(d).padStart(2, "0")}","ts":${1_767_225_600 + 300 * r + d},"heap":${d === 17 ? 180_000 - 1200 * r : 170_000 + 100 * d + 16 * ((r * 7 + d) % 5)},"rssi":-60}`)), says: ["warning leak: on node-17, free heap falls by about 1,200 B", /14\.1 KiB an hour/, /49 other boards of this log lose nothing: what node-17 does/], never: [/no leak is in sight/] },
  "two ports in one file": { log: times(20, (i) => `/dev/ttyUSB0| I (${60_000 * i + 200}) app: free heap ${180_000 - 900 * i}\n/dev/ttyUSB1| I (${60_000 * i + 900}) app: free heap ${150_000 + 64 * (i % 3)}`), says: ["warning leak: on ttyUSB0, free heap falls by about 900 B", /52\.7 KiB an hour/] },
  "topics before JSON, with clocks of their own": { log: times(20, (i) => `home/hall/status {"uptime":${60 * i + 100},"free_heap":${180_000 - 900 * i}}\nhome/roof/status {"uptime":${60 * i + 9000},"free_heap":${150_000 + 64 * (i % 3)}}`), says: ["warning leak: on hall, free heap falls by about 900 B", /52\.7 KiB an hour/] },
  "names before ESP-IDF's stamps, and one that starts while others run": { log: times(20, (i) => `hall I (${60_000 * i + 900_000}) app: free heap ${180_000 - 900 * i}\nroof I (${60_000 * i + 300}) app: free heap ${150_000 + 64 * (i % 3)}\nroof I (${60_000 * i + 310}) app: sent\nroof I (${60_000 * i + 320}) app: done\nroof I (${60_000 * i + 330}) app: sleeps`), says: ["warning leak: on hall, free heap falls by about 900 B", /over 20 readings/, /52\.7 KiB an hour/] },
  "a column for the device": { log: `time,device,heap_free,heap_min\n${times(16, (i) => `2026-01-02 10:${String(i + 10)}:00,d1,${150_000 - 700 * i},${140_000 - 700 * i}\n2026-01-02 10:${String(i + 10)}:01,d2,${120_000 + 8 * (i % 4)},110000`)}`, says: ["warning leak: on d1, free heap falls by about 700 B", /41\.0 KiB an hour/, /least that was ever free: 129,500 B/] },
  "one of two ports starts again while the other goes on": { log: times(40, (i) => `${clock(36_000 + 30 * i)} ttyUSB0: I (${900_000 + 30_000 * i}) mon: free heap ${182_000 - 260 * i}\n${i === 14 ? `${clock(36_415)} ttyUSB1: ets Jul 29 2019 12:21:46\n${clock(36_415)} ttyUSB1: rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\n` : ""}${clock(36_001 + 30 * i)} ttyUSB1: I (${i < 14 ? 500_000 + 30_000 * i : 4000 + 30_000 * (i - 14)}) mon: free heap ${150_000 + 16 * (i % 5)}`), says: ["warning leak: on ttyUSB0, free heap falls by about 260 B", /over 40 readings/, /30\.5 KiB an hour/], never: [/of another boot/] },
  "a board that leaks until it restarts, by the uptime in its messages": { log: times(60, (i) => `{"dev":"hall","uptime":${60 * i + 20},"free_heap":${150_000 + 16 * (i % 5)}}\n{"dev":"roof","uptime":${60 * (i % 25) + 20},"free_heap":${180_000 - 1500 * (i % 25)}}`), says: ["warning leak: on roof, free heap falls by about 1,500 B", /over 25 readings/, /figures of 3 boots/, /Another board of this log loses nothing/] },
  "topics of Homie's convention, each with an uptime of its own": { log: times(30, (i) => `homie/kitchen/$stats/uptime ${60 * i + 90_000}\nhomie/kitchen/$stats/freeheap ${23_456 + 8 * (i % 3)}\nhomie/garage/$stats/uptime ${60 * i + 500}\nhomie/garage/$stats/freeheap ${22_144 - 64 * i}`), says: ["warning leak: on garage, free heap falls by about 64 B", /3,840 B an hour/, /Another board of this log loses nothing/] },
  "all boards leak": { log: times(12, (i) => `10:${i + 10}:01 [hall] heap ${180_000 - 900 * i}\n10:${i + 10}:01 [hall] sent ${i}\n10:${i + 10}:02 [hall] got ${i}\n10:${i + 10}:01 [roof] heap ${90_000 - 880 * i}\n10:${i + 10}:01 [roof] sent ${i}\n10:${i + 10}:02 [roof] got ${i}`), says: ["warning leak: on roof, free heap falls by about 880 B", /So it is on another board: on hall, free heap falls by about 900 B/, /Both boards of this log do so/] },
  "no board leaks": { log: times(30, (i) => `{"node":"a","heap":${150_000 + 40 * (i % 5)}}\n{"node":"b","heap":${120_000 + 32 * (i % 3)}}`), says: ["note log-readings: on a, no leak is in sight", /So it is on another board: on b, no leak is in sight/], never: [/leak:/] },
  "capitals in one spelling and small letters in the other": { log: times(18, (i) => `I (${60_000 * i}) mem: ${i % 3 === 0 ? "Free heap" : "free heap"}: ${180_000 - 500 * i} ${i % 3 === 0 ? "Min" : "min"}: ${170_000 - 500 * i}`), says: ["warning leak: free heap falls by about 500 B", /over 18 readings/, /least that was ever free: 161,500 B/] },
}; // prettier-ignore

const hasp = (i: number): string => `${98_292 - 800 * i}/${104_972 - 800 * i} ${String(Math.round(100 * (1 - (98_292 - 800 * i) / (104_972 - 800 * i)))).padStart(2)}`; // prettier-ignore

const stamps: Readonly<Record<string, Look>> = {
  "hours and minutes past midnight": { log: times(30, (i) => `${clock(82_800 + 600 * i).slice(0, 5)} heap free ${120_000 - 400 * i}\n${clock(82_800 + 600 * i).slice(0, 5)} sent`), says: ["warning leak", /2,400 B an hour/] },
  "minutes and seconds since the boot": { log: times(50, (i) => `00:${String(i).padStart(2, "0")} heap free ${120_000 - 400 * i}`), says: ["warning leak", /no times/] },
  "a time behind figures before each line": { log: times(20, (i) => `[${hasp(i)}][44236/45408  3] ${clock(40_000 + 60 * i)}.101 MQTT PUB: state\n[${hasp(i)}][44236/45408  3] ${clock(40_002 + 60 * i)}.301 HASP: page ${i % 5}`), says: ["warning leak", /46\.\d KiB an hour/] },
  "seconds in brackets, of any number of digits": { log: times(30, (i) => `[${300 * (i + 1)}] free heap ${180_000 - 700 * i}\n[${300 * (i + 1) + 2}] [INFO] sent ${i}`), says: ["warning leak", /over 30 readings/, /8,400 B an hour/] },
  "seconds before a level": { log: times(30, (i) => `[${60 * (i + 1)}] INFO heap: free ${180_000 - 700 * i}\n[${60 * (i + 1) + 2}] INFO sent ${i}`), says: ["warning leak", /over 30 readings/, /41\.0 KiB an hour/] },
  "milliseconds in brackets": { log: times(30, (i) => `[${5000 * (i + 1) + (i % 3)}] free heap ${180_000 - 700 * i}`), says: ["warning leak", /492 KiB an hour/] },
}; // prettier-ignore

const changes: Readonly<Record<string, Look>> = {
  "changes alone": { log: times(30, (i) => `${clock(36_000 + 30 * i)} GET /api/state\n${clock(36_000 + 30 * i)} heap -128`), says: ["warning leak: used heap, as its changes add up, grows by about 128 B", /15\.0 KiB an hour/, /“GET \/api\/state”/, /not how much is free|and not how much is free/], never: [/gone in/] },
  "what was lost": { log: times(30, (i) => `I (${60_000 * i}) app: client ${i} connected\nI (${60_000 * i + 200}) mem: lost 64 bytes since last check`), says: ["warning leak: used heap, as its changes add up, grows by about 64 B"] },
  "a change in each fourth round": { log: times(40, (i) => `loop ${i}\nheap diff: ${i % 4 === 3 ? -512 : 0}`), says: ["warning leak", /about 128 B/] },
  "a change since the start": { log: times(12, (i) => `Memory delta since boot: -${300 * (i + 1)} bytes`), says: ["warning leak", /about 300 B/] },
  "what one takes and another gives back": { log: times(30, () => "open: heap -2048\nclose: heap +2048"), says: ["note log-readings: no leak is in sight"], never: [/a leak[,:]/] },
  "changes beside a state": { log: times(30, (i) => `heap diff -128\nfree heap ${150_000 + 8 * (i % 3)}`), says: ["note log-readings: no leak is in sight: free heap"], never: [/a leak[,:]/] },
  "signed numbers of other things": { log: times(30, (i) => `I (${i}) mem: rssi -${60 + i} temp -4, free heap 180000`), says: ["note log-readings"], never: [/a leak[,:]/] },
}; // prettier-ignore

const starts: Readonly<Record<string, Look>> = {
  "one figure for each wake-up": { log: times(12, (i) => `ets Jul 29 2019 12:21:46\n\nrst:0x5 (DEEPSLEEP_RESET),boot:0x13\nBoot number: ${i + 1}\nFree heap: ${235_000 + 40 * ((i * 7) % 5)}\nGoing to sleep now`), says: ["note log-readings: free heap stays between 235,000 B and 235,160 B at each of 12 starts: nothing adds up", /begins empty at each start/] },
  "several figures in each start, which the program counts": { log: times(4, (b) => `I (1970-01-01 00:00:03) MAIN: bootCounter=${b + 1}\nI (1970-01-01 00:00:03) MAIN: Free Heap: ${207_000 + 4 * (b % 2)}\nI (1970-01-01 00:00:06) MAIN: Init WLAN...\nI (1970-01-01 00:00:06) MAIN: Free Heap: 146844`), says: ["note log-readings: free heap stays between 207,000 B and 207,004 B at each of 4 starts"] },
  "less at each wake-up": { log: times(12, (i) => `ets Jul 29 2019 12:21:46\n\nrst:0x5 (DEEPSLEEP_RESET),boot:0x13\nBoot number: ${i + 1}\nFree heap: ${235_000 - 120 * i}\nGoing to sleep now`), says: ["note log-readings: free heap is less at each start: from 235,000 B to 233,680 B over 12 starts", /no leak of the heap/, /RTC memory/], never: [/a leak[,:]/] },
}; // prettier-ignore

const uptimes: Readonly<Record<string, Look>> = {
  "two runs, of which the uptime in the messages tells": { log: times(60, (i) => `{"uptime":${60 * (i % 30) + 20},"free_heap":${180_000 - 1500 * (i % 30)},"rssi":-60}`), says: ["warning leak: free heap falls by about 1,500 B", /over 30 readings/, /figures of 2 boots/] },
  "a report that tells its uptime last": { log: times(40, (i) => `== status ==\nfree heap: ${180_000 - 900 * (i % 20)}\nclients: ${i % 3}\nuptime: ${300 * (i % 20) + 305} s`), says: ["warning leak: free heap falls by about 900 B", /\(line 2\) to 162,900 B \(line 78\) over 20 readings/, /figures of 2 boots/] },
  "another restart at the log's end": { log: times(31, (i) => `up_time=${i === 30 ? 20 : 60 * i + 9000} free_heap=${i === 30 ? 180_000 : 176_000 - 1500 * i}`), says: ["warning leak: free heap falls by about 1,500 B", /never recovers/] },
  "a column of uptimes that begins again twice": { log: `uptime_s,free_heap,min_heap,rssi\n${times(60, (i) => `${30 + 60 * (i % 20)},${142_000 - 1100 * (i % 20)},${140_000 - 1100 * (i % 20)},-60`)}`, says: ["warning leak: free heap falls by about 1,100 B", /over 20 readings/, /142,000 B \(line 22\) to 121,100 B \(line 41\)/, /figures of 3 boots/] },
  "a column of uptimes of two boards, of which one begins again": { log: `uptime;device;free heap;min heap\n${times(40, (i) => `${60 * i + 5000};a1;${150_000 - 300 * i};140000\n${60 * (i % 25) + 30};b2;${120_000 + 8 * (i % 3)};110000`)}`, says: ["warning leak: on a1, free heap falls by about 300 B", /over 40 readings/], never: [/a1.* of another boot/] },
  "an uptime of the connection, which begins again": { log: times(40, (i) => `free heap ${150_000 - 400 * i}, wifi uptime: ${60 * (i % 8)} s`), says: ["warning leak: free heap falls by about 400 B", /over 40 readings/], never: [/boots/] },
  "two boards in turn that nothing tells apart": { log: times(40, (i) => `uptime ${i % 2 === 0 ? 60 * i + 9000 : 60 * i + 100} heap ${i % 2 === 0 ? 150_000 : 120_000}`), says: ["note"], never: [/boots/] },
  "an uptime and a clock that is put right, in each report": { log: times(20, (i) => `---DEBUG INFO---\nRuntime: ${30_001 + 30_015 * i}\nUnix time: ${i < 3 ? 30 * i : 1_700_000_000 + 30 * i},001\nFree heap: ${20_992 - 120 * i}\nWifi state: 3`), says: ["warning leak: free heap falls by about 120 B", /14\.1 KiB an hour/] },
}; // prettier-ignore

const forms: Readonly<Record<string, Look>> = {
  "a measurement of InfluxDB's with a value alone": { log: times(40, (i) => `uptimesec,device=large,sensor=device value=${3910 + 900 * i}\nheap,device=large,sensor=device value=${Math.round(275 - 2.3 * i)}\nheapused,device=large,sensor=berry value=${9 + (i % 3)}\nrssi,device=large,sensor=wifi value=94`), says: ["warning leak: free heap falls by about"], never: [/used heap/] },
  "a value whose name is in another field": { log: times(20, (i) => `{"metric":"free_heap","value":${183_220 - 300 * i}}\n{"metric":"spiffs_free","value":${900_000 - 4096 * i}}`), says: ["warning leak: free heap falls by about 300 B"], never: [/900,000/] },
  "kinds of memory by their first letters, with their largest blocks": { log: times(20, (i) => `I (${60_000 * i + 4000}) mon: [MEM] I:${81_234 - 700 * i}/${i < 9 ? 45_056 : 43_008} P:${7_912_345 - 64 * (i % 3)}/7864320`), says: ["warning leak: free internal memory falls by about 700 B", /41\.0 KiB an hour/, /largest free block does not go with it/], never: [/least that was ever/] },
  "a part and the whole in an array": { log: times(20, (i) => `{"ts":${1_767_225_600 + 60 * i},"heap":{"dram":[${120_000 + 900 * i},327680],"psram":[${800_000 + 16 * (i % 3)},4194304]}}`), says: ["warning leak: used internal memory grows by about 900 B", /last 190,580 B are gone/] },
  "what is free, the largest block and the least in an array": { log: times(20, (i) => `{"heap":[${132_540 - 600 * i + 40 * (i % 3)},${110_592 - 2048 * (i % 4)},${120_100 - 600 * i}],"rssi":-61}`), says: ["warning leak: free heap falls by about 560 B", /least that was ever free: 108,700 B/] },
  "a table whose columns only a heap has": { log: `   uptime     free  largest  minfree  tasks\n${times(30, (i) => `${String(60 * (i + 1)).padStart(9)}   ${121_344 - 264 * i}    63488   ${i > 8 ? 118_200 - 264 * i : 116_100}     14`)}`, says: ["warning leak: free heap falls by about 264 B", /15\.5 KiB an hour/, /least that was ever free: 110,544 B/] },
  "PSRAM by its short name, in KiB as the heap beside it": { log: times(24, (i) => `{"StatusMEM":{"ProgramSize":1885,"Free":994,"Heap":${143 + (i % 2)},"StackLowMark":3,"PsrMax":2048,"PsrFree":${2013 - 26 * i},"FlashSize":4096}}`), says: ["warning leak: free PSRAM falls by about 26.0 KiB", /gone in about 5\d readings/] },
  "the heap behind PSRAM on one line": { log: times(40, (i) => `frame ${i} len ${21_000 + i}, PSRAM free ${4_012_345 - 61_440 * (i % 3)}, heap ${98_200 - 160 * i}, largest 73716`), says: ["warning leak: free heap falls by about 160 B", /from 98,200 B/] },
  "headings without marks, LVGL's pool below one": { log: times(6, (i) => `Device Memory\n--\nFree Heap | ${(65.8 - 0.02 * (i % 3)).toFixed(2)} KiB\nFree Block | 55.98 KiB\n\nLVGL Memory\n--\nTotal | 64.00 KiB\nFree | ${(5.61 - 0.4 * i).toFixed(2)} KiB\nFragmentation | ${14 + i}%`), says: ["warning leak: what is free of LVGL's pool falls by about 410 B", /lv_mem_monitor\(\)/], never: [/nearly exhausted/] },
  "figures of one name in a list": { log: times(20, (i) => `{"gw":"gw1","nodes":[{"id":1,"heap":${30_400 + 8 * (i % 3)}},{"id":2,"heap":${31_200 - 40 * i}},{"id":7,"heap":${29_960 + 8 * (i % 2)}}]}`), says: ["warning leak: free heap falls by about 40 B", /“heap \(2\)” falls from 31,200 B/, /over 20 readings/] },
  "the most that can be had beside what is free": { log: times(30, (i) => `freeHeap=${162_448 - 2700 * i} maxHeap=${1024 * Math.round((110_000 - 2000 * i) / 1024)} reconnects=${i >> 3}`), says: ["warning leak: free heap falls by about 2,700 B", /largest free block falls with it, from 109,568 B/] },
  "DMA memory that is gone beside all that is free": { log: times(25, (i) => `I (${30_000 * i}) disp: dma_free=${48_208 - 1792 * i} dma_blk=${Math.max(1024, 31_744 - 1280 * i)} total_free=${2_101_248 - 1792 * i}`), says: ["error internal-exhausted: DMA-capable memory is exhausted", /“total_free”/] },
  "a count of collections, and what a program holds between them": { log: times(60, (i) => `Test: ${100 * i} GC#: ${Math.floor(i / 20)} Heap: ${4800 + 156 * i}`), says: ["note leak: used heap grows by about 156 B", /or garbage/], never: [/free heap/] },
  "memory in use beside a part that never changes": { log: times(20, (i) => `System Memory: ${54 + 6 * i}KiB / 8003KiB\nESPIDF Memory: 33KiB / 144KiB`), says: ["warning leak: used heap grows by about 6,144 B", /last 8,023,040 B are gone/] },
  "a heap that wins back what a start took": { log: times(30, (i) => `heap ${40_000 + 4 * (i % 3) + (i < 3 ? 0 : 61_000)} uptime ${60 * i} s`), says: ["note log-readings"], never: [/a leak[,:]/] },
  "fields of a page that tell states": { log: times(20, (i) => `{\n  "restart_required": false,\n  "state": "connected",\n  "ram_free": ${132_408 - 720 * i}\n}`), says: ["warning leak: free heap falls by about 720 B"], never: [/stands each time the line/] },
  "an update's partition beside memory, in KiB": { log: times(25, (i) => `{"uptimeSec":${120 + 60 * i},"freeMem":${181 - Math.round(3.4 * i)},"maxAlloc":${127 - 2 * i},"usedApp":2048,"freeApp":1984}`), says: ["warning leak", /20\d KiB an hour/, /from 130,048 B to 80,896 B/] },
}; // prettier-ignore

const onsets: Readonly<Record<string, Look>> = {
  "a loss that begins late": { log: `millis | free_heap\n${times(60, (i) => `${11_017 + 60_200 * i} | ${i < 20 ? 247_308 - 40 * (i % 4) : 256_000 - 900 * (i - 20) - 16 * (i % 5)} |${i === 20 ? " PowerSave ON" : ""}`)}`, says: ["warning leak: free heap falls by about 9", /Before line 2\d it was steady/, /52\.\d KiB an hour/] },
  "a loss that begins half way, where the whole falls as well": { log: times(130, (i) => `I (${60_000 * i}) sys: heap ${188_000 - (i > 60 ? 220 * (i - 60) : 0) + 16 * ((i * 7) % 5)}`), says: ["warning leak: free heap falls by about", /Before line 6[0-3] it was steady/, /12\.\d KiB an hour/], never: [/and not at the others/] },
  "peaks that sink from the beginning": { log: times(160, (i) => `I (${5000 * i}) app: free ${190_000 - 3000 * (i % 10) - 400 * Math.floor(i / 10)} blk 110592`), says: ["warning leak: free heap falls by about"], never: [/it was steady/] },
  "the last tooth of many": { log: times(90, (i) => `heap: ${88_000 - 700 * (i % 30)}`), says: ["note log-readings"], never: [/a leak[,:]/] },
  "a slow tooth whose end nobody saw": { log: times(60, (i) => `heap: ${i < 20 ? 90_000 - 900 * i : 90_000 - 400 * (i - 20)}`), says: ["note log-readings"], never: [/a leak[,:]/] },
  "a client that came and stayed": { log: times(60, (i) => `heap: ${i < 30 ? 180_000 + 8 * (i % 3) : 142_000 + 8 * (i % 5)}`), says: ["note log-readings"], never: [/a leak[,:]/] },
  "a cache that fills up late": { log: times(80, (i) => `heap: ${i < 30 ? 180_000 : 140_000 + Math.round(40_000 * Math.exp(-(i - 30) / 8))}`), says: ["note log-readings"], never: [/a leak[,:]/] },
}; // prettier-ignore

/** From 198,000 B down to 9,000 B or less, in rounds of sixty readings. */
const round = (i: number): number => 198_000 - 3150 * (i % 60) - 4 * (i % 7);
const tables: Readonly<Record<string, Look>> = {
  "rows that their kind of memory names": { log: times(14, (i) => `| Region    | Total    | Free     | Largest  |\n| Internal  | 376832   | ${91_240 + 8 * (i % 4)}    | 63488    |\n| PSRAM     | 8388608  | ${6_291_456 - 49_152 * i}  | ${6_160_384 - 49_152 * i}  |\ncam: frame ${i}`), says: ["warning leak: free PSRAM falls by about 48.0 KiB", /6,291,456 B \(line 3\)/, /over 14 readings/], never: [/91,2\d\d B .*to 5/] },
  "a part of memory and its share": { log: times(30, (i) => `[HEALTH] cpu=${10 + (i % 9)}% mem=${(212.4 + 1.6 * i).toFixed(1)}KB/512KB (${Math.round((212.4 + 1.6 * i) / 5.12)}%) tasks=14`), says: ["warning leak: used heap grows by about 1,6", /memory is gone in about 15\d readings/] },
  "a date and a time in a field": { log: times(24, (i) => `{"ts":"2026-04-02T${String(i).padStart(2, "0")}:00:00Z","msg":"heap free=${162_000 - 1500 * i}"}`), says: ["warning leak", /1,500 B an hour/] },
  "a change after each request": { log: times(50, (i) => `[http] GET /metrics 200\n[leakcheck] after request: ${i % 2 === 0 ? "+0" : "-48"} bytes`), says: ["warning leak: used heap, as its changes add up, grows by about 2", /from one “after request” to the next/] },
  "exports with a column for the host": { log: `,result,table,_time,_value,_field,host\n${["tank", "well"].map((host, k) => times(40, (i) => `,,${k},2026-01-01T${String(Math.floor(i / 4)).padStart(2, "0")}:${String((i % 4) * 15).padStart(2, "0")}:00Z,${k === 0 ? 131_000 - 220 * i : 121_000 + 8 * (i % 5)},heap_free,${host}`)).join("\n")}`, says: ["warning leak: on tank, free heap falls by about 220 B", /880 B an hour/] },
  "a time since the start, and blanks of Rust's in numbers": { log: times(50, (i) => `T+${clock(300 * i)} alive, heap free 171_${String(900 - 8 * i).padStart(3, "0")} B`), says: ["warning leak", /171,900 B/, /96 B an hour/] },
  "states of something else behind the figure": { log: times(60, (i) => `heap ${i % 6 < 3 ? 121_300 : 84_200} (tls ${i % 6 < 3 ? "closed" : "open"})`), says: ["note log-readings: no leak is in sight"], never: [/a leak[,:]/] },
  "an interpreter's own collections beside the heap": { log: times(24, (i) => `BRY: GC from ${16_000 + 90 * i} to ${12_000 + 96 * i} bytes, objects freed 20/130\nheap free ${148_000 + 8 * (i % 3)}`), says: ["note log-readings: no leak is in sight"], never: [/% full|a leak[,:]/] },
}; // prettier-ignore

const rounds: Readonly<Record<string, Look>> = {
  "a board that restarts when nothing is left": { log: times(200, (i) => `2026-03-04 ${clock(60 * i)} mem free=${round(i)} blk=${Math.min(110_592, round(i))}`), says: ["warning leak: free heap falls by about 3,15", /18\d KiB an hour/, /It fell so 4 times/, /restarts/], never: [/never recovers/] },
  "a collector that waits until little is left": { log: times(200, (i) => `gc.mem_free() ${round(i)}`), says: ["note log-readings"], never: [/a leak[,:]/] },
  "a buffer that is sent when it is half full": { log: times(200, (i) => `mem free=${198_000 - 1500 * (i % 60)}`), says: ["note log-readings"], never: [/a leak[,:]/] },
  "a count behind memory's name": { log: times(8, (i) => `MEM: Count: ${i + 1} Free memory: ${180_224 - 8 * (i % 2)}`), says: ["note log-readings: no leak is in sight: free heap stays between 180,216 B"], never: [/\b[1-8],\d{3} B/] },
  "static and other memory beside what is free": { log: times(12, (i) => `Dynamic ram: ${122_412 + 8 * (i % 2)} of which 580 recycled\nflash size 4194304, free heap ${32_104 + 8 * (i % 3)}`), says: ["note log-readings: no leak is in sight: free heap stays between 32,104 B"] },
}; // prettier-ignore

const others: Readonly<Record<string, Look>> = {
  "an interpreter that its words do not name": { log: times(20, (i) => `tick ${i}\nalloc: ${30_000 + 300 * i} free: ${70_000 - 300 * i}`), says: ["warning leak", /If that is an interpreter's own heap/] },
  "an interpreter's heap by its name": { log: times(20, (i) => `I (${1000 * i}) app: lua heap used ${30_000 + 300 * i}`), says: ["note leak", /or garbage/] },
  "Wi-Fi's own account of all memory, before that of what it takes": { log: `I (1000) app: heap 2396496 dma 2104\nW (2000) wifi:alloc eb len=76 type=3 fail, heap:2396496`, says: ["error allocation-failure", /only 2,104 B were free/, /line 1/], never: [/counts all memory/] },
}; // prettier-ignore

const looks: Readonly<Record<string, Look>> = {
  ...boards,
  ...stamps,
  ...changes,
  ...starts,
  ...uptimes,
  ...forms,
  ...onsets,
  ...rounds,
  ...tables,
  ...others,
};

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
