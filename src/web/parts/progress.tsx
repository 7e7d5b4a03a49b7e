// How far the opening of a file is, and its end if the user wants it.
import { useStore } from "../app/store.ts";

export function Progress() {
  const { engine } = useStore();
  const progress = engine.progress.value;
  if (progress === undefined) return undefined;
  return (
    <div class="progress" aria-live="polite">
      <p>{progress.what}</p>
      <progress max={progress.all} value={progress.done} aria-label={progress.what} />
      <p>
        <button type="button" class="button" onClick={() => engine.cancel()}>
          Cancel
        </button>
      </p>
    </div>
  );
}
