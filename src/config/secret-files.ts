import { readFileSync } from 'node:fs';

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings whose values never appear in messages, and which may stand in a file that NAME_FILE names. */
export const secrets = [
  'NORMA_STORE',
  'NORMA_API_KEYS',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
] as const;

export function isSecretFile(name: string): boolean {
  return secrets.some((secret) => name === `${secret}_FILE`);
}

/**
 * Reads the secrets that stand in files, as mounted secrets of Kubernetes and Docker do. API keys stay in their file,
 * which is read again when it changes.
 * @throws Error that names the setting, and never what is in the file
 */
export function readSecretFiles(environment: Environment): Record<string, string | undefined> {
  const read = { ...environment };
  for (const name of secrets) {
    const path = environment[`${name}_FILE`];
    if (path === undefined) continue;
    if (environment[name] !== undefined)
      throw new Error(`${name} and ${name}_FILE are both set: one of them is enough`);
    read[name] = name === 'NORMA_API_KEYS' ? `file:${path}` : readSecret(`${name}_FILE`, path);
  }
  return read;
}

function readSecret(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new Error(`${setting}=${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
