import { type NumericArray, type Attribute, type FittedEstimator, isFunction, rowsOf } from './fitted-estimator.ts';

/** Python code that rebuilds a fitted estimator as `estimator`, with only scikit-learn and NumPy. */
export function snippetOf(estimator: FittedEstimator): string {
  const inner = Object.values(estimator.attributes).filter(isEstimator);
  const { module = 'sklearn.preprocessing' } = estimator;
  const classes = [...new Set([estimator, ...inner].map((one) => one.class))].sort();
  return [
    'import numpy as np',
    `from ${module} import ${classes.join(', ')}`,
    '',
    ...construct('estimator', estimator),
    '',
  ].join('\n');
}

/** Lines that rebuild an estimator under a name. */
export function construct(name: string, { class: type, params, attributes }: FittedEstimator): string[] {
  const args = Object.entries(params).map(([argument, value]) => `${argument}=${literal(value)}`);
  const lines = Object.entries(attributes).flatMap(([attribute, value]) =>
    isEstimator(value)
      ? construct(`${name}.${attribute}`, value)
      : [`${name}.${attribute} = ${isArray(value) ? array(value) : isNames(value) ? names(value) : literal(value)}`],
  );
  return [`${name} = ${type}(${args.join(', ')})`, ...lines];
}

function isEstimator(value: Attribute): value is FittedEstimator {
  return typeof value === 'object' && value !== null && 'class' in value;
}

function isArray(value: Attribute): value is NumericArray {
  return typeof value === 'object' && value !== null && 'shape' in value;
}

function isNames(value: Attribute): value is readonly string[] {
  return Array.isArray(value);
}

function names(value: readonly string[]): string {
  return `np.array([${value.map((name) => JSON.stringify(name)).join(', ')}], dtype=object)`;
}

function array(value: NumericArray): string {
  const cells = rowsOf(value, number);
  const rows = cells.map((row) => (Array.isArray(row) ? `[${row.join(', ')}]` : row));
  return `np.array([${rows.join(', ')}], dtype=float)`;
}

function literal(value: unknown): string {
  if (value === null) return 'None';
  if (isFunction(value)) return `np.${value.numpy}`;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return number(value);
  return Array.isArray(value) ? `(${value.map(literal).join(', ')})` : JSON.stringify(value);
}

/** The shortest text that reads back to the same double in Python, too. */
function number(value: number): string {
  if (Number.isNaN(value)) return 'np.nan';
  return Number.isFinite(value) ? String(value) : value > 0 ? 'np.inf' : '-np.inf';
}
