import { type Fit, concatFits } from '#normalizers/fit.ts';
import { addMisfits } from '#normalizers/misfits.ts';
import { free } from '#memory/free.ts';
import { reserveMemory } from '#memory/reservation.ts';
import { hasUnknownLength } from '#tensor/shape.ts';
import type { Block } from '#tensor/source.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { Encoding } from '#formats/encode-block.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import type { BlockPass } from './blocks/block-passes.ts';
import { watchesAt } from './blocks/watches.ts';
import { bytesPerListedSlice } from './memory-checks.ts';
import { type Effects, type FollowUp, scanBlocks, type Pass } from './effects.ts';
import { collectWarnings } from './collect-warnings.ts';
import { resolveShape } from './unsized-source.ts';
import type { CallState } from './call-state.ts';
import { attachCarried } from './tables/attach-carried.ts';
import { noteProcessed } from './note-processed.ts';
import { noteWarnings } from '#telemetry/note-warnings.ts';
import { addCounts, countedOutside } from './monitoring/counting.ts';
import { finishProfile } from './monitoring/profiling.ts';
import { rescanInputs, rescanOutputs } from './blocks/rescan.ts';
import { countOutOfRange, fitLeaves, normalizerPass, transformAgain } from './normalizer-passes.ts';
import { toFitted } from './observations.ts';
import { completeStatistics } from './side-statistics.ts';
import type { AnswerSummary } from '#formats/summary.task.ts';
import { addStates, runInSequence, mergePending } from './blocks/accumulators.ts';
import { type Call, planCall } from './plan-call.ts';
import { type Budget, startCall } from './start-call.ts';

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
  const { header, plan: work, observations, profiling, scans } = state;
  const { normalization, needsTwoPasses } = work;
  const scanPasses = normalization?.scanPasses ?? 0;
  const firstPass = (block: Block): BlockPass => ({
    scans,
    picking: profiling?.pickingAt(block.offset),
    counting: state.counting,
    ...normalizerPass(state, block, 0, work.applies && !needsTwoPasses),
  });
  yield* runPass(state, source.blocks(work.plan), firstPass, 0, state.retainsInput);
  yield* mergePending(state.accumulators);
  if (profiling) observations.profile = yield* finishProfile(profiling);
  for (let pass = 1; pass < scanPasses; pass++) {
    yield* fitLeaves(state, pass - 1);
    const next = (block: Block): BlockPass => ({ scans: [], ...normalizerPass(state, block, pass, false) });
    yield* runPass(state, observations.inputs.blocks.splice(0), next, pass, true);
  }
  if (scanPasses > 0) yield* fitLeaves(state, scanPasses - 1);
  if (needsTwoPasses) {
    const lastPass = (block: Block): BlockPass => ({ scans: [], ...normalizerPass(state, block, scanPasses, true) });
    state.retainsCarried = false;
    const blocks = attachCarried(observations.inputs.blocks.splice(0), state.carried);
    yield* runPass(state, blocks, lastPass, scanPasses, state.retainsInputToEnd);
  }
  const summary = yield* finishCall(state, { ...header, shape: resolveShape(header.shape, state.elementsSeen) });
  state.releaseMemory();
  return summary;
}

/** Works on blocks, and keeps what is needed once more. */
function* runPass(
  state: CallState,
  blocks: Pass['blocks'],
  passFor: Pass['passFor'],
  pass: number,
  keeps: boolean,
): Effects<void> {
  const { header, plan, blocksPerTask, observations, inMemory, accumulators, outputSide, releaseBuffer } = state;
  const fits = new Map<number, Fit[]>();
  yield* scanBlocks({
    header,
    blocks,
    blocksPerTask,
    yieldsRows: state.yieldsRows,
    passFor,
    onBlock({ carried, ...block }, result) {
      if (pass === 0) state.elementsSeen += block.count;
      if (state.retainsCarried && carried) state.carried.set(block.offset, carried);
      if (keeps) observations.inputs.blocks.push({ ...block, buffer: result.buffer });
      else if (!inMemory) releaseBuffer(result.buffer);
      const { offset, count } = block;
      if (result.raw) {
        const scale = (plan.outputShape.at(-1) ?? 1) / (header.shape.at(-1) ?? 1);
        observations.outputs.blocks.push({ offset: offset * scale, count: count * scale, buffer: result.raw });
      }
      if (result.misfits) observations.misfits = addMisfits(observations.misfits, result.misfits);
      if (result.counts) state.counts = addCounts(state.counts, result.counts);
      if (result.sample) state.profiling?.samples.push(result.sample);
      let due: Effects<void>[] | undefined;
      const follow = (next: FollowUp) => {
        if (next) (due ??= []).push(next);
      };
      if (result.states.length > 0) follow(addStates(accumulators, result.states));
      if (outputSide && result.outputStates.length > 0) follow(addStates(outputSide.accumulators, result.outputStates));
      for (const { id, states, fit } of result.leaves ?? []) {
        if (fit) keepFit(fits, id, fit);
        watchesAt(state.watches[id], block).forEach((watch, at) => {
          if (states.length === 0) return;
          if (watch.for === 'ends') observations.ends.set(id, states[at][0]);
          else follow(watch.accumulator.add(states[at]));
        });
      }
      return due && runInSequence(due);
    },
  });
  for (const [id, ofBlocks] of fits)
    observations.fits.set(id, concatFits(ofBlocks, plan.normalization?.leaves[id].method.rareParameters));
}

function keepFit(fits: Map<number, Fit[]>, id: number, fit: Fit): void {
  const known = fits.get(id);
  if (known) known.push(fit);
  else fits.set(id, [fit]);
  const listed = fit.constant.length + fit.allNan.length;
  if (listed > 0) reserveMemory(listed * bytesPerListedSlice, 'What there is to warn of');
}

/** @param whole the header with the actual number of samples */
function* finishCall(state: CallState, whole: TensorHeader): Effects<AnswerSummary> {
  const { call, plan: work, header, inMemory, observations, inputSide, outputSide } = state;
  const wasOpen = hasUnknownLength(header.shape);
  const { normalization } = wasOpen ? planCall(call, whole, inMemory) : work;
  if (wasOpen) noteProcessed(call, whole);
  if (state.counts) call.recorder?.add(state.counts);
  for (const leaf of normalization?.leaves ?? []) if (leaf.constants) observations.fits.set(leaf.id, leaf.constants);
  yield* countOutOfRange(state);
  if (inputSide)
    observations.input = yield* completeStatistics(inputSide, observations.inputs, rescanInputs(observations.inputs));
  if (outputSide && state.output) {
    yield* mergePending(outputSide.accumulators);
    const rescan = rescanOutputs(observations.inputs, (block) => transformAgain(state, block));
    observations.output = yield* completeStatistics(outputSide, observations.outputs, rescan);
  }
  const summary: AnswerSummary = {};
  if (call.include.includes('fitted') && normalization && (observations.fits.size > 0 || !call.fitted))
    summary.fitted = toFitted(normalization, whole, observations, call.table);
  if (call.include.includes('statistics') && call.statistics)
    summary.statistics = { input: observations.input, output: observations.output };
  const { notes = [] } = call;
  if (work.warns && normalization) {
    const found = yield* collectWarnings({ call, work, observations, names: state.names }, normalization);
    summary.warnings = [...notes, ...found];
    noteWarnings([
      ...summary.warnings,
      ...countedOutside(normalization.normalizer, observations.outOfRangeCount, state.counts),
    ]);
  } else if (notes.length > 0) {
    summary.warnings = [...notes];
    noteWarnings(summary.warnings);
  }
  if (!inMemory) for (const { buffer } of [...observations.inputs.blocks, ...observations.outputs.blocks]) free(buffer);
  return summary;
}
