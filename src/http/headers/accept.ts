import type { FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';
import { Problem } from '#errors.ts';
import { type Format, formats } from '#formats/formats.ts';
import { listMediaTypes } from '#formats/media-types.ts';

/**
 * The response format that the client's Accept header prefers.
 * @param answers formats of the call, the default first
 * @throws Problem not_acceptable that lists the formats
 */
export function chooseFormat<Name extends Format>(request: FastifyRequest, answers: readonly Name[]): Name {
  // A charset means nothing for JSON, but would make it a different media type.
  const accept = request.headers.accept?.replaceAll(/;\s*charset=[^,;]*/gi, '') || '*/*';
  if (accept === '*/*') return answers[0];
  const chosen = new Negotiator({ headers: { accept } }).mediaType(answers.map((name) => formats[name].type));
  const format = answers.find((name) => formats[name].type === chosen);
  if (format) return format;
  throw new Problem(
    'not_acceptable',
    `This call answers with ${listMediaTypes(answers.map((name) => formats[name]))}.`,
  );
}
