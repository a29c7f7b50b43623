import { diffFitted } from './diff.ts';
import { writeDiffReport } from './diff-report.ts';
import { readFitted } from '#formats/json/fitted/fitted-document.ts';

/** The difference between two versions of a stored normalizer. */
export interface DiffTask {
  name: string;
  /** Their numbers. */
  from: number;
  to: number;
  /** Their fitted documents as JSON. */
  documents: [from: Uint8Array, to: Uint8Array];
  as: 'json' | 'html';
}

/** The difference as JSON, or as a page. */
export function renderDiff({ name, from, to, documents, as }: DiffTask): string {
  const [older, newer] = documents.map(readFitted);
  const diff = diffFitted(older, newer);
  return as === 'html' ? writeDiffReport(name, from, to, diff) : JSON.stringify({ name, from, to, ...diff });
}
