import type { CarriedColumn, CarriedType } from '#tensor/carried.ts';
import { columnBuffers } from './column-buffers.ts';
import type { Part } from './flatbuffer-writer.ts';
import { messageBytes } from './encode-messages.ts';
import { writeType } from './write-type.ts';

/** A column of a table that is to be written. */
export interface WrittenField {
  name: string;
  type: CarriedType;
  /** The type of the values, where `type` is `dictionary`. */
  values?: CarriedType;
  isNullable: boolean;
}

export interface ArrowTableWriter {
  /** The message that begins a stream. */
  begin(): Uint8Array;
  /**
   * Some rows as a record batch, behind the dictionaries that have changed. Parts of it are the columns' own memory.
   * @param columns one for each field, of its type
   * @throws Problem not_computable for a dictionary with more values than its indexes count
   */
  write(columns: readonly CarriedColumn[]): Uint8Array[];
}

const headerTypes = { schema: 1, dictionary: 2, batch: 3 } as const;

const alignment = 8;

/**
 * Writes a table of any columns as an Arrow stream, which `endOfStream` ends.
 *
 * Format: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
 */
export function createArrowWriter(fields: readonly WrittenField[]): ArrowTableWriter {
  /** The dictionary that each column had last. */
  const known = new Map<number, CarriedColumn>();
  return {
    begin: () => messageBytes(headerTypes.schema, { fields: [undefined, { tables: fields.map(writeField) }] }, 0),
    write(columns) {
      const parts: Uint8Array[] = [];
      columns.forEach(({ dictionary }, at) => {
        if (!dictionary || known.get(at)?.data === dictionary.data) return;
        known.set(at, dictionary);
        const batch = batchOf([dictionary], [fields[at].values ?? dictionary.type], fields[at].name);
        parts.push(messageBytes(headerTypes.dictionary, { fields: [{ int64: at }, batch.header] }, batch.length));
        parts.push(...batch.body);
      });
      const batch = batchOf(
        columns,
        fields.map(({ type }) => type),
        ...fields.map(({ name }) => name),
      );
      parts.push(messageBytes(headerTypes.batch, batch.header, batch.length), ...batch.body);
      return parts;
    },
  };
}

function writeField({ name, type, values, isNullable }: WrittenField, at: number): Part {
  const stored = type.kind === 'dictionary' ? (values ?? { kind: 'null' }) : type;
  // A dictionary of dictionaries is none that a reader gives.
  const { number, details } = writeType(stored.kind === 'dictionary' ? { kind: 'null' } : stored);
  const dictionary = type.kind === 'dictionary' ? writeEncoding(type, at) : undefined;
  return {
    fields: [{ text: name }, { int8: Number(isNullable) }, { int8: number }, details, dictionary, { tables: [] }],
  };
}

function writeEncoding({ index, ordered }: CarriedType & { kind: 'dictionary' }, id: number): Part {
  return { fields: [{ int64: id }, writeType(index).details, { int8: Number(ordered) }] };
}

/** The header of a record batch, and the parts of its body. */
function batchOf(columns: readonly CarriedColumn[], types: readonly CarriedType[], ...names: string[]) {
  const nodes: number[] = [];
  const places: number[] = [];
  const body: Uint8Array[] = [];
  const variadicCounts: number[] = [];
  let length = 0;
  columns.forEach((column, at) => {
    const { nulls, buffers, variadicCount } = columnBuffers(column, types[at], names[at]);
    nodes.push(column.length, nulls);
    if (variadicCount !== undefined) variadicCounts.push(variadicCount);
    for (const buffer of buffers) {
      places.push(length, buffer.length);
      const padding = (alignment - (buffer.length % alignment)) % alignment;
      if (buffer.length > 0) body.push(buffer);
      if (padding > 0) body.push(new Uint8Array(padding));
      length += buffer.length + padding;
    }
  });
  const counts = variadicCounts.length > 0 ? { structs: variadicCounts, words: 1 } : undefined;
  const fields = [{ int64: columns[0].length }, { structs: nodes, words: 2 }, { structs: places, words: 2 }];
  return { header: { fields: [...fields, undefined, counts] } satisfies Part, length, body };
}
