/** The address of the store, from `NORMA_STORE`. */
export type StoreAddress = { kind: 'sqlite'; file: string } | { kind: 'memory' } | { kind: 'postgres'; url: string };

export const addressForms =
  'is sqlite:<file>, memory: or postgres://user:password@host:port/database, with / and @ in a password as %2F and %40';

/** @returns undefined for an invalid address */
export function readStoreAddress(text: string): StoreAddress | undefined {
  if (text === 'memory:') return { kind: 'memory' };
  if (/^sqlite:./.test(text)) return { kind: 'sqlite', file: text.slice('sqlite:'.length) };
  // An @ behind the host is one of a password that ended too early, and would show up in errors as the database's name.
  const isPostgres = /^postgres(ql)?:\/\/[^/]+(\/[^@]*)?$/.test(text) && URL.canParse(text);
  return isPostgres ? { kind: 'postgres', url: text } : undefined;
}
