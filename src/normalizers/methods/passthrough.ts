import * as z from 'zod';
import type { Method } from '#normalizers/method.ts';
import { axisOption, commonOptions } from '#normalizers/common-options.ts';

const schema = z
  .strictObject({ method: z.literal('passthrough'), axis: axisOption(0), ...commonOptions })
  .meta({ id: 'Passthrough', title: 'passthrough', description: 'Leaves every value as it is.' });

type Options = z.output<typeof schema>;

/** The identity, for a column that needs nothing, or nothing but `clip` and `fill`. */
const passthrough: Method<Options> = {
  name: 'passthrough',
  schema,
  about: {
    title: 'The values as they are',
    formula: 'y = x',
    keeps: ['everything'],
    loses: ['nothing: only clip and fill, where they are given, change a value'],
    outliers: 'They stay where they are, and influence nothing.',
    when: 'A column is fit for the model already, as a flag is, or a comparison needs the data without any method.',
    sources: ["scikit-learn ColumnTransformer's 'passthrough'"],
  },
  parameters: {},
  invertible: true,
  mergeable: true,
  weighted: false,
  perSample: false,
  outlierSensitive: false,
  reductions: () => [],
  learn: () => ({ parameters: {}, constant: [] }),
  transform: () => [],
  inverse: () => [],
};

export { passthrough as method };
