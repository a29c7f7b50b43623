// Renders docker/kubernetes with Kustomize and checks it against the types of the Kubernetes API, misspelt fields included:
// `node .ci/kubernetes.ts`; with --write the rules of the Prometheus operator are made of docker/prometheus-rules.yaml.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const folder = 'docker/kubernetes/full';
const operatorRules = 'docker/kubernetes/monitoring/rules.yaml';

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
      // There are no types of the operator's resources; promtool checks the rules.
      if (apiVersion.startsWith('monitoring.coreos.com/')) return '';
      const module = modules[apiVersion];
      if (!module) throw new Error(`There are no types for ${apiVersion}`);
      const literal = JSON.stringify({ apiVersion, kind, ...rest }, null, 1);
      return `import type { ${kind} as Type${at} } from 'kubernetes-types/${module}';\nexport const r${at}: Type${at} = ${literal};\n`;
    })
    .join('');
}

/** Kubectl brings Kustomize. Without it the files of the base are checked as they are. */
function render(): string {
  const isThere = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
  if (isThere) return execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  console.log('kubectl is not installed: the files are checked one by one');
  return ['base', 'ingress', 'monitoring']
    .flatMap((name) =>
      readdirSync(join('docker/kubernetes', name)).map((file) => join('docker/kubernetes', name, file)),
    )
    .filter((file) => !file.endsWith('kustomization.yaml'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n---\n');
}

/** The rules as a resource of the Prometheus operator. */
function toOperatorRules(rules: string): string {
  const head = '# Made of docker/prometheus-rules.yaml by `node .ci/kubernetes.ts --write`.\n';
  const resource = 'apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: norma\nspec:\n';
  return head + resource + rules.replaceAll(/^(?=.)/gm, '  ');
}

/** Ports by name, and the ConfigMap that the pods read: what no type checks. */
function checkReferences(resources: readonly Resource[]): void {
  const text = JSON.stringify(resources);
  const named = new Set(
    [...text.matchAll(/"containerPort":\d+,"name":"(\w+)"|"name":"(\w+)","containerPort"/g)].flatMap(([, a, b]) => [
      a,
      b,
    ]),
  );
  for (const [, port] of text.matchAll(/"(?:port|targetPort)":"(\w+)"/g))
    if (!named.has(port)) throw new Error(`no container has a port called ${port}`);
  const maps = resources
    .filter(({ kind }) => kind === 'ConfigMap')
    .map(({ metadata }) => (metadata as { name: string }).name);
  for (const [, name] of text.matchAll(/"configMapRef":\{"name":"([^"]+)"/g))
    if (!maps.includes(name) && maps.length > 0) throw new Error(`there is no ConfigMap ${name}`);
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

const writtenRules = toOperatorRules(readFileSync('docker/prometheus-rules.yaml', 'utf8'));
if (process.argv.includes('--write')) writeFileSync(operatorRules, writtenRules);

const all = render();
checkReferences(resourcesOf(all));
const sources: Record<string, string> = { manifests: moduleOf(resourcesOf(all)) };
for (const [at, [from, to]] of spoilt.entries()) {
  if (!all.includes(from)) throw new Error(`${from} is nowhere to be spoilt`);
  sources[`spoilt${at}`] = moduleOf(resourcesOf(all.replace(from, to)));
}

const { manifests, ...expected } = faultsIn(sources);
const faults = manifests ? [manifests] : [];
if (readFileSync(operatorRules, 'utf8') !== writtenRules) faults.push(`${operatorRules} is not up to date: --write`);
for (const [at, [, to]] of spoilt.entries()) if (!expected[`spoilt${at}`]) faults.push(`the types overlook ${to}`);
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`${resourcesOf(all).length} resources fit their types; ${spoilt.length} misspelt ones do not`);
