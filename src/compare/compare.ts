import { drain } from '#formats/writer.ts';
import { Problem, problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import { withoutNames } from '#engine/tables/composed-columns.ts';
import { resolveNormalizer } from '#normalizers/composition/resolve-normalizer.ts';
import { takesWeights } from '#normalizers/composition/parts.ts';
import { middleQuantiles } from '#statistics/middle-90.ts';
import type { DescribeOptions, StatisticsOptions } from '#statistics/options.ts';
import { elementCount } from '#tensor/shape.ts';
import type { SharedSource } from '#tensor/source.ts';
import type { StatisticsContent } from '#formats/json/statistics.ts';
import { runCall } from '#engine/run-call.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import { preservationUnder } from './measure-preservation.ts';
import type { ComparedNormalizer, Comparison, DistributionStatistics, FailedNormalizer } from './comparison.ts';
import { defaultNormalizers } from './default-normalizers.ts';
import { collectEvidence } from './evidence/collect-evidence.ts';
import { checkLabels, type GivenLabels } from './evidence/labels.ts';
import { nameSelected, placeColumns } from '#engine/tables/place-columns.ts';
import type { TableSchema } from '#tables/schema.ts';
import { mapInOrder } from '#pool/map-in-order.ts';
import { subsample } from './subsample.ts';
import { plottedStatistics } from '#formats/svg/plot-options.ts';
import type { AnswerSummary } from '#formats/summary.task.ts';
import type { Runner } from '#pool/task.ts';
import type { Call } from '#engine/plan-call.ts';

/** An input that several calls can read, also at the same time. */
export interface SharedInput extends TensorInput {
  source: SharedSource;
}

/** A requested comparison. */
export interface ComparisonCall {
  /** Those that suit the data when not given. */
  normalizers?: readonly CommonOptions[];
  statistics: StatisticsOptions | false;
  /** Used by the normalizers that support weights; the others are fitted without. */
  sampleWeight?: Float64Array;
  /** What the samples are, for evidence of what each normalizer is worth. */
  labels?: GivenLabels;
  /** The columns of the table that the data are the numbers of, as it was sent. */
  schema?: TableSchema;
}

/** Normalizers to run concurrently: while one waits for a single task, another uses the other threads. */
const atOnce = 2;

/** Up to this many values, data are buffered for exact quantiles and for counting indistinguishable samples. */
const maxInputBytes = 2 ** 22;

/**
 * Runs several normalizers on the same data, each as `/v1/normalize` would. The entry of one that cannot be computed
 * has the problem.
 * @param limit maximum bytes of data in memory
 * @param isWanted called before each normalizer; false if the client has disconnected
 * @throws Problem for data that cannot be described, for invalid weights, and if no normalizer can be computed
 */
export async function compare(
  { normalizers: given, statistics, sampleWeight, labels, schema }: ComparisonCall,
  { source, ...rest }: SharedInput,
  run: Runner,
  limit: number,
  isWanted: () => boolean,
): Promise<Comparison> {
  if (sampleWeight && given) checkWeighted(given);
  const checked = labels && checkLabels(labels, source.shape);
  const few = elementCount(source.shape) <= maxInputBytes;
  const data: TensorInput = { ...rest, source, inMemory: few };
  const whole = { ...plottedStatistics(statistics), ...(few ? { quantiles: middleQuantiles } : {}) };
  const asked = statistics && asksForMore(statistics) ? statistics : undefined;
  const picked = subsample(source);

  const input: DistributionStatistics = { whole: await describe(whole), asked: asked && (await describe(asked)) };
  const hasNaN = input.whole.description.nan_count[0] > 0;
  const normalizers = given ?? defaultNormalizers(source, hasNaN);
  const entries: Comparison['normalizers'] = [];
  const fitted: { place: number; fitted: Fitted }[] = [];
  const results = mapInOrder(normalizers.entries(), atOnce, async ([at, normalizer]) => {
    if (!isWanted()) throw new Problem('broken_body', 'The client disconnected.');
    return compareOne(normalizer, at).catch((error: unknown) => refused(error, normalizer, at));
  });
  for await (const result of results) entries.push(result);
  checkAny(entries);
  // The first of the usual ones is the data as they are, which evidence begins with anyway.
  const inputPlace = given ? -1 : 0;
  const places = fitted.filter(({ place }) => place !== inputPlace).sort((a, b) => a.place - b.place);
  const evidence = await collectEvidence(
    {
      source,
      fitted: places,
      inputPlace,
      labels: checked,
      sampleWeight,
      columnNames: rest.table?.names ?? (rest.columns?.ofLists ? undefined : rest.columns?.names),
    },
    run,
    limit,
    isWanted,
  );
  return {
    header: { dtype: source.dtype, shape: source.shape },
    comparedSamples: picked ? (picked.shape[0] ?? 1) : 0,
    describes: statistics !== false,
    input,
    normalizers: entries,
    inputPlace,
    evidence,
  };

  async function describe(one: DescribeOptions): Promise<StatisticsContent> {
    const summary = await summarize({ operation: 'describe', statistics: one, include: ['statistics'] });
    return summary.statistics?.input as StatisticsContent;
  }

  async function compareOne(normalizer: CommonOptions, place: number): Promise<ComparedNormalizer> {
    const weights = takesWeights(normalizer) ? sampleWeight : undefined;
    const names = rest.table?.names;
    const ofTensor = schema && names ? placeColumns(normalizer, schema, names) : normalizer;
    const placed = withoutNames(resolveNormalizer(ofTensor, { length: source.shape.at(-1), names }));
    const one = { operation: 'normalize', normalizer: placed, sampleWeight: weights, merges: false } as const;
    const summary = await summarize({
      ...one,
      statistics: whole,
      described: input.whole,
      include: ['fitted', 'statistics'],
    });
    const more =
      asked && (await summarize({ ...one, statistics: asked, described: input.asked, include: ['statistics'] }));
    const own = summary.fitted as Fitted;
    fitted.push({ place, fitted: own });
    return {
      normalizer: names ? nameSelected(own.normalizer, names) : own.normalizer,
      scope: own.scope,
      warnings: summary.warnings ?? [],
      output: { whole: summary.statistics?.output as StatisticsContent, asked: more?.statistics?.output },
      changes: picked && (await preservationUnder(own, picked, source, run, limit)),
      weighted: sampleWeight && weights !== undefined,
    };
  }

  function summarize(call: Call): Promise<AnswerSummary> {
    return drain(runCall(call, data, 'none', run, limit));
  }
}

/** Whether more was requested than the statistics of the whole array. */
function asksForMore({ axis, quantiles, histogram }: StatisticsOptions): boolean {
  return axis !== null || quantiles !== undefined || histogram !== undefined;
}

function checkWeighted(normalizers: readonly CommonOptions[]): void {
  if (normalizers.some((normalizer) => takesWeights(normalizer))) return;
  throw problemAt('invalid_request', '/sample_weight', 'None of these normalizers supports sample_weight.');
}

/** The problem of a single normalizer, with pointers to its place in the request. */
function refused(error: unknown, normalizer: CommonOptions, at: number): FailedNormalizer {
  if (!(error instanceof Problem) || error.errors.some(({ pointer }) => pointer.startsWith('/sample_weight')))
    throw error;
  const errors = error.errors.map(({ pointer, detail }) => ({
    pointer: pointer.replace(/^\/normalizer(?=\/|$)/, `/normalizers/${at}`),
    detail,
  }));
  return { normalizer, problem: { code: error.code, message: error.message, errors } };
}

/** @throws Problem that lists every normalizer, if none can be computed */
function checkAny(normalizers: Comparison['normalizers']): void {
  const problems = normalizers.flatMap((one) => ('problem' in one ? [one.problem] : []));
  if (problems.length < normalizers.length) return;
  const [{ code, message }] = problems;
  const places = problems.map((problem, at) => ({ pointer: `/normalizers/${at}`, detail: problem.message }));
  const isOne = problems.every((problem) => problem.code === code);
  throw new Problem(
    isOne ? code : 'not_computable',
    `None of the normalizers can be computed on these data. ${message}`,
    places,
  );
}
