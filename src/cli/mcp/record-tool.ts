// Recording for an agent. A port is opened only when the person has said so: opening one restarts most boards.
import { MemmapError } from "../../base/errors.ts";
import { parseDuration } from "../../base/duration.ts";
import { fit } from "./answer.ts";
import { askCli } from "./ask-cli.ts";
import { needed, word, type Tool } from "./tool.ts";

/** Longer ones belong into a shell of the person's own. */
const LONGEST_SECONDS = 600;

export const heapRecord: Tool = {
  name: "heap_record",
  title: "Record a board",
  description:
    "Records what a board, a TCP port, a captured file or the simulator sends into a new .memmap file. Asks the person before it opens a port: that restarts most boards.",
  properties: {
    source: {
      type: "string",
      description: "/dev/ttyUSB0, COM3, tcp://HOST:PORT, a file of captured bytes, sim:SCENARIO (as sim:demo)",
    },
    duration: { type: "string", description: "how long: 30s, 5m; at most 10m" },
    output: { type: "string", description: "the new file, as run.memmap; must not exist" },
  },
  required: ["source", "duration", "output"],
  acts: true,
  async answer(args, { signal, approved, canAsk, mayRecord }) {
    const [source, output, duration] = [needed(args, "source"), needed(args, "output"), needed(args, "duration")];
    const length = parseDuration(duration);
    if (length === undefined || length <= 0 || length > LONGEST_SECONDS * 1e6) {
      throw new MemmapError(`${duration} is no length of a recording for a tool`, {
        code: "usage-mcp",
        hint: "Write 30s or 5m; more than 10m belongs into a shell: memmap record.",
      });
    }
    if (source === "-") {
      throw new MemmapError("- is standard input, on which the agent speaks", {
        code: "usage-mcp",
        hint: "Name a source.",
      });
    }
    if (!source.startsWith("sim:") && !mayRecord) {
      const ask = `Let memmap open ${source} and record it for ${duration} into ${output}? Opening a serial port restarts most boards.`;
      if (approved === undefined && canAsk) return { ask };
      if (approved !== true) throw refused(approved, source, duration, output);
    }
    const words = ["record", "--quiet", `--duration=${duration}`, `--output=${output}`, "--", source];
    const { err } = await askCli(words, signal);
    const lines = err.split(/[\r\n]+/).filter((line) => line.trim() !== "");
    return fit(
      [`recorded into ${word(args, "output") ?? output}`, ...lines.slice(-12), `Next: heap_verdict of ${output}`],
      "the terminal of `memmap record`",
    );
  },
};

function refused(approved: boolean | undefined, source: string, duration: string, output: string): MemmapError {
  const command = `memmap record ${source} --duration ${duration} -o ${output}`;
  return approved === false
    ? new MemmapError("the person does not want this port to be opened", {
        code: "mcp-refused",
        hint: "Ask them what to do instead.",
      })
    : new MemmapError("nobody could be asked whether the port may be opened", {
        code: "mcp-cannot-ask",
        hint: `Let the person run \`${command}\`, or start the server with \`memmap mcp --allow-record\`.`,
      });
}
