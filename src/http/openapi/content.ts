import * as z from 'zod';
import { type Format, formats, type ReadFormat, readFormats } from '#formats/formats.ts';

type Content = Record<string, { schema: z.ZodType }>;

/** The part of an OpenAPI document's paths that is read here. */
type Paths = Record<string, Record<string, { requestBody?: { content: Record<string, { encoding?: object }> } }>>;

const multipart = formats.multipart.type;

const binary = z.unknown().meta({ type: 'string', format: 'binary' });

/** Formats documented as text rather than as files. */
const texts: readonly Format[] = ['svg', 'html'];

/**
 * The `content` of a request that brings data, for the OpenAPI document: JSON by its schema, all else as files.
 * @param json the members of the JSON request, `data` among them
 */
export function requestContent(json: z.ZodObject, reads: readonly ReadFormat[] = readFormats): Content {
  const content = contentOf(reads, json);
  return multipart in content ? { ...content, [multipart]: { schema: partsOf(json) } } : content;
}

/** The `content` of a response. */
export function answerContent(json: z.ZodType, answers: readonly Format[]): Content {
  return contentOf(answers, json);
}

function contentOf(names: readonly Format[], json: z.ZodType): Content {
  const schemaOf = (name: Format) => (texts.includes(name) ? z.string() : binary);
  return Object.fromEntries(
    names.map((name) => [formats[name].type, { schema: name === 'json' ? json : schemaOf(name) }]),
  );
}

/** The two parts of a multipart request, in order. */
function partsOf(json: z.ZodObject): z.ZodType {
  const { data: _, ...example } = (json.meta()?.examples as Record<string, unknown>[] | undefined)?.[0] ?? {};
  const request = json
    .omit({ data: true })
    .meta({ description: 'The JSON body without data. Must be the first part.', examples: [example] });
  const data = z.unknown().meta({
    type: 'string',
    format: 'binary',
    description: 'The data, in any format that the Content-Type of this part names.',
  });
  return z.object({ request, data });
}

/** Adds the `encoding` of multipart bodies to an OpenAPI document: @fastify/swagger drops it. */
export function describeParts(paths: object = {}): void {
  const operations = Object.values(paths as Paths).flatMap((path) => Object.values(path));
  for (const { requestBody } of operations) {
    const content = requestBody?.content ?? {};
    const dataTypes = Object.keys(content).filter((type) => type !== multipart);
    if (!(multipart in content)) continue;
    content[multipart].encoding = {
      request: { contentType: formats.json.type },
      data: { contentType: dataTypes.join(', ') },
    };
  }
}
