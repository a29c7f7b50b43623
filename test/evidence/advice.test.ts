import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Advice } from '#evidence/advice.ts';
import { toSharedSource } from '#tensor/source.ts';
import { compare } from '#compare/compare.ts';
import type { Comparison } from '#compare/comparison.ts';
import { inlineRunner } from '#engine/run-inline.ts';
import { type Known, knownSets } from './synthetic.ts';

/** At least this many of the thirty must be advised right. */
const leastRight = 28;

async function comparisonOf({ shape, values, labels }: Known): Promise<Comparison> {
  const buffer = new SharedArrayBuffer(values.length * 8);
  new Float64Array(buffer).set(values);
  const source = toSharedSource({ dtype: 'float64', shape, bigEndian: false }, buffer);
  // Two folds of neighbors that are of different classes.
  const folds = labels?.map((_, i) => (i >> 1) % 2);
  return compare(
    { statistics: false, labels: labels && { labels, folds } },
    { source, form: 'nested', inMemory: true },
    inlineRunner,
    Infinity,
    () => true,
  );
}

/** What the advice leaves to choose from: methods, and `input` for the data as they are. */
function choicesOf({ candidates }: Advice, { evidence, normalizers }: Comparison): string[] {
  return candidates.map((i) => (i === 0 ? 'input' : normalizers[evidence?.normalizers[i] ?? 0].normalizer.method));
}

function faultsOf(known: Known, comparison: Comparison): string[] {
  const { evidence, normalizers } = comparison;
  if (!evidence) return ['no evidence'];
  const [distances, gradients] = evidence.advice;
  const faults = [
    ...faultsOfChoice('distances', known.distances, choicesOf(distances, comparison)),
    ...faultsOfChoice('gradients', known.gradients ?? {}, choicesOf(gradients, comparison)),
  ];
  const dangers = evidence.dangers.map(
    ({ code, candidate }) => `${code} ${normalizers[evidence.normalizers[candidate]].normalizer.method}`,
  );
  if (known.danger && !dangers.includes(known.danger.join(' ')))
    faults.push(`no ${known.danger.join(' ')}: ${dangers.join(', ')}`);
  return faults;
}

function faultsOfChoice(family: string, { has, lacks }: Known['distances'], choices: string[]): string[] {
  return [
    ...(has && !choices.includes(has) ? [`${family} lack ${has}: ${choices.join(', ')}`] : []),
    ...(lacks && choices.includes(lacks) ? [`${family} have ${lacks}: ${choices.join(', ')}`] : []),
  ];
}

test(`of thirty data sets for which the right advice is known, at least ${leastRight} get it, and none a winner by chance`, async () => {
  const wrong: string[] = [];
  for (const known of knownSets) {
    const comparison = await comparisonOf(known);
    const faults = faultsOf(known, comparison);
    if (faults.length > 0) wrong.push(`${known.name}: ${faults.join('; ')}`);
    for (const { candidates, verdict } of comparison.evidence?.advice ?? []) {
      if (!verdict || candidates.length > 1) continue;
      const others = verdict.pValues.filter((p, i) => i !== verdict.best && p !== undefined);
      assert.ok(
        others.every((p) => (p ?? 0) <= 0.05),
        known.name,
      );
    }
  }
  assert.equal(knownSets.length, 30);
  if (process.env.EV_DEBUG) console.log(wrong.join('\n'));
  assert.ok(wrong.length <= 30 - leastRight, wrong.join('\n'));
});
