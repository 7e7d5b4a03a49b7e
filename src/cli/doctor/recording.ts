// A recording: does it hold events, can its numbers be trusted, is the ELF the one that ran?
import type { HeapModel } from "../../heap/model-api.ts";
import { viewCoverage } from "../../report/coverage.ts";
import type { Symbols } from "../../symbols/index.ts";
import { PROTOCOL_VERSION } from "../../wire/protocol.ts";
import { note, ok, problem, type Check } from "./check.ts";

export async function checkRecording(model: HeapModel, symbols: Symbols | undefined): Promise<readonly Check[]> {
  const { span, tables } = model;
  const coverage = await viewCoverage(model, span, await model.totalsAt(span.to));
  const checks: Check[] = [];
  checks.push(
    model.rows > 0
      ? ok(`it holds ${model.rows} events`)
      : problem("it holds no events", "does the program call memmap_stream_start(), and allocate?"),
  );
  for (const sentence of coverage.sentences)
    checks.push(coverage.complete ? ok(sentence) : note(sentence, "docs/real-board.md, “What is lost on the way”"));
  return [...checks, ...checkBoots(tables.boots, symbols)];
}

type Boots = HeapModel["tables"]["boots"];

/** The probe's version of the protocol, and whether the ELF is of the firmware that ran. */
export function checkBoots(boots: Boots, symbols: Symbols | undefined): readonly Check[] {
  const boot = boots.at(-1);
  if (boot === undefined || boot.provisional === true)
    return [
      note("what runs on the board is not known: its HELLO was not heard", "restart the board while memmap listens"),
    ];
  const checks: Check[] = [];
  if (boot.origin === undefined) {
    checks.push(
      boot.protocolVersion === PROTOCOL_VERSION
        ? ok(`the probe speaks version ${PROTOCOL_VERSION} of the protocol, as this memmap`)
        : problem(
            `the probe speaks version ${boot.protocolVersion} of the protocol, this memmap ${PROTOCOL_VERSION}`,
            "use the probe and the memmap of one release",
          ),
    );
  }
  if (symbols === undefined) return checks;
  if (boot.elfSha256 === undefined)
    return [...checks, note("which ELF runs on the board is not known: it does not say its SHA-256")];
  const match = symbols.matches(boot.elfSha256);
  checks.push(
    match.kind === "different"
      ? problem(
          `the ELF is not that of the firmware that ran: ${match.message}`,
          "flash this build, or name the .elf of that one",
        )
      : ok("the ELF is that of the firmware that ran"),
  );
  return checks;
}
