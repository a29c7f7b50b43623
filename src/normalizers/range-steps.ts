import { handleZerosInScale, type Parameters } from './method.ts';
import type { Step } from './steps.ts';

/** A range and an offset as a formula needs them. */
export interface Range {
  /** What data are multiplied by first, where a range is beyond the largest double; otherwise absent. */
  half: Float64Array | null;
  /** The scale, 1 where it is zero. */
  range: Float64Array;
  offset: Float64Array;
}

/**
 * Prepares `(x − offset) / (data_max − data_min)`. A range beyond the largest double (data from −1e308 to 1e308) is
 * computed on halved data, which changes no digit.
 */
export function rangeOf({ data_min, data_max, data_range }: Parameters, offset: Float64Array): Range {
  const factors = data_range.map((range, at) =>
    range === Infinity && Number.isFinite(data_min[at]) && Number.isFinite(data_max[at]) ? 0.5 : 1,
  );
  if (factors.every((factor) => factor === 1)) return { half: null, range: handleZerosInScale(data_range), offset };
  return {
    half: factors,
    range: handleZerosInScale(data_max.map((most, at) => most * factors[at] - data_min[at] * factors[at])),
    offset: offset.map((value, at) => value * factors[at]),
  };
}

/** `(x − offset) / range` */
export function divideByRange({ half, range, offset }: Range): Step[] {
  const steps: Step[] = [
    { op: 'subtract', by: offset },
    { op: 'divide', by: range },
  ];
  return half ? [{ op: 'multiply', by: half }, ...steps] : steps;
}

/** `y · range + offset` */
export function multiplyByRange({ half, range, offset }: Range): Step[] {
  const steps: Step[] = [
    { op: 'multiply', by: range },
    { op: 'add', by: offset },
  ];
  return half ? [...steps, { op: 'divide', by: half }] : steps;
}
