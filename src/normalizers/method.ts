import type * as z from 'zod';
import type { Reduction, State } from '#statistics/reduction.ts';
import type { WholeSlices } from '#statistics/whole-slices.ts';
import type { Axis } from '#tensor/axis.ts';
import type { SklearnMapping } from './sklearn-mapping.ts';
import type { SampleStep, Step } from './steps.ts';
import type { Warning } from './warnings/warning.ts';

/** The options all methods share, as zod leaves them. */
export interface CommonOptions {
  method: string;
  axis: Axis;
  nan_policy: 'raise' | 'omit' | 'propagate';
  on_constant: 'one' | 'error';
  /** Indexes along the last axis; in a request also names of a table's columns. */
  columns?: (number | string)[];
  /** Limits of the output; true stands for the method's own range. */
  clip?: boolean | readonly [low: number | null, high: number | null] | null;
  /** What NaN becomes in the output. */
  fill?: number;
}

/** The same, once it is known which data they are for. */
export interface ResolvedOptions extends CommonOptions {
  columns?: number[];
}

/** What a list of columns can have in place of a normalizer: they stay as they are, or are left out. */
export type Shorthand = 'passthrough' | 'drop';

/** One of the normalizers that another one is made of. */
export interface Part {
  normalizer: CommonOptions | Shorthand;
  /** The columns that it takes; absent where it takes them all. */
  columns?: (number | string)[];
}

/** How rows are told apart that have parameters of their own. */
export interface Grouping {
  /** The column of a table that says it; absent where `groups` beside the data does. */
  by?: string;
  unseen: 'error' | 'global' | 'nan';
  minSamples: number;
}

/** How a normalizer is made of others. */
export interface Composition<Options> {
  /** `sequence`: each takes what the one before it gives. `columns`: each takes columns of its own. `groups`: one, for each group of rows. */
  kind: 'sequence' | 'columns' | 'groups';
  /** The list of its parts among the options, and among the parameters. */
  member: string;
  partsOf(options: Options): Part[];
  /** The options with other parts, as many as before. */
  withParts(options: Options, parts: readonly Part[]): Options;
  /** Where a part's normalizer stands among the options, as a JSON pointer. */
  pointerOf(at: number): string;
  /** Which rows have parameters of their own. */
  grouping?(options: Options): Grouping;
  /** What becomes of columns that no part takes. */
  remainder?(options: Options): 'passthrough' | 'drop' | 'error';
}

/** What fitting learned, under each name. */
export type Parameters = Record<string, Float64Array<ArrayBuffer>>;

/** What a parameter has values for; landmarks run along a new first axis. */
export type ParameterShape = 'slices' | 'landmarks' | 'landmarks, slices';

export interface Learned {
  parameters: Parameters;
  /** The slices that are constant, so that their scale stays 1. */
  constant: number[];
}

/** An invalid parameter of a fitted document. */
export interface InvalidParameter {
  parameter: string;
  detail: string;
}

/** The documentation of a method. */
export interface About {
  title: string;
  formula: string;
  /** What it preserves. */
  keeps: string[];
  loses: string[];
  outliers: string;
  when: string;
  sources: string[];
  /** Options of a normalizer that shows what it is for, where the defaults do not. */
  example?: Readonly<Record<string, unknown>>;
}

/**
 * A method of normalization: one file in `methods/`, its export `method`. Shared code never asks for a method's
 * name; what it needs to know, the method declares here.
 */
export interface Method<Options extends CommonOptions = CommonOptions> {
  name: string;
  /** The options as a zod object, `method` included. */
  schema: z.ZodType<Options>;
  about: About;
  /** Present where it is made of other normalizers, which learn and compute in its place. */
  composition?: Composition<Options>;
  /** The parameters it learns. */
  parameters: Readonly<Record<string, ParameterShape>>;
  /** Further parameters, one per slice, which only the fits that need them have; the values are for slices that do not. */
  rareParameters?: Readonly<Record<string, number>>;
  /** Maximum number of landmarks, if parameters have landmarks. */
  landmarks?(options: Options): number;
  /** Parameters that are absent with these options. */
  omittedParameters?(options: Options): readonly string[];
  /** Whether the transform has an inverse. */
  invertible: boolean;
  /** Whether documents fitted on parts of the data can be merged. */
  mergeable: boolean;
  /** Whether it supports `sample_weight`. */
  weighted: boolean;
  /** Whether it is meant for each sample by itself: an array of rank 1 is one sample, and sample scope loses their scale. */
  perSample: boolean;
  /** Whether a few outliers decide its scale. */
  outlierSensitive: boolean;
  /** The options for data of a shape, where a default depends on that. */
  resolveDefaults?(options: Options, shape: readonly unknown[]): Options;
  /** Rejects parameters that no fit can produce, such as edited ones. */
  validateParameters?(parameters: Parameters): InvalidParameter | undefined;
  /** The ends of the data that were fitted, for a method whose output is bounded by them. */
  fittedRange?(parameters: Parameters): { low: Float64Array; high: Float64Array } | undefined;
  /** The ends of the data that the options are meant for, where they say so: pixels from 0 to 255. */
  expectedRange?(options: Options): readonly [number, number] | undefined;
  /** Warnings of options that may be meant otherwise for data of a shape. */
  shapeWarnings?(options: Options, shape: readonly (number | null)[]): Warning[];
  /** What it has to see of the data; nothing, when nothing is learned. */
  reductions(options: Options): Reduction[];
  /**
   * Present where it looks at all slices together, the features of a sample, so that a block must hold whole samples and
   * axis 0 must be reduced.
   */
  joint?: { maxSlices: number };
  /** How many columns come out and what they are called, `name0`, `name1`, …; absent where they are those that go in. */
  outputs?(options: Options): { count: number; name: string } | undefined;
  /** Whether it can be taken back with these options; by default as `invertible` says. */
  isInvertible?(options: Options): boolean;
  /** Whether it needs every slice whole besides, so that the data are held. */
  wholeSlices?(options: Options): boolean;
  /** Whether it works on all of a slice's values as float64. */
  readsSlices?: boolean;
  /** From the states of those reductions, and the whole slices where it needs them, to the parameters, slice by slice. */
  learn(options: Options, states: readonly State[], slices: number, whole?: WholeSlices): Learned;
  /** The range of its output on the data that were fitted, for `clip: true`. */
  outputRange?(options: Options): readonly [low: number, high: number];
  /** The formula of the transform, before `clip` and `fill`. */
  transform(options: Options, parameters: Parameters): Step[];
  /** The formula of the inverse. */
  inverse(options: Options, parameters: Parameters): Step[];
  /** The formula for new samples under sample scope, for exporters; absent if it cannot be expressed. */
  sampleTransform?(options: Options): SampleStep[];
  /** Its peer in scikit-learn, where fitted ones can be exchanged. */
  sklearn?: SklearnMapping<Options>;
}

/** 1 where a scale is 0, so that a constant slice is left as it is. */
export function handleZerosInScale(scale: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  return scale.map((value) => (value === 0 ? 1 : value));
}

/** The indexes of zeros. Most often there are none, and V8 finds that out faster than a loop. */
export function indexesOfZeros(values: Float64Array): number[] {
  const indexes: number[] = [];
  for (let at = values.indexOf(0); at >= 0; at = values.indexOf(0, at + 1)) indexes.push(at);
  return indexes;
}

/** The indexes at which a predicate holds. */
export function indexesWhere(values: Float64Array, holds: (value: number, at: number) => boolean): number[] {
  const indexes: number[] = [];
  for (let at = 0; at < values.length; at++) if (holds(values[at], at)) indexes.push(at);
  return indexes;
}

/** The fault of divisors that are not above zero; NaN is a slice without numbers. */
export function checkPositive(parameters: Parameters, names: readonly string[]): InvalidParameter | undefined {
  for (const parameter of names) {
    const bad = parameters[parameter]?.find((value) => value <= 0);
    if (bad !== undefined)
      return { parameter, detail: `${parameter} must be positive for every fitted slice; got ${bad}.` };
  }
  return undefined;
}

/** The fault of rows of values, one per slice, that must not fall from row to row. */
export function checkIncreasing(parameter: string, rows: Float64Array, slices: number): InvalidParameter | undefined {
  const falls = rows.findIndex((value, at) => at >= slices && value < rows[at - slices]);
  return falls < 0 ? undefined : { parameter, detail: `${parameter} must not decrease from one landmark to the next.` };
}
