// What ESP-IDF itself keeps on purpose, in programs that make it look like a leak. Only the names tell it apart: under another name each of
// them is called one (`place`).
import { ordinaryWork } from "./ordinary-work.ts";
import { second, type Block, type CorpusProgram, type Program } from "./program.ts";

const minute = 60 * second;

export interface KeptByEspIdf {
  readonly name: string;
  /** The function that ESP-IDF allocates in, and the variable. */
  readonly place: string;
  readonly play: (p: Program, place: string) => void;
}

export const keptByEspIdf: readonly KeptByEspIdf[] = [
  {
    name: "lwIP connections in TIME_WAIT, recorded for less than it lasts",
    place: "tcp_alloc:pcb",
    play(p, place) {
      ordinaryWork(p);
      p.repeat(
        () => p.around(2 * second),
        () => {
          p.inTask("tiT");
          const pcb = p.malloc(place, 168);
          p.after(2 * minute, () => p.free(pcb));
        },
      );
      p.run(2 * minute);
    },
  },
  {
    name: "stdio locks, one for each task's first printf",
    place: "__retarget_lock_init_recursive:lock",
    play(p, place) {
      ordinaryWork(p);
      let number = 0;
      p.repeat(
        () => p.between(20, 40) * second,
        () => {
          p.inTask(`worker${number++}`);
          p.malloc(place, 84);
          p.inTask("main");
        },
      );
      p.run(10 * minute);
    },
  },
  {
    name: "Wi-Fi's dynamic buffers, as many as the traffic has ever needed",
    place: "esf_buf_alloc_dynamic:buffer",
    play(p, place) {
      ordinaryWork(p);
      p.inTask("wifi");
      const idle: Block[] = [];
      p.repeat(
        () => p.around(0.5 * second),
        () => {
          p.inTask("wifi");
          const buffer = p.malloc(place, 1600);
          // Traffic grows all the time: of the buffers of each second one more is still queued.
          if (p.chance(0.05)) idle.push(buffer);
          else p.after(p.around(0.05 * second), () => p.free(buffer));
        },
      );
      p.run(6 * minute);
    },
  },
];

export const espIdfPrograms: readonly CorpusProgram[] = keptByEspIdf.map(({ name, place, play }) => ({
  name,
  expect: [],
  tempts: ["leaks"],
  play: (p) => play(p, place),
}));
