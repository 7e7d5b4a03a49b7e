// Overlays: the keys and settings, and "go to a time".
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useStore, writeEditor } from "../app/store.ts";
import { readMoment } from "../../heap/read-moment.ts";

const keys: readonly (readonly [string, string])[] = [
  ["/", "filter"],
  ["1 … 9", "views: map, flame, leaks …"],
  ["j  k", "next, previous finding"],
  ["Enter", "show me the chosen finding"],
  ["← →", "move the moment (Shift: far)"],
  ["[  ]", "range begins, ends at the moment"],
  ["Backspace", "the whole run"],
  ["Space", "follow the live run, or stay"],
  ["g", "go to a time, a mark or the peak"],
  ["o", "open files"],
  ["?", "this help"],
  ["Esc", "back, close"],
];

const onCanvas: readonly (readonly [string, string])[] = [
  ["arrows", "from block to block, frame to frame"],
  ["+  −  0", "zoom in, out, fit"],
  ["Enter", "map: only this place; flame: zoom in"],
  ["wheel", "zoom at the pointer (Shift: scroll)"],
  ["drag", "timeline: select a range"],
  ["right click", "map: copy the address"],
];

export function Dialogs() {
  const { dialog } = useStore();
  const { value } = dialog;
  // The event comes a moment after the dialog has closed: another may be open by then.
  const close = (): void => {
    if (dialog.value === value) dialog.value = undefined;
  };
  if (value === "help") return <Help onClose={close} />;
  if (value === "go") return <GoTo onClose={close} />;
  return undefined;
}

function Help({ onClose }: { onClose: () => void }) {
  const store = useStore();
  const element = useModal();
  const { frozen } = store.engine;
  return (
    <dialog ref={element} onClose={onClose} aria-label="Keys and settings" tabIndex={-1}>
      <h2>Keys</h2>
      <KeyList of={keys} />
      <h2>With a picture in focus, and the mouse</h2>
      <KeyList of={onCanvas} />
      {frozen !== undefined && (
        <>
          <h2>What was folded to make this file</h2>
          <ul style={{ margin: "8px 0 16px" }}>
            {frozen.folded.map((sentence) => (
              <li key={sentence}>{sentence}.</li>
            ))}
          </ul>
        </>
      )}
      <label style={{ display: "block", marginBottom: "14px" }}>
        Source lines open with (%f file, %l line; empty: not at all)
        <input
          type="text"
          class="mono"
          style={{ width: "100%", marginTop: "4px" }}
          value={store.editor.value}
          onInput={(event) => writeEditor(store, event.currentTarget.value)}
        />
      </label>
      <form method="dialog">
        <button type="submit" class="button">
          Close
        </button>
      </form>
    </dialog>
  );
}

function KeyList({ of }: { of: typeof keys }) {
  return (
    <div class="keys">{of.flatMap(([key, what]) => [<kbd key={key}>{key}</kbd>, <span key={what}>{what}</span>])}</div>
  );
}

function GoTo({ onClose }: { onClose: () => void }) {
  const store = useStore();
  const element = useModal();
  const input = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState(false);
  const run = store.engine.state.value;
  const marks = run?.marks ?? [];
  const totals = store.verdict.value?.totals;
  // Of the range, as the findings are; a log that tells no block has none.
  const peak = totals !== undefined && totals.peakBytes.certainty !== "unknown" && { peak: totals.peakTime };
  return (
    <dialog ref={element} onClose={onClose} aria-label="Go to a time">
      <form
        method="dialog"
        onSubmit={(event) => {
          const typed = input.current?.value ?? "";
          const time = run && readMoment(typed, { ...run.span, marks, ...peak });
          if (time !== undefined) store.look({ at: time });
          else if (typed.trim() !== "") {
            event.preventDefault();
            setWrong(true);
          }
        }}
      >
        <label>
          Go to{" "}
          <input
            ref={input}
            type="text"
            list="marks"
            placeholder="1:30, 90s, -30s, 50 %, peak, a mark"
            aria-invalid={wrong}
            autoFocus
          />
        </label>
        <datalist id="marks">
          {marks.map((mark) => (
            <option key={`${mark.name}${mark.time}`} value={mark.name} />
          ))}
        </datalist>{" "}
        <button type="submit" class="button">
          Go
        </button>
        {wrong && (
          <p class="error" role="alert">
            Neither a time (1:30, 90s, -30s, 50 %, start, peak, end) nor the name of a mark.
          </p>
        )}
      </form>
    </dialog>
  );
}

/**
 * Opens with the key that asked for it: what is typed next must find its field. A dialog without one that asks for it (help: its only field is a
 * setting, which nobody wants to type into unawares) is in focus itself.
 */
function useModal() {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = element.current;
    if (dialog === null || dialog.open) return;
    dialog.showModal();
    if (dialog.querySelector("[autofocus]") === null) dialog.focus();
  }, []);
  return element;
}
