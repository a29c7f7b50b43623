/** Every command in the README and the pages of docs/ is run as it stands there, and prints what the page shows. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startService } from '../service.ts';
import { isShown, readBlocks } from './blocks.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs')).flatMap((file) => (file.endsWith('.md') ? [`docs/${file}`] : [])),
];

/** What the commands of the pages need beside a shell. */
const tools = ['bash', 'curl', 'jq', 'openssl'];

/** Tools that a machine lacks; where nothing may be skipped they are missed by the commands themselves. */
function missingTools(): string | false {
  if (process.env.NORMA_CI_STRICT) return false;
  const missing = tools.filter((tool) => {
    try {
      execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
  return missing.length > 0 && `${missing.join(', ')} not installed`;
}

/** A folder with everything of the project, for commands that write files. */
function workingFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'norma-docs-'));
  for (const name of ['examples', 'docker', 'docs', 'openapi']) symlinkSync(join(root, name), join(folder, name));
  // A refusal is the end of a command, with what the service says of it.
  writeFileSync(join(folder, '.curlrc'), 'fail-with-body\nsilent\nshow-error\n');
  return folder;
}

/** Runs a command of a page; the variables it sets are there for the next one. */
async function run(command: string, folder: string): Promise<{ printed: string; hasFailed: boolean }> {
  const script = [
    'set -euo pipefail; [ ! -e variables ] || . ./variables',
    command,
    "declare -p > all-variables; grep -E '^declare -- [a-z]' all-variables > variables || true",
  ];
  // Debian's Python, which has what the examples need, before any other.
  const env = { ...process.env, CURL_HOME: folder, PATH: `/usr/bin:${process.env.PATH}` };
  return promisify(execFile)('bash', ['-c', script.join('\n')], { cwd: folder, env }).then(
    ({ stdout }) => ({ printed: stdout, hasFailed: false }),
    ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ printed: stdout || stderr, hasFailed: true }),
  );
}

for (const page of pages) {
  const blocks = readBlocks(readFileSync(join(root, page), 'utf8')).filter(({ notRun }) => notRun === undefined);
  if (blocks.length === 0) continue;
  describe(page, { skip: missingTools() }, async () => {
    test('its commands print what it shows', async (t) => {
      const service = await startService();
      const folder = workingFolder();
      t.after(async () => {
        await service.close();
        rmSync(folder, { recursive: true });
      });
      const address = new URL(service.url).host;
      for (const { line, command, output, fails } of blocks) {
        await t.test(`line ${line}`, async () => {
          const { printed, hasFailed } = await run(command.replaceAll('localhost:8080', address), folder);
          assert.equal(hasFailed, fails, printed);
          if (output !== undefined) assert.ok(isShown(output, printed), `printed:\n${printed}`);
        });
      }
    });
  });
}
