import { problemAt } from '#errors.ts';
import { divisionOf } from '#normalizers/composition/output-columns.ts';
import { compositionOf } from '#normalizers/composition/parts.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { GraphBuilder, Value } from './graph.ts';

/** Adds the nodes that compute something of a value. */
export type Compute = (x: Value) => Value;

/**
 * What a fitted normalizer computes, and those that it is made of.
 * @param plain of one that is made of none and takes all columns
 * @throws Problem not_exportable
 */
export function computeOf(
  graph: GraphBuilder,
  fitted: Fitted,
  isInverse: boolean,
  plain: (fitted: Fitted) => Compute,
): Compute {
  const { normalizer, parts = [], input } = fitted;
  const composition = compositionOf(normalizer);
  if (composition?.kind === 'groups') {
    const detail = 'An ONNX model knows no groups of rows: export a normalizer of one group.';
    throw problemAt('not_exportable', '/normalizer/method', detail);
  }
  if (composition?.kind !== 'columns' && !normalizer.columns) {
    if (!composition) return plain(fitted);
    const steps = parts.flatMap((part) => (part ? [computeOf(graph, part, isInverse, plain)] : []));
    if (isInverse) steps.reverse();
    return (x) => steps.reduce((y, step) => step(y), x);
  }
  const width = input.shape.at(-1) ?? 0;
  const division = divisionOf(normalizer, width, isInverse);
  if (!division) throw new Error('Columns are divided by who names them.');
  const { columns: _, ...rest } = normalizer;
  const own =
    composition?.kind === 'columns'
      ? parts
      : [
          {
            ...fitted,
            normalizer: rest,
            input: { ...input, shape: [...input.shape.slice(0, -1), normalizer.columns?.length ?? width] },
          },
        ];
  const axis = input.shape.length - 1;
  const branches = division.branches.flatMap(({ part, from, to }) => {
    const inner = own[part];
    return inner ? [{ from, to, compute: computeOf(graph, inner, isInverse, plain) }] : [];
  });
  const all = [...branches, { ...division.passed, compute: (x: Value) => x }].filter(({ from }) => from.length > 0);
  const places = all.flatMap(({ to }) => to);
  const order = places.map((_, at) => places.indexOf(at));
  return (x) => {
    const pieces = all.map(({ from, compute }) => compute(graph.node('Gather', [x, graph.integers(from)], { axis })));
    const whole = pieces.length === 1 ? pieces[0] : graph.node('Concat', pieces, { axis });
    return order.every((place, at) => place === at)
      ? whole
      : graph.node('Gather', [whole, graph.integers(order)], { axis });
  };
}
