import * as z from 'zod';
import { problemAt, excerpt } from '#errors.ts';
import type { SklearnMapping } from '#normalizers/sklearn-mapping.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { CommonOptions, Method } from '#normalizers/method.ts';
import { methods } from '#normalizers/registry.ts';
import { isObject } from '#formats/json/is-object.ts';
import { fittedFromJson, fittedToJson } from '#formats/json/fitted/fitted-document.ts';
import { importFitted } from '#interop/fitted-from.ts';
import { describeUnknown } from '#nearest-name.ts';
import { estimatorMembers, readColumnTransformer, readPipeline } from './composed-import.ts';

/** Maximum features of an estimator without arrays, which only declares their number. */
const maxFeatures = 1_000_000;

/** Estimators that are made of others. */
const composed = ['ColumnTransformer', 'Pipeline'];

const classes = [...methods.flatMap(({ sklearn }) => (sklearn ? [sklearn.class] : [])), ...composed];

/** A fitted scikit-learn estimator as JSON: the export format, or `get_params()` and the attributes. */
export const SklearnEstimator = z
  .strictObject({
    class: z.enum(classes as [string, ...string[]]),
    params: z
      .looseObject({})
      .default({})
      .meta({ description: 'The result of get_params(). Default: the defaults of the class.' }),
    attributes: z.looseObject({}).default({}).meta({
      description: 'The fitted attributes by name, arrays as lists; those that transform does not need are ignored.',
    }),
    snippet: z.string().optional().meta({ description: 'Not read.' }),
  })
  .meta({
    id: 'SklearnEstimator',
    description:
      'A fitted estimator of scikit-learn: its preprocessing module, PCA(whiten=True), a Pipeline with its steps among params, or a ColumnTransformer with its transformers_ among attributes.',
    examples: [
      {
        class: 'StandardScaler',
        params: { with_mean: true, with_std: true },
        attributes: { mean_: [3, 50], var_: [4, 600], scale_: [2, 24.49489742783178], n_samples_seen_: 3 },
      },
    ],
  });

type Members = Record<string, unknown>;

interface Found {
  value: unknown;
  place: string;
}

/**
 * Converts a fitted scikit-learn estimator. NaN stays NaN in its transform, as in scikit-learn.
 * @throws Problem invalid_request with a pointer to the missing or invalid argument or attribute
 */
export function fittedFromSklearn(document: z.output<typeof SklearnEstimator>, pointer = '/sklearn'): Fitted {
  if (!composed.includes(document.class)) return readPlain(document, pointer);
  // What is put together here is read as any document is, and checked so.
  return fittedFromJson(fittedToJson(readEstimator(document, undefined, pointer)), '');
}

function readEstimator(document: unknown, features: number | undefined, pointer: string): Fitted {
  const { class: name, params, attributes } = estimatorMembers(document, pointer);
  if (name === 'Pipeline') return readPipeline(params, features, readEstimator, pointer);
  if (name === 'ColumnTransformer') return readColumnTransformer(attributes, features, readEstimator, pointer);
  if (!classes.includes(name))
    throw problemAt('invalid_request', `${pointer}/class`, describeUnknown('class', name, classes));
  const counted = features === undefined ? {} : { n_features_in_: features };
  const fitted = readPlain({ class: name, params, attributes: { ...counted, ...attributes } }, pointer);
  return { ...fitted, input: { ...fitted.input, columns: undefined, passedThrough: undefined } };
}

function readPlain(document: z.output<typeof SklearnEstimator>, pointer: string): Fitted {
  const method = methods.find(({ sklearn }) => sklearn?.class === document.class) as Method;
  const sklearn = method.sklearn as SklearnMapping<CommonOptions>;
  const places = new Map([['', `${pointer}/attributes`]]);
  const options = readParams(document.params, sklearn, `${pointer}/params`, places);
  const normalizer = {
    method: method.name,
    axis: sklearn.axis === 0 ? 0 : -1,
    nan_policy: sklearn.nanPolicy,
    ...sklearn.options,
    ...countOptions(document.attributes, sklearn),
    ...options,
  };
  const found = findAttributes(document.attributes, sklearn.attributes(withDefaults(method, normalizer)), pointer);
  const perSample = sklearn.axis === 1;
  const features = perSample ? 0 : countFeatures(document.attributes, found, `${pointer}/attributes`);
  const names = readNames(document.attributes, perSample ? undefined : features, `${pointer}/attributes`);
  const parameters: Members = {};
  for (const name of Object.keys(method.parameters)) {
    if (method.omittedParameters?.(withDefaults(method, normalizer)).includes(name)) continue;
    // What a transform does not read is not known: None there, NaN here. A sample's own parameters belong to no estimator.
    const { value, place } = found.get(name) ?? { value: new Array(features).fill(null), place: '' };
    parameters[name] = value;
    if (place) places.set(`/parameters/${name}`, place);
  }
  const seen = document.attributes.n_samples_seen_;
  places.set('/n_samples_seen', `${pointer}/attributes/n_samples_seen_`);
  const fitted = importFitted({
    method,
    options: normalizer,
    parameters,
    places,
    input: { dtype: 'float64', shape: [null, perSample ? null : features], columns: names },
    samplesSeen: sklearn.countsSamples && seen !== null && seen !== undefined ? seen : 0,
  });
  const contradiction = sklearn.contradiction?.(fitted.normalizer, fitted.parameters);
  if (contradiction) {
    const { attribute, index, detail } = contradiction;
    throw problemAt('invalid_request', `${pointer}/attributes/${attribute}/${index}`, detail);
  }
  return fitted;
}

function readParams(
  given: Members,
  sklearn: SklearnMapping<CommonOptions>,
  pointer: string,
  places: Map<string, string>,
) {
  const options: Members = {};
  for (const [argument, value] of Object.entries(given)) {
    if (sklearn.ignored.includes(argument)) continue;
    if (sklearn.fixed && Object.hasOwn(sklearn.fixed, argument)) {
      const wanted = sklearn.fixed[argument];
      if (value === wanted) continue;
      throw problemAt('invalid_request', `${pointer}/${argument}`, `Only ${JSON.stringify(wanted)} is read here.`);
    }
    if (!Object.hasOwn(sklearn.params, argument)) {
      const known = [...Object.keys(sklearn.params), ...Object.keys(sklearn.fixed ?? {}), ...sklearn.ignored].join(
        ', ',
      );
      const shown = excerpt(argument);
      const detail = `${sklearn.class} is read with ${known}; not with "${shown}".`;
      throw problemAt('invalid_request', `${pointer}/${shown.replaceAll('~', '~0').replaceAll('/', '~1')}`, detail);
    }
    const place = `${pointer}/${argument}`;
    const { option, values, isFunction, optional } = sklearn.params[argument];
    if (optional && value === null) continue;
    const name = isFunction ? String(value).replace(/^(np|numpy)\./, '') : String(value);
    if (values && !Object.hasOwn(values, name)) {
      throw problemAt('invalid_request', place, `One of ${Object.keys(values).join(', ')} is wanted here.`);
    }
    const read = values ? values[name] : value;
    if (option in options && options[option] !== read)
      throw problemAt('invalid_request', place, `This contradicts ${places.get(`/normalizer/${option}`)}.`);
    options[option] = read;
    places.set(`/normalizer/${option}`, place);
  }
  for (const [argument, wanted] of Object.entries(sklearn.fixed ?? {})) {
    if (wanted !== null && !(argument in given))
      throw problemAt('invalid_request', `${pointer}/${argument}`, `${JSON.stringify(wanted)} is wanted here.`);
  }
  for (const [argument, { required, values }] of Object.entries(sklearn.params)) {
    if (!required || argument in given) continue;
    const known = Object.keys(values ?? {}).join(', ');
    throw problemAt('invalid_request', `${pointer}/${argument}`, `One of ${known} is wanted here.`);
  }
  return options;
}

/** Options that say how many values an attribute has, where these are fewer than the features. */
function countOptions(given: Members, { counts }: SklearnMapping<CommonOptions>): Members {
  const entries = Object.entries(counts ?? {}).map(([option, attribute]) => {
    const values = Object.hasOwn(given, attribute) ? given[attribute] : undefined;
    const first: unknown = Array.isArray(values) ? values[0] : undefined;
    const isFewer = Array.isArray(values) && Array.isArray(first) && values.length < first.length;
    return [option, isFewer ? values.length : undefined];
  });
  return Object.fromEntries(entries.filter(([, count]) => count !== undefined));
}

/** The options with their defaults, as far as they can be read: faults are told when all is put together. */
function withDefaults(method: Method, options: Members & { method: string }): CommonOptions {
  const parsed = method.schema.safeParse(options);
  return parsed.success ? parsed.data : method.schema.parse({ method: method.name });
}

/** The attributes that a transform needs, by parameter name. */
function findAttributes(
  given: Members,
  wanted: ReturnType<SklearnMapping<CommonOptions>['attributes']>,
  pointer: string,
): Map<string, Found> {
  const found = new Map<string, Found>();
  const add = (from: Members, attribute: string, parameter: string, above: string) => {
    const place = `${above}/${attribute}`;
    const value = Object.hasOwn(from, attribute) ? from[attribute] : undefined;
    if (!Array.isArray(value) || value.length === 0)
      throw problemAt('invalid_request', place, `The attribute ${attribute} is required, as a list.`);
    found.set(parameter, { value, place });
  };
  for (const [attribute, of] of Object.entries(wanted)) {
    if (of === null) continue;
    const place = `${pointer}/attributes`;
    if (typeof of === 'string') {
      add(given, attribute, of, place);
      continue;
    }
    const inner = membersAt(given, attribute, place);
    // Either an estimator document or only its attributes.
    const nested = Object.hasOwn(inner, 'attributes');
    const own = nested ? membersAt(inner, 'attributes', `${place}/${attribute}`) : inner;
    for (const [name, parameter] of Object.entries(of.attributes))
      add(own, name, parameter, `${place}/${attribute}${nested ? '/attributes' : ''}`);
  }
  return found;
}

function membersAt(from: Members, name: string, pointer: string): Members {
  const value = Object.hasOwn(from, name) ? from[name] : undefined;
  if (isObject(value)) return value;
  throw problemAt('invalid_request', `${pointer}/${name}`, `The attribute ${name} is required, as an object.`);
}

/** The names of the features, where the estimator was fitted on a DataFrame. */
function readNames({ feature_names_in_: names }: Members, features: number | undefined, pointer: string) {
  if (names === undefined || names === null) return undefined;
  const isList = Array.isArray(names) && names.every((name) => typeof name === 'string');
  if (isList && (features === undefined || names.length === features)) return names;
  const many = features === undefined ? '' : `${features} `;
  throw problemAt('invalid_request', `${pointer}/feature_names_in_`, `A list of ${many}names is wanted here.`);
}

/** The features: as many as a row of the attributes has, and as `n_features_in_` says. */
function countFeatures(given: Members, found: ReadonlyMap<string, Found>, pointer: string): number {
  const [first] = found.values();
  const row = first && (Array.isArray((first.value as unknown[])[0]) ? (first.value as unknown[][])[0] : first.value);
  const length = Array.isArray(row) ? row.length : undefined;
  const said = given.n_features_in_ ?? length;
  const isCount = typeof said === 'number' && Number.isInteger(said) && said >= 1 && said <= maxFeatures;
  if (isCount && (length === undefined || said === length)) return said;
  const wanted = length === undefined ? 'The number of features' : `${length}, the length of the other attributes,`;
  throw problemAt('invalid_request', `${pointer}/n_features_in_`, `${wanted} is wanted here.`);
}
