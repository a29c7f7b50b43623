// Which file may import which, held by dependency-cruiser: `node .ci/imports.ts`.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';

/** Bottom first. A room imports itself and what is below it, never a room on its own floor. */
const floors = [
  ['errors.ts', 'nearest-name.ts'],
  ['memory', 'telemetry'],
  ['tensor', 'pool', 'plots'],
  ['tables'],
  ['kernels'],
  ['statistics'],
  ['normalizers'],
  ['evidence'],
  ['formats'],
  ['interop', 'store', 'access'],
  ['config'],
  ['engine'],
  ['compare', 'lineage'],
  ['drift'],
  ['worker', 'http'],
  ['app.ts', 'shutdown.ts'],
  ['service.ts', 'commands.ts'],
  ['server.js'],
];

/** Files that cannot be parsed are passed over without a word: fewer modules than this, and nothing was checked. */
const leastModules = 80;

const pathOf = (rooms: string[]) => `^src/(${rooms.join('|').replaceAll('.', '\\.')})(/|$)`;

const packageOf = (name: string) => `(^|node_modules/)${name}`;

const downOnly = floors.slice(0, -1).flatMap((floor, at) =>
  floor.map((room): IForbiddenRuleType => {
    const others = [...floor.filter((other) => other !== room), ...floors.slice(at + 1).flat()];
    return { name: `${room} imports what is below it`, from: { path: pathOf([room]) }, to: { path: pathOf(others) } };
  }),
);

const rules: IForbiddenRuleType[] = [
  ...downOnly,
  {
    name: 'a method imports no other method',
    from: { path: '^src/normalizers/methods/(.+)' },
    to: { path: '^src/normalizers/methods/', pathNot: '^src/normalizers/methods/$1' },
  },
  {
    name: 'piscina is imported in pool/pool.ts and worker/worker.ts',
    from: { path: '^src/', pathNot: '^src/(pool/pool|worker/worker)\\.ts$' },
    to: { path: packageOf('piscina(/|$)') },
  },
  {
    name: 'fastify is imported in http and app.ts',
    from: { path: '^src/', pathNot: '^src/(http/|app\\.ts$)' },
    to: { path: packageOf('@?fastify') },
  },
  { name: 'src imports no tests and no tools', from: { path: '^src/' }, to: { path: '^(test|bench|openapi|\\.ci)/' } },
  {
    name: 'what few requests need is loaded when one comes',
    from: {},
    to: {
      path: '^src/(http/(openapi/swagger-ui|plugins/tracing)|store/postgres|compare/(render|evidence/run-step)|interop/export|lineage/render-diff|drift/render-drift)\\.ts$',
      dynamic: false,
      dependencyTypesNot: ['type-only'],
    },
  },
  { name: 'imports make no cycle', from: {}, to: { circular: true } },
  { name: 'every import is found', from: {}, to: { couldNotResolve: true } },
];

async function look(folders: string[], baseDir: string): Promise<ICruiseResult> {
  const { output } = await cruise(
    folders,
    {
      // TypeScript 7 has no parser for it: swc reads the files, types included.
      baseDir,
      parser: 'swc',
      validate: true,
      ruleSet: { forbidden: rules },
      doNotFollow: 'node_modules',
      exclude: '^src/kernels/assembly/',
    },
    { conditionNames: ['import', 'node'], exportsFields: ['exports'], bustTheCache: true },
  );
  return output as ICruiseResult;
}

/** Import statements that break a rule each, and the rule. */
const bad: [file: string, statement: string, rule: string][] = [
  ['src/tensor/up.ts', "import '#store/beside.ts'", 'tensor imports what is below it'],
  ['src/tensor/type.ts', "import type {} from '../app.ts'", 'tensor imports what is below it'],
  ['src/store/beside.ts', "export * from '#interop/other.ts'", 'store imports what is below it'],
  ['src/normalizers/methods/a.ts', "import './b.ts'", 'a method imports no other method'],
  ['src/engine/plan-call.ts', "import 'piscina'", 'piscina is imported in pool/pool.ts and worker/worker.ts'],
  ['src/engine/serve.ts', "import '@fastify/accepts'", 'fastify is imported in http and app.ts'],
  ['src/app.ts', "await import('../test/help.ts')", 'src imports no tests and no tools'],
  ['src/http/early.ts', "import './openapi/swagger-ui.ts'", 'what few requests need is loaded when one comes'],
  ['src/http/a.ts', "import './b.ts'", 'imports make no cycle'],
  ['src/http/lost.ts', "import '#http/nothing.ts'", 'every import is found'],
];

const good: [file: string, text: string][] = [
  ['package.json', '{ "type": "module", "imports": { "#*": "./src/*" } }'],
  ['src/interop/other.ts', "import '#errors.ts'"],
  ['src/errors.ts', ''],
  ['src/normalizers/methods/b.ts', ''],
  ['src/http/b.ts', "import type {} from './a.ts'"],
  ['src/http/openapi/swagger-ui.ts', ''],
  ['test/help.ts', ''],
];

/** Bad imports that no rule reports. */
async function overlooked(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'imports-'));
  try {
    for (const [file, text] of [...good, ...bad]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    const { summary } = await look(['src'], folder);
    const found = new Set(summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`));
    return bad
      .filter(([file, , rule]) => !found.has(`${file}: ${rule}`))
      .map(([file, statement]) => `${file}: ${statement}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { summary } = await look(['src', 'test', 'bench', 'openapi', '.ci'], process.cwd());
const faults = summary.violations.map(({ from, to, rule, cycle }) => {
  const way = cycle ? cycle.map(({ name }) => name).join(' > ') : to;
  return `${from} > ${way}: against "${rule.name}"`;
});
if (summary.totalCruised < leastModules) faults.push(`only ${summary.totalCruised} modules were seen`);
for (const statement of await overlooked()) faults.push(`the rules overlook ${statement}`);
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`${summary.totalCruised} modules, ${summary.totalDependenciesCruised} imports: all of them allowed`);
