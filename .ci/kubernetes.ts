// Checks docker/kubernetes against the types of the Kubernetes API, misspelt fields included: `node .ci/kubernetes.ts`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const folder = 'docker/kubernetes';

/** The module of kubernetes-types for each apiVersion that is used. */
const modules: Record<string, string> = {
  v1: 'core/v1',
  'apps/v1': 'apps/v1',
  'autoscaling/v2': 'autoscaling/v2',
  'policy/v1': 'policy/v1',
  'networking.k8s.io/v1': 'networking/v1',
};

interface Resource {
  apiVersion: string;
  kind: string;
  [field: string]: unknown;
}

/** Fields that are written wrongly, each of which the types must refuse. */
const spoilt: [from: string, to: string][] = [
  ['readinessProbe:', 'readynessProbe:'],
  ['readOnlyRootFilesystem:', 'readOnlyRootFileSystem:'],
  ['maxUnavailable: 1', 'maxUnavailble: 1'],
  ['averageUtilization:', 'averageUtilisation:'],
  ['containerPort: 8080', 'containerPort: "8080"'],
  ['policyTypes:', 'policyType:'],
  ['targetPort:', 'targetport:'],
];

function resourcesOf(text: string): Resource[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS() as Resource;
  });
}

/** A module whose every constant is one resource as a literal: TypeScript refuses members that a literal's type lacks. */
function moduleOf(resources: readonly Resource[]): string {
  return resources
    .map(({ apiVersion, kind, ...rest }, at) => {
      const module = modules[apiVersion];
      if (!module) throw new Error(`There are no types for ${apiVersion}`);
      const literal = JSON.stringify({ apiVersion, kind, ...rest }, null, 1);
      return `import type { ${kind} as Type${at} } from 'kubernetes-types/${module}';\nexport const r${at}: Type${at} = ${literal};\n`;
    })
    .join('');
}

/** What the compiler says of each module that it refuses. */
function faultsIn(sources: Record<string, string>): Record<string, string> {
  const inside = mkdtempSync(join('node_modules', '.kubernetes-'));
  const faults: Record<string, string> = {};
  try {
    for (const [name, text] of Object.entries(sources)) writeFileSync(join(inside, `${name}.ts`), text);
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'esnext',
      '--moduleResolution',
      'bundler',
      '--types',
      '',
    ];
    execFileSync('tsc', [...options, ...Object.keys(sources).map((name) => join(inside, `${name}.ts`))], {
      stdio: 'pipe',
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: Buffer; stderr?: Buffer };
    const said = `${stdout}${stderr}`;
    for (const name of Object.keys(sources)) {
      const lines = said.split('\n').filter((line) => line.includes(`${name}.ts(`));
      if (lines.length > 0) faults[name] = lines.join('\n');
    }
    if (Object.keys(faults).length === 0) throw error;
  } finally {
    rmSync(inside, { recursive: true });
  }
  return faults;
}

const texts = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => readFileSync(join(folder, file), 'utf8'));
const all = texts.join('\n---\n');
const sources: Record<string, string> = { manifests: moduleOf(resourcesOf(all)) };
for (const [at, [from, to]] of spoilt.entries()) {
  if (!all.includes(from)) throw new Error(`${from} is nowhere to be spoilt`);
  sources[`spoilt${at}`] = moduleOf(resourcesOf(all.replace(from, to)));
}

const { manifests, ...expected } = faultsIn(sources);
const faults = manifests ? [manifests] : [];
for (const [at, [, to]] of spoilt.entries()) if (!expected[`spoilt${at}`]) faults.push(`the types overlook ${to}`);
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`${resourcesOf(all).length} resources fit their types; ${spoilt.length} misspelt ones do not`);
