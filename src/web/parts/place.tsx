// A place in the code: its name, and a way into the editor where its file is known.
import type { StationView } from "../../report/finding-view.ts";
import { useStore } from "../app/store.ts";

export function Place({ station }: { station: Pick<StationView, "site" | "task"> }) {
  const { site, task } = station;
  return (
    <>
      <Source text={site.text} file={site.file} line={site.line} />
      {task !== undefined && <> · task {task}</>}
    </>
  );
}

export function Source({ text, file, line }: { text: string; file?: string | undefined; line?: number | undefined }) {
  const { editor } = useStore();
  if (file === undefined || !isAbsolute(file) || editor.value === "") return <code title={text}>{text}</code>;
  const address = editor.value.replace("%f", encodeURI(file)).replace("%l", String(line ?? 1));
  // A scheme that runs scripts is no editor.
  if (/^\s*(javascript|data|vbscript):/i.test(address)) return <code title={text}>{text}</code>;
  return (
    <a href={address} title={`Open ${file}`}>
      <code>{text}</code>
    </a>
  );
}

/** Only a whole path means the same file here as where the firmware was built. */
function isAbsolute(file: string): boolean {
  return file.startsWith("/") || /^[A-Za-z]:[\\/]/.test(file);
}
