// The live blocks at the moment, as a table.
import { useState } from "preact/hooks";
import { formatAbout, formatAddress, formatBytes, formatCount, formatTime } from "../../base/format.ts";
import { likely } from "../../base/quantity.ts";
import { BlockFlag } from "../../heap/types.ts";
import type { BlockRows } from "../../report/block-rows.ts";
import type { BlockOrder } from "../../report/row-orders.ts";
import { placeQuery } from "../../report/show-me.ts";
import { formatClock } from "../app/format.ts";
import { useStore } from "../app/store.ts";
import { useAnswer } from "../app/use-answer.ts";
import { csv } from "./csv.ts";
import { download, Rows, SortHead, type Stretch } from "./rows.tsx";

const TEMPLATE = "108px 96px minmax(120px, 1fr) minmax(70px, 130px) 90px 84px";
const ASCENDING: readonly BlockOrder[] = ["address", "site", "task"];

export function BlocksView() {
  const store = useStore();
  const { page, moment, window: range, engine } = store;
  const { blockOrder: order, filter } = page.value;
  const [descending, setDescending] = useState(!ASCENDING.includes(order));
  const [sinceStart, setSinceStart] = useState(false);
  const [stretch, setStretch] = useState<Stretch>({ offset: 0, count: 60 });
  const question = {
    kind: "blocks",
    time: moment.value,
    ...(sinceStart && { bornSince: range.value.from }),
    filter,
    order,
    descending,
  } as const;
  const { answer: rows, failure } = useAnswer("blocks", { ...question, ...stretch });
  const save = async (): Promise<void> => {
    const all = await engine.ask("blocks-csv", { ...question, offset: 0, count: 10_000_000 });
    if (all.answer === undefined) return;
    const { answer } = all;
    const lines = Array.from(answer.address, (address, i) => [
      formatAddress(address),
      answer.size[i] ?? 0,
      answer.siteNames[answer.site[i] ?? 0] ?? "",
      answer.taskNames[answer.task[i] ?? 0] ?? "",
      (answer.born[i] ?? 0) / 1e6,
      (answer.time - (answer.born[i] ?? 0)) / 1e6,
      answer.reallocs[i] ?? 0,
    ]);
    download(csv([["address", "size", "site", "task", "born_s", "age_s", "reallocs"], ...lines]), "blocks.csv");
  };
  return (
    <>
      <div class="bar">
        <span>
          live at <strong>{formatClock(moment.value)}</strong>
          {rows !== undefined && (
            <>
              :{" "}
              <strong>
                {formatAbout(rows.liveBlocks, formatCount)} {likely(rows.liveBlocks) === 1 ? "block" : "blocks"},{" "}
                {formatAbout(rows.liveBytes, formatBytes)}
              </strong>
            </>
          )}
          {filter !== "" && <> that match the filter</>}
        </span>
        <label>
          <input type="checkbox" checked={sinceStart} onChange={() => setSinceStart(!sinceStart)} /> only born in the
          range
        </label>
        <button type="button" class="button right" onClick={() => void save()}>
          Save as CSV
        </button>
      </div>
      {failure !== undefined ? (
        <p class="empty error">{failure.message}</p>
      ) : rows?.rowCount === 0 ? (
        <p class="empty">
          {filter === "" ? "Nothing is live at this moment." : "No live block matches the filter at this moment."}
        </p>
      ) : (
        <div class="table" role="table" aria-label="Live blocks" aria-rowcount={rows?.rowCount ?? 0}>
          <SortHead
            columns={[
              { key: "address", title: "address" },
              { key: "size", title: "size", number: true },
              { key: "site", title: "call site" },
              { key: "task", title: "task" },
              { key: "age", title: "age", number: true },
              { key: undefined, title: "born", number: true },
            ]}
            order={order}
            descending={descending}
            template={TEMPLATE}
            onSort={(key) => {
              setDescending(key === order ? !descending : !ASCENDING.includes(key));
              store.look({ blockOrder: key }, false);
            }}
          />
          <Rows total={rows?.rowCount ?? 0} label="Live blocks" onStretch={setStretch}>
            {(row) =>
              rows !== undefined && (
                <BlockRow rows={rows} row={row} onFilter={(query) => store.look({ filter: query })} />
              )
            }
          </Rows>
        </div>
      )}
    </>
  );
}

function BlockRow({ rows, row, onFilter }: { rows: BlockRows; row: number; onFilter: (query: string) => void }) {
  const i = row - rows.firstRow;
  const site = rows.site[i];
  if (site === undefined) return <div class="table-row muted">…</div>;
  const text = rows.siteNames[site] ?? "";
  const flags = rows.flags[i] ?? 0;
  const born = rows.born[i] ?? 0;
  return (
    <div class="table-row" role="row" style={{ gridTemplateColumns: TEMPLATE }}>
      <code role="cell">{formatAddress(rows.address[i] ?? 0)}</code>
      <span role="cell" class="number">
        {formatBytes(rows.size[i] ?? 0)}
      </span>
      <span role="cell" class="cut">
        <button type="button" title={`Only ${text}`} onClick={() => onFilter(placeQuery(text))}>
          <code>{text}</code>
        </button>
      </span>
      <span role="cell" class="cut">
        {rows.taskNames[rows.task[i] ?? 0]}
      </span>
      <span
        role="cell"
        class="number"
        title={[
          (flags & BlockFlag.FOUND) !== 0 ? "at least so old: its allocation was not seen" : "",
          (flags & BlockFlag.UNCERTAIN) !== 0 ? "may have been freed where events are missing" : "",
        ]
          .filter((text) => text !== "")
          .join("; ")}
      >
        {(flags & BlockFlag.FOUND) !== 0 && "> "}
        {(flags & BlockFlag.UNCERTAIN) !== 0 && "? "}
        {formatTime(Math.max(0, rows.time - born))}
      </span>
      <span role="cell" class="number">
        {formatClock(born)}
      </span>
    </div>
  );
}
