import { type Document, type Media, type Operation, operationsIn } from './document.ts';

type Response = Operation['responses'][string];

interface Status {
  status?: number;
}

/** Statuses of problems that an operation has, by what it takes. */
const ofPath = ['404'];
const ofBody = ['406', '413', '415', '422'];

/**
 * Writes the statuses in the place of the ranges 4XX and 5XX, which are valid and which generators of clients stumble over:
 * those that the operation is known to have, and `default` for all others.
 */
export function spellOutStatusCodes(document: Document): void {
  for (const { path, operation } of operationsIn(document)) {
    const { '4XX': client, '5XX': server, ...responses } = operation.responses;
    if (!client) continue;
    for (const status of statusesOf(path, operation)) responses[status] ??= withExamplesOf(status, client);
    if (server) responses.default = { ...server, description: 'Any other problem, 5xx among them' };
    operation.responses = responses;
  }
}

/** A response with those of its examples that have the status. */
function withExamplesOf(status: string, { description, content = {} }: Response): Response {
  const kept = Object.entries(content).map(([type, { examples = {}, ...media }]): [string, Media] => {
    const own = Object.entries(examples).filter(([, { value }]) => String((value as Status).status) === status);
    return [type, own.length > 0 ? { ...media, examples: Object.fromEntries(own) } : media];
  });
  return { description, content: Object.fromEntries(kept) };
}

function statusesOf(path: string, { requestBody }: Operation): string[] {
  return ['400', ...(path.includes('{') ? ofPath : []), ...(requestBody ? ofBody : [])];
}
