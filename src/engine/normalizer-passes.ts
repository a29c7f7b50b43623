import type { Parameters } from '#normalizers/method.ts';
import { elementCount } from '#tensor/shape.ts';
import type { Block } from '#tensor/source.ts';
import { type BlockPass, passJob } from './blocks/block-passes.ts';
import { watchesAt } from './blocks/watches.ts';
import type { CallState } from './call-state.ts';
import { type Effects, runTask } from './effects.ts';
import { fitTask } from './fits/fit.task.ts';
import type { PartJob } from './parts/part-jobs.ts';
import type { LeafPlan } from './parts/part-plan.ts';
import type { NormalizationPlan } from './plan-call.ts';
import { namesOfSlices } from './tables/place-warnings.ts';

/** What a pass does to a block for the normalizer. */
export function normalizerPass(
  state: CallState,
  block: Block,
  pass: number,
  applies: boolean,
): Pick<BlockPass, 'job' | 'output'> {
  const { plan: work, call, keepsFit, output } = state;
  const { normalization } = work;
  if (!normalization) return {};
  const job = passJob(normalization.root, block, {
    direction: call.operation === 'inverse-transform' ? 'inverse' : 'transform',
    pass,
    applies,
    keepsFit,
    returnsFit: (leaf) => (work.applies ? applies : leaf.pass === pass),
    scansOf: (leaf) => watchesAt(state.watches[leaf.id], block).map(({ scan }) => scan),
    names: state.header.names,
    parametersOf: (leaf) => parametersOf(state, leaf),
  });
  return applies ? { job, output } : { job };
}

/** The transform of a block once more. */
export function transformAgain(state: CallState, block: Block): Pick<BlockPass, 'job' | 'output'> {
  const { plan: work, call, output } = state;
  const job =
    work.normalization &&
    passJob(work.normalization.root, block, {
      direction: call.operation === 'inverse-transform' ? 'inverse' : 'transform',
      pass: Infinity,
      applies: true,
      keepsFit: false,
      returnsFit: () => false,
      scansOf: () => [],
      parametersOf: (leaf) => parametersOf(state, leaf),
    });
  return { job, output };
}

function parametersOf(state: CallState, leaf: LeafPlan): Parameters | undefined {
  const { observations, plan, groupParameters } = state;
  const own = (of: LeafPlan) => (of.constants ?? observations.fits.get(of.id))?.parameters ?? of.fitted?.parameters;
  const parameters = own(leaf);
  if (!leaf.groups || !parameters) return parameters;
  const known = groupParameters.get(leaf.id);
  if (known) return known;
  const global = leaf.global === undefined ? undefined : plan.normalization?.leaves[leaf.global];
  const shared = withOtherGroups(leaf, parameters, global && own(global));
  groupParameters.set(leaf.id, shared);
  return shared;
}

/** The parameters of all groups, and behind them those of samples of others, in memory that all threads share. */
function withOtherGroups({ groups, method }: LeafPlan, parameters: Parameters, others: Parameters = {}): Parameters {
  const { count = 0, slices = 1, small = [] } = groups ?? {};
  const names = [...new Set([...Object.keys(parameters), ...Object.keys(others)])];
  const all = names.map((name) => {
    const values = new Float64Array(new SharedArrayBuffer((count + 1) * slices * 8));
    const usual = method.rareParameters?.[name] ?? NaN;
    if (parameters[name]) values.set(parameters[name]);
    else values.fill(usual);
    if (others[name]) values.set(others[name], count * slices);
    else values.fill(Object.keys(others).length > 0 ? usual : NaN, count * slices);
    for (const group of small) values.copyWithin(group * slices, count * slices);
    // What only reads them does not care whose memory it is.
    return [name, values as unknown as Float64Array<ArrayBuffer>] as const;
  });
  return Object.fromEntries(all);
}

/** Fits what has been seen whole when a pass is complete. */
export function* fitLeaves(state: CallState, pass: number): Effects<void> {
  const { call, observations, plan: work } = state;
  const { normalization } = work;
  const merges = (call.merges ?? true) && call.include.includes('fitted');
  for (const leaf of normalization?.leaves ?? []) {
    if (!leaf.accumulates || leaf.pass !== pass || !normalization) continue;
    const { id, normalizer, pointer, layout, method, scope, weights, needsWholeSlices } = leaf;
    const [{ accumulator }] = state.watches[id];
    const pending = accumulator.finish();
    if (pending) yield* pending;
    const data = needsWholeSlices ? observations.inputs : undefined;
    // A sketch counts values and knows no weights: without one, the document does not merge.
    const sketches = merges && method.mergeable && scope === 'dataset' && !weights && !leaf.groups;
    const states = accumulator.result() ?? [];
    const job = data && dataJob(state, normalization, leaf);
    const groups = leaf.groups && { ...leaf.groups, shape: leaf.shape };
    const task = {
      normalizer,
      pointer,
      layout,
      states,
      data,
      job,
      groups,
      weights,
      sketches,
      names: namesOfSlices(leaf, state.header.names),
    };
    const { fit, blocks } = yield* runTask(fitTask, task);
    observations.fits.set(id, data && weights ? { ...fit, states: undefined } : fit);
    if (blocks) observations.inputs.blocks = blocks;
  }
}

/** The job that shows what a plain normalizer takes of a block. */
function dataJob(state: CallState, { root }: NormalizationPlan, { id, pass }: LeafPlan): PartJob | undefined {
  const whole = { offset: 0, count: elementCount(state.header.shape), buffer: new ArrayBuffer(0) };
  return passJob(root, whole, {
    direction: 'transform',
    pass,
    applies: false,
    keepsFit: false,
    returnsFit: () => false,
    scansOf: () => [],
    shows: id,
    parametersOf: (leaf) => parametersOf(state, leaf),
  });
}

/** Adds up the values outside the fitted range. */
export function* countOutOfRange({ watches, observations }: CallState): Effects<void> {
  for (const watch of watches.flat()) {
    if (watch.for !== 'range') continue;
    const pending = watch.accumulator.finish();
    if (pending) yield* pending;
    const count = watch.accumulator.result()?.[0].values.reduce((sum, one) => sum + one, 0);
    if (count !== undefined) observations.outOfRangeCount = (observations.outOfRangeCount ?? 0) + count;
  }
}
