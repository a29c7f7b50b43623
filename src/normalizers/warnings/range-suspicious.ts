import type { Description } from '#statistics/describe.ts';
import { type Dtype, isFloat } from '#tensor/dtype.ts';
import type { CommonOptions, Parameters } from '#normalizers/method.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import type { Warning } from './warning.ts';

/** Magnitudes up to here are those of scaled data, from here on those of raw pixels and the like. */
const mostScaled = 1.5;
const leastRaw = 64;

/** Whether data look scaled already where raw ones belong, or raw where scaled ones were fitted. */
export function rangeSuspicious(
  normalizer: CommonOptions,
  parameters: Parameters,
  dtype: Dtype,
  described: Description,
): Warning[] {
  const expected = expectedMagnitude(normalizer, parameters);
  const found = magnitudeOf(described);
  if (expected === undefined || !(found > 0)) return [];
  const hasFractions = isFloat(dtype) && described.mean.some((mean) => !Number.isInteger(mean));
  if (expected >= leastRaw && found <= 1 && hasFractions) {
    const message = `The data lie within ${shown(described)} and look scaled already; this normalizer expects values up to about ${round(expected)}. Send them unscaled, or fit on scaled ones.`;
    return [{ code: 'range_suspicious', message }];
  }
  if (expected <= mostScaled && found >= leastRaw) {
    const message = `The data reach ${round(found)} and look raw; this normalizer was fitted on values up to about ${round(expected)}. Scale them as the fitted data were.`;
    return [{ code: 'range_suspicious', message }];
  }
  return [];
}

/** The largest magnitude among the data that a normalizer is for, as far as it tells. */
function expectedMagnitude(normalizer: CommonOptions, parameters: Parameters): number | undefined {
  const method = methodOf(normalizer);
  const declared = method.expectedRange?.(normalizer);
  if (declared) return Math.max(...declared.map(Math.abs));
  const range = method.fittedRange?.(parameters);
  if (range) return Math.max(largest(range.low), largest(range.high));
  const { mean, center = mean, scale } = parameters;
  if (!center || !scale || parameters.lambdas) return undefined;
  return largest(center.map((value, at) => Math.abs(value) + 2 * scale[at]));
}

function magnitudeOf({ min, max }: Description): number {
  return Math.max(largest(min), largest(max));
}

/** The largest magnitude; slices without numbers are left out. */
function largest(values: Float64Array): number {
  return values.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 0);
}

function shown({ min, max }: Description): string {
  const least = min.reduce((one, other) => (other < one ? other : one), Infinity);
  const most = max.reduce((one, other) => (other > one ? other : one), -Infinity);
  return `[${round(least)}, ${round(most)}]`;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
