import { createHash } from 'node:crypto';
import { reportStyle } from '#plots/report-style.ts';

const styleHash = createHash('sha256').update(reportStyle).digest('base64');

/** What a report may do in a browser: show itself, in its own style and with its own pictures, and nothing else. */
export const reportPolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
