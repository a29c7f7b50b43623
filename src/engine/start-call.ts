import { outputNames } from '#normalizers/composition/output-columns.ts';
import { free } from '#memory/free.ts';
import type { Encoding } from '#formats/encode-block.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import { hasUnknownLength } from '#tensor/shape.ts';
import { watchesOf } from './blocks/watches.ts';
import { batchSize } from './blocks/block-batches.ts';
import type { BlockHeader } from './blocks/run-block.ts';
import type { CallState } from './call-state.ts';
import { checkBufferedBytes, checkRowBytes, reserveLearned } from './memory-checks.ts';
import { countingOf } from './monitoring/counting.ts';
import { createProfiling } from './monitoring/profiling.ts';
import { noteProcessed } from './note-processed.ts';
import { type Call, planCall, resolvedCall } from './plan-call.ts';
import { collectStatistics } from './side-statistics.ts';
import { namesToHandOver } from './tables/names-to-hand-over.ts';

/** Limits of a call: bytes of data in memory, and concurrent tasks. */
export interface Budget {
  limit: number;
  width: number;
}

/** Plans a call, and reserves what it needs. */
export function startCall(
  call: Call,
  { source, form, table, inMemory }: TensorInput,
  encoding: Encoding['as'] | 'rows',
  { limit, width }: Budget,
): CallState {
  const { dtype, shape, bigEndian } = source;
  const header: BlockHeader = { dtype, shape, bigEndian, form, names: namesToHandOver(table) };
  const work = planCall(call, header, inMemory);
  if (!hasUnknownLength(header.shape)) noteProcessed(call, header);
  const { normalization, needsTwoPasses } = work;
  const output: BlockHeader = { ...header, dtype: work.outputDtype, shape: work.outputShape, bigEndian: false };
  const inputSide =
    call.statistics && !call.described ? collectStatistics(call.statistics, header, table?.names) : undefined;
  const outputSide =
    call.statistics && work.applies
      ? collectStatistics(call.statistics, output, table && outputNames(resolvedCall(call, normalization), table.names))
      : undefined;
  const rescans = inputSide?.rescans === true || outputSide?.rescans === true;
  const keepsToTheEnd = work.rescansInput || inputSide?.buffers === true || rescans;
  const keepsInput = work.buffersInput || keepsToTheEnd;
  const keepsOutput = work.countsIndistinguishable || outputSide?.buffers === true;
  if (!inMemory) checkRowBytes(header, work.plan, limit);
  const releaseData = checkBufferedBytes(header, keepsInput && !inMemory, output, keepsOutput, limit);
  const keepsFit = call.include.includes('fitted') || needsTwoPasses;
  const sides = [inputSide, outputSide];
  const merges = (call.merges ?? true) && call.include.includes('fitted');
  const releaseLearned = reserveLearned({ normalization, keepsFit, merges, sides });

  const { countsOutOfRange } = work;
  const watching = { countsOutOfRange, findsSentinels: call.statistics !== false };
  const profiling = createProfiling(call, normalization, header.shape);
  const accumulators = [inputSide, profiling?.accumulator].filter((one) => one !== undefined);
  const outputs = {
    scans: outputSide?.scans ?? [],
    encoding: { as: encoding === 'rows' ? ('bytes' as const) : encoding, keepRaw: keepsOutput },
    dtype: work.outputDtype,
    shape: work.outputShape,
  };
  // Text is larger than its numbers, and writing it takes longer than a round trip to a thread.
  const inBatches = encoding === 'none' || encoding === 'bytes' || encoding === 'rows';
  return {
    releaseBuffer: source.releaseBuffer ?? free,
    call,
    plan: work,
    header,
    inMemory,
    names: table?.names,
    inputSide,
    outputSide,
    watches: normalization?.leaves.map((leaf) => watchesOf(leaf, watching, dtype)) ?? [],
    profiling,
    counting: call.recorder && countingOf(call.recorder),
    retainsInput: keepsInput,
    retainsInputToEnd: keepsToTheEnd,
    retainsCarried: needsTwoPasses,
    carried: new Map(),
    yieldsRows: encoding === 'rows',
    blocksPerTask: inBatches ? batchSize(work.plan, header, work.applies ? output : undefined, width) : 1,
    observations: {
      inputs: { header, blocks: [] },
      outputs: { header: output, blocks: [] },
      fits: new Map(),
      ends: new Map(),
      input: call.described,
    },
    scans: accumulators.flatMap(({ scans }) => scans),
    accumulators: accumulators.flatMap((one) => one.accumulators),
    output: work.applies ? outputs : undefined,
    keepsFit,
    groupParameters: new Map(),
    elementsSeen: 0,
    releaseMemory() {
      releaseData();
      releaseLearned();
    },
  };
}
