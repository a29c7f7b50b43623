import { problemAt } from '#errors.ts';
import { outputColumns } from '#normalizers/composition/output-columns.ts';
import { resolveNormalizer } from '#normalizers/composition/resolve-normalizer.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { CommonOptions, Part } from '#normalizers/method.ts';
import { pickColumnsOf } from '#normalizers/narrow-fitted.ts';
import { Normalizer } from '#normalizers/normalizer.ts';
import { joinScopes } from '#normalizers/scope.ts';
import { isObject } from '#formats/json/is-object.ts';

type Members = Record<string, unknown>;

/** What reads an estimator within another one; `features` is how many columns it takes. */
export type ReadEstimator = (estimator: unknown, features: number | undefined, pointer: string) => Fitted;

/** A fitted estimator, and the columns that come out of it: scikit-learn's order of those here. */
interface Read {
  fitted: Fitted;
  order?: number[];
}

/** scikit-learn's Pipeline: its steps are arguments. */
export function readPipeline(
  params: Members,
  features: number | undefined,
  read: ReadEstimator,
  pointer: string,
): Fitted {
  const steps = listIn(params.steps, `${pointer}/params/steps`, 'steps');
  let order: number[] | undefined;
  let width = features;
  const parts = steps.flatMap((step, at): Fitted[] => {
    const place = `${pointer}/params/steps/${at}`;
    const [, estimator] = listIn(step, place, 'a name and an estimator');
    if (estimator === 'passthrough' || estimator === null) return [];
    const fitted = read(estimator, width, `${place}/1`);
    const own = order ? pickColumnsOf(fitted, order) : fitted;
    width = fitted.input.shape.at(-1) ?? width;
    const outputs = width === undefined ? undefined : outputColumns(own.normalizer, width);
    order = orderOf(fitted);
    width = outputs?.length ?? width;
    return [own];
  });
  if (parts.length === 0) return untouched(width);
  const normalizer = Normalizer.parse({ method: 'pipeline', steps: parts.map((part) => part.normalizer) });
  return composedOf(normalizer, parts[0].input.shape.at(-1) ?? undefined, parts);
}

/** The order in which scikit-learn gives columns, by fitted normalizers that were read from it. */
const orders = new WeakMap<object, number[]>();

function orderOf(fitted: Fitted): Read['order'] {
  return orders.get(fitted);
}

/** scikit-learn's ColumnTransformer, whose columns come out in the order of its transformers. */
export function readColumnTransformer(
  attributes: Members,
  features: number | undefined,
  read: ReadEstimator,
  pointer: string,
): Fitted {
  const list = listIn(attributes.transformers_, `${pointer}/attributes/transformers_`, 'transformers');
  const names = attributes.feature_names_in_ as string[] | undefined;
  const width = Number(attributes.n_features_in_ ?? names?.length ?? features);
  if (!Number.isSafeInteger(width) || width < 1)
    throw problemAt(
      'invalid_request',
      `${pointer}/attributes/n_features_in_`,
      'The number of features is wanted here.',
    );
  const parts: (Fitted | undefined)[] = [];
  const given: number[] = [];
  const transformers = list.map((one, at): Part & { columns: number[] } => {
    const place = `${pointer}/attributes/transformers_/${at}`;
    const [, estimator, columns] = listIn(one, place, 'a name, an estimator and columns');
    const indexes = indexesOf(columns, names, width, `${place}/2`);
    if (estimator === 'passthrough' || estimator === 'drop') {
      parts.push(undefined);
      if (estimator === 'passthrough') given.push(...indexes);
      return { columns: indexes, normalizer: estimator };
    }
    const fitted = read(estimator, indexes.length, `${place}/1`);
    parts.push(fitted);
    const outputs = outputColumns(fitted.normalizer, indexes.length);
    given.push(...(outputs ? outputs.map(({ at: from }) => indexes[from]) : indexes));
    return { columns: indexes, normalizer: fitted.normalizer };
  });
  const isIdle = !parts.some(Boolean);
  const first = transformers.findIndex(({ normalizer }) => normalizer === 'passthrough');
  // Something has to be computed, if only the values as they are.
  if (isIdle && first >= 0) {
    const same = untouched(transformers[first].columns.length);
    parts[first] = same;
    transformers[first] = { ...transformers[first], normalizer: same.normalizer };
  }
  const filled = transformers.flatMap((one, at) => (one.columns.length > 0 ? [{ one, part: parts[at] }] : []));
  const parsed = Normalizer.parse({
    method: 'column_transformer',
    transformers: filled.map(({ one }) => one),
    remainder: 'drop',
  });
  const normalizer = resolveNormalizer(parsed, { length: width, names }, pointer);
  const fitted = composedOf(
    normalizer,
    width,
    filled.map(({ part }) => part),
    names,
  );
  const here = outputColumns(normalizer, width) ?? Array.from({ length: width }, (_, at) => ({ at }));
  const places = here.map(({ at }) => given.indexOf(at));
  if (places.some((place, at) => place !== at) && new Set(given).size === given.length) orders.set(fitted, places);
  return fitted;
}

/** Where every step passes the values on. */
function untouched(width: number | undefined): Fitted {
  const normalizer = Normalizer.parse({ method: 'passthrough', nan_policy: 'propagate' }) as Fitted['normalizer'];
  const input = { dtype: 'float64' as const, shape: [null, width ?? null] };
  return { normalizer, input, parameters: {}, keptShape: [width ?? 1], samplesSeen: 0, scope: 'dataset' };
}

function composedOf(
  normalizer: CommonOptions,
  width: number | undefined,
  parts: readonly (Fitted | undefined)[],
  columns?: readonly string[],
): Fitted {
  const scope = joinScopes(parts.flatMap((part) => (part ? [part.scope] : [])));
  const input = { dtype: 'float64' as const, shape: [null, width ?? null], columns, passedThrough: columns && [] };
  return {
    normalizer: normalizer as Fitted['normalizer'],
    input,
    parameters: {},
    keptShape: [],
    samplesSeen: 0,
    scope,
    parts,
  };
}

function indexesOf(columns: unknown, names: readonly string[] | undefined, width: number, pointer: string): number[] {
  const list = listIn(columns, pointer, 'columns');
  return list.map((column, at) => {
    const index = typeof column === 'string' ? (names?.indexOf(column) ?? -1) : Number(column);
    if (Number.isSafeInteger(index) && index >= 0 && index < width) return index;
    throw problemAt(
      'invalid_request',
      `${pointer}/${at}`,
      `There is no column ${JSON.stringify(column)} among the features.`,
    );
  });
}

function listIn(value: unknown, pointer: string, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw problemAt('invalid_request', pointer, `A list of ${what} is wanted here.`);
}

/** The members of an estimator document. */
export function estimatorMembers(
  value: unknown,
  pointer: string,
): { class: string; params: Members; attributes: Members } {
  if (!isObject(value) || typeof value.class !== 'string')
    throw problemAt('invalid_request', pointer, 'An estimator is wanted here: {"class", "params", "attributes"}.');
  const members = (of: unknown) => (isObject(of) ? of : {});
  return { class: value.class, params: members(value.params), attributes: members(value.attributes) };
}
