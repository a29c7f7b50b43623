import { constantFit } from '#normalizers/fit.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { groupId, smallGroups, unseenGroups } from '#normalizers/composition/groups.ts';
import type { ResolvedOptions } from '#normalizers/method.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { outputColumns } from '#normalizers/composition/output-columns.ts';
import { compositionOf, isShorthand, learns } from '#normalizers/composition/parts.ts';
import { composedShape, fittedShape, joinScopes, scopeOf } from '#normalizers/scope.ts';
import { problemAt } from '#errors.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { type Layout, layoutOf } from '#tensor/layout.ts';
import { elementCount, hasUnknownLength, selectedShape } from '#tensor/shape.ts';
import { checkJoint } from '#engine/joint-methods.ts';
import { checkGroupable, checkSlices, missingGroups } from './check-parts.ts';
import type { ColumnsCore, GroupsCore, LeafPlan, PartPlan, Place, PlanContext, SequenceCore } from './part-plan.ts';

/** Plans a normalizer, and all that it is made of, for data of a shape. Its columns are resolved. */
export function planParts(
  normalizer: ResolvedOptions,
  context: PlanContext,
  fitted?: Fitted,
): { root: PartPlan; leaves: LeafPlan[] } {
  const leaves: LeafPlan[] = [];
  const { root } = planPart(normalizer, {
    shape: context.shape,
    pointer: '/normalizer',
    fitted,
    pass: 0,
    isFirst: true,
    isFollowed: false,
  });
  return { root, leaves };

  /** @returns the plan, and the pass in which what it gives is known */
  function planPart(options: ResolvedOptions, place: Place): { root: PartPlan; pass: number } {
    const composition = compositionOf(options);
    if (!composition) return planLeaf(options, place);
    if (composition.kind === 'groups') return planGroups(options, place);
    return composition.kind === 'columns' ? planColumns(options, place) : planSequence(options, place);
  }

  function planColumns(options: ResolvedOptions, place: Place) {
    const { shape, pointer, fitted: learned } = place;
    if (shape.length === 0) throw problemAt('axis_out_of_range', pointer, 'An array of rank 0 has no columns.');
    const composition = compositionOf(options);
    let { pass } = place;
    const parts = composition?.partsOf(options).map((part, at) => {
      if (isShorthand(part.normalizer)) return undefined;
      const columns = (part.columns ?? []).filter((column) => typeof column === 'number');
      if (columns.length === 0) return undefined;
      const planned = planPart(part.normalizer as ResolvedOptions, {
        ...place,
        shape: selectedShape(shape, columns),
        columns: columnsWithin(place.columns, columns),
        pointer: pointer + composition.pointerOf(at),
        fitted: learned?.parts?.[at],
      });
      pass = Math.max(pass, planned.pass);
      return planned.root;
    });
    const core: ColumnsCore = { kind: 'columns', parts: parts ?? [] };
    const there = core.parts.filter((part) => part !== undefined);
    const root = { normalizer: options, shape, core, ...composedMembers(shape, there, true) };
    return { root, pass };
  }

  function planGroups(options: ResolvedOptions, place: Place) {
    const { columns } = options;
    const composition = compositionOf(options);
    const grouping = composition?.grouping?.(options);
    const [given] = composition?.partsOf(options) ?? [];
    const index = grouping && context.groups?.[groupId(grouping)];
    if (!index || !composition || !given || isShorthand(given.normalizer)) throw missingGroups(grouping?.by);
    const part = given.normalizer as ResolvedOptions;
    const within: Place = {
      ...place,
      shape: columns ? selectedShape(place.shape, columns) : place.shape,
      columns: columns ? columnsWithin(place.columns, columns) : place.columns,
      pointer: `${place.pointer}/normalizer`,
    };
    const before = leaves.length;
    const small = index.keys ? smallGroups(index, grouping.minSamples) : [];
    if (context.applies && small.length > 0 && grouping.unseen === 'error')
      throw unseenGroups(small.slice(0, 10).map((at) => String(index.keys?.[at])));
    const needsGlobal = grouping.unseen === 'global';
    const global = needsGlobal
      ? planPart(part, { ...within, fitted: place.fitted?.parts?.[1], isOfAllGroups: true })
      : undefined;
    const globals = global && leaves.slice(before);
    const own = planPart(part, {
      ...within,
      fitted: place.fitted?.parts?.[0],
      groups: { ...index, small },
      globals: globals?.slice(),
    });
    const parts = global ? [own.root, global.root] : [own.root];
    const core: GroupsCore = { kind: 'groups', parts, index, columns };
    const root = {
      normalizer: options,
      shape: place.shape,
      core,
      ...composedMembers(place.shape, parts, columns !== undefined),
    };
    return { root, pass: Math.max(own.pass, global?.pass ?? 0) };
  }

  function planSequence(options: ResolvedOptions, place: Place) {
    const { fitted: learned, pointer } = place;
    const composition = compositionOf(options);
    const given = composition?.partsOf(options) ?? [];
    const { columns } = options;
    let taken: Place = columns
      ? { ...place, shape: selectedShape(place.shape, columns), columns: columnsWithin(place.columns, columns) }
      : place;
    const parts = given.flatMap(({ normalizer: step }, at): PartPlan[] => {
      if (isShorthand(step) || !composition) return [];
      const isFollowed =
        place.isFollowed || given.slice(at + 1).some(({ normalizer: later }) => !isShorthand(later) && learns(later));
      const planned = planPart(step as ResolvedOptions, {
        ...taken,
        pointer: pointer + composition.pointerOf(at),
        fitted: learned?.parts?.[at],
        isFollowed,
      });
      const outputs = taken.shape.length === 0 ? undefined : outputColumns(step, taken.shape.at(-1) ?? 1);
      taken = { ...taken, pass: planned.pass, isFirst: false };
      if (outputs) {
        taken.shape = [...taken.shape.slice(0, -1), outputs.length];
        taken.columns = columnsWithin(
          taken.columns,
          outputs.map((column) => column.at),
        );
      }
      return [planned.root];
    });
    const core: SequenceCore = { kind: 'sequence', parts, columns };
    const root = {
      normalizer: options,
      shape: place.shape,
      core,
      ...composedMembers(place.shape, parts, columns !== undefined),
    };
    return { root, pass: taken.pass };
  }

  function planLeaf(asked: ResolvedOptions, place: Place) {
    const { shape: whole, pointer, fitted: learned, pass } = place;
    const { plan } = context;
    const method = methodOf(asked);
    const { columns, ...rest } = asked;
    const shape = columns && whole.length > 0 ? selectedShape(whole, columns) : whole;
    const normalizer = (method.resolveDefaults?.(rest, shape) ?? rest) as ResolvedOptions;
    const reduced = reducedAxes(normalizer.axis, shape.length, `${pointer}/axis`);
    const scope = scopeOf(method, reduced);
    const needsWholeSlices = method.wholeSlices?.(normalizer) === true;
    const isLearning = method.reductions(normalizer).length > 0;
    const groups = place.groups && isLearning ? checkGroupable(method, scope, place.groups) : undefined;
    const plain = layoutOf(shape, reduced);
    const layout = groups ? withGroups(plain, groups.count) : plain;
    const global = place.globals && (place.globals as LeafPlan[]).shift();
    checkJoint(method, reduced, layout, method.outputs?.(normalizer) !== undefined);
    const fits = isLearning && (!learned || (scope === 'sample' && context.isTransform));
    // Under sample scope nothing carries over to other batches: constants are repeated for the new samples.
    const carriesOver = learned && (scope === 'dataset' || !context.isTransform);
    if (learned && carriesOver) checkSlices(learned, layout.keptShape);
    const withinBlocks = reduced.every((isReduced, axis) => !isReduced || shape[axis] === 1 || axis >= plan.wholeFrom);
    const isOneBlock = elementCount(context.shape) <= plan.length;
    const local = !needsWholeSlices && !groups && !place.isOfAllGroups && (withinBlocks || isOneBlock);
    const accumulates = fits && !(local && (context.applies || place.isFollowed));
    const leaf: LeafPlan = {
      id: leaves.length,
      pointer,
      normalizer,
      method,
      reduced,
      layout,
      shape,
      scope,
      fits,
      local,
      accumulates,
      pass,
      needsWholeSlices,
      constants:
        isLearning || carriesOver || hasUnknownLength(layout.keptShape)
          ? undefined
          : constantFit(normalizer, layout.slices, layout.sliceLength),
      weights: isLearning && context.weights ? weightsFor(context.weights, shape) : undefined,
      fitted: learned,
      groups: groups && { count: groups.count, slices: plain.slices, small: groups.small },
      global: global?.id,
      isFirst: place.isFirst && !groups,
      columns: columns ? columnsWithin(place.columns, columns) : place.columns,
      share: shape.length === 0 ? 1 : (shape.at(-1) ?? 1) / (context.shape.at(-1) ?? 1),
    };
    leaves.push(leaf);
    const root: PartPlan = {
      normalizer: columns ? { ...normalizer, columns } : normalizer,
      shape: whole,
      scope,
      inputShape: fittedShape(whole, reduced),
      core: { kind: 'leaf', leaf, columns },
    };
    return { root, pass: accumulates ? pass + 1 : pass };
  }
}

function weightsFor(values: Float64Array, shape: readonly number[]) {
  return { values, sampleLength: elementCount(shape) / (shape[0] ?? 1) };
}

function composedMembers(shape: readonly number[], parts: readonly PartPlan[], dividesColumns: boolean) {
  return {
    scope: joinScopes(parts.map(({ scope }) => scope)),
    inputShape: composedShape(
      shape,
      parts.map(({ inputShape }) => inputShape),
      dividesColumns,
    ),
  };
}

/** The layout of one group, as far as parameters of all of them go. */
function withGroups(layout: Layout, count: number): Layout {
  return { ...layout, slices: layout.slices * count, keptShape: [count, ...layout.keptShape] };
}

/** Of some of the columns, those of the call's data that they stand for. */
function columnsWithin(all: readonly number[] | undefined, some: readonly number[]): number[] {
  return all ? some.map((column) => all[column]) : [...some];
}
