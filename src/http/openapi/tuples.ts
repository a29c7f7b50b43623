interface TupleSchema {
  prefixItems?: object[];
  items?: unknown;
  minItems?: number;
  maxItems?: number;
}

/**
 * Writes tuples, everywhere in a document, as lists of a fixed length: `items: false`, which JSON Schema has for "and no
 * more", stops generators of clients.
 */
export function writeTuplesAsLists(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const schema = value as TupleSchema;
  if (Array.isArray(schema.prefixItems) && schema.items === false) {
    const kinds = new Map(schema.prefixItems.map((item) => [JSON.stringify(item), item]));
    schema.minItems = schema.prefixItems.length;
    schema.maxItems = schema.prefixItems.length;
    schema.items = kinds.size === 1 ? schema.prefixItems[0] : { anyOf: [...kinds.values()] };
    delete schema.prefixItems;
  }
  for (const member of Object.values(value)) writeTuplesAsLists(member);
}
