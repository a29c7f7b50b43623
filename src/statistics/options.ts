import * as z from 'zod';

const axisIndex = z.int().min(-8).max(7);

/** A list that is checked as one: a schema of its items would report every bad one of hundreds of thousands. */
function listOf<Item>(
  isItem: (item: unknown) => boolean,
  most: number,
  message: string,
  items: object,
): z.ZodType<Item[]> {
  return z
    .unknown()
    .refine((list) => Array.isArray(list) && list.length <= most && list.every(isItem), message)
    .meta({ type: 'array', items, maxItems: most }) as unknown as z.ZodType<Item[]>;
}

const anAxis = 'must be an axis from -8 to 7, a list of up to 8 of them, or null';

/** An axis, several, or `null` for all, as NumPy takes them. */
export const axisSchema = z.union(
  [
    axisIndex,
    listOf<number>((item) => axisIndex.safeParse(item).success, 8, anAxis, {
      type: 'integer',
      minimum: -8,
      maximum: 7,
    }),
    z.null(),
  ],
  anAxis,
);

/** The most bins or quantiles one request can ask for. */
const maxBins = 10_000;
const maxQuantiles = 1_000;

const quantileList = listOf<number>(
  (item) => typeof item === 'number' && item >= 0 && item <= 1,
  maxQuantiles,
  `must be a list of up to ${maxQuantiles} numbers between 0 and 1`,
  { type: 'number', minimum: 0, maximum: 1 },
);

/** What statistics a request asks for, under SciPy's and NumPy's names. */
export const StatisticsOptions = z
  .strictObject({
    axis: z
      .union([axisIndex, z.array(axisIndex).max(8), z.null()], anAxis)
      .default(null)
      .meta({
        description: 'The axis or axes to describe over, as in NumPy; null describes the whole array at once.',
      }),
    ddof: z
      .int()
      .min(0)
      .default(1)
      .meta({ description: 'Delta degrees of freedom: the variance is the sum of squares divided by nobs − ddof.' }),
    bias: z.boolean().default(true).meta({
      description: 'False corrects skewness and kurtosis for statistical bias, as scipy.stats.describe does.',
    }),
    quantiles: quantileList.optional().meta({
      description: 'Quantiles between 0 and 1, by linear interpolation as numpy.quantile.',
    }),
    histogram: z
      .strictObject({
        bins: z.int().min(1).max(maxBins).default(10),
        range: z
          .tuple([z.number(), z.number()])
          .refine(([low, high]) => low <= high, 'the range must not decrease')
          .optional()
          .meta({ description: 'The outer edges. Default: the minimum and maximum of the data.' }),
      })
      .optional()
      .meta({ description: 'Counts and edges by the rules of numpy.histogram.' }),
  })
  .meta({ id: 'StatisticsOptions' });

export type StatisticsOptions = z.output<typeof StatisticsOptions>;

/** What the input or the output of a call is described by. */
export type DescribeOptions = StatisticsOptions & {
  /** A histogram that these data have none of is left out instead of being an error. */
  lenient?: boolean;
};
