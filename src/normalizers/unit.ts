import { scaleBy, smallestNormal } from '#statistics/binary-scale.ts';
import type { Scaled } from '#statistics/moment-values.ts';
import type { Parameters } from './method.ts';
import type { Step } from './steps.ts';

/**
 * Parameters that a fit has only where a double does not hold an offset or a scale to its last digit, or where a
 * difference of two values overflows: there the formula is computed in units of a power of two, with an offset and a
 * scale in that unit. A unit of 1 says that the slice does without.
 */
export const unitParameters = { unit: 1, unit_offset: 0, unit_scale: 1 };

/** Units are powers of two between 2^-1000 and 2^1000, so that the inverse of one is another. */
const maxExponent = 1000;

/** From here on the difference of an offset and a double can overflow. */
const largestOffset = 2 ** 969;

/** Whether a slice has to be computed in a unit of its own. */
export function needsUnit(offset: number, scale: number): boolean {
  return Math.abs(offset) >= largestOffset || scale === Infinity || (scale > 0 && scale < smallestNormal);
}

/**
 * The parameters, with a unit where slices need one.
 * @param scaledOf offset and scale of a slice in units of a power of two; nothing where it does without
 */
export function withUnits(
  parameters: Parameters,
  slices: number,
  scaledOf: (slice: number) => Scaled | undefined,
): Parameters {
  let units: Record<keyof typeof unitParameters, Float64Array<ArrayBuffer>> | undefined;
  for (let at = 0; at < slices; at++) {
    const scaled = scaledOf(at);
    if (!scaled) continue;
    units ??= {
      unit: new Float64Array(slices).fill(1),
      unit_offset: new Float64Array(slices),
      unit_scale: new Float64Array(slices).fill(1),
    };
    const exponent = Math.max(-maxExponent, Math.min(maxExponent, scaled.exponent));
    units.unit[at] = 2 ** exponent;
    units.unit_offset[at] = scaleBy(scaled.offset, scaled.exponent - exponent);
    units.unit_scale[at] = scaleBy(scaled.scale, scaled.exponent - exponent);
  }
  return units ? { ...parameters, ...units } : parameters;
}

/** `(x − offset) / scale`, without the difference where `offset` is null, and without the quotient where `scale` is. */
export function standardize(parameters: Parameters, offset: Float64Array | null, scale: Float64Array | null): Step[] {
  const { unit, unit_offset, unit_scale } = parameters;
  const steps: Step[] = [];
  if (offset) steps.push({ op: 'subtract', by: inUnit(unit, offset, unit_offset) });
  if (scale) steps.push({ op: 'divide', by: inUnit(unit, scale, unit_scale) });
  return unit ? [{ op: 'multiply', by: unit.map((one) => 1 / one) }, ...steps] : steps;
}

/** `y · scale + offset` */
export function restore(parameters: Parameters, offset: Float64Array | null, scale: Float64Array | null): Step[] {
  const { unit, unit_offset, unit_scale } = parameters;
  const steps: Step[] = [];
  if (scale) steps.push({ op: 'multiply', by: inUnit(unit, scale, unit_scale) });
  if (offset) steps.push({ op: 'add', by: inUnit(unit, offset, unit_offset) });
  return unit ? [...steps, { op: 'multiply', by: unit }] : steps;
}

function inUnit(unit: Float64Array | undefined, plain: Float64Array, scaled: Float64Array): Float64Array {
  return unit ? plain.map((value, at) => (unit[at] === 1 ? value : scaled[at])) : plain;
}
