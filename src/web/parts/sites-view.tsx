// Call sites: what each holds at the end of the range and what it did within, as a table.
import { useState } from "preact/hooks";
import { formatAbout, formatBytes, formatCount, formatNumberOf, formatTime } from "../../base/format.ts";
import { likely, type Quantity } from "../../base/quantity.ts";
import { placeQuery } from "../../report/show-me.ts";
import type { SiteRowOrder } from "../../report/row-orders.ts";
import type { SiteRow } from "../../report/top-sites.ts";
import { useStore } from "../app/store.ts";
import { useAnswer } from "../app/use-answer.ts";
import { csv } from "./csv.ts";
import { download, Rows, SortHead, type Stretch } from "./rows.tsx";
import { Source } from "./place.tsx";

const TEMPLATE = "minmax(180px, 1fr) 74px 52px 74px 60px 74px 76px 80px 16px";

export function SitesView() {
  const store = useStore();
  const { page, window: range, engine } = store;
  const { siteOrder: order, filter } = page.value;
  const [descending, setDescending] = useState(order !== "site");
  const [stretch, setStretch] = useState<Stretch>({ offset: 0, count: 60 });
  const question = { kind: "sites", window: range.value, filter, order, descending } as const;
  const { answer: sites, failure } = useAnswer("sites", { ...question, ...stretch }, { every: 800 });
  const save = async (): Promise<void> => {
    const all = await engine.ask("sites-csv", { ...question, offset: 0, count: 1_000_000 });
    if (all.answer === undefined) return;
    const keys = [
      "liveBytes",
      "liveBlocks",
      "peakBytes",
      "allocations",
      "allocatedBytes",
      "frees",
      "temporaryAllocations",
    ] as const;
    const lines = all.answer.sites.map((row) => [row.site.text, ...keys.map((key) => likely(row[key]))]);
    download(csv([["site", ...keys], ...lines]), "sites.csv");
  };
  return (
    <>
      <div class="bar">
        <span>
          {sites === undefined ? "Counting…" : <strong>{formatNumberOf(sites.rowCount, "call site")}</strong>} with
          activity in the range{filter !== "" && " that match the filter"}
        </span>
        <button type="button" class="button right" onClick={() => void save()}>
          Save as CSV
        </button>
      </div>
      {failure !== undefined ? (
        <p class="empty error">{failure.message}</p>
      ) : (
        <div class="table" role="table" aria-label="Call sites" aria-rowcount={sites?.rowCount ?? 0}>
          <SortHead<SiteRowOrder>
            columns={[
              { key: "site", title: "call site" },
              { key: "liveBytes", title: "live", number: true },
              { key: "liveBlocks", title: "blocks", number: true },
              { key: "peakBytes", title: "peak", number: true },
              { key: "allocations", title: "calls", number: true },
              { key: "allocatedBytes", title: "allocated", number: true },
              { key: "temporaryAllocations", title: "temporary", number: true },
              { key: "oldestAge", title: "oldest", number: true },
              { key: undefined, title: "" },
            ]}
            order={order}
            descending={descending}
            template={TEMPLATE}
            onSort={(key) => {
              setDescending(key === order ? !descending : key !== "site");
              store.look({ siteOrder: key }, false);
            }}
          />
          <Rows total={sites?.rowCount ?? 0} label="Call sites" onStretch={setStretch}>
            {(row) => {
              const shown = sites?.sites[row - sites.firstRow];
              return shown === undefined ? <div class="table-row muted">…</div> : <Row row={shown} />;
            }}
          </Rows>
        </div>
      )}
    </>
  );
}

function Row({ row }: { row: SiteRow }) {
  const store = useStore();
  const { text, file, line } = row.site;
  return (
    <div class="table-row" role="row" style={{ gridTemplateColumns: TEMPLATE }}>
      <span role="cell" class="cut">
        <Source text={text} file={file} line={line} />
      </span>
      <Number of={row.liveBytes} format={formatBytes} />
      <Number of={row.liveBlocks} format={formatCount} />
      <Number of={row.peakBytes} format={formatBytes} />
      <Number of={row.allocations} format={formatCount} />
      <Number of={row.allocatedBytes} format={formatBytes} />
      <Number of={row.temporaryAllocations} format={formatCount} />
      <span role="cell" class="number">
        {likely(row.liveBlocks) === 0 ? "" : formatTime(row.oldestAge)}
      </span>
      <span role="cell" class="number">
        <button
          type="button"
          title={`Only ${text}`}
          aria-label={`Only ${text}`}
          onClick={() => store.look({ filter: placeQuery(text) })}
        >
          ⌕
        </button>
      </span>
    </div>
  );
}

/** With `~` where history is missing, and its bounds where one looks. */
function Number({ of: quantity, format }: { of: Quantity; format: (value: number) => string }) {
  return (
    <span role="cell" class="number" title={boundsOf(quantity, format)}>
      {formatAbout(quantity, format)}
    </span>
  );
}

function boundsOf(quantity: Quantity, format: (value: number) => string): string {
  if (quantity.certainty !== "bounded") return "";
  const { lowest, highest } = quantity;
  if (highest === undefined) return lowest === undefined ? "" : `at least ${format(lowest)}`;
  return lowest === undefined ? `at most ${format(highest)}` : `${format(lowest)} to ${format(highest)}`;
}
