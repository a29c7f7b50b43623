import { isUtf8 } from 'node:buffer';
import { Problem, type ProblemCode } from '#errors.ts';
import type { ColumnPlan } from '#tables/column-plan.ts';
import type { TableColumn } from '#tables/schema.ts';
import { createRowSink, type TableRows } from '#formats/json/table/json-columns.ts';
import { recordColumnsOf, maxTypedRecords, readRecord, typeRecords } from '#formats/json/table/read-records.ts';
import { notJson, skipBlanks } from '#formats/json/table/scan.ts';

// NDJSON: a record on each line, https://github.com/ndjson/ndjson-spec

/** Lines of NDJSON as the rows of a table. */
export interface RecordLines extends TableRows {
  /** Lines that were read, blank ones too. */
  lines: number;
  /** Where reading stopped before the end. */
  fault?: LineFault;
}

/** Why a line is not a record of the table. */
export interface LineFault {
  code: ProblemCode;
  detail: string;
  /** The rest of the JSON pointer, behind the row: `/age`, or nothing. */
  pointer: string;
}

const [newline] = Buffer.from('\n');

/** The columns of a table, and what they hold, from its first lines. */
export function typeRecordLines(bytes: Uint8Array): TableColumn[] {
  checkUtf8(bytes);
  return typeRecords((take) => {
    let records = 0;
    visitLines(bytes, (at, end) => records++ < maxTypedRecords && take(bytes, at) <= end);
  }, '/data').schema;
}

/**
 * Reads whole lines, up to the first fault.
 * @param schema what the first lines say of the columns
 */
export function parseRecordLines(
  bytes: Uint8Array,
  schema: readonly TableColumn[],
  plan: Pick<ColumnPlan, 'numbers' | 'carried'>,
): RecordLines {
  const columns = recordColumnsOf(schema.map(({ name }) => name));
  const sink = createRowSink(schema, plan, (_, column) => `/${escapePointer(schema[column].name)}`);
  const beside = { mayAdd: false, pointer: () => '' };
  let [rows, lines] = [0, 0];
  try {
    checkUtf8(bytes);
    lines = visitLines(bytes, (at, end, line) => {
      lines = line;
      const behind = skipBlanks(bytes, readRecord(bytes, at, rows, columns, sink, beside));
      if (behind < end) throw notJson(bytes, behind, 'a line is one record');
      rows++;
      return true;
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { code, message: detail, errors } = error;
    return { ...sink.build(rows), lines, fault: { code, detail, pointer: errors[0]?.pointer ?? '' } };
  }
  return { ...sink.build(rows), lines };
}

function checkUtf8(bytes: Uint8Array): void {
  if (!isUtf8(bytes)) throw new Problem('invalid_json', 'The lines are not JSON: they are not UTF-8.');
}

/**
 * Hands over where each line begins and ends that is not blank.
 * @param visit returns whether to go on
 * @returns how many lines there are, blank ones too
 */
function visitLines(bytes: Uint8Array, visit: (at: number, end: number, line: number) => boolean): number {
  let lines = 0;
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(newline, from);
    const end = found < 0 ? bytes.length : found;
    const at = skipBlanks(bytes, from);
    lines++;
    if (at < end && !visit(at, end, lines)) return lines;
    from = end + 1;
  }
  return lines;
}

function escapePointer(name: string): string {
  return name.slice(0, 80).replaceAll('~', '~0').replaceAll('/', '~1');
}
