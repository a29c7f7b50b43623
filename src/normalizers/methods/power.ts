import * as z from 'zod';
import { extent } from '#statistics/extent.ts';
import { fitPower, type PowerFit } from '#statistics/power/power-fit.ts';
import { boxCoxLambda, yeoJohnsonLambda } from '#statistics/power/power-likelihood.ts';
import { field } from '#statistics/reduction.ts';
import { checkPositive, indexesWhere, type Method, type Parameters } from '#normalizers/method.ts';
import { axisOption, commonOptions } from '#normalizers/common-options.ts';
import { sliceProblem } from '#normalizers/slice-problem.ts';
import type { Step } from '../steps.ts';
import { needsUnit, restore, standardize, unitParameters, withUnits } from '../unit.ts';

const schema = z
  .strictObject({
    method: z.literal('power'),
    axis: axisOption(0),
    power_method: z.enum(['yeo-johnson', 'box-cox']).default('yeo-johnson').meta({
      description: 'yeo-johnson accepts any value, box-cox only positive ones.',
    }),
    standardize: z
      .boolean()
      .default(true)
      .meta({ description: 'Whether to standardize the result to mean 0 and variance 1.' }),
    ...commonOptions,
  })
  .meta({
    id: 'Power',
    title: 'power',
    description: 'Applies the power that makes each slice most nearly normal, then standardizes it.',
  });

type Options = z.output<typeof schema>;

/**
 * Power transform, as scikit-learn's PowerTransformer: per slice the λ of greatest likelihood (scipy.stats.yeojohnson,
 * scipy.stats.boxcox), then z-score. Far from zero powers are all but equal, and scikit-learn's come out as rounding
 * noise: there the transform is relative to a value of the slice, which standardizing takes back.
 */
const power: Method<Options> = {
  name: 'power',
  schema,
  about: {
    title: 'Power transform (Yeo-Johnson, Box-Cox)',
    formula: 'y = (ψ(x, λ) − mean) / scale; Yeo-Johnson for x ≥ 0: ψ = ((1 + x)^λ − 1) / λ; Box-Cox: ψ = (x^λ − 1) / λ',
    keeps: ['the order of the values', 'more of the distances than ranks would'],
    loses: [
      'skewness, which is its purpose',
      'the unit, ratios and distances, which the inverse restores',
      'zeros, when standardized',
    ],
    outliers: 'Outliers influence λ, and a long tail is pulled in.',
    when: 'Values are skewed (incomes, counts, durations) and a model expects a nearly normal distribution.',
    sources: ['scikit-learn PowerTransformer', 'Yeo and Johnson (2000)', 'Box and Cox (1964)'],
  },
  parameters: { lambdas: 'slices', mean: 'slices', scale: 'slices' },
  rareParameters: { ...unitParameters, reference: 0, reference_mean: 0, reference_scale: 1 },
  omittedParameters: ({ standardize }) => (standardize ? [] : ['mean', 'scale']),
  invertible: true,
  mergeable: false,
  weighted: false,
  perSample: false,
  outlierSensitive: false,
  validateParameters: (parameters) => checkPositive(parameters, ['scale', 'reference_scale']),
  reductions: () => [extent],
  wholeSlices: () => true,
  readsSlices: true,
  learn({ power_method, standardize }, [state], slices, whole) {
    if (!whole) throw new Error('power is fitted on whole slices');
    const min = field(extent, state, 'min');
    const max = field(extent, state, 'max');
    const constant = indexesWhere(min, (least, at) => least === max[at]);
    if (power_method === 'box-cox') refuseForBoxCox(min, constant);
    const lambdas = new Float64Array(slices).fill(NaN);
    if (!standardize) {
      whole.each((values, slice) => {
        if (values.length === 0) return;
        lambdas[slice] = power_method === 'box-cox' ? boxCoxLambda(values) : yeoJohnsonLambda(values);
      });
      return { parameters: { lambdas }, constant };
    }
    const fits = new Map<number, PowerFit>();
    whole.each((values, slice) => {
      if (values.length > 0) fits.set(slice, fitPower(values, power_method));
    });
    return { parameters: parametersOf(fits, slices, new Set(constant), power_method), constant };
  },
  transform({ power_method, standardize: isStandardized }, parameters) {
    const step: Step = { op: power_method, by: parameters.lambdas, reference: parameters.reference };
    return isStandardized ? [step, ...standardize(parameters, ...centerOf(parameters))] : [step];
  },
  inverse({ power_method, standardize: isStandardized }, parameters) {
    const { lambdas, reference } = parameters;
    const step: Step = { op: `${power_method}-inverse`, by: lambdas, reference };
    return isStandardized ? [...restore(parameters, ...centerOf(parameters)), step] : [step];
  },
  sklearn: {
    class: 'PowerTransformer',
    axis: 0,
    params: { method: { option: 'power_method' }, standardize: { option: 'standardize' } },
    ignored: ['copy'],
    nanPolicy: 'omit',
    attributes: ({ standardize }) => ({
      lambdas_: 'lambdas',
      ...(standardize ? { _scaler: { class: 'StandardScaler', attributes: { mean_: 'mean', scale_: 'scale' } } } : {}),
    }),
  },
};

export { power as method };

function parametersOf(
  fits: ReadonlyMap<number, PowerFit>,
  slices: number,
  constant: ReadonlySet<number>,
  kind: Options['power_method'],
): Parameters {
  const valuesOf = (pick: (fit: PowerFit, slice: number) => number) =>
    Float64Array.from({ length: slices }, (_, at) => {
      const fit = fits.get(at);
      return fit ? pick(fit, at) : NaN;
    });
  const lambdas = valuesOf(({ lambda }) => lambda);
  const mean = valuesOf((fit) => fit.mean);
  const scale = valuesOf(({ deviation }, at) => (constant.has(at) ? 1 : deviation || Number.MIN_VALUE));
  const parameters = withUnits({ lambdas, mean, scale }, slices, (at) => {
    const fit = fits.get(at);
    return fit && !fit.near && scale[at] !== 1 && needsUnit(mean[at], scale[at]) ? fit.scaled : undefined;
  });
  if (![...fits.values()].some(({ near }) => near)) return parameters;
  return {
    ...parameters,
    reference: valuesOf(({ near }) => near?.reference ?? (kind === 'box-cox' ? 1 : 0)),
    reference_mean: valuesOf(({ near }, at) => near?.mean ?? mean[at]),
    reference_scale: valuesOf(({ near }, at) => near?.deviation ?? scale[at]),
  };
}

/** What is subtracted and what is divided by. */
function centerOf({ mean, scale, reference_mean, reference_scale }: Parameters): [Float64Array, Float64Array] {
  return [reference_mean ?? mean, reference_scale ?? scale];
}

function refuseForBoxCox(min: Float64Array, constant: number[]): void {
  const bad = min.findIndex((value) => value <= 0);
  if (bad >= 0)
    throw sliceProblem(
      bad,
      `Box-Cox requires positive values, and the least is ${min[bad]}. Use yeo-johnson, which accepts any value.`,
    );
  if (constant.length > 0)
    throw sliceProblem(
      constant[0],
      'Box-Cox cannot fit λ where all values are equal. Use yeo-johnson, which leaves them unchanged.',
    );
}
