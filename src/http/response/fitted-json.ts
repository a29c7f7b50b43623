/**
 * An answer that holds a fitted document byte by byte as it is stored.
 * @param members what comes first; at least one
 * @param document JSON; undefined leaves `fitted` out
 * @param rest further members as JSON text without braces
 */
export function jsonWithFitted(members: object, document: Uint8Array | undefined, rest = ''): Uint8Array {
  const fitted = document ? [Buffer.from(',"fitted":'), document] : [];
  const first = JSON.stringify(members).slice(0, -1);
  return Buffer.concat([Buffer.from(first), ...fitted, Buffer.from(`${rest && `,${rest}`}}`)]);
}
