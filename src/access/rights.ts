/** What a key may do: compute and read, store and change, delete. Each right includes the ones before it. */
export const permissions = ['read', 'write', 'admin'] as const;

export type Right = (typeof permissions)[number];

/** Groups of routes that settings may leave open to callers without a key. */
export const openGroups = ['health', 'docs', 'metrics'] as const;

export type OpenGroup = (typeof openGroups)[number];

/** What a route requires: a right, or `read` unless its group is open. */
export type Access = Right | OpenGroup;

/** The caller, identified by a key or a token. */
export interface Caller {
  /** The key's name, or `token:` and the token's subject: no key's name has a colon. */
  name: string;
  /** The caller's highest right; absent if a token's scope has none. */
  right?: Right;
}

/** Whether a right covers another one: `admin` covers `write`, which covers `read`. */
export function covers(held: Right | undefined, wanted: Right): boolean {
  return held !== undefined && permissions.indexOf(held) >= permissions.indexOf(wanted);
}

/** The right that a route requires if a key is needed. */
export function rightFor(access: Access | undefined): Right {
  return permissions.find((right) => right === access) ?? 'read';
}

/** The highest right among the names; other names are ignored. */
export function highestOf(names: readonly string[]): Right | undefined {
  return permissions.findLast((right) => names.includes(right));
}
