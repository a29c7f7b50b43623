import { execFile } from 'node:child_process';
import type { StoreAddress } from '#store/address.ts';
import { outerEnvironment } from '../process.ts';

export interface CommandResult {
  code: number;
  output: string;
  errors: string;
}

export function toSetting(address: StoreAddress): string {
  if (address.kind === 'sqlite') return `sqlite:${address.file}`;
  return address.kind === 'postgres' ? address.url : 'memory:';
}

/**
 * Runs a command of the service, such as `backup FILE`, on a store; without one the service itself, where it must end.
 * @param uid the user that it runs as
 */
export function runCommand(
  store: StoreAddress,
  words: readonly string[],
  settings: Record<string, string> = {},
  uid?: number,
): Promise<CommandResult> {
  const env: NodeJS.ProcessEnv = { ...outerEnvironment(), NORMA_STORE: toSetting(store), ...settings };
  // Another user cannot write to the folder of this one's coverage, and would complain.
  if (uid !== undefined) env.NODE_V8_COVERAGE = '';
  return new Promise((done) => {
    execFile(process.execPath, ['src/server.js', ...words], { env, timeout: 30_000, uid }, (error, output, errors) =>
      done({ code: error ? Number(error.code ?? -1) : 0, output, errors }),
    );
  });
}
