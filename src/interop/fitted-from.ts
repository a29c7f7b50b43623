import { Problem, problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { Method } from '#normalizers/method.ts';
import type { Dtype } from '#tensor/dtype.ts';
import { fittedFromJson } from '#formats/json/fitted/fitted-document.ts';

/** An estimator fitted by another library, in terms of a fitted document. */
export interface ForeignEstimator {
  method: Method;
  options: Record<string, unknown>;
  input: { dtype: Dtype; shape: (number | null)[]; columns?: string[] };
  /** Nested lists, as they came. */
  parameters: Record<string, unknown>;
  /** 0 if unknown. */
  samplesSeen: unknown;
  /** Pointers into the request by pointers into the fitted document; '' is the whole document. */
  places: ReadonlyMap<string, string>;
}

/**
 * Converts an estimator of another library. The result has no state, so it cannot be merged.
 * @throws Problem with a pointer into the request
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

/** The pointer of the nearest mapped ancestor, and the rest of the pointer. */
function placeOf(pointer: string, places: ReadonlyMap<string, string>): string {
  for (let end = pointer.length; end > 0; end = pointer.lastIndexOf('/', end - 1)) {
    const place = places.get(pointer.slice(0, end));
    if (place !== undefined) return place + pointer.slice(end);
  }
  return places.get('') ?? '';
}
