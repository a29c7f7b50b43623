/** A table in each form that a request may bring it in, for the tests that say: it is the same table. */
export interface TestTable {
  /** The columns in some order, with their values: numbers, booleans, texts, or null. */
  columns: [name: string, values: (number | boolean | string | null)[]][];
}

export interface TableForm {
  name: string;
  type: string;
  body(table: TestTable): Buffer;
  /** The table of an answer in the same form; numbers and texts as they are read there. */
  read(body: Uint8Array | Record<string, unknown>): Record<string, unknown[]>;
}

function rowsOf({ columns }: TestTable): unknown[][] {
  const [[, first]] = columns;
  return first.map((_, row) => columns.map(([, values]) => values[row]));
}

function recordsOf(table: TestTable): object[] {
  const names = table.columns.map(([name]) => name);
  return rowsOf(table).map((row) => Object.fromEntries(row.map((value, at) => [names[at], value])));
}

function columnsOf(records: Record<string, unknown>[]): Record<string, unknown[]> {
  const names = Object.keys(records[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, records.map((record) => record[name])]));
}

function csvCell(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : JSON.stringify(value);
}

/** The cells of a CSV; one without quotes that is a number is one, and an empty one is missing. */
function csvCells(text: string): unknown[][] {
  const cell = /("(?:[^"]|"")*"|[^,\n]*)([,\n])/gy;
  const rows: unknown[][] = [[]];
  for (const [, content, end] of text.matchAll(cell)) {
    rows[rows.length - 1].push(csvValue(content));
    if (end === '\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

function csvValue(content: string): unknown {
  if (content.startsWith('"')) return content.slice(1, -1).replaceAll('""', '"');
  if (content === '' || content === 'nan') return null;
  return Number.isNaN(Number(content)) ? content : Number(content);
}

const inJson = (members: object) => Buffer.from(JSON.stringify(members));
const dataOf = (body: Uint8Array | Record<string, unknown>) => (body as { data: never }).data;

export const tableForms: TableForm[] = [
  {
    name: 'CSV',
    type: 'text/csv',
    body: (table) =>
      Buffer.from(
        `${[table.columns.map(([name]) => `"${name}"`), ...rowsOf(table).map((row) => row.map(csvCell))].join('\n')}\n`,
      ),
    read(body) {
      const [names, ...rows] = csvCells(Buffer.from(body as Uint8Array).toString());
      return Object.fromEntries(names.map((name, at) => [String(name), rows.map((row) => row[at])]));
    },
  },
  {
    name: 'records',
    type: 'application/json',
    body: (table) => inJson({ data: recordsOf(table) }),
    read: (body) => columnsOf(dataOf(body)),
  },
  {
    name: 'split',
    type: 'application/json',
    body: (table) => inJson({ data: { columns: table.columns.map(([name]) => name), data: rowsOf(table) } }),
    read(body) {
      const { columns, data } = dataOf(body) as { columns: string[]; data: unknown[][] };
      return Object.fromEntries(columns.map((name, at) => [name, data.map((row) => row[at])]));
    },
  },
  {
    name: "MLflow's split",
    type: 'application/json',
    body: (table) => inJson({ dataframe_split: { columns: table.columns.map(([name]) => name), data: rowsOf(table) } }),
    read(body) {
      const { columns, data } = dataOf(body) as { columns: string[]; data: unknown[][] };
      return Object.fromEntries(columns.map((name, at) => [name, data.map((row) => row[at])]));
    },
  },
  {
    name: 'NDJSON',
    type: 'application/x-ndjson',
    body: (table) =>
      Buffer.from(
        recordsOf(table)
          .map((record) => `${JSON.stringify(record)}\n`)
          .join(''),
      ),
    read(body) {
      const lines = Buffer.from(body as Uint8Array)
        .toString()
        .trimEnd()
        .split('\n');
      return columnsOf(lines.map((line) => JSON.parse(line) as Record<string, unknown>));
    },
  },
];
