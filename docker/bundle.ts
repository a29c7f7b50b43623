// Makes dist/ of src/: what the image runs. A few files start in little more than half the time that a thousand modules take.
// `npm run build`.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

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

/** Every file in src/normalizers/methods/ is a method, which is found by reading the folder: here they are listed. */
const listedMethods: Plugin = {
  name: 'listed-methods',
  setup({ onLoad }) {
    onLoad({ filter: /normalizers[/\\]registry\.ts$/ }, ({ path }) => {
      const files = readdirSync(join(dirname(path), 'methods')).sort();
      const imports = files.map((file, at) => `import { method as method${at} } from './methods/${file}';`);
      const contents = `${imports.join('\n')}\nexport const methods = [${files.map((_, at) => `method${at}`).join()}];`;
      return { contents, resolveDir: dirname(path) };
    });
  },
};

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
await build({
  entryPoints: entries.map((name) => join(root, 'src', name)),
  outdir: target,
  entryNames: '[name]',
  bundle: true,
  splitting: true,
  ...{ platform: 'node', format: 'esm', target: 'node26' },
  // Two that look for their own files by where they are, a table that is read faster as JSON, and what is not installed.
  external: ['piscina', '@fastify/swagger-ui', 'mime-db', 'pg-native'],
  // For packages that are CommonJS.
  banner: { js: "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);" },
  plugins: [listedMethods, inOneFolder],
  logLevel: 'warning',
});
