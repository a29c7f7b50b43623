import { type Fit, concatFits } from '#normalizers/fit.ts';
import { addMisfits } from '#normalizers/misfits.ts';
import { free } from '#memory/free.ts';
import { reserveMemory } from '#memory/reservation.ts';
import { hasUnknownLength } from '#tensor/shape.ts';
import type { Block } from '#tensor/source.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { Encoding } from '#formats/encode-block.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import { type BlockPass, endsScan, fitScan, rangeScan, createTransformPass } from './blocks/block-passes.ts';
import { fitTask } from './fits/fit.task.ts';
import { batchSize } from './blocks/block-batches.ts';
import type { BlockHeader } from './blocks/run-block.ts';
import { bytesPerListedSlice, checkRowBytes, checkBufferedBytes, reserveLearned } from './memory-checks.ts';
import { runTask, type Effects, scanBlocks, type Pass } from './effects.ts';
import { collectWarnings } from './collect-warnings.ts';
import { resolveShape } from './unsized-source.ts';
import { nameColumns, namesOfSlices } from './tables/name-columns.ts';
import type { CallState } from './call-state.ts';
import { attachCarried } from './tables/attach-carried.ts';
import { namesToHandOver } from './tables/names-to-hand-over.ts';
import { noteProcessed } from './note-processed.ts';
import { noteWarnings } from '#telemetry/note-warnings.ts';
import { addCounts, countedOutside, countingOf } from './monitoring/counting.ts';
import { createProfiling, finishProfile } from './monitoring/profiling.ts';
import { rescanInputs, rescanOutputs } from './blocks/rescan.ts';
import { toFitted } from './observations.ts';
import { collectStatistics, completeStatistics } from './side-statistics.ts';
import type { AnswerSummary } from '#formats/summary.task.ts';
import { addStates, runInSequence, mergePending, type ScanAccumulator, accumulatorFor } from './blocks/accumulators.ts';
import { type Call, type NormalizationPlan, planCall } from './plan-call.ts';

/** Limits of a call: bytes of data in memory, and concurrent tasks. */
interface Budget {
  limit: number;
  width: number;
}

/**
 * The I/O-free core of a call: it yields effects, and the caller decides whether they run on the pool or inline. The
 * row count must be known if the call needs it. Its steps are top-level generators because a generator closure costs V8
 * a hidden class, more than a small call itself.
 */
export function* callEffects(
  call: Call,
  input: TensorInput,
  encoding: Encoding['as'] | 'rows',
  budget: Budget,
): Effects<AnswerSummary> {
  const { source } = input;
  const state = startCall(call, input, encoding, budget);
  const { header, plan: work, observations, fitting, profiling, apply, scans, accumulators } = state;
  const { normalization, needsTwoPasses } = work;
  const firstPass = (block: Block): BlockPass => ({
    scans: block.offset === 0 && work.scansForSentinels && normalization ? [...scans, endsScan(normalization)] : scans,
    picking: profiling?.pickingAt(block.offset),
    counting: state.counting,
    apply: needsTwoPasses ? undefined : apply?.(block, state.parameters),
  });
  yield* runPass(state, source.blocks(work.plan), firstPass, state.retainsInput);
  yield* mergePending(accumulators);
  if (profiling) observations.profile = yield* finishProfile(profiling);
  if (fitting && normalization) yield* fitFromStates(state, fitting, normalization);
  if (needsTwoPasses) {
    state.parameters = observations.fit?.parameters;
    const secondPass = (block: Block): BlockPass => ({ scans: [], apply: apply?.(block, state.parameters) });
    state.retainsCarried = false;
    yield* runPass(
      state,
      attachCarried(observations.inputs.blocks.splice(0), state.carried),
      secondPass,
      state.retainsInputToEnd,
    );
  }
  const summary = yield* finishCall(state, { ...header, shape: resolveShape(header.shape, state.elementsSeen) });
  state.releaseMemory();
  return summary;
}

function startCall(
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
    call.statistics && work.applies ? collectStatistics(call.statistics, output, table?.names) : undefined;
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

  const range = normalization && work.countsOutOfRange ? rangeScan(normalization, call) : undefined;
  const ranging = range && accumulatorFor(range);
  const fitting = normalization && work.accumulatesFit ? accumulatorFor(fitScan(normalization)) : undefined;
  const profiling = createProfiling(call, normalization, header.shape);
  const accumulators = [inputSide, ranging, fitting, profiling?.accumulator].filter((one) => one !== undefined);
  const outputs = {
    scans: outputSide?.scans ?? [],
    encoding: { as: encoding === 'rows' ? ('bytes' as const) : encoding, keepRaw: keepsOutput },
    dtype: work.outputDtype,
    shape: work.outputShape,
    keepsFit,
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
    fitting,
    ranging,
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
      fit: normalization?.constants,
      input: call.described,
    },
    scans: accumulators.flatMap(({ scans }) => scans),
    accumulators: accumulators.flatMap((one) => one.accumulators),
    apply: normalization && work.applies ? createTransformPass(call, normalization, outputs) : undefined,
    parameters: normalization?.constants?.parameters ?? call.fitted?.parameters,
    elementsSeen: 0,
    releaseMemory() {
      releaseData();
      releaseLearned();
    },
  };
}

/** Works on blocks, and keeps what is needed once more. */
function* runPass(state: CallState, blocks: Pass['blocks'], passFor: Pass['passFor'], keeps: boolean): Effects<void> {
  const { header, plan, blocksPerTask, observations, inMemory, accumulators, outputSide, releaseBuffer } = state;
  const fits: Fit[] = [];
  yield* scanBlocks({
    header,
    blocks,
    blocksPerTask,
    yieldsRows: state.yieldsRows,
    passFor,
    onBlock({ carried, ...block }, result) {
      state.elementsSeen += block.count;
      if (state.retainsCarried && carried) state.carried.set(block.offset, carried);
      if (keeps) observations.inputs.blocks.push({ ...block, buffer: result.buffer });
      else if (!inMemory) releaseBuffer(result.buffer);
      const { offset, count } = block;
      if (result.raw) {
        const scale = (plan.outputShape.at(-1) ?? 1) / (header.shape.at(-1) ?? 1);
        observations.outputs.blocks.push({ offset: offset * scale, count: count * scale, buffer: result.raw });
      }
      if (result.fit) {
        fits.push(result.fit);
        const listed = result.fit.constant.length + result.fit.allNan.length;
        if (listed > 0) reserveMemory(listed * bytesPerListedSlice, 'What there is to warn of');
      }
      if (result.misfits) observations.misfits = addMisfits(observations.misfits, result.misfits);
      if (result.states.length > accumulators.length) observations.ends = result.states[accumulators.length][0];
      if (result.counts) state.counts = addCounts(state.counts, result.counts);
      if (result.sample) state.profiling?.samples.push(result.sample);
      const due = result.states.length > 0 ? addStates(accumulators, result.states) : undefined;
      const outputDue =
        outputSide && result.outputStates.length > 0
          ? addStates(outputSide.accumulators, result.outputStates)
          : undefined;
      return due && outputDue ? runInSequence([due, outputDue]) : (due ?? outputDue);
    },
  });
  if (fits.length > 0) observations.fit = concatFits(fits, state.plan.normalization?.method.rareParameters);
}

function* fitFromStates(
  { call, header, observations }: CallState,
  fitting: ScanAccumulator,
  normalization: NormalizationPlan,
): Effects<void> {
  const { normalizer, layout, method, scope, weights } = normalization;
  const states = fitting.accumulators[0].result() ?? [];
  const data = method.wholeSlices?.(normalizer) ? observations.inputs : undefined;
  const merges = (call.merges ?? true) && call.include.includes('fitted');
  // A sketch counts values and knows no weights: without one, the document does not merge.
  const sketches = merges && method.mergeable && scope === 'dataset' && !weights;
  const names = namesOfSlices(normalization, header.names);
  const task = { normalizer, layout, states, data, weights, sketches, names };
  const { fit, blocks } = yield* runTask(fitTask, task);
  observations.fit = data && weights ? { ...fit, states: undefined } : fit;
  if (blocks) observations.inputs.blocks = blocks;
}

/** @param whole the header with the actual number of samples */
function* finishCall(state: CallState, whole: TensorHeader): Effects<AnswerSummary> {
  const { call, plan: work, header, inMemory, observations, inputSide, outputSide, ranging, apply, parameters } = state;
  const wasOpen = hasUnknownLength(header.shape);
  const { normalization } = wasOpen ? planCall(call, whole, inMemory) : work;
  if (wasOpen) noteProcessed(call, whole);
  if (state.counts) call.recorder?.add(state.counts);
  if (ranging)
    observations.outOfRangeCount = ranging.accumulators[0].result()?.[0].values.reduce((sum, count) => sum + count, 0);
  if (inputSide)
    observations.input = yield* completeStatistics(inputSide, observations.inputs, rescanInputs(observations.inputs));
  if (outputSide && apply) {
    yield* mergePending(outputSide.accumulators);
    const rescan = rescanOutputs(observations.inputs, (block) => apply(block, parameters));
    observations.output = yield* completeStatistics(outputSide, observations.outputs, rescan);
  }
  const summary: AnswerSummary = {};
  if (call.include.includes('fitted') && normalization && observations.fit)
    summary.fitted = toFitted(
      normalization,
      whole,
      normalization.constants ?? observations.fit,
      observations.profile,
      call.table?.learned,
    );
  if (call.include.includes('statistics') && call.statistics)
    summary.statistics = { input: observations.input, output: observations.output };
  const { notes = [] } = call;
  if (work.warns && normalization) {
    const found = yield* collectWarnings(call, work, normalization, observations);
    summary.warnings = [...notes, ...nameColumns(found, normalization, state.names)];
    noteWarnings([
      ...summary.warnings,
      ...countedOutside(normalization.method, observations.outOfRangeCount, state.counts),
    ]);
  } else if (notes.length > 0) {
    summary.warnings = [...notes];
    noteWarnings(summary.warnings);
  }
  if (!inMemory) for (const { buffer } of [...observations.inputs.blocks, ...observations.outputs.blocks]) free(buffer);
  return summary;
}
