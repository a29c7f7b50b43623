import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import { Normalizer } from '#normalizers/normalizer.ts';
import { takesWeights } from '#normalizers/composition/parts.ts';
import { outputShape } from '#normalizers/composition/output-columns.ts';
import { elementCount } from '#tensor/shape.ts';
import type { SharedSource } from '#tensor/source.ts';
import { runCall } from '#engine/run-call.ts';
import type { Runner } from '#pool/task.ts';
import { rowSource } from './row-source.ts';
import type { SharedMatrix } from './steps.ts';

/** What leaves every value as it is. */
const unchanged = Normalizer.parse({ method: 'passthrough', nan_policy: 'propagate' });

/** The memory and the threads that evidence is collected with. */
export interface Room {
  run: Runner;
  /** Bytes of data that one call may hold. */
  limit: number;
}

/** Some samples as they are, in float64. */
export async function inputMatrix(source: SharedSource, rows: Uint32Array, room: Room): Promise<SharedMatrix> {
  return transformRows(await fitRows(unchanged, source, rows, undefined, room), source, rows, room);
}

/** What a normalizer learns from some samples. */
export async function fitRows(
  normalizer: CommonOptions,
  source: SharedSource,
  rows: Uint32Array,
  sampleWeight: Float64Array | undefined,
  { run, limit }: Room,
): Promise<Fitted> {
  const weights = takesWeights(normalizer) && sampleWeight;
  const call = {
    operation: 'fit',
    normalizer,
    sampleWeight: weights ? Float64Array.from(rows, (row) => weights[row]) : undefined,
    merges: false,
    statistics: false,
    include: ['fitted'],
  } as const;
  const pieces = runCall(call, { source: rowSource(source, rows), form: 'binary', inMemory: true }, 'none', run, limit);
  let step = await pieces.next();
  while (!step.done) step = await pieces.next();
  return step.value.fitted as Fitted;
}

/** What a fitted normalizer makes of some samples, in float64 that all threads see. */
export async function transformRows(
  fitted: Fitted,
  source: SharedSource,
  rows: Uint32Array,
  { run, limit }: Room,
): Promise<SharedMatrix> {
  const columns = elementCount(outputShape({ operation: 'transform', fitted }, source.shape).slice(1));
  const buffer = new SharedArrayBuffer(rows.length * columns * 8);
  const bytes = new Uint8Array(buffer);
  const call = {
    operation: 'transform',
    fitted,
    outputDtype: 'float64',
    statistics: false,
    include: ['data'],
  } as const;
  const input = { source: rowSource(source, rows), form: 'binary', inMemory: false } as const;
  let done = 0;
  for await (const piece of runCall(call, input, 'bytes', run, limit)) {
    bytes.set(piece, done);
    done += piece.byteLength;
  }
  return { buffer, rows: rows.length, columns };
}
