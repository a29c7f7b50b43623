import { arch, availableParallelism, cpus, loadavg, platform } from 'node:os';
import type { Rounds } from './measure.ts';
import { type Quartiles, quartiles } from './quartiles.ts';
import type { Figures, Scenario, Side, Target } from './scenario.ts';

export interface Series extends Quartiles {
  values: number[];
}

/** One figure of one scenario. */
export interface Row {
  figure: string;
  sides: Partial<Record<Side, Series>>;
  /** How many times what the baseline costs: the medians' ratio, and the quartiles of single rounds' ratios. */
  ratios: Partial<Record<Side, Quartiles>>;
  targets: Verdict[];
}

interface Verdict {
  target: Target;
  reached: number;
  met: boolean;
}

export function machine() {
  return {
    date: new Date().toISOString(),
    node: process.version,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model,
    system: `${platform()} ${arch()}`,
    load: loadavg()[0],
  };
}

export function seriesOf(rounds: readonly Figures[], figure: string): Series {
  const values = rounds.map((round) => round[figure]);
  return { ...quartiles(values), values };
}

/** How many times what another costs: the ratio of medians, and the quartiles of the ratios in single rounds. */
export function costRatio(figure: string, ours: Series, theirs: Series): Quartiles {
  const cost = (a: number, b: number) => (figure.endsWith('/s') ? b / a : a / b);
  const common = Math.min(ours.values.length, theirs.values.length);
  const single = ours.values.slice(0, common).map((value, at) => cost(value, theirs.values[at]));
  return { ...quartiles(single), median: cost(ours.median, theirs.median) };
}

export function toRows({ targets }: Scenario, rounds: Rounds): Row[] {
  const measured = Object.entries(rounds) as [Side, Figures[]][];
  return Object.keys(measured[0][1][0]).map((figure) => {
    const all = Object.fromEntries(measured.map(([side, each]) => [side, seriesOf(each, figure)])) as Row['sides'];
    const { service, baseline } = all as Record<Side, Series>;
    const ratios = Object.fromEntries(
      Object.entries(all).map(([side, series]) => [side, costRatio(figure, series, baseline)]),
    );
    const verdicts = targets
      .filter((target) => target.figure === figure && all[('to' in target && target.to) || 'baseline'])
      .map((target): Verdict => {
        if ('most' in target) {
          const reached = Math.max(...service.values);
          return { target, reached, met: reached <= target.most };
        }
        const reached = costRatio(figure, service, all[target.to ?? 'baseline'] as Series).median;
        return { target, reached, met: reached <= target.ratio };
      });
    return { figure, sides: all, ratios, targets: verdicts };
  });
}

export const heading = line('', 'service', 'baseline', 'service : baseline', 'peer : baseline', 'target');

/** A scenario's part of the table: medians, with the quartiles in parentheses. */
export function showRows({ name, about }: Scenario, rows: readonly Row[]): string {
  const lines = rows.flatMap(({ figure, sides, ratios, targets }) => {
    const { service, baseline } = sides;
    const measured = [showSeries(service), showSeries(baseline), showRatio(ratios.service), showRatio(ratios.peer)];
    const others = (['scipy', 'idle'] as const).filter((side) => sides[side]);
    return [
      line(`  ${figure}`, ...measured, targets.map(verdict).join('; ')),
      ...others.map((side) => line(`    ${side}`, showSeries(sides[side]))),
    ];
  });
  return [`${name}: ${about}`, ...lines].join('\n');
}

function verdict({ target, reached, met }: Verdict): string {
  const mark = met ? 'ok' : 'MISSED';
  if ('most' in target) return `at most ${target.most} (was ${showNumber(reached)}): ${mark}`;
  return `at most ${target.ratio}${target.to ? ` of ${target.to} (was ${reached.toFixed(2)})` : ''}: ${mark}`;
}

export function showSeries(series: Quartiles | undefined): string {
  if (!series) return '';
  return `${showNumber(series.median)} (${showNumber(series.p25)}..${showNumber(series.p75)})`;
}

export function showRatio(ratio: Quartiles | undefined): string {
  return ratio ? `${ratio.median.toFixed(2)} (${ratio.p25.toFixed(2)}..${ratio.p75.toFixed(2)})` : '';
}

function showNumber(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

export function line(...cells: string[]): string {
  return cells
    .map((cell, at) => cell.padEnd([20, 24, 24, 22, 24, 0][at]))
    .join('')
    .trimEnd();
}
