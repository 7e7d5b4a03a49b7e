// The one-file report out of what is open in the page: the same as `memmap report --html`.
import { MemmapError } from "../../base/errors.ts";
import { htmlReport } from "../../export/html-report.ts";
import { redact } from "../../export/redact.ts";
import { freeze } from "../../report/frozen.ts";
import type { FromWorker } from "./protocol.ts";
import { recordingName } from "./save.ts";
import type { Session } from "./session.ts";

export async function freezePage(
  session: Session,
  id: number,
  isRedacted: boolean,
  template: string,
  post: (message: FromWorker) => void,
): Promise<void> {
  const run = session.current;
  const asked = await session.wholeRun();
  if (run === undefined || asked === undefined) return;
  const response = await fetch(template);
  if (!response.ok) {
    throw new MemmapError(`the report's page could not be loaded (${response.status})`, {
      code: "template-missing",
      hint: "The server that this page came from must have report.html beside it; `memmap report FILE --html` makes one too.",
    });
  }
  const whole = await freeze({
    asked,
    name: run.name,
    size: run.access.size,
    remarks: run.recording.condition.remarks,
    ...(session.elfState !== undefined && { elf: session.elfState }),
  });
  const frozen = isRedacted ? redact(whole, run.recording.tables, asked.resolver) : whole;
  const html = await htmlReport(await response.text(), frozen, gzip);
  const name = isRedacted ? "memmap-report.html" : recordingName(run.name, "html");
  post({ type: "saved", id, blob: new Blob([html], { type: "text/html" }), name });
}

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes.slice()]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
