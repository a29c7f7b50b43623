import { problemAt } from '#errors.ts';
import { balancedFolds, stratifiedFolds } from '#evidence/folds.ts';
import type { Labels } from './steps.ts';

/** Folds that are made, at most. */
const usualFolds = 5;

/** Folds that a caller may give, and classes that labels may have, at most. */
const maxFolds = 100;
const maxClasses = 256;

export type Label = string | number | boolean;

/** Labels as they came with the data, one per sample. */
export interface GivenLabels {
  labels: readonly unknown[] | Float64Array;
  task?: 'classification' | 'regression';
  folds?: readonly unknown[];
}

/** Labels that are checked: every one is a class, or a number to predict. */
export interface CheckedLabels {
  labels: readonly Label[] | Float64Array;
  task: 'classification' | 'regression';
  folds?: readonly number[];
}

/** Labels of the samples that are looked at, ready for probes. */
export interface ReadyLabels extends Labels {
  task: CheckedLabels['task'];
  classes?: { label: Label; count: number }[];
  /** The fold that each sample is tested in. */
  folds: Uint8Array;
  foldCount: number;
  foldsGiven: boolean;
}

/**
 * Checks labels against the data they came with.
 * @throws Problem at /labels or /folds
 */
export function checkLabels(
  { labels, task = 'classification', folds }: GivenLabels,
  shape: readonly number[],
): CheckedLabels {
  if (shape.length < 2)
    throw problemAt(
      'shape_mismatch',
      '/labels',
      'Labels need samples along axis 0, with features along the other axes.',
    );
  const [samples] = shape;
  checkLength('labels', labels.length, samples);
  if (folds) checkLength('folds', folds.length, samples);
  for (let i = 0; i < samples; i++) {
    const label = labels[i];
    const fault = task === 'regression' ? faultOfNumber(label) : faultOfClass(label);
    if (fault) throw problemAt('not_computable', `/labels/${i}`, fault);
    if (folds && !isFold(folds[i]))
      throw problemAt(
        'not_computable',
        `/folds/${i}`,
        `A fold is a whole number from 0 to ${maxFolds - 1}, one per sample.`,
      );
  }
  return { labels: labels as CheckedLabels['labels'], task, folds: folds as readonly number[] | undefined };
}

function checkLength(name: string, length: number, samples: number): void {
  if (length === samples) return;
  throw problemAt(
    'shape_mismatch',
    `/${name}`,
    `There are ${length} ${name} for ${samples} samples: one per sample is needed.`,
  );
}

function faultOfNumber(label: unknown): string | undefined {
  if (typeof label === 'number' && Number.isFinite(label)) return undefined;
  return `${shown(label)} is no finite number, which task "regression" predicts.`;
}

function faultOfClass(label: unknown): string | undefined {
  if (typeof label === 'string' || typeof label === 'boolean') return undefined;
  if (Number.isSafeInteger(label)) return undefined;
  if (typeof label === 'number' && Number.isFinite(label))
    return `${label} is no class: text and whole numbers are. To predict numbers, send task: "regression".`;
  return `${shown(label)} is no label: text and whole numbers are classes.`;
}

function isFold(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < maxFolds;
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 80) ?? 'This';
}

/**
 * The labels of some of the samples, numbered, and the folds of these.
 * @throws Problem where nothing can be learned from them
 */
export function readyLabels({ labels, task, folds }: CheckedLabels, rows: Uint32Array): ReadyLabels {
  const chosen = Array.from(rows, (row) => labels[row]);
  const given = folds && Array.from(rows, (row) => folds[row]);
  const ready = task === 'regression' ? readyNumbers(chosen as number[]) : readyClasses(chosen);
  if (!given) return ready;
  const names = [...new Set(given)].sort((a, b) => a - b);
  if (names.length < 2)
    throw problemAt('not_computable', '/folds', 'All samples are in one fold: at least two are needed.');
  const number = new Map(names.map((name, i) => [name, i]));
  const numbered = Uint8Array.from(given, (name) => number.get(name) as number);
  return { ...ready, folds: numbered, foldCount: names.length, foldsGiven: true };
}

function readyNumbers(numbers: readonly number[]): ReadyLabels {
  const foldCount = Math.min(usualFolds, numbers.length);
  const values = Float64Array.from(numbers);
  if (foldCount < 2 || values.every((value) => value === values[0]))
    throw problemAt('not_computable', '/labels', 'There is nothing to predict: all these numbers are the same.');
  return {
    task: 'regression',
    values,
    classCount: 0,
    folds: balancedFolds(values, foldCount),
    foldCount,
    foldsGiven: false,
  };
}

function readyClasses(labels: readonly Label[]): ReadyLabels {
  const counts = new Map<Label, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const classes = [...counts.keys()].sort(compareLabels);
  if (classes.length < 2)
    throw problemAt(
      'not_computable',
      '/labels',
      `Every sample is ${shown(classes[0])}: at least two classes are needed.`,
    );
  if (classes.length > maxClasses)
    throw problemAt(
      'not_computable',
      '/labels',
      `There are ${classes.length} classes; at most ${maxClasses} are told apart. To predict numbers, send task: "regression".`,
    );
  const foldCount = Math.min(usualFolds, Math.max(...counts.values()));
  if (foldCount < 2)
    throw problemAt('not_computable', '/labels', 'Every sample is a class of its own: nothing can be learned.');
  const numbers = new Map(classes.map((label, i) => [label, i]));
  const appearance = new Map([...counts.keys()].map((label, i) => [label, i]));
  const inOrder = labels.map((label) => appearance.get(label) as number);
  return {
    task: 'classification',
    values: Float64Array.from(labels, (label) => numbers.get(label) as number),
    classCount: classes.length,
    classes: classes.map((label) => ({ label, count: counts.get(label) as number })),
    folds: stratifiedFolds(inOrder, classes.length, foldCount),
    foldCount,
    foldsGiven: false,
  };
}

/** Numbers by size, then text by its code units, as numpy.unique sorts either. */
function compareLabels(a: Label, b: Label): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : 1;
  if (typeof a === 'string' || typeof b === 'string') return typeof a === 'string' ? 1 : -1;
  return Number(a) - Number(b);
}
