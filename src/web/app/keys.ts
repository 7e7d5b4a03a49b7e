// Every action has a key. Keys typed into a field, or with Ctrl, Alt or Meta, are not ours.
import { PAGE_VIEWS } from "../../report/show-me.ts";
import { goToProof } from "../parts/findings.tsx";
import type { Store } from "./store.ts";

export function onKey(store: Store, event: KeyboardEvent, open: () => void): void {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") !== null) return;
  const target = event.target instanceof HTMLElement ? event.target : undefined;
  if (target?.matches("input, select, textarea") === true) {
    if (event.key === "Escape") target.blur();
    return;
  }
  const isOnButton = target?.matches("button, a, [role=slider]") === true;
  if (isOnButton && (event.key === "Enter" || event.key === " ")) return;
  if (run(store, event, open)) event.preventDefault();
}

function run(store: Store, event: KeyboardEvent, open: () => void): boolean {
  const { engine, page, window: range, moment, dialog } = store;
  const span = engine.state.value?.span;
  const { key } = event;
  if (key === "?") dialog.value = "help";
  else if (key === "o" && engine.frozen === undefined) open();
  else if (span === undefined) return false;
  else if (key === "/") document.getElementById("filter")?.focus();
  else if (/^[1-9]$/.test(key)) store.look({ view: PAGE_VIEWS[Number(key) - 1] ?? "map" });
  else if (key === "j" || key === "k") chooseFinding(store, key === "j" ? 1 : -1);
  else if (key === "Enter") showChosen(store);
  else if (key === "ArrowRight" || key === "ArrowLeft") {
    const step = ((range.value.to - range.value.from) / (event.shiftKey ? 20 : 200)) * (key === "ArrowRight" ? 1 : -1);
    const at = Math.min(span.to, Math.max(span.from, moment.value + step));
    store.look({ at: at >= range.value.to && page.value.to === undefined ? undefined : at }, false);
  } else if (key === "[") store.look({ from: moment.value });
  else if (key === "]") store.look({ to: moment.value, at: undefined });
  else if (key === "Backspace") store.look({ from: undefined, to: undefined, at: undefined });
  else if (key === " ") {
    store.look(store.following.value ? { at: moment.value } : { at: undefined, to: undefined });
  } else if (key === "g") dialog.value = "go";
  else if (key === "Escape") {
    if (page.value.filter !== "") store.look({ filter: "" });
    else if (page.value.finding !== undefined) store.look({ finding: undefined });
    else return false;
  } else return false;
  return true;
}

function chooseFinding(store: Store, step: number): void {
  const findings = (store.verdict.value?.findings ?? []).filter(({ suppressedBy }) => suppressedBy === undefined);
  const at = findings.findIndex(({ number }) => number === store.page.value.finding);
  const next = findings[Math.min(findings.length - 1, Math.max(0, at + step))];
  if (next !== undefined) store.look({ finding: next.number }, false);
}

function showChosen(store: Store): void {
  const findings = store.verdict.value?.findings ?? [];
  const finding = findings.find(({ number }) => number === store.page.value.finding) ?? findings[0];
  if (finding !== undefined) goToProof(store, finding);
}
