// Writes the service's OpenAPI document into openapi/, and its example answers, which the service itself gives:
// `node openapi/generate.ts`. With --check it only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { askForAnswers } from './ask-for-answers.ts';
import { withService } from './with-service.ts';

const answersFile = '../src/http/openapi/answer-examples.json';
const checks = process.argv.includes('--check');

compare(answersFile, `${JSON.stringify(await withService(askForAnswers), null, 1)}\n`);
// Once more: now the document has these answers.
const document = await withService(async (url) => (await fetch(`${url}/openapi.json`)).json());
compare('openapi.json', `${JSON.stringify(document, null, 2)}\n`);
compare('openapi.yaml', stringify(document, { aliasDuplicateObjects: false, lineWidth: 120 }));

function compare(name: string, text: string): void {
  const file = new URL(name, import.meta.url);
  if (!checks) writeFileSync(file, text);
  else if (readOrEmpty(file) !== text) {
    console.error(`openapi/${name} is not what the service serves: npm run openapi`);
    process.exitCode = 1;
  }
}

function readOrEmpty(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
