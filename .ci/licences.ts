// Lists the licences of what the service runs with, and holds them against those that it may have: `node .ci/licences.ts`.
import { readFileSync } from 'node:fs';

/** Licences that ask no more than to be named. */
const allowed = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
];

interface Locked {
  version: string;
  license?: string;
  dev?: boolean;
  optional?: boolean;
  hasInstallScript?: boolean;
  resolved?: string;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
const shipped = Object.entries(packages)
  .filter(([path, { dev }]) => path !== '' && !dev)
  .map(([path, locked]) => ({
    name: path.replace(/.*node_modules\//, ''),
    ...locked,
    license: locked.license ?? licenceIn(path),
  }));

const faults = [
  ...shipped
    .filter(({ license }) => !isAllowed(license))
    .map(({ name, license }) => `${name} has the licence ${license}, which is none of ${allowed.join(', ')}`),
  ...shipped.filter((one) => one.hasInstallScript).map(({ name }) => `${name} runs a script when it is installed`),
  ...Object.entries(packages)
    .filter(([, { resolved }]) => resolved)
    .map(([path]) => `${path} names where it was fetched`),
];

const byLicence = Object.groupBy(shipped, ({ license }) => license);
for (const [licence, all = []] of Object.entries(byLicence).sort(([, a = []], [, b = []]) => b.length - a.length))
  console.log(`${licence} (${all.length}): ${all.map(({ name, version }) => `${name} ${version}`).join(', ')}`);
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;

/** Some packages name their licence in their own package.json alone. */
function licenceIn(path: string): string {
  try {
    const { license } = JSON.parse(readFileSync(`${path}/package.json`, 'utf8')) as { license?: string };
    return license ?? 'none';
  } catch {
    return 'none';
  }
}

/** `(MIT OR GPL-2.0)` allows a choice, `MIT AND ISC` asks for both. */
function isAllowed(expression: string): boolean {
  const plain = expression.replaceAll(/[()]/g, '');
  return plain.split(' OR ').some((choice) => choice.split(' AND ').every((part) => allowed.includes(part.trim())));
}
