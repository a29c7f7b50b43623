import * as z from 'zod';
import { type Format, formats, type ReadFormat, readFormats } from '#formats/formats.ts';

type Content = Record<string, { schema: z.ZodType }>;

/** As much of an OpenAPI document's paths as is looked at here. */
type Paths = Record<string, Record<string, { requestBody?: { content: Record<string, { encoding?: object }> } }>>;

const multipart = formats.multipart.type;

const binary = z.unknown().meta({ type: 'string', format: 'binary' });

/** Formats that are text for people, whatever it says. */
const texts: readonly Format[] = ['svg', 'html'];

/**
 * The `content` of a request that brings data, for the OpenAPI document: JSON by its schema, all else as files.
 * @param json the members of the JSON request, `data` among them
 */
export function requestContent(json: z.ZodObject, reads: readonly ReadFormat[] = readFormats): Content {
  const content = contentOf(reads, json);
  return multipart in content ? { ...content, [multipart]: { schema: partsOf(json) } } : content;
}

/** The same of an answer. */
export function answerContent(json: z.ZodType, answers: readonly Format[]): Content {
  return contentOf(answers, json);
}

function contentOf(names: readonly Format[], json: z.ZodType): Content {
  const schemaOf = (name: Format) => (texts.includes(name) ? z.string() : binary);
  return Object.fromEntries(
    names.map((name) => [formats[name].type, { schema: name === 'json' ? json : schemaOf(name) }]),
  );
}

/** The two parts of a multipart request, in their order. */
function partsOf(json: z.ZodObject): z.ZodType {
  const { data: _, ...example } = (json.meta()?.examples as Record<string, unknown>[] | undefined)?.[0] ?? {};
  const request = json
    .omit({ data: true })
    .meta({ description: 'First the JSON body without data.', examples: [example] });
  const data = z
    .unknown()
    .meta({ type: 'string', format: 'binary', description: 'Then the data, by a Content-Type of their own.' });
  return z.object({ request, data });
}

/** Writes into the paths of an OpenAPI document what each part of a multipart body is; @fastify/swagger leaves it out. */
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
