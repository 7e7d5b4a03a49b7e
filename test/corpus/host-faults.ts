// Faults that only the host can see, each told to it as a damaged heap or a blind spot of the probe would; and healthy programs that come near.
import { ordinaryWork } from "./ordinary-work.ts";
import { second, type CorpusProgram, type Program } from "./program.ts";

const minute = 60 * second;

/** Says that a block was freed, but keeps the heap from using its memory: what comes there is up to the program. */
function pretendFree(p: Program, block: { readonly address: number }): void {
  p.sink.free(p.now, block.address, p.site("cleanup"), 3, 0);
}

function during(name: string, rest: Omit<CorpusProgram, "name" | "play">, action: (p: Program) => void): CorpusProgram {
  return {
    name,
    ...rest,
    play(p) {
      ordinaryWork(p);
      p.after(20 * second, () => action(p));
      p.run(minute);
    },
  };
}

const tempting = { expect: [], tempts: ["host faults"] } as const;

export const hostFaultPrograms: readonly CorpusProgram[] = [
  during("free of a pointer into a stack", { expect: [{ rule: "wild-free", function: "cleanup" }] }, (p) =>
    p.sink.record({
      kind: "unknownFree",
      value: { time: p.now, address: 0x3ffa_1234, site: p.site("cleanup"), task: 3, core: 0 },
    }),
  ),
  during(
    "free of a pointer that was moved on",
    { expect: [{ rule: "interior-free", function: "parse_done", evidence: /begins 16 B before it/ }] },
    (p) => {
      const block = p.malloc("parse:line", 128);
      p.after(second, () =>
        p.sink.record({
          kind: "unknownFree",
          value: { time: p.now, address: block.address + 16, site: p.site("parse_done"), task: 3, core: 0 },
        }),
      );
    },
  ),
  during(
    "free again, when the probe has forgotten the first",
    { expect: [{ rule: "double-free", function: "packet", evidence: /until 21\.0 s/ }] },
    (p) => {
      const block = p.malloc("packet:data", 96);
      p.after(second, () => pretendFree(p, block));
      p.after(30 * second, () =>
        p.sink.record({
          kind: "unknownFree",
          value: { time: p.now, address: block.address, site: p.site("packet_error"), task: 3, core: 0 },
        }),
      );
    },
  ),
  during("the same address handed out twice", { expect: [{ rule: "double-allocation", function: "session" }] }, (p) => {
    const block = p.malloc("session:state", 96);
    p.after(second, () => p.sink.alloc(p.now, block.address, 96, p.site("session"), 3, 0));
  }),
  during(
    "allocation inside a live block",
    { expect: [{ rule: "overlap", function: "token", evidence: /at 0x[0-9a-f]+ \(400 B, from frame\.c/ }] },
    (p) => {
      const block = p.malloc("frame:pixels", 400);
      p.after(second, () => {
        const token = block.address + 100;
        p.sink.alloc(p.now, token, 64, p.site("token"), 3, 0);
        // Gone before the recording ends: whoever looks only then sees nothing.
        p.after(second, () => p.sink.free(p.now, token, 0, 3, 0));
      });
    },
  ),
  during("allocation that reaches into a live block", { expect: [{ rule: "overlap", function: "grown" }] }, (p) => {
    const { address } = p.malloc("arena:rows", 1000);
    pretendFree(p, { address });
    for (const offset of [0, 68]) p.sink.alloc(p.now + 1, address + offset, 64, p.site("row"), 3, 0);
    p.sink.free(p.now + 2, address, 0, 3, 0);
    p.sink.alloc(p.now + 3, address, 128, p.site("grown"), 3, 0);
    p.now += 3;
  }),
  during("healthy: realloc that moves, its old address given to another task meanwhile", tempting, (p) => {
    const old = p.malloc("list:items", 64);
    const [mover, other] = [3, 4];
    p.repeat(
      () => p.around(second),
      () => {
        const far = p.malloc("list_copy:items", 128);
        pretendFree(p, far);
        p.sink.record({ kind: "reallocBegin", value: { time: p.now, address: old.address, task: mover, core: 0 } });
        p.sink.alloc(p.now + 1, old.address, 48, p.site("other"), other, 1);
        p.sink.record({
          kind: "reallocEnd",
          value: {
            time: p.now + 2,
            oldAddress: old.address,
            address: far.address,
            size: 128,
            site: p.site("list"),
            task: mover,
            core: 0,
          },
        });
        p.sink.free(p.now + 3, old.address, 0, other, 1);
        p.sink.free(p.now + 4, far.address, 0, mover, 0);
        p.sink.alloc(p.now + 5, old.address, 64, p.site("list"), mover, 0);
        p.now += 5;
      },
    );
  }),
  during("healthy: memory split and merged again in the same microsecond", tempting, (p) => {
    const large = p.malloc("frame:pixels", 600);
    const { address } = large;
    p.repeat(
      () => p.around(0.5 * second),
      () => {
        // What was one block becomes three and one again; between them the device frees a block that it does not know.
        p.sink.free(p.now, address, 0, 3, 0);
        for (const offset of [0, 200, 400]) p.sink.alloc(p.now, address + offset, 196, p.site("tile"), 3, 0);
        for (const offset of [400, 0, 200]) p.sink.free(p.now, address + offset, 0, 3, 0);
        p.sink.record({
          kind: "unknownFree",
          value: { time: p.now, address: address + 300, site: 0, task: 3, core: 0 },
        });
        p.sink.alloc(p.now, address, 600, large.site, 3, 0);
      },
    );
  }),
  {
    name: "healthy: frees of blocks from before tracking",
    ...tempting,
    play(p) {
      ordinaryWork(p);
      p.repeat(
        () => p.around(5 * second),
        () =>
          p.sink.record({
            kind: "unknownFree",
            value: { time: p.now, address: 0x3ffb_0000 + p.heapBytes - 4096, site: 0, task: 3, core: 0 },
          }),
      );
      p.run(minute);
    },
  },
  {
    name: "healthy: blocks freed by the other core while history is missing",
    ...tempting,
    play(p) {
      ordinaryWork(p);
      const block = p.malloc("ring:slot", 256);
      p.after(20 * second, () => {
        p.sink.record({ kind: "gap", value: { time: p.now, reason: "frames-lost", lostFrames: 2, lostEvents: 5 } });
        p.sink.alloc(p.now + 1, block.address + 64, 64, p.site("ring"), 3, 0);
        p.sink.record({
          kind: "unknownFree",
          value: { time: p.now + 2, address: block.address + 8, site: 0, task: 3, core: 0 },
        });
      });
      p.run(minute);
    },
  },
];
