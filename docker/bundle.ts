// Makes dist/ of src/: what the image runs. A few files start in little more than half the time that a thousand modules take.
// `npm run build`.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { external } from './externals.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'dist');

/** Entries by themselves: what the process runs, what its threads run, and what these load by name. */
const entries = ['server.js', 'worker/thread.ts', 'worker/worker.ts', 'store/sqlite-thread.ts'];

/** How a file names another by where it is itself. */
const byPlace = /(createRequire\(import\.meta\.url\)\(|new URL\()'([^']+)'(, import\.meta\.url)?/g;

/** In the bundle all files are in one folder: entries as .js, and copies of what is no code. */
const inOneFolder: Plugin = {
  name: 'in-one-folder',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (source.replaceAll(byPlace, '').includes('import.meta'))
        throw new Error(`${path} uses import.meta for something else than to name a file.`);
      const contents = source.replaceAll(byPlace, (all, _how, name: string) => {
        if (!all.includes('import.meta')) return all;
        if (name.endsWith('.ts')) return all.replace(name, `./${basename(name, '.ts')}.js`);
        copyFileSync(join(dirname(path), name), join(target, basename(name)));
        return all.replace(name, `./${basename(name)}`);
      });
      return { contents, loader: 'ts' };
    });
  },
};

/**
 * Files that are found by reading a folder are listed in the bundle: the methods in src/normalizers/methods/, and the tasks in
 * `*.task.ts`.
 */
const listedFiles: Plugin = {
  name: 'listed-files',
  setup({ onLoad }) {
    onLoad({ filter: /normalizers[/\\]registry\.ts$/ }, ({ path }) => {
      const files = readdirSync(join(dirname(path), 'methods')).map((file) => `./methods/${file}`);
      return listing(path, 'methods', files, '.method');
    });
    onLoad({ filter: /worker[/\\]task-files\.ts$/ }, ({ path }) => {
      const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
      const tasks = files.filter((file) => file.endsWith('.task.ts')).map((file) => `../${file}`);
      return listing(path, 'taskFiles', tasks, '');
    });
  },
};

/** A module that exports a list: what each file exports, or a member of that. */
function listing(path: string, name: string, files: string[], member: string) {
  const imports = files.sort().map((file, i) => `import * as file${i} from '${file}';`);
  const contents = `${imports.join('\n')}\nexport const ${name} = [${files.map((_, i) => `file${i}${member}`).join()}];`;
  return { contents, resolveDir: dirname(path) };
}

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
await build({
  entryPoints: entries.map((name) => join(root, 'src', name)),
  outdir: target,
  entryNames: '[name]',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node26',
  // pg-native is not installed.
  external: [...external, 'pg-native'],
  // For packages that are CommonJS.
  banner: { js: "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);" },
  plugins: [listedFiles, inOneFolder],
  logLevel: 'warning',
});
