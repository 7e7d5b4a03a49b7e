// Is it trustworthy? Source, live or not, what is verified and lost, device and ELF; the filter; and what one can do with the run.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { formatCount } from "../../base/format.ts";
import { isExact } from "../../base/quantity.ts";
import { useStore } from "../app/store.ts";
import { download } from "./rows.tsx";

export function TopBar({ onOpen, onConnect }: { onOpen: () => void; onConnect: (() => void) | undefined }) {
  const store = useStore();
  const { engine, verdict, dialog } = store;
  const state = engine.state.value;
  const coverage = verdict.value?.coverage;
  const device = state?.device;
  const facts = [
    device?.chip,
    [device?.appName, device?.appVersion].filter((part) => part !== undefined).join(" "),
    device?.idfVersion === undefined ? undefined : `ESP-IDF ${device.idfVersion}`,
    device?.origin === undefined ? undefined : `from ${device.origin}`,
  ].filter((part) => part !== undefined && part !== "");
  const elf = state?.elf;
  return (
    <header class="topbar">
      <span class="logo">
        mem<span>map</span>
      </span>
      {state !== undefined && (
        <span class="source" role="status">
          <i class={`dot ${state.notice !== undefined ? "lost" : state.live ? "live" : ""}`} />
          <span class="cut" title={state.name}>
            {state.name}
          </span>
          <span class="muted cut">
            {state.notice ?? (state.live ? "· live" : "")}
            {coverage !== undefined &&
              coverage.heartbeats > 0 &&
              ` · verified ${formatCount(coverage.verified)} of ${formatCount(coverage.heartbeats)}`}
          </span>
          {state.gaps > 0 && (
            <span class="error" title={coverage?.sentences.join(". ")}>
              {state.gaps === 1 ? "1 gap" : `${formatCount(state.gaps)} gaps`}
              {isExact(state.lostEvents) && `, ${formatCount(state.lostEvents.value)} events lost`}
            </span>
          )}
          {state.boots > 1 && <span class="amber">{state.boots - 1}× restarted</span>}
        </span>
      )}
      {state !== undefined && (
        <span class="facts muted cut" title={[...facts, ...state.remarks].join(" · ")}>
          {facts.join(" · ")}
          {elf !== undefined && (
            <span class={elf.match === "different" ? "error" : ""}>
              {" · "}
              {elf.match === "different"
                ? `${elf.name} is ANOTHER firmware's ELF`
                : elf.match === "same"
                  ? "ELF ✓"
                  : "ELF"}
            </span>
          )}
        </span>
      )}
      {state !== undefined && engine.frozen === undefined && <Filter />}
      <div class="actions">
        {engine.frozen === undefined && (
          <button type="button" class="button" onClick={onOpen}>
            Open
          </button>
        )}
        {onConnect !== undefined && engine.frozen === undefined && (
          <button type="button" class="button" onClick={onConnect}>
            Connect board
          </button>
        )}
        {state !== undefined && engine.frozen === undefined && <SaveMenu />}
        <button
          type="button"
          class="button"
          aria-label="Help: keys and settings"
          onClick={() => (dialog.value = "help")}
        >
          ?
        </button>
      </div>
    </header>
  );
}

function Filter() {
  const store = useStore();
  const { page } = store;
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(page.value.filter);
  useLayoutEffect(() => setText(page.value.filter), [page.value.filter]);
  const failure = store.filterFailure.value;
  return (
    <div class="filter" role="search">
      <input
        ref={input}
        type="text"
        id="filter"
        spellcheck={false}
        autocomplete="off"
        placeholder="filter: task:wifi size>1k"
        aria-label="Filter blocks, as in task:wifi size>1k"
        aria-invalid={failure !== undefined}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={() => store.look({ filter: text.trim() })}
        onKeyDown={(event) => {
          if (event.key === "Enter") store.look({ filter: text.trim() });
          else if (event.key === "Escape") {
            setText("");
            store.look({ filter: "" });
            input.current?.blur();
          } else return;
          event.stopPropagation();
        }}
      />
      <kbd>/</kbd>
      {failure !== undefined && (
        <div class="filter-error" role="alert">
          <p class="error">{failure.message}</p>
          <p class="muted">{failure.hint}</p>
        </div>
      )}
    </div>
  );
}

function SaveMenu() {
  const { engine } = useStore();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const keep = async (make: () => Promise<{ readonly blob: Blob; readonly name: string }>): Promise<void> => {
    setOpen(false);
    setBusy(true);
    const { blob, name } = await make();
    setBusy(false);
    download(blob, name);
  };
  return (
    <div
      class="menu"
      onKeyDown={(event) => {
        if (event.key === "Escape") setOpen(false);
      }}
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node)) setOpen(false);
      }}
    >
      <button
        type="button"
        class="button"
        aria-haspopup="true"
        aria-expanded={open}
        disabled={busy}
        onClick={() => setOpen(!open)}
      >
        {busy ? "Saving…" : "Save"}
      </button>
      {open && (
        <div class="menu-items">
          <button type="button" onClick={() => void keep(() => engine.save())}>
            Recording<small>a .memmap file with everything so far</small>
          </button>
          <button type="button" onClick={() => void keep(() => engine.freeze(false))}>
            Report in one file<small>an .html to mail: opens without network</small>
          </button>
          <button type="button" onClick={() => void keep(() => engine.freeze(true))}>
            Report without names<small>paths, files, functions and the log left out</small>
          </button>
        </div>
      )}
    </div>
  );
}
