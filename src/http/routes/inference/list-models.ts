import type { Versions } from '#store/versions.ts';

/** Rows per store query. */
const page = 1000;

/** The versions of a model, in order; empty if it does not exist. */
export async function versionsOf(versions: Versions, name: string): Promise<number[]> {
  const found: number[] = [];
  for (;;) {
    const rows = await versions.list(name, page, found.at(-1));
    found.push(...rows.map(({ version }) => version));
    if (rows.length < page) return found;
  }
}

/** Every version of every model. */
export async function allModels(versions: Versions): Promise<{ name: string; version: number }[]> {
  const found: { name: string; version: number }[] = [];
  for (let after: string | undefined; ; ) {
    const names = await versions.names(page, after);
    for (const { name } of names) {
      for (const version of await versionsOf(versions, name)) found.push({ name, version });
    }
    if (names.length < page) return found;
    after = names.at(-1)?.name;
  }
}
