import type { ApiDocument } from './document.ts';
import type { Sent } from './requests.ts';

export interface Received {
  status: number;
  type?: string;
  body: Buffer;
}

/** What is wrong with an answer by the document; nothing when it is as the document says. */
export function faultOf(
  document: ApiDocument,
  { operation }: Sent,
  { status, type, body }: Received,
): string | undefined {
  if (status >= 500 && status !== 503 && status !== 501) return `it answered ${status}`;
  const described = operation.answers[status] ?? operation.answers.default;
  if (!described) return `the document says nothing of ${status}`;
  if (!described.content) return body.length > 0 ? `${status} has a body` : undefined;
  const media = type?.split(';')[0].trim() ?? 'none';
  const content = described.content[media];
  if (!content) return `the document says nothing of ${media} with ${status}`;
  if (!/[/+]json$/.test(media) || !content.schema) return undefined;
  try {
    const misfit = document.misfit(content.schema, JSON.parse(body.toString()));
    return misfit && `the body of ${status} does not fit its schema: ${misfit}`;
  } catch (error) {
    return `the body of ${status} cannot be checked: ${(error as Error).message}`;
  }
}
