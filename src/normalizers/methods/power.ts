import * as z from 'zod';
import { extent } from '#statistics/extent.ts';
import { boxCoxLambda, yeoJohnsonLambda } from '#statistics/power-likelihood.ts';
import { powerMoments } from '#statistics/power-moments.ts';
import { field } from '#statistics/reduction.ts';
import { isConstant } from '#normalizers/is-constant.ts';
import { checkPositive, indexesWhere, type Method, type Parameters } from '#normalizers/method.ts';
import { axisOption, commonOptions } from '#normalizers/common-options.ts';
import { sliceProblem } from '#normalizers/slice-problem.ts';
import type { Step } from '../steps.ts';

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
 * scipy.stats.boxcox), then z-score.
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
  omittedParameters: ({ standardize }) => (standardize ? [] : ['mean', 'scale']),
  invertible: true,
  mergeable: false,
  weighted: false,
  perSample: false,
  outlierSensitive: false,
  validateParameters: (parameters) => checkPositive(parameters, ['scale']),
  reductions: () => [extent],
  wholeSlices: () => true,
  learn({ power_method, standardize }, [state], slices, whole) {
    if (!whole) throw new Error('power is fitted on whole slices');
    const min = field(extent, state, 'min');
    const max = field(extent, state, 'max');
    const constant = indexesWhere(min, (least, at) => least === max[at]);
    if (power_method === 'box-cox') refuseForBoxCox(min, constant);
    const lambdas = new Float64Array(slices).fill(NaN);
    const mean = new Float64Array(slices).fill(NaN);
    const scale = new Float64Array(slices).fill(NaN);
    whole.each((values, slice) => {
      if (values.length === 0) return;
      lambdas[slice] = power_method === 'box-cox' ? boxCoxLambda(values) : yeoJohnsonLambda(values);
      if (!standardize) return;
      const moments = powerMoments(values, lambdas[slice], power_method);
      mean[slice] = moments.mean;
      scale[slice] = isConstant(values.length, moments.mean, moments.m2) ? 1 : Math.sqrt(moments.m2 / values.length);
    });
    const parameters: Parameters = standardize ? { lambdas, mean, scale } : { lambdas };
    return { parameters, constant };
  },
  transform({ power_method, standardize }, { lambdas, mean, scale }) {
    const steps: Step[] = [{ op: power_method, by: lambdas }];
    if (standardize) steps.push({ op: 'subtract', by: mean }, { op: 'divide', by: scale });
    return steps;
  },
  inverse({ power_method, standardize }, { lambdas, mean, scale }) {
    const steps: Step[] = [{ op: `${power_method}-inverse`, by: lambdas }];
    if (standardize) steps.unshift({ op: 'multiply', by: scale }, { op: 'add', by: mean });
    return steps;
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
