// Call sites: what each holds at the end of the range and what it did within, as a table.
import { useState } from "preact/hooks";
import { formatAbout, formatBytes, formatCount, formatNumberOf, formatTime } from "../../base/format.ts";
import { likely, type Quantity } from "../../base/quantity.ts";
import { placeQuery } from "../../report/show-me.ts";
import type { SiteTableRow } from "../../report/site-rows.ts";
import type { SiteRowOrder } from "../../report/row-orders.ts";
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
  const [descending, setDescending] = useState(order !== "where");
  const [stretch, setStretch] = useState<Stretch>({ offset: 0, count: 60 });
  const question = { kind: "sites", window: range.value, filter, order, descending } as const;
  const { answer: sites, failure } = useAnswer("sites", { ...question, ...stretch }, { every: 800 });
  const save = async (): Promise<void> => {
    const all = await engine.ask("sites-csv", { ...question, offset: 0, count: 1_000_000 });
    if (all.answer === undefined) return;
    const { rows } = all.answer;
    const keys = [
      "where",
      "liveBytes",
      "liveBlocks",
      "peakBytes",
      "allocations",
      "allocatedBytes",
      "frees",
      "temporary",
    ] as const;
    const cell = (value: string | Quantity): string | number => (typeof value === "string" ? value : likely(value));
    download(csv([keys, ...rows.map((row) => keys.map((key) => cell(row[key])))]), "sites.csv");
  };
  return (
    <>
      <div class="bar">
        <span>
          {sites === undefined ? "Counting…" : <strong>{formatNumberOf(sites.total, "call site")}</strong>} with
          activity in the range{filter !== "" && " that match the filter"}
        </span>
        <button type="button" class="button right" onClick={() => void save()}>
          Save as CSV
        </button>
      </div>
      {failure !== undefined ? (
        <p class="empty error">{failure.message}</p>
      ) : (
        <div class="table" role="table" aria-label="Call sites" aria-rowcount={sites?.total ?? 0}>
          <SortHead<SiteRowOrder>
            columns={[
              { key: "where", title: "call site" },
              { key: "liveBytes", title: "live", number: true },
              { key: "liveBlocks", title: "blocks", number: true },
              { key: "peakBytes", title: "peak", number: true },
              { key: "allocations", title: "calls", number: true },
              { key: "allocatedBytes", title: "allocated", number: true },
              { key: "temporary", title: "temporary", number: true },
              { key: "oldest", title: "oldest", number: true },
              { key: undefined, title: "" },
            ]}
            order={order}
            descending={descending}
            template={TEMPLATE}
            onSort={(key) => {
              setDescending(key === order ? !descending : key !== "where");
              store.look({ siteOrder: key }, false);
            }}
          />
          <Rows total={sites?.total ?? 0} label="Call sites" onStretch={setStretch}>
            {(row) => {
              const site = sites?.rows[row - sites.offset];
              return site === undefined ? <div class="table-row muted">…</div> : <SiteRow site={site} />;
            }}
          </Rows>
        </div>
      )}
    </>
  );
}

function SiteRow({ site }: { site: SiteTableRow }) {
  const store = useStore();
  return (
    <div class="table-row" role="row" style={{ gridTemplateColumns: TEMPLATE }}>
      <span role="cell" class="cut">
        <Source text={site.where} file={site.file} line={site.line} />
      </span>
      <Number of={site.liveBytes} format={formatBytes} />
      <Number of={site.liveBlocks} format={formatCount} />
      <Number of={site.peakBytes} format={formatBytes} />
      <Number of={site.allocations} format={formatCount} />
      <Number of={site.allocatedBytes} format={formatBytes} />
      <Number of={site.temporary} format={formatCount} />
      <span role="cell" class="number">
        {likely(site.liveBlocks) === 0 ? "" : formatTime(site.oldest)}
      </span>
      <span role="cell" class="number">
        <button
          type="button"
          title={`Only ${site.where}`}
          aria-label={`Only ${site.where}`}
          onClick={() => store.look({ filter: placeQuery(site.where) })}
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
