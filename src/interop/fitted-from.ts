import { Problem, problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { Method } from '#normalizers/method.ts';
import type { Dtype } from '#tensor/dtype.ts';
import { fittedFromJson } from '#formats/json/fitted-document.ts';

/** What another library fitted, in the words of a fitted document. */
export interface ForeignEstimator {
  method: Method;
  options: Record<string, unknown>;
  input: { dtype: Dtype; shape: (number | null)[] };
  /** Nested lists, as they came. */
  parameters: Record<string, unknown>;
  /** 0 where it is not known. */
  samplesSeen: unknown;
  /** The place in the request of what stands at a place of the fitted document; '' is the whole. */
  places: ReadonlyMap<string, string>;
}

/**
 * Reads what another library fitted as if it were a fitted document. It has no state: it cannot be merged.
 * @throws Problem that names the place in the request
 */
export function importFitted({ method, options, input, parameters, samplesSeen, places }: ForeignEstimator): Fitted {
  const parsed = method.schema.safeParse({ method: method.name, ...options });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const pointer = `/normalizer${issue.path.map((part) => `/${String(part)}`).join('')}`;
    throw problemAt('invalid_request', placeOf(pointer, places), issue.message);
  }
  const document = { normalizer: parsed.data, input, parameters, n_samples_seen: samplesSeen };
  const scope = {
    scope: method.perSample ? 'sample' : 'dataset',
    invertible: method.invertible,
    mergeable: false,
  } as const;
  try {
    return fittedFromJson({ ...document, ...scope }, '');
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const errors = error.errors.map(({ pointer, detail }) => ({ pointer: placeOf(pointer, places), detail }));
    throw new Problem(error.code, error.message, errors);
  }
}

/** The place of the nearest member above that has one, and the rest of the pointer. */
function placeOf(pointer: string, places: ReadonlyMap<string, string>): string {
  for (let end = pointer.length; end > 0; end = pointer.lastIndexOf('/', end - 1)) {
    const place = places.get(pointer.slice(0, end));
    if (place !== undefined) return place + pointer.slice(end);
  }
  return places.get('') ?? '';
}
