import * as z from 'zod';
import { formats, type ReadFormat, readFormats, type WrittenFormat } from '#wire/media.ts';

type Content = Record<string, { schema: z.ZodType }>;

const binary = z.unknown().meta({ type: 'string', format: 'binary' });

/** The `content` of a request that brings data, for the OpenAPI document: JSON by its schema, all else as files. */
export function requestContent(json: z.ZodType, reads: readonly ReadFormat[] = readFormats): Content {
  return contentOf(reads, json);
}

/** The same of an answer. */
export function answerContent(json: z.ZodType, answers: readonly WrittenFormat[]): Content {
  return contentOf(answers, json);
}

function contentOf(names: readonly (ReadFormat | WrittenFormat)[], json: z.ZodType): Content {
  return Object.fromEntries(names.map((name) => [formats[name].type, { schema: name === 'json' ? json : binary }]));
}
