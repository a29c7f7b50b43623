import type { FastifyRequest } from 'fastify';
import { Problem } from '#errors.ts';
import { breakingChanges } from '#lineage/breaking-changes.ts';
import { diffTask } from '#lineage/diff.task.ts';
import type { Summary } from '#lineage/summary.ts';
import type { CreateResult, IdempotencyRecord } from '#store/idempotent-answers.ts';
import type { VersionDetails } from '#store/version-details.ts';
import type { CheckNewest, NewVersion, Version } from '#store/versions.ts';
import { audit, type AuditedAction } from './audit.ts';
import type { StoreContext } from '#http/context.ts';
import type { Storing } from './storing.ts';
import { withSummary } from './summaries.ts';

/** A version that would be stored, or has been. */
export interface StoredVersion {
  version: Pick<Version, 'name' | 'version' | 'createdAt'>;
  /** What a dry run tells besides. */
  preview?: Preview;
}

export interface Preview {
  dry_run: true;
  /** Why `breaking` would have to be true; none where it need not. */
  breaking_changes: string[];
  /** The newest version so far, and how this one differs from it. */
  compared_with: number | null;
  diff: unknown;
}

/** A version to be stored, and what is known of it. */
export interface VersionToStore {
  name: string;
  method: string;
  document: Uint8Array;
  summary: Summary;
}

/** The row of a new version. */
export function newVersion(request: FastifyRequest, version: VersionToStore, storing: Storing): NewVersion {
  const { name, method, document, summary } = version;
  const { description, tags } = storing;
  const createdBy = request.caller?.name ?? null;
  return { name, method, document, summary: JSON.stringify(summary), createdBy, description, tags };
}

/**
 * Looks at the version before, so that a new one does not break its callers by accident.
 * @throws Problem breaking_change
 */
export function refuseBreaking({ method, summary }: VersionToStore, { breaking }: Storing): CheckNewest {
  return (newest) => {
    if (breaking || !newest) return;
    const changes = breakingChanges(interfaceOf(newest), { method, summary });
    if (changes.length === 0) return;
    throw new Problem(
      'breaking_change',
      `Version ${newest.version} of "${newest.name}" takes other data: ${changes.join(' ')} Send breaking=true if that is meant.`,
    );
  };
}

/** Stores a version, or tells what would be stored. */
export async function storeVersion(
  request: FastifyRequest,
  resources: StoreContext,
  version: VersionToStore,
  storing: Storing,
  { once, action, check }: { once?: IdempotencyRecord<StoredVersion>; action: AuditedAction; check?: CheckNewest },
): Promise<CreateResult<StoredVersion>> {
  const { versions } = resources.store;
  const { name } = version;
  // Where an earlier release stored it, what is compared is not in its row yet.
  const newest = await withSummary(await versions.details(name), resources);
  if (storing.dry_run) {
    check?.(newest);
    return { made: await preview(version, newest, resources) };
  }
  const refuse = refuseBreaking(version, storing);
  const created = await versions.add(
    newVersion(request, version, storing),
    once && { ...once, answer: (made) => once.answer({ version: made }) },
    (found) => {
      check?.(found);
      refuse(found);
    },
  );
  if (!('made' in created)) return created;
  audit(request, action, { name, version: created.made.version });
  return { made: { version: created.made } };
}

async function preview(
  { name, method, summary, document }: VersionToStore,
  newest: VersionDetails | undefined,
  { store: { versions }, pool }: StoreContext,
): Promise<StoredVersion> {
  const number = (await versions.lastNumber(name)) + 1;
  const before = newest && (await versions.read(name, newest.version));
  const diff =
    newest && before
      ? await pool.run(diffTask, {
          name,
          from: newest.version,
          to: number,
          documents: [before, document],
          as: 'json',
        })
      : 'null';
  return {
    version: { name, version: number, createdAt: new Date().toISOString() },
    preview: {
      dry_run: true,
      breaking_changes: newest ? breakingChanges(interfaceOf(newest), { method, summary }) : [],
      compared_with: newest?.version ?? null,
      diff: JSON.parse(diff),
    },
  };
}

function interfaceOf({ method, summary }: VersionDetails) {
  return { method, summary: summary === null ? null : (JSON.parse(summary) as Summary) };
}
