import { problemAt } from '#errors.ts';
import type { SklearnMapping } from '#normalizers/sklearn-mapping.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import { compositionOf } from '#normalizers/composition/parts.ts';
import { transformSteps } from '#normalizers/formula.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { type NumericArray, type Attribute, type FittedEstimator, isFunction, rowsOf } from './fitted-estimator.ts';
import { columnRuns } from './composed-export.ts';
import { type Composed, composedSnippet, type Plain } from './composed-snippet.ts';
import { snippetOf } from './snippet.ts';

type Options = CommonOptions & Record<string, unknown>;

/**
 * A fitted normalizer as a scikit-learn estimator: class, constructor arguments, attributes, and Python code that
 * rebuilds it, as JSON.
 * @throws Problem not_exportable if no scikit-learn class computes the same
 */
export function toSklearn(fitted: Fitted): string {
  const composed = compositionOf(fitted.normalizer) || fitted.normalizer.columns ? composedOf(fitted) : undefined;
  if (composed) return JSON.stringify({ ...composed.json, snippet: composedSnippet(composed) });
  const estimator = estimatorOf(fitted);
  return JSON.stringify({ ...estimatorJson(estimator), snippet: snippetOf(estimator) });
}

function estimatorJson({ class: name, params, attributes }: FittedEstimator): Record<string, unknown> {
  const plainParams = Object.entries(params).map(([argument, value]) => [
    argument,
    isFunction(value) ? value.numpy : value,
  ]);
  return { class: name, params: Object.fromEntries(plainParams), attributes: plainAttributes(attributes) };
}

/** A Pipeline or a ColumnTransformer, with the estimators that it is made of. */
function composedOf(fitted: Fitted): Composed {
  const { normalizer, input } = fitted;
  const composition = compositionOf(normalizer);
  const width = input.shape.at(-1);
  if (composition?.kind === 'groups') throw refusal('method', 'scikit-learn has no class that computes within groups.');
  if (input.shape.length !== 2) throw refusal('method', 'scikit-learn works on matrices of samples and features.');
  if (composition?.kind !== 'columns' && !normalizer.columns) {
    const parts = (fitted.parts ?? []).map((part) => innerOf(part as Fitted));
    const steps = parts.map((part, at) => [String(at), part?.json ?? 'passthrough']);
    return { kind: 'pipeline', parts, json: { class: 'Pipeline', params: { steps }, attributes: {} } };
  }
  if (!width) throw refusal('columns', 'The number of features is not known.');
  const runs = columnRuns(fitted, width);
  const parts = runs.map((run) => (run.fitted ? innerOf(run.fitted) : undefined));
  const names = input.columns;
  const transformers = runs.map(({ columns }, at) => [
    String(at),
    parts[at]?.json ?? 'passthrough',
    columns.map((column) => names?.[column] ?? column),
  ]);
  const attributes = {
    transformers_: transformers,
    n_features_in_: width,
    ...(names ? { feature_names_in_: names } : {}),
  };
  const json = { class: 'ColumnTransformer', params: { remainder: 'drop' }, attributes };
  return { kind: 'columns', parts, json, columns: runs.map(({ columns }) => columns), width, names };
}

/** Undefined where nothing is done to the values. */
function innerOf(part: Fitted): Composed | Plain | undefined {
  if (compositionOf(part.normalizer) || part.normalizer.columns) return composedOf(part);
  if (transformSteps(part.normalizer, part.parameters).length === 0) return undefined;
  const estimator = estimatorOf(part);
  return { kind: 'plain', estimator, json: estimatorJson(estimator) };
}

function estimatorOf(fitted: Fitted): FittedEstimator {
  const normalizer = fitted.normalizer as Options;
  const method = methodOf(normalizer);
  const { sklearn } = method;
  if (!sklearn) throw refusal('method', `scikit-learn has no class that computes ${method.name}.`);
  checkAxes(fitted, sklearn);
  checkRange(fitted);
  const defaults = method.schema.parse({ method: method.name }) as Options;
  checkOptions(normalizer, defaults, sklearn);
  const { columns } = fitted.input;
  const counts = {
    ...(columns ? { feature_names_in_: columns } : {}),
    ...(sklearn.axis === 0 ? { n_features_in_: fitted.keptShape[0] } : {}),
    ...(sklearn.countsSamples ? { n_samples_seen_: arrayOrNumber(fitted.samplesSeen) } : {}),
  };
  checkStands(normalizer, sklearn);
  const lengths = Object.entries(sklearn.lengths ?? {}).map(([name, of]) => [name, fitted.parameters[of].length]);
  const attributes = Object.entries(sklearn.attributes(normalizer)).map(([name, of]): [string, Attribute] => {
    if (of === null) return [name, null];
    if (typeof of === 'string') {
      const { values, shape } = arrayOf(fitted, of);
      return [name, { shape, values: sklearn.exported?.[name]?.(values, normalizer) ?? values }];
    }
    const inner = Object.entries(of.attributes).map(([own, parameter]) => [own, arrayOf(fitted, parameter)]);
    return [name, { class: of.class, params: {}, attributes: Object.fromEntries(inner) }];
  });
  return {
    class: sklearn.class,
    module: sklearn.module,
    params: paramsOf(normalizer, defaults, sklearn),
    attributes: { ...Object.fromEntries([...attributes, ...lengths]), ...counts },
  };
}

function checkAxes({ normalizer, input }: Fitted, sklearn: SklearnMapping<CommonOptions>): void {
  const reduced = reducedAxes(normalizer.axis, input.shape.length);
  if (normalizer.columns) {
    throw refusal(
      'columns',
      `${sklearn.class} always takes all columns. Fit the selected ones alone and use a ColumnTransformer.`,
    );
  }
  if (reduced.length === 2 && reduced.every((isReduced, axis) => isReduced === (axis === sklearn.axis))) return;
  const wanted = sklearn.axis === 0 ? 'axis 0, one statistic per feature' : 'axis -1, one norm per sample';
  throw refusal(
    'axis',
    `${sklearn.class} works on matrices along ${wanted}; this normalizer was fitted on rank ${input.shape.length} with axis ${JSON.stringify(normalizer.axis)}.`,
  );
}

/** scikit-learn computes with doubles as they are, which loses what needs a unit or a reference value here. */
function checkRange({ parameters }: Fitted): void {
  const rare = ['unit', 'reference'].find((name) => name in parameters);
  if (rare === undefined) return;
  throw refusal(
    'method',
    `The fitted data are so large, so small or so far from zero that this normalizer computes in another ${rare}, which scikit-learn cannot.`,
  );
}

/** Rejects options that scikit-learn does not have, unless they have no effect. */
function checkOptions(normalizer: Options, defaults: Options, sklearn: SklearnMapping<never>): void {
  const { class: name, params, ofFitting = [] } = sklearn;
  const known = Object.values(params).map(({ option }) => option);
  const stood = [...Object.keys(sklearn.options ?? {}), ...Object.keys(sklearn.counts ?? {})];
  const met = new Set(['method', 'axis', 'nan_policy', 'on_constant', 'columns', ...ofFitting, ...stood, ...known]);
  for (const [option, value] of Object.entries(normalizer)) {
    if (met.has(option)) continue;
    if (JSON.stringify(value) !== JSON.stringify(defaults[option]))
      throw refusal(
        option,
        `${name} has no ${option}: only ${option in defaults ? `its default ${JSON.stringify(defaults[option])}` : 'a normalizer without it'} is exported.`,
      );
  }
}

/** Options that the class stands for must have these values. */
function checkStands(normalizer: Options, { class: name, options, ofFitting = [] }: SklearnMapping<never>): void {
  for (const [option, value] of Object.entries(options ?? {})) {
    if (!ofFitting.includes(option) && normalizer[option] !== value)
      throw refusal(option, `${name} computes ${option} ${JSON.stringify(value)} only.`);
  }
}

function paramsOf(normalizer: Options, defaults: Options, sklearn: SklearnMapping<never>): Record<string, unknown> {
  const fixed = Object.entries(sklearn.fixed ?? {}).filter(([, value]) => value !== null);
  const params: Record<string, unknown> = Object.fromEntries(fixed);
  for (const [argument, { option, values, recent, isBoolean, isFunction }] of Object.entries(sklearn.params)) {
    const value = normalizer[option];
    if (recent && value === defaults[option]) continue;
    if (isBoolean && typeof value !== 'boolean')
      throw refusal(option, `${sklearn.class} knows ${option} true and false only, not ${JSON.stringify(value)}.`);
    const found = values && Object.entries(values).find(([, one]) => one === value);
    if (values && !found) {
      throw refusal(
        option,
        `${sklearn.class} supports ${option} ${Object.values(values).join(', ')} only, not ${String(value)}.`,
      );
    }
    params[argument] = isFunction && found ? { numpy: found[0] } : found ? found[0] : value;
  }
  return params;
}

function arrayOf({ normalizer, parameters, keptShape }: Fitted, name: string): NumericArray {
  const values = parameters[name];
  const along = methodOf(normalizer).parameters[name];
  if (along !== 'landmarks, slices') return { values, shape: [values.length] };
  return { values, shape: [values.length / Math.max(keptShape[0], 1), keptShape[0]] };
}

function arrayOrNumber(seen: Fitted['samplesSeen']): Attribute {
  return typeof seen === 'number' ? seen : { values: seen, shape: [seen.length] };
}

function plainAttributes(attributes: FittedEstimator['attributes']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, plain(value)]));
}

function plain(value: Attribute): unknown {
  if (value === null || typeof value === 'number') return value;
  if ('class' in value) return { ...value, attributes: plainAttributes(value.attributes) };
  if (!('shape' in value)) return value;
  return rowsOf(value, (one) => (Number.isFinite(one) || Number.isNaN(one) ? one : String(one)));
}

function refusal(option: string, detail: string) {
  return problemAt('not_exportable', `/normalizer/${option}`, detail);
}
