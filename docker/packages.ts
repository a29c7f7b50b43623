// Copies the packages that the bundle does not hold, with those that they need: `node docker/packages.ts FOLDER`.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { external } from './externals.ts';

const [target] = process.argv.slice(2);
/** What is of no use at run time. */
const unused = /\.(map|d\.[cm]?ts|md|markdown)$|\/(test|tests|docs|examples|benchmarks?|\.github)$/;

const copied = new Set<string>();
for (const name of external) copy(name, 'node_modules');
writeFileSync(
  join(target, 'package.json'),
  JSON.stringify({ type: 'module', private: true, name: 'norma', version: versionOf('.') }),
);
console.log(`${copied.size} packages`);

/** @param from the folder of packages where it is looked for first, as Node does */
function copy(name: string, from: string): void {
  const folder = [join(from, name), join('node_modules', name)].find((path) => existsSync(path));
  if (!folder || copied.has(folder)) return;
  copied.add(folder);
  mkdirSync(join(target, folder), { recursive: true });
  const nested = join(folder, 'node_modules');
  cpSync(folder, join(target, folder), {
    recursive: true,
    filter: (path) => path !== nested && !unused.test(path),
  });
  const { dependencies = {} } = read(folder);
  for (const dependency of Object.keys(dependencies)) copy(dependency, nested);
}

function read(folder: string): { version: string; dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as ReturnType<typeof read>;
}

function versionOf(folder: string): string {
  return read(folder).version;
}
