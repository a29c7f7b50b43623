import { isUtf8 } from 'node:buffer';
import { Problem, problemAt } from '#errors.ts';
import type { ColumnPlan } from '#tables/column-plan.ts';
import { carriedFromTexts } from '#tensor/carried.ts';
import type { TableColumn } from '#tables/schema.ts';
import { type ColumnSink, createKindSink, createRowSink, type TableRows } from './json-columns.ts';
import { membersOf } from './members.ts';
import { fromFirstRow, maxTypedRecords, readRecord, typeRecords } from './read-records.ts';
import { closeBracket, comma, endOfValue, openBracket, parseRange, skipBlanks, skipOver } from './scan.ts';

/** How a table stands in JSON. */
export type TableForm = 'split' | 'records';

/** A table in JSON text, whose columns are known and whose rows are still to be read. */
export interface JsonTable {
  form: TableForm;
  schema: TableColumn[];
  /** The member `index`, as it was written. */
  index?: string;
  /**
   * @throws Problem invalid_data, not_exact, ragged_rows, unknown_columns, duplicate_columns, with the pointer of the cell or row;
   *   invalid_json
   */
  read(plan: Pick<ColumnPlan, 'numbers' | 'carried'>): TableRows;
}

/**
 * Reads the columns of the table that begins at a byte of JSON text.
 * @param pointer the JSON pointer of the table
 */
export function openJsonTable(bytes: Uint8Array, start: number, pointer: string): JsonTable {
  if (!isUtf8(bytes)) throw new Problem('invalid_json', 'The body is not JSON: it is not UTF-8.');
  return bytes[start] === openBracket ? openRecords(bytes, start, pointer) : openSplit(bytes, start, pointer);
}

function openRecords(bytes: Uint8Array, start: number, pointer: string): JsonTable {
  const { schema, columns: found } = typeRecords((take) => visitItems(bytes, start, take, maxTypedRecords), pointer);
  if (schema.length === 0)
    throw problemAt('empty', `${pointer}/0`, 'The records have no keys, and so the table has no columns.');
  return {
    form: 'records',
    schema,
    read(plan) {
      const columns = fromFirstRow(found);
      const sink = createRowSink(schema, plan, (row, column) => `${pointer}/${row}/${escaped(schema[column].name)}`);
      let rows = 0;
      visitItems(bytes, start, (_, at) => {
        const row = rows++;
        return readRecord(bytes, at, row, columns, sink, { mayAdd: false, pointer: () => `${pointer}/${row}` });
      });
      return sink.build(rows);
    },
  };
}

const splitMembers = ['columns', 'index', 'data'];

function openSplit(bytes: Uint8Array, start: number, pointer: string): JsonTable {
  const members = membersOf(bytes, start);
  const other = [...members.keys()].find((name) => !splitMembers.includes(name));
  if (other !== undefined) {
    const detail = `A table has columns, data and, if it likes, index; ${JSON.stringify(other.slice(0, 40))} is none of them.`;
    throw problemAt('invalid_request', pointer, detail);
  }
  const [data, index] = [members.get('data') ?? start, members.get('index')];
  const names = namesIn(bytes, members.get('columns') ?? start, `${pointer}/columns`);
  if (bytes[data] !== openBracket) throw problemAt('invalid_data', `${pointer}/data`, 'The rows are a list of lists.');
  const kinds = createKindSink();
  const readRows = (sink: ColumnSink, max?: number): number => {
    let rows = 0;
    visitItems(bytes, data, (_, at) => readRow(bytes, at, rows++, names.length, sink, `${pointer}/data`), max);
    return rows;
  };
  readRows(kinds, maxTypedRecords);
  const columns = names.map((name, column): TableColumn => ({ name, ...kinds.columnAt(column) }));
  const schema: TableColumn[] =
    index === undefined ? columns : [{ name: '', kind: 'other', isIndex: true }, ...columns];
  const shift = schema.length - columns.length;
  return {
    form: 'split',
    schema,
    index: index === undefined ? undefined : textBetween(bytes, index, endOfValue(bytes, index)),
    read({ numbers, carried }) {
      const plan = { numbers: numbers.map((at) => at - shift), carried: carried.map((at) => at - shift) };
      const hasIndex = shift > 0 && plan.carried[0] === -1;
      if (hasIndex) plan.carried.shift();
      const sink = createRowSink(columns, plan, (row, column) => `${pointer}/data/${row}/${column}`);
      const rows = readRows(sink);
      const read = sink.build(rows);
      if (hasIndex) read.carried.unshift(indexIn(bytes, index ?? start, rows, `${pointer}/index`));
      return read;
    },
  };
}

function textBetween(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
}

function namesIn(bytes: Uint8Array, start: number, pointer: string): string[] {
  const names = parseRange(bytes, start, endOfValue(bytes, start));
  const isName = (name: unknown) => typeof name === 'string' || typeof name === 'number';
  if (Array.isArray(names) && names.every(isName)) return names.map(String);
  throw problemAt('invalid_data', pointer, 'The names of the columns are a list of strings.');
}

function indexIn(bytes: Uint8Array, start: number, rows: number, pointer: string) {
  const texts: string[] = [];
  if (bytes[start] !== openBracket) throw problemAt('invalid_data', pointer, 'The index is a list.');
  visitItems(bytes, start, (_, at) => {
    const end = endOfValue(bytes, at);
    parseRange(bytes, at, end);
    texts.push(textBetween(bytes, at, end));
    return end;
  });
  if (texts.length === rows) return carriedFromTexts(texts, { kind: 'json' });
  throw problemAt('ragged_rows', pointer, `The index has ${texts.length} values for ${rows} rows.`);
}

/** Reads the row that begins at a byte, and returns the byte behind it. */
function readRow(
  bytes: Uint8Array,
  start: number,
  row: number,
  width: number,
  sink: ColumnSink,
  pointer: string,
): number {
  if (bytes[start] !== openBracket) throw problemAt('invalid_data', `${pointer}/${row}`, 'A row is a list.');
  let column = 0;
  const end = visitItems(bytes, start, (_, at) =>
    column++ < width ? sink.take(bytes, at, column - 1, row) : endOfValue(bytes, at),
  );
  if (column === width) return end;
  throw problemAt('ragged_rows', `${pointer}/${row}`, `This row has ${column} values, and the table ${width} columns.`);
}

/**
 * Hands over the items of a list, the first `max` of them; a visit returns the byte behind its item.
 * @returns the byte behind the list, or behind those items
 */
function visitItems(
  bytes: Uint8Array,
  start: number,
  visit: (bytes: Uint8Array, at: number) => number,
  max = Infinity,
): number {
  let at = skipBlanks(bytes, start + 1);
  for (let items = 0; bytes[at] !== closeBracket; items++) {
    if (items === max) return at;
    if (items > 0) at = skipOver(bytes, at, comma);
    at = skipBlanks(bytes, visit(bytes, at));
  }
  return at + 1;
}

function escaped(name: string): string {
  return name.slice(0, 80).replaceAll('~', '~0').replaceAll('/', '~1');
}
