/**
 * A JSON response with a fitted document, byte for byte as it is stored.
 * @param members the first members; at least one
 * @param document JSON; if undefined, `fitted` is left out
 * @param rest further members as JSON text without braces
 */
export function jsonWithFitted(members: object, document: Uint8Array | undefined, rest = ''): Uint8Array {
  const fitted = document ? [Buffer.from(',"fitted":'), document] : [];
  return Buffer.concat([Buffer.from(openObject(members)), ...fitted, Buffer.from(`${rest && `,${rest}`}}`)]);
}

/**
 * An object as JSON with further members behind its own.
 * @param members at least one
 * @param rest JSON text without braces
 */
export function appendMembers(members: object, rest: string): string {
  return `${openObject(members)}${rest && `,${rest}`}}`;
}

/** JSON of an object without its closing brace. */
function openObject(members: object): string {
  return JSON.stringify(members).slice(0, -1);
}
