import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Opens an unlinked file, which disappears with the process, however that ends. */
export async function openUnnamedFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `norma-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}
