import { benchOf, inTurns } from './measure.ts';
import type { Quartiles } from './quartiles.ts';
import { costRatio, line, type Series, seriesOf, showRatio, showSeries } from './report.ts';
import type { Bench, Measure, Scenario } from './scenario.ts';

/** One figure of the same scenario in two revisions. */
export interface Change {
  figure: string;
  old: Series;
  new: Series;
  /** What the old costs over what the new does: above 1 is better now. */
  ratio: Quartiles;
}

export const heading = line('', 'old', 'new', 'old : new');

/**
 * Measures the services of two checkouts in turns.
 * @param root the other checkout
 */
export async function measureAgainst(
  root: string,
  scenario: Scenario,
  pixels: Bench['pixels'],
  quick: boolean,
): Promise<Change[]> {
  const benches = { old: benchOf(pixels, { root }), new: benchOf(pixels) };
  try {
    const prepared = new Map<'old' | 'new', Measure>();
    for (const side of ['old', 'new'] as const) {
      prepared.set(side, await scenario.prepare(benches[side], scenario.sides.service));
    }
    const rounds = await inTurns(prepared, quick ? scenario.quickRounds : scenario.rounds);
    const { old = [], new: now = [] } = rounds;
    return Object.keys(old[0]).map((figure) => {
      const [before, after] = [seriesOf(old, figure), seriesOf(now, figure)];
      return { figure, old: before, new: after, ratio: costRatio(figure, before, after) };
    });
  } finally {
    await Promise.all([benches.old.stop(), benches.new.stop()]);
  }
}

/** A scenario's part of the table. */
export function showChanges({ name, about }: Scenario, changes: readonly Change[]): string {
  const lines = changes.map((change) =>
    line(`  ${change.figure}`, showSeries(change.old), showSeries(change.new), showRatio(change.ratio)),
  );
  return [`${name}: ${about}`, ...lines].join('\n');
}
