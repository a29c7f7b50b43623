import type { Fitted } from './fitted-normalizer.ts';
import { pickInputs, pickSlicesOf } from './narrow-fitted.ts';

/**
 * What was fitted on a table, as if its columns had stood in the order of another one's.
 * @returns undefined where the columns are not the same ones
 */
export function reorderFitted(fitted: Fitted, first: Fitted): Fitted | undefined {
  const [names, wanted] = [fitted.input.columns, first.input.columns];
  // Documents of earlier versions have no names: they go by position.
  if (!names || !wanted) return fitted;
  const places = new Map(names.map((name, at) => [name, at]));
  if (names.length !== wanted.length || !wanted.every((name) => places.has(name))) return undefined;
  const picked = pickInputs(
    fitted,
    wanted.map((name) => places.get(name) ?? 0),
  );
  const input = { ...picked.input, columns: wanted, passedThrough: first.input.passedThrough };
  if (fitted.parts) return { ...picked, input };
  const all = wanted.map((_, at) => at);
  const { columns: own = all, ...options } = picked.normalizer;
  const { columns } = first.normalizer;
  const picks = (columns ?? all).map((column) => own.indexOf(column));
  if (picks.length !== own.length || picks.includes(-1)) return undefined;
  return pickSlicesOf({ ...picked, input, normalizer: columns ? { ...options, columns } : options }, picks);
}
