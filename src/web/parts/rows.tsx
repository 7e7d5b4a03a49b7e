// A long table of which only the rows in view exist. Its scroll bar has at most a fixed height, whatever the number of rows: browsers drop what is
// taller than they can count.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

const ROW_HEIGHT = 26;
const TALLEST = 6_000_000;
/** Rows kept beyond the edges, so that a small scroll shows no hole. */
const BEYOND = 12;

export interface Stretch {
  readonly offset: number;
  readonly count: number;
}

export function Rows({
  total,
  height = ROW_HEIGHT,
  label,
  children,
  onStretch,
  follow = false,
  role = "rowgroup",
}: {
  total: number;
  height?: number;
  label: string;
  /** The row with this number. */
  children: (row: number) => ComponentChildren;
  /** The rows that are in view. */
  onStretch?: (stretch: Stretch) => void;
  /** Stays at the end when rows are added there. */
  follow?: boolean;
  /** "region" where the rows are no table. */
  role?: "rowgroup" | "region";
}) {
  const body = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ top: 0, seen: 400 });
  const full = total * height;
  const tall = Math.min(full, TALLEST);
  // Of a table that is taller than the scroll bar can be, a pixel of scrolling is more than a pixel of rows.
  const scale = tall > scroll.seen ? Math.max(1, (full - scroll.seen) / Math.max(1, tall - scroll.seen)) : 1;
  const virtualTop = scroll.top * scale;
  const first = Math.max(0, Math.floor(virtualTop / height) - BEYOND);
  const last = Math.min(total, Math.ceil((virtualTop + scroll.seen) / height) + BEYOND);
  useLayoutEffect(() => {
    const element = body.current;
    if (!element) return undefined;
    const measure = (): void => setScroll({ top: element.scrollTop, seen: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (follow && body.current) body.current.scrollTop = tall;
  }, [total, follow]);
  useLayoutEffect(() => {
    onStretch?.({ offset: first, count: last - first });
  }, [first, last]);
  return (
    <div
      class="table-body"
      ref={body}
      tabIndex={0}
      role={role}
      aria-label={label}
      onScroll={(event) => setScroll({ top: event.currentTarget.scrollTop, seen: event.currentTarget.clientHeight })}
    >
      <div style={{ height: `${tall}px` }} aria-hidden="true" />
      {Array.from({ length: Math.max(0, last - first) }, (_, i) => {
        const row = first + i;
        return (
          <div
            key={row}
            style={{
              position: "absolute",
              left: 0,
              right: 0,
              top: `${row * height - virtualTop + scroll.top}px`,
              height: `${height}px`,
            }}
          >
            {children(row)}
          </div>
        );
      })}
    </div>
  );
}

export function SortHead<K extends string>({
  columns,
  order,
  descending,
  template,
  onSort,
}: {
  columns: readonly { readonly key: K | undefined; readonly title: string; readonly number?: true }[];
  order: K;
  descending: boolean;
  template: string;
  onSort: (key: K) => void;
}) {
  return (
    <div class="table-head" role="row" style={{ gridTemplateColumns: template }}>
      {columns.map(({ key, title, number }) => (
        <span
          key={title}
          role="columnheader"
          class={number ? "number" : ""}
          aria-sort={key === order ? (descending ? "descending" : "ascending") : "none"}
        >
          {key === undefined ? (
            title
          ) : (
            <button type="button" aria-pressed={key === order} onClick={() => onSort(key)}>
              {title}
              {key === order ? (descending ? " ↓" : " ↑") : ""}
            </button>
          )}
        </span>
      ))}
    </div>
  );
}

/** Gives the user a file to keep. */
export function download(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
