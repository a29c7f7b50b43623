import { problemAt } from '#errors.ts';
import { compositionOf, leavesOf } from '#normalizers/composition/parts.ts';
import { divisionOf } from '#normalizers/composition/output-columns.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { pickInputs } from '#normalizers/narrow-fitted.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { reducedAxes } from '#tensor/axis.ts';

/** What a transformer of scikit-learn's ColumnTransformer takes: consecutive columns, and what is done with them. */
export interface ColumnRun {
  columns: number[];
  /** Undefined where they pass. */
  fitted?: Fitted;
}

/**
 * The columns of a normalizer that divides them, as runs in the order in which they come out: scikit-learn gives columns in
 * the order of its transformers, so that this is the order that both have.
 * @throws Problem not_exportable where columns that are computed together do not stand together
 */
export function columnRuns(fitted: Fitted, width: number): ColumnRun[] {
  const division = divisionOf(fitted.normalizer, width, false);
  if (!division) return [{ columns: Array.from({ length: width }, (_, at) => at), fitted }];
  const parts = compositionOf(fitted.normalizer)?.kind === 'columns' ? (fitted.parts ?? []) : [withoutColumns(fitted)];
  const runs: (ColumnRun & { place: number })[] = [];
  addRuns(runs, division.passed.from, division.passed.to, undefined);
  for (const { part, from, to } of division.branches) addRuns(runs, from, to, parts[part]);
  return runs.sort((a, b) => a.place - b.place).map(({ columns, fitted: own }) => ({ columns, fitted: own }));
}

function addRuns(
  runs: (ColumnRun & { place: number })[],
  from: readonly number[],
  to: readonly number[],
  fitted: Fitted | undefined,
): void {
  const isWhole = to.every((place, at) => at === 0 || place === to[at - 1] + 1);
  if (fitted && isWhole) {
    runs.push({ columns: [...from], fitted, place: to[0] });
    return;
  }
  if (fitted && !isPerColumn(fitted)) {
    const detail = `scikit-learn gives the columns of a transformer one after the other, and those of ${fitted.normalizer.method} do not stand so; each of them needs the others.`;
    throw problemAt('not_exportable', '/normalizer/transformers', detail);
  }
  from.forEach((column, at) => {
    const own = fitted && pickInputs(fitted, [at]);
    runs.push({ columns: [column], fitted: own, place: to[at] });
  });
}

/** Whether each column is computed by itself. */
function isPerColumn({ normalizer }: Fitted): boolean {
  return leavesOf(normalizer).every((leaf) => {
    const [rows, columns] = reducedAxes(leaf.axis, 2);
    return !methodOf(leaf).joint && rows && !columns;
  });
}

function withoutColumns(fitted: Fitted): Fitted {
  const { columns, ...normalizer } = fitted.normalizer;
  const shape = columns ? [...fitted.input.shape.slice(0, -1), columns.length] : fitted.input.shape;
  return { ...fitted, normalizer, input: { ...fitted.input, shape, columns: undefined } };
}
