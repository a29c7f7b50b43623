import type { CarriedColumn, IntType } from '#tensor/carried.ts';

/**
 * Dictionary columns with one dictionary: their own where it is the same for all, or else all of theirs together.
 * @param concat puts columns of one type together
 */
export function concatDictionaries(
  columns: readonly CarriedColumn[],
  concat: (columns: readonly CarriedColumn[]) => CarriedColumn,
): CarriedColumn[] {
  const [{ type, dictionary: first }] = columns;
  if (type.kind !== 'dictionary' || !first) return [...columns];
  const different = columns.flatMap(({ dictionary }) => dictionary ?? []).filter(isFirstOfItsKind);
  if (different.length === 1) return columns.map((column) => withDictionary(column, first));
  const dictionary = concat(different);
  const index = indexFor(dictionary.length, type.index);
  return columns.map((column) => {
    const start = startOf(different, column.dictionary);
    const data = shiftIndexes(column, type.index, index, start);
    return withDictionary(
      {
        type: { kind: 'dictionary', index, ordered: type.ordered },
        length: column.length,
        validity: column.validity,
        data,
      },
      dictionary,
    );
  });
}

function withDictionary({ type, length, validity, data }: CarriedColumn, dictionary: CarriedColumn): CarriedColumn {
  return { type, length, validity, data, dictionary };
}

function isFirstOfItsKind(dictionary: CarriedColumn, at: number, all: readonly CarriedColumn[]): boolean {
  return all.findIndex((other) => isSame(other, dictionary)) === at;
}

function isSame(one: CarriedColumn, other: CarriedColumn): boolean {
  if (one === other) return true;
  return (
    one.length === other.length &&
    areSameBytes(one.data, other.data) &&
    areSameBytes(one.offsets, other.offsets) &&
    areSameBytes(one.validity, other.validity)
  );
}

function areSameBytes(one?: Uint8Array | Int32Array, other?: Uint8Array | Int32Array): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Buffer.compare(asBytes(one), asBytes(other)) === 0;
}

function asBytes({ buffer, byteOffset, byteLength }: Uint8Array | Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function startOf(different: readonly CarriedColumn[], dictionary?: CarriedColumn): number {
  let start = 0;
  for (const one of different) {
    if (dictionary && isSame(one, dictionary)) return start;
    start += one.length;
  }
  return start;
}

/** An index type that counts so many values: the one there is, if it does. */
function indexFor(values: number, type: IntType): IntType {
  const bits = type.bits - Number(type.signed);
  return values <= 2 ** bits ? type : { kind: 'int', bits: 32, signed: true };
}

const arrays = {
  8: [Uint8Array, Int8Array],
  16: [Uint16Array, Int16Array],
  32: [Uint32Array, Int32Array],
  64: [BigUint64Array, BigInt64Array],
} as const;

function shiftIndexes({ data, length }: CarriedColumn, from: IntType, to: IntType, start: number): Uint8Array {
  const source = new arrays[from.bits][Number(from.signed)](data.slice().buffer, 0, length);
  const target = new arrays[to.bits][Number(to.signed)](length);
  for (let row = 0; row < length; row++) {
    const index = Number(source[row]) + start;
    // What is missing may have any index.
    target[row] = target instanceof BigInt64Array || target instanceof BigUint64Array ? BigInt(index) : index;
  }
  return new Uint8Array(target.buffer);
}
