import type * as z from 'zod';
import { problemAt } from '#errors.ts';
import type { Body } from '#formats/reader.ts';
import { sizeOf } from '#formats/stream/array-source.ts';
import type { ServiceContext } from '#http/context.ts';
import { groupingsOf } from '#normalizers/composition/groups.ts';
import { takesWeights } from '#normalizers/composition/parts.ts';
import type { CommonOptions } from '#normalizers/method.ts';

/**
 * Whether a call takes what a body has for each sample.
 * @throws Problem if it does not, or has it already
 */
export function isTaken(
  name: 'groups' | 'labels' | 'folds',
  members: z.ZodObject,
  envelope: Record<string, unknown>,
  { mayHoldMore = false }: Body,
): boolean {
  const taken = name in members.shape;
  if (taken && envelope[name] === undefined) return true;
  if (!taken && mayHoldMore) return false;
  const detail = taken ? `${name} is given twice.` : `This call does not support ${name}.`;
  throw problemAt('invalid_request', `/${name}`, detail);
}

/**
 * Reads the weights of a body.
 * @throws Problem if the call does not support weights, or has them already
 */
export async function withWeights(
  body: Body,
  members: z.ZodObject,
  envelope: { normalizer?: CommonOptions; sample_weight?: unknown },
  { limit }: ServiceContext,
): Promise<Body> {
  const taken = 'sample_weight' in members.shape;
  const given = envelope.sample_weight !== undefined;
  const { normalizer } = envelope;
  const takesLabels = 'labels' in members.shape;
  const wanted =
    takesLabels ||
    (normalizer && groupingsOf(normalizer).length > 0) ||
    (taken && !given && (normalizer ? takesWeights(normalizer) : true));
  const size = body.input ? sizeOf(body.input.source) : 0;
  const all = wanted && body.readWithWeights && size <= limit ? await body.readWithWeights() : body;
  if (all.sampleWeight && (given || !taken)) {
    const detail = given ? 'sample_weight is given twice.' : 'This call does not support sample_weight.';
    throw problemAt('invalid_request', '/sample_weight', detail);
  }
  return all;
}
