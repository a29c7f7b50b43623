import { readFile } from 'node:fs/promises';

/** Milliseconds between two looks at a file. Mounted secrets are swapped by links, which file events miss. */
const periodMs = 5000;

/**
 * Calls back with the text of a file whenever it has changed.
 * @param onFault called when the file cannot be read, or what it holds cannot be used; what was before stays
 * @returns a function that ends it
 */
export function watchFile(
  path: string,
  onChange: (text: string) => void,
  onFault: (error: Error) => void,
  everyMs = periodMs,
): () => void {
  let seen: string | undefined;
  let isFaulty = false;
  const look = async () => {
    try {
      const text = await readFile(path, 'utf8');
      const isNew = seen !== undefined && text !== seen;
      seen = text;
      if (isNew) onChange(text);
      isFaulty &&= !isNew;
    } catch (error) {
      if (!isFaulty) onFault(error as Error);
      isFaulty = true;
    }
  };
  void look();
  const timer = setInterval(() => void look(), everyMs).unref();
  return () => clearInterval(timer);
}
