import { Problem, problemAt } from '#errors.ts';
import { quoteName } from '#nearest-name.ts';
import type { ByteReader } from '#formats/stream/byte-reader.ts';
import { tooLarge } from '#formats/stream/byte-reader.ts';
import { reservationNow } from '#memory/reservation.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import { textDatatype } from '../datatypes.ts';
import type { DecodedInput } from '../parse-request.task.ts';
import { binaryTensor, bytesAfter, type InferenceBody, inputName } from '../request.ts';
import { columnOfBytes, columnOfTensor, describeColumn, type InputColumn } from './input-column.ts';

/** Whether the inputs of a request are the columns of a table, and not one tensor. */
export function areColumns({ inputs }: InferenceBody, { input }: Pick<Fitted, 'input'>): boolean {
  const { columns } = input;
  const areColumnShapes = inputs.every(({ shape }) => shape.length === 1 || (shape.length === 2 && shape[1] === 1));
  if (inputs.length > 1) return columns !== undefined || (areColumnShapes && input.shape.length === 2);
  const [{ name }] = inputs;
  return columns !== undefined && areColumnShapes && (name !== inputName || columns.includes(name));
}

/**
 * Reads the columns of a request, of which some may follow its JSON as bytes.
 * @param inputs what each has in the JSON
 * @param follows bytes after the JSON, NaN if not declared
 * @throws Problem for what is wrong with one of them
 */
export async function readColumns(
  reader: ByteReader,
  { inputs: heads }: InferenceBody,
  inputs: readonly DecodedInput[],
  { follows, limit }: { follows: number; limit: number },
): Promise<{ columns: InputColumn[]; rows: number }> {
  const described = heads.map((head, at) => describeColumn(head, `/inputs/${at}`));
  const sizes = heads.map((head, at) => bytesAfter(head, inputs[at].hasData, `/inputs/${at}`));
  const total = sizes.reduce<number>((sum, size = 0) => sum + size, 0);
  if (!Number.isNaN(follows) && follows !== total) {
    const detail = `The inputs' binary_data_size are ${total} bytes in all, but ${follows} bytes follow the JSON.`;
    throw new Problem('broken_body', detail);
  }
  if (total > limit) throw tooLarge(limit);
  reservationNow()?.takeBody(total);
  const [{ rows }] = described;
  const columns: InputColumn[] = [];
  for (const [at, { rows: own, ...column }] of described.entries()) {
    const pointer = `/inputs/${at}`;
    if (own !== rows) {
      const detail = `The column ${quoteName(column.name)} has ${own} rows, and ${quoteName(described[0].name)} has ${rows}.`;
      throw problemAt('shape_mismatch', `${pointer}/shape`, detail);
    }
    columns.push({ ...column, column: await readColumn(at, pointer) });
  }
  return { columns, rows };

  async function readColumn(at: number, pointer: string): Promise<CarriedColumn> {
    const { datatype, shape } = heads[at];
    const { data, text } = inputs[at];
    const size = sizes[at];
    if (size === undefined) {
      if (text) return checkLength(text, pointer);
      if (!data) throw noList(pointer);
      return columnOfTensor(data.tensor);
    }
    const tensor = datatype === textDatatype ? undefined : binaryTensor(datatype, shape, size, pointer);
    const bytes = await reader.take(size);
    if (bytes.length < size) {
      throw new Problem('broken_body', `The body ends in the bytes of ${quoteName(heads[at].name)}.`);
    }
    return tensor ? columnOfTensor({ ...tensor, buffer: bytes.buffer }) : columnOfBytes(bytes, rows, pointer);
  }

  function checkLength(text: CarriedColumn, pointer: string): CarriedColumn {
    if (text.length === rows) return text;
    throw problemAt('invalid_data', `${pointer}/data`, `There are ${text.length} elements, but the shape has ${rows}.`);
  }
}

/** The problem with data of an input that are no list. */
export function noList(pointer: string): Problem {
  return problemAt('invalid_request', `${pointer}/data`, 'Expected a list of numbers, or nested lists of numbers.');
}
