import type { VersionDetails } from '#store/version-details.ts';
import { summarizeTask } from '#lineage/summary.task.ts';
import type { StoreContext } from '#http/context.ts';

/** A version with its summary: that of a version which an earlier release stored is made now, and kept. */
export async function withSummary<Details extends VersionDetails | undefined>(
  details: Details,
  { store: { versions }, pool }: Pick<StoreContext, 'store' | 'pool'>,
): Promise<Details> {
  if (!details || details.summary !== null) return details;
  const { name, version } = details;
  const document = await versions.read(name, version);
  if (!document) return details;
  const summary = JSON.stringify(await pool.run(summarizeTask, document));
  await versions.summarize(name, version, summary);
  return { ...details, summary };
}
