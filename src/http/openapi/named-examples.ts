import { type Document, type Media, operationsIn } from './document.ts';

const json = 'application/json';

/** What operations answer to their examples, by operationId: openapi/generate.ts asks the service. */
export type Answers = Readonly<Record<string, unknown>>;

/** Gives the examples of requests the name of their operation, and shows beside each what the service answers to it. */
export function nameExamples(document: Document, answers: Answers): void {
  for (const { operation } of operationsIn(document)) {
    const { operationId, summary, requestBody, responses } = operation;
    const request = requestBody?.content[json];
    if (request) setExample(request, operationId, summary, exampleOf(request));
    const content = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1].content;
    if (content?.[json]) setExample(content[json], operationId, summary, answers[operationId]);
  }
}

/** The example of a media type: swagger writes one alone as `example`, or leaves it in the schema. */
export function exampleOf({ example, examples, schema }: Media): unknown {
  const [first] = Object.values(examples ?? {});
  return first?.value ?? example ?? schema?.examples?.[0];
}

function setExample(media: Media, name: string, summary: string, value: unknown): void {
  delete media.example;
  if (value !== undefined) media.examples = { [name]: { summary, value } };
}
