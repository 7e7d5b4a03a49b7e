// One table as Parquet, for DuckDB, pandas, Polars and ClickHouse. Rows are written in groups, so that no table is ever in memory as a whole.
import { caveats, type ByteSink, type Exporter } from "./export.ts";
import { tables, type Cell, type ColumnType } from "./tables.ts";

/** A group of rows is what is held in memory. */
const GROUP_ROWS = 20_000;

// eslint-disable-next-line no-restricted-syntax -- the library's word for no value
type Data = (bigint | number | string | boolean | null)[];

const types = {
  integer: { type: "INT64" },
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  flag: { type: "BOOLEAN" },
} as const satisfies Record<ColumnType, object>;

export const parquet: Exporter = {
  format: "parquet",
  title: "one table (--table) for DuckDB, pandas, Polars, ClickHouse",
  extension: ".parquet",
  tellsFigures: true,
  isBinary: true,
  takes: "table",
  async write(question, sink) {
    const { ByteWriter, ParquetWriter } = await import("hyparquet-writer");
    const table = tables[question.table];
    const { columns } = table;
    const writer = flushing(new ByteWriter(), sink);
    const remarks = await caveats(question);
    const file = new ParquetWriter({
      writer,
      schema: [
        { name: "root", num_children: columns.length },
        ...columns.map(({ name, type }) => ({ name, ...types[type], repetition_type: "OPTIONAL" as const })),
      ],
      kvMetadata: [
        { key: "memmap.table", value: question.table },
        { key: "memmap.notes", value: JSON.stringify(remarks) },
      ],
      createdBy: "memmap",
    });
    let held: Data[] = columns.map(() => []);
    const flush = (): void => {
      if (held[0]?.length === 0) return;
      const columnData = columns.map(({ name }, index) => ({ name, data: held[index] ?? [] }));
      void file.write({ columnData, rowGroupSize: GROUP_ROWS }); // waits for nothing: the sink does not
      held = columns.map(() => []);
    };
    await table.rows(question, (row) => {
      row.forEach((cell, index) => held[index]?.push(valueOf(cell, columns[index]?.type)));
      if (held[0]?.length === GROUP_ROWS) flush();
    });
    flush();
    await file.finish();
    writer.flush();
  },
};

function valueOf(cell: Cell, type: ColumnType | undefined): Data[number] {
  if (cell === undefined) return null; // Parquet's word for it
  return type === "integer" && typeof cell === "number" ? BigInt(Math.round(cell)) : cell;
}

interface Buffered {
  buffer: ArrayBuffer;
  index: number;
}

/** Hands on what the library has buffered after each group of rows. */
function flushing<T extends Buffered>(writer: T, sink: ByteSink): T & { flush(): void } {
  return Object.assign(writer, {
    flush() {
      if (writer.index > 0) sink.write(new Uint8Array(writer.buffer.slice(0, writer.index)));
      writer.index = 0;
    },
  });
}
