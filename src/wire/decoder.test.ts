// The decoder's accounts: what it passes on, what it reports as missing, and how it notices that the board has restarted.
import { describe, expect, test } from "vitest";
import { bootLine, decode, frames, free, liveAt } from "../../test/wire-frames.ts";

const a = frames(0x11111142);
const b = frames(0x22222243);
/** The same boot tag as `a`. */
const c = frames(0x33333342);
describe("loss", () => {
  test("nothing lost, nothing reported", () => {
    const { lines, counters } = decode(a.hello(0), a.frees(1, 0, 10, 2), a.frees(2, 2, 20, 1));
    expect(lines).toEqual([bootLine(0x11111142), free(10), free(11), free(20)]);
    expect(counters).toMatchObject({ frames: 3, events: 3, boots: 1, lostFrames: 0, lostEvents: 0 });
  });

  test("lost frames and the events in them are reported before what follows", () => {
    const { lines, counters } = decode(a.hello(0), a.frees(1, 0, 10, 1), a.frees(4, 7, 30, 1));
    expect(lines).toEqual([
      bootLine(0x11111142),
      free(10),
      `gap time=30 since=10 reason="frames-lost" lostFrames=2 lostEvents=6`,
      free(30),
    ]);
    expect(counters).toMatchObject({ lostFrames: 2, lostEvents: 6 });
  });

  test("a frame without events notices the loss, the next EVENTS frame dates it", () => {
    const { lines } = decode(a.hello(0), a.site(2, 9), a.frees(3, 5, 30, 1));
    expect(lines.slice(1)).toEqual([
      "site id=9 method=1 caps=0x4",
      `gap time=30 since=0 reason="frames-lost" lostFrames=1 lostEvents=5`,
      free(30),
    ]);
  });

  test("events that the device dropped are told apart", () => {
    const { lines } = decode(a.hello(0), a.frees(1, 0, 10, 1), a.frees(2, 4, 20, 1));
    expect(lines[2]).toBe(`gap time=20 since=10 reason="dropped-on-device" lostFrames=0 lostEvents=3`);
  });

  test("loss that nothing dates is reported at the end", () => {
    const { lines } = decode(a.hello(0), a.frees(1, 0, 10, 1), a.site(4, 9));
    expect(lines.at(-1)).toBe(`gap time=10 reason="frames-lost" lostFrames=2 lostEvents="unknown"`);
  });

  test("numbers wrap", () => {
    const { lines } = decode(
      a.hello(0xfffe),
      a.frees(0xffff, 0xffffffff, 10, 2),
      a.frees(0, 1, 20, 1),
      a.frees(2, 2, 30, 1),
    );
    expect(lines.slice(1)).toEqual([
      `gap time=10 reason="attached-late" lostFrames=0 lostEvents=4294967295`,
      free(10),
      free(11),
      free(20),
      `gap time=30 since=20 reason="frames-lost" lostFrames=1 lostEvents=0`,
      free(30),
    ]);
  });

  test("a frame that comes twice in a row is passed on once", () => {
    const { lines, counters } = decode(a.hello(0), a.frees(1, 0, 10, 1), a.frees(1, 0, 10, 1), a.frees(2, 1, 20, 1));
    expect(lines.slice(1)).toEqual([free(10), free(20)]);
    expect(counters).toMatchObject({ repeatedFrames: 1, lostFrames: 0 });
  });

  test("a stretch of frames that comes again is a repetition and no restart, one of the boot before too", () => {
    const first = [a.hello(0), a.frees(1, 0, 10, 5), a.site(2, 9), a.frees(3, 5, 500_000, 5)];
    const next = a.frees(4, 10, 600_000, 1);
    expect(decode(...first, ...first.slice(1), next).lines).toEqual(decode(...first, next).lines);
    expect(decode(...first, ...first, next).counters).toMatchObject({
      boots: 1,
      repeatedFrames: 4,
      lostFrames: 0,
      lostEvents: 0,
    });
    const second = [b.hello(0), b.frees(1, 0, 5, 1)];
    const whole = decode(...first, ...second, ...first.slice(2), ...second, b.frees(2, 1, 9, 1));
    expect(whole.lines).toEqual(decode(...first, ...second, b.frees(2, 1, 9, 1)).lines);
  });

  test("of a repeated stretch, what had been lost comes too late", () => {
    const [f1, f2, f3, f4] = [1, 2, 3, 4].map((n) => a.frees(n, n - 1, n * 300_000, 1));
    if (!f1 || !f2 || !f3 || !f4) throw new Error();
    const { lines, counters } = decode(a.hello(0), f1, f3, f1, f2, f3, f4);
    expect(lines).toEqual(decode(a.hello(0), f1, f3, f4).lines);
    expect(counters).toMatchObject({ boots: 1, repeatedFrames: 3, lostFrames: 1 });
  });

  test("frames that changed places are late and no restart: what happened in them counts as lost, what they name does not", () => {
    const [f1, f2, f3, f4] = [1, 2, 4, 5].map((n, i) => a.frees(n, i, n * 300_000, 1));
    if (!f1 || !f2 || !f3 || !f4) throw new Error();
    const name = a.site(3, 9);
    const { lines, counters } = decode(a.hello(0), f1, f3, f2, name, f4);
    const named = lines.filter((line) => line.startsWith("site"));
    expect(named).toHaveLength(1);
    expect(lines.filter((line) => !line.startsWith("site"))).toEqual(decode(a.hello(0), f1, f3, f4).lines);
    expect(counters).toMatchObject({ boots: 1, lostFrames: 2, lostEvents: 1 });
  });

  test("of a stretch that comes again the first frame may have been lost", () => {
    const [f1, f2, f3] = [1, 2, 3].map((n) => a.frees(n, n - 1, n * 300_000, 1));
    if (!f1 || !f2 || !f3) throw new Error();
    expect(decode(a.hello(0), f2, f1, f2, f3).lines).toEqual(decode(a.hello(0), f2, f3).lines);
  });

  test("what arrives of a snapshot with a gap is passed on, but not its end", () => {
    const begin = a.events(1, 0, 10, (writer) => {
      writer.record(10, { kind: "snapshotBegin", value: { time: 10 } });
      writer.record(0, liveAt(0x2000));
    });
    const end = (sequence: number): Uint8Array =>
      a.events(sequence, 0, 20, (writer) => {
        writer.record(0, liveAt(0x3000));
        writer.record(20, { kind: "snapshotEnd", value: { time: 20, records: 2 } });
      });
    expect(decode(a.hello(0), begin, end(2)).lines.slice(1)).toEqual([
      "snapshotBegin time=10",
      "live address=0x2000 size=8 site=1 task=3 moving=0",
      "live address=0x3000 size=8 site=1 task=3 moving=0",
      "snapshotEnd time=20 records=2",
    ]);
    expect(decode(a.hello(0), begin, end(3)).lines.slice(3)).toEqual([
      `gap time=20 since=10 reason="frames-lost" lostFrames=1 lostEvents=0`,
      "live address=0x3000 size=8 site=1 task=3 moving=0",
    ]);
  });
});

describe("boots", () => {
  test("HELLO again is the same boot", () => {
    expect(decode(a.hello(0), a.hello(1), a.hello(2)).lines).toEqual([bootLine(0x11111142)]);
  });

  test("a new boot id is a new boot, numbers begin again", () => {
    const { lines } = decode(a.hello(0), a.frees(1, 0, 10, 1), b.hello(0), b.frees(1, 0, 5, 1));
    expect(lines).toEqual([bootLine(0x11111142), free(10), bootLine(0x22222243), free(5)]);
    expect(decode(a.hello(0), a.frees(1, 0, 10, 1), c.hello(0), c.frees(1, 0, 5, 1)).lines).toEqual([
      bootLine(0x11111142),
      free(10),
      bootLine(0x33333342),
      free(5),
    ]);
  });

  test("a new boot tag without HELLO announces a provisional boot, which HELLO then completes", () => {
    const { lines } = decode(a.hello(0), a.frees(1, 0, 10, 1), b.frees(1, 0, 5, 1), b.hello(2), b.frees(3, 1, 9, 1));
    expect(lines.slice(2)).toEqual([
      "boot bootId=0x43 protocolVersion=1 configuration=0 tableCapacity=0 sampleInterval=1 stackDepth=0 provisional=1",
      `gap time=5 since=0 reason="frames-lost" lostFrames=1 lostEvents=0`,
      free(5),
      `${bootLine(0x22222243)} continues=1`,
      free(9),
    ]);
  });

  test("the same tag without HELLO is noticed by event numbers, by time and by sequence numbers", () => {
    const before = [a.hello(0), a.frees(1, 0, 10, 5), a.frees(2, 5, 500_000, 5)];
    const provisional = expect.stringMatching(/^boot .*provisional=1$/) as unknown;
    expect(decode(...before, c.frees(3, 4, 500_200, 1)).lines).toContainEqual(provisional);
    expect(decode(...before, c.frees(3, 10, 99, 1)).lines).toContainEqual(provisional);
    expect(decode(...before, c.site(1, 3)).lines).toContainEqual(provisional);
    expect(decode(...before, c.frees(3, 10, 500_004, 1)).lines).not.toContainEqual(provisional);
  });

  test("a clock that is a little behind is no restart, and time stands still meanwhile", () => {
    const { lines } = decode(a.hello(0), a.frees(1, 0, 500_000, 1), a.frees(2, 1, 499_990, 2));
    expect(lines.slice(1)).toEqual([free(500_000), free(500_000), free(500_001)]);
  });

  test("its clock may be behind by a tenth of a second and no more", () => {
    const boots = (ticks: number): number =>
      decode(a.hello(0), a.frees(1, 0, 500_000, 1), a.frees(2, 1, ticks, 1)).counters.boots;
    expect([boots(400_000), boots(399_999)]).toEqual([1, 2]);
    const slow = decode(a.hello(0, 2000), a.frees(1, 0, 500_000, 1), a.frees(2, 1, 449_999, 1));
    expect(slow.counters.boots).toBe(2);
  });

  test("a frame from before the first one that was heard is not late: nobody has given it up", () => {
    const { counters } = decode(a.hello(5), a.frees(6, 10, 500_000, 1), a.frees(4, 0, 100, 1));
    expect(counters).toMatchObject({ boots: 2, repeatedFrames: 0 });
    const late = decode(a.hello(5), a.frees(7, 10, 500_000, 1), a.frees(6, 9, 100, 1));
    expect(late.counters).toMatchObject({ boots: 1, repeatedFrames: 1 });
  });

  test("loss at the end of a boot is reported before the next boot", () => {
    const { lines } = decode(a.hello(0), a.site(2, 1), b.hello(0));
    expect(lines.slice(2)).toEqual([
      `gap time=0 reason="frames-lost" lostFrames=1 lostEvents="unknown"`,
      bootLine(0x22222243),
    ]);
  });

  test("a capture that begins in the middle of a run says how much came before", () => {
    expect(decode(a.frees(77, 1234, 10, 1)).lines).toEqual([
      expect.stringMatching(/provisional=1$/),
      `gap time=10 reason="attached-late" lostFrames=0 lostEvents=1234`,
      free(10),
    ]);
  });

  test("ticks are as long as HELLO says", () => {
    expect(decode(a.hello(0, 8000), a.frees(1, 0, 10, 2)).lines.slice(1)).toEqual([free(80), free(88)]);
  });

  test("so are those of a gap that nothing dates but what came before it", () => {
    const { lines } = decode(a.hello(0, 8000), a.frees(1, 0, 10, 1), a.site(3, 1), b.hello(0, 8000));
    expect(lines.slice(3)).toEqual([
      `gap time=80 reason="frames-lost" lostFrames=1 lostEvents="unknown"`,
      bootLine(0x22222243),
    ]);
  });

  test("a run that is joined in the middle waits for the HELLO that dates it; nothing is void and nothing is lost", () => {
    const provisional = expect.stringMatching(/^boot bootId=0x42 .*provisional=1$/) as unknown;
    const late = decode(a.frees(5, 3, 10, 1), a.fault(6, 1), a.hello(7, 8000), a.frees(8, 4, 20, 1));
    expect(late.lines).toEqual([
      provisional,
      `gap time=80 reason="attached-late" lostFrames=0 lostEvents=3`,
      free(80),
      expect.stringMatching(/^fault .*time=40 /),
      `${bootLine(0x11111142)} continues=1`,
      free(160),
    ]);
    // A restart while it waits: the same firmware, most likely.
    const restarted = decode(a.frees(5, 3, 10, 1), b.site(0, 9), b.hello(1, 8000), b.frees(2, 0, 5, 1));
    expect(restarted.lines.slice(2)).toEqual([
      free(80),
      expect.stringMatching(/^boot bootId=0x43 .*provisional=1$/),
      "site id=9 method=1 caps=0x4",
      `${bootLine(0x22222243)} continues=1`,
      free(40),
    ]);
  });

  test("it waits for as long as there is room; times are then in ticks, and right after HELLO", () => {
    const long = "x".repeat(900);
    const many = Array.from({ length: 1300 }, (_, i) =>
      a.events(5 + i, 7, 1000 * i, (w) =>
        w.record(1000 * i, { kind: "mark", value: { time: 1000 * i, name: long, task: 0, core: 0 } }),
      ),
    );
    const { lines, counters } = decode(...many, a.hello(1305, 8000), a.frees(1306, 7, 2_000_000, 1));
    expect(counters).toMatchObject({ boots: 1, frames: 1302, lostFrames: 0, malformedFrames: 0 });
    expect(lines.filter((line) => line.startsWith("mark"))).toHaveLength(1300);
    expect(lines[3]).toMatch(/^mark time=1000 /);
    expect(lines.slice(-2)).toEqual([`${bootLine(0x11111142)} continues=1`, free(16_000_000)]);
  });

  test("after a restart ticks are taken to be as long as before; a HELLO that says otherwise voids nothing", () => {
    const { lines } = decode(
      a.hello(0),
      a.frees(1, 0, 10, 1),
      b.frees(1, 0, 5, 1),
      b.hello(2, 8000),
      b.frees(3, 1, 9, 1),
    );
    expect(lines.slice(4)).toEqual([free(5), `${bootLine(0x22222243)} continues=1`, free(72)]);
  });
});
