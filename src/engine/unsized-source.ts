import { Problem } from '#errors.ts';
import { reserveMemory } from '#memory/reservation.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { planBlocks } from '#tensor/blocks.ts';
import { itemSize } from '#tensor/dtype.ts';
import { rechunk } from '#tensor/rechunk.ts';
import { elementCount, hasUnknownLength } from '#tensor/shape.ts';
import { carriedBytes } from '#tensor/carried.ts';
import { rechunkRows, type RowPiece } from '#tables/table-blocks.ts';
import type { Source } from '#tensor/source.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { Call } from './plan-call.ts';
import { planCall } from './plan-call.ts';

/**
 * Data with a known number of samples, if the call needs it: data of unknown length are then read to the end and
 * buffered.
 * @param needsCount whether the response cannot start before the number is known
 * @throws Problem body_too_large if the data are over the limit
 */
export async function withSampleCount<Data extends { source: Source }>(
  call: Call,
  data: Data,
  limit: number,
  needsCount = false,
): Promise<Data> {
  if (!hasUnknownLength(data.source.shape) || (!needsCount && canStream(call, data.source))) return data;
  return { ...data, source: await bufferSource(data.source, limit) };
}

/** Fills in the number of samples of a shape of unknown length, given its number of elements. */
export function resolveShape(shape: readonly number[], count: number): number[] {
  const sample = shape.slice(1);
  return hasUnknownLength(shape) ? [count / elementCount(sample), ...sample] : [...shape];
}

/**
 * Whether a call can run on data of unknown length: it scans each value once and keeps nothing per sample.
 * @throws Problem for what does not fit the data whatever their number of samples
 */
function canStream(call: Call, header: TensorHeader): boolean {
  const { statistics, sampleWeight } = call;
  if (statistics) {
    const holds = statistics.quantiles !== undefined || (statistics.histogram && !statistics.histogram.range);
    if (holds || !reducedAxes(statistics.axis, header.shape.length, '/statistics/axis')[0]) return false;
  }
  if (sampleWeight || call.groups) return false;
  const { normalization, buffersInput, countsIndistinguishable } = planCall(call, header, false);
  if (!normalization) return true;
  const keepsFit = call.include.includes('fitted');
  const streams = normalization.leaves.every(
    ({ scope, fits, local }) => scope === 'dataset' || (fits && local && !keepsFit),
  );
  return !buffersInput && !countsIndistinguishable && streams;
}

/**
 * Reads data of unknown length to the end and buffers them, so that their number of samples is known.
 * @throws Problem body_too_large if they are over the limit
 */
export async function bufferSource(source: Source, limit: number): Promise<Source> {
  const { dtype, shape, bigEndian } = source;
  const width = itemSize(dtype);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const rows: RowPiece[] = [];
  let count = 0;
  let beside = 0;
  for await (const block of source.blocks(planBlocks(shape, false))) {
    const { carried } = block;
    count += block.count;
    const besideBlock = carried?.reduce((sum, column) => sum + carriedBytes(column), 0) ?? 0;
    beside += besideBlock;
    if (count * width + beside > limit) throw tooManySamples(limit);
    reserveMemory(block.count * width + besideBlock, 'The data');
    const buffer = block.buffer as ArrayBuffer;
    if (carried) rows.push({ elements: buffer, rows: block.count / shape[1], carried });
    else pieces.push(new Uint8Array(buffer, 0, block.count * width));
  }
  return {
    dtype,
    shape: resolveShape(shape, count),
    bigEndian,
    blocks: (plan) =>
      rows.length > 0
        ? rechunkRows(readBuffered(rows), plan, shape[1] * width, shape[1])
        : rechunk(readBuffered(pieces), plan, width),
  };
}

function* readBuffered<Item>(items: Item[]): Generator<Item, void> {
  for (let item = items.shift(); item !== undefined; item = items.shift()) yield item;
}

function tooManySamples(limit: number): Problem {
  return new Problem(
    'body_too_large',
    `This call needs the number of rows, or all rows in memory, and one request may hold ${limit} bytes (NORMA_BODY_LIMIT). Transforming with a fitted normalizer streams to JSON, CSV and Arrow.`,
  );
}
