import { type Document, type Operation, operationsIn } from '#http/openapi/document.ts';
import { exampleOf } from '#http/openapi/named-examples.ts';

const json = 'application/json';

/** What stands in the answers for what is another one each time. */
const someTime = '2026-01-01T00:00:00.000Z';
const someId = 'V1StGXR8_Z5jdHi6B-myT0aX';

/** What makes sense only after another operation: the others come in the document's order. */
const late = ['alias', 'commit-fit'];

/** Asks a service each of its operations with the examples of its document: what it answers in JSON, by operationId. */
export async function askForAnswers(url: string): Promise<Record<string, unknown>> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  const asked = operationsIn(document).filter(({ method }) => method !== 'delete');
  const inOrder = [
    ...asked.filter(({ operation }) => !isLate(operation)),
    ...asked.filter(({ operation }) => isLate(operation)),
  ];
  const answers: Record<string, unknown> = {};
  let fit = '';
  for (const { path, method, operation } of inOrder) {
    const answer = await ask(url + fill(path, operation, fit), method, operation);
    if (operation.operationId === 'begin-fit') fit = (answer as { id: string }).id;
    if (answer !== undefined) answers[operation.operationId] = JSON.parse(steady(JSON.stringify(answer), fit));
  }
  return answers;
}

function isLate({ operationId }: Operation): boolean {
  return late.includes(operationId);
}

async function ask(url: string, method: string, { operationId, requestBody }: Operation): Promise<unknown> {
  const content = requestBody?.content[json];
  const body = content && JSON.stringify(exampleOf(content) ?? {});
  const headers: Record<string, string> = body === undefined ? {} : { 'content-type': json };
  const response = await fetch(url, { method: method.toUpperCase(), headers, body });
  if (!response.ok)
    throw new Error(`${operationId} answers ${response.status} to its example: ${await response.text()}`);
  const isJson = response.headers.get('content-type')?.startsWith(json) === true;
  return isJson ? response.json() : void (await response.arrayBuffer());
}

/** A path with the examples of its parameters, and with those of the query that have one. */
function fill(path: string, { parameters = [] }: Operation, fit: string): string {
  const values = new Map(parameters.map(({ name, example }) => [name, String(name === 'id' ? fit : example)]));
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values.get(name) ?? ''));
  const given = parameters.filter((parameter) => parameter.in === 'query' && parameter.example !== undefined);
  const query = new URLSearchParams(given.map(({ name, example }): [string, string] => [name, String(example)]));
  return query.size > 0 ? `${filled}?${query}` : filled;
}

/** The same answer each time. */
function steady(text: string, fit: string): string {
  const timed = text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, someTime)
    .replaceAll(/"seconds":[\d.e-]+/g, '"seconds":0.1');
  return fit === '' ? timed : timed.replaceAll(fit, someId);
}
