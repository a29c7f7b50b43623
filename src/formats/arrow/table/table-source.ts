import { mapInOrder } from '#pool/map-in-order.ts';
import type { ColumnPlan } from '#tables/column-plan.ts';
import { columnKind, numericDtype, tensorDtype } from '#tables/field.ts';
import type { GradualReservation } from '#memory/reservation.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import type { ArrayDtype } from '#tensor/dtype.ts';
import type { ReadContext } from '#formats/reader.ts';
import type { TablePiece, TableSource } from '#formats/table-source.ts';
import { emptyColumn } from '../batch-columns.ts';
import { bytesToDecode } from './bytes-to-decode.ts';
import { createArrowDecoder } from '../decode.ts';
import type { DecodeBatch } from './decode-batch.task.ts';
import { decodeBatch } from './decode-batch.ts';
import type { ArrowMessage } from '../decode-message.ts';
import type { ArrowTableSchema } from '../table-schema.ts';

type Plan = Pick<ColumnPlan, 'numbers' | 'carried'>;

/** The table in an Arrow stream or file. */
export function tableOf(
  schema: ArrowTableSchema,
  messages: () => AsyncIterable<ArrowMessage>,
  reading: Pick<ReadContext, 'pool' | 'limit'>,
): TableSource {
  const { fields } = schema;
  return {
    schema: fields.map((field) => ({ name: field.name, kind: columnKind(field), isIndex: field.isIndex })),
    form: 'file',
    warnings: [],
    inMemory: false,
    dtypeOf: (numbers) => tensorDtype(numbers.map((at) => fields[at])),
    carriedType(at) {
      const { type, values, isNullable } = fields[at];
      return { type, values, isNullable };
    },
    read(plan) {
      const dtype = tensorDtype(plan.numbers.map((at) => fields[at]));
      return readPieces(schema, messages(), plan, dtype, reading);
    },
  };
}

/** Bytes of batches that are decoded side by side; a longer one is decoded alone. */
const maxBytesUnderWay = 2 ** 22;

/** A batch that is decoded, with the dictionaries as they are for it. */
interface Pending {
  job: DecodeBatch;
  known: Map<number, CarriedColumn>;
  memory: GradualReservation;
}

/** Rows that follow each other. */
async function* readPieces(
  schema: ArrowTableSchema,
  messages: AsyncIterable<ArrowMessage>,
  plan: Plan,
  dtype: ArrayDtype,
  { pool: { run }, limit }: Pick<ReadContext, 'pool' | 'limit'>,
): AsyncGenerator<TablePiece, void> {
  const dictionaries = new Map<number, CarriedColumn>();
  const decoder = createArrowDecoder(schema, limit, { dictionaries });
  const isNumeric = (id: number) => schema.fields.some((field) => field.dictionaryId === id && numericDtype(field));
  let underWay = 0;
  let wake: (() => void) | undefined;

  async function* jobs(): AsyncGenerator<Pending, void> {
    for await (const { message, body, memory } of messages) {
      memory.grow(bytesToDecode(message, body, limit));
      if (message.kind === 'dictionary') {
        decoder.addDictionary(message, body);
        continue;
      }
      while (underWay > 0 && underWay + body.length > maxBytesUnderWay)
        await new Promise<void>((resolve) => (wake = resolve));
      underWay += body.length;
      const known = new Map(dictionaries);
      const sent = new Map([...known].map(([id, values]) => [id, isNumeric(id) ? values : withoutValues(values)]));
      yield {
        job: { schema, metadata: message.metadata, body, limit, dictionaries: sent, plan, dtype },
        known,
        memory,
      };
    }
  }

  const decoded = mapInOrder(jobs(), run.width, async ({ job, known, memory }) => {
    const bytes = job.body.length;
    const { pieces } = await decodeBatch(job, run);
    return { pieces, known, memory, bytes };
  });
  for await (const { pieces, known, memory, bytes } of decoded) {
    for (const piece of pieces) yield { ...piece, carried: withDictionaries(schema, plan, piece.carried, known) };
    memory.release();
    underWay -= bytes;
    wake?.();
  }
}

function withoutValues({ type, length }: CarriedColumn): CarriedColumn {
  return { type, length, data: new Uint8Array(0) };
}

function withDictionaries(
  { fields }: ArrowTableSchema,
  { carried }: Plan,
  columns: readonly CarriedColumn[],
  known: ReadonlyMap<number, CarriedColumn>,
): CarriedColumn[] {
  return columns.map((column, at) => {
    const { dictionaryId, values = { kind: 'null' } } = fields[carried[at]];
    if (dictionaryId === undefined) return column;
    return { ...column, dictionary: known.get(dictionaryId) ?? emptyColumn(values) };
  });
}
