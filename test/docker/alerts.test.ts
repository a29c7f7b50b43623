/** Each alert fires for what it is there for, and not before: promtool evaluates the rules over series that are made up. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';

const rules = fileURLToPath(new URL('../../docker/prometheus-rules.yaml', import.meta.url));
const promtool = '/usr/bin/promtool';
const noPromtool =
  !existsSync(promtool) && (process.env.NORMA_CI_STRICT ? false : "Debian's prometheus is not installed");

const share = (bin: number) => `norma_fitted_share{normalizer="n",version="1",bin="${bin}",instance="a"}`;
const values = (bin: string | number) =>
  `norma_transform_values_total{normalizer="n",version="1",bin="${bin}",instance="a"}`;
const bins = Array.from({ length: 10 }, (_, bin) => bin);

/** Series by alert: those that provoke it, by the minute, and those of a service that is well. */
const provoked: Record<string, { series: Record<string, string>; well: Record<string, string> }> = {
  NormaDown: { series: { 'up{job="norma"}': '0x600' }, well: { 'up{job="norma"}': '1x600' } },
  NormaErrors: {
    series: {
      'http_request_duration_seconds_count{status_code="200"}': '0+900x600',
      'http_request_duration_seconds_count{status_code="503"}': '0+100x600',
    },
    well: {
      'http_request_duration_seconds_count{status_code="200"}': '0+9000x600',
      'http_request_duration_seconds_count{status_code="503"}': '0+10x600',
    },
  },
  NormaOverloaded: {
    series: { 'norma_refusals_total{reason="delay"}': '0+600x600' },
    well: { 'norma_refusals_total{reason="delay"}': '0+6x600', 'norma_refusals_total{reason="size"}': '0+600x600' },
  },
  NormaWrongKeys: {
    series: { 'norma_refusals_total{reason="key"}': '0+600x600' },
    well: { 'norma_refusals_total{reason="key"}': '0+1x600' },
  },
  NormaStoreAway: { series: { norma_store_up: '0x600' }, well: { norma_store_up: '1x600' } },
  NormaStoreFull: {
    series: { 'norma_refusals_total{reason="store_full"}': '0+1x600' },
    well: { 'norma_refusals_total{reason="store_full"}': '0x600' },
  },
  NormaStoreFillsUp: {
    series: { norma_store_free_bytes: '5x600', norma_store_bytes: '95x600' },
    well: { norma_store_free_bytes: '50x600', norma_store_bytes: '50x600' },
  },
  NormaThreadsLost: {
    series: { 'norma_losses_total{what="worker_thread"}': '0+1x600' },
    well: { 'norma_losses_total{what="worker_thread"}': '3x600' },
  },
  NormaTelemetryLost: {
    series: { 'norma_losses_total{what="span"}': '0+1x600' },
    well: { 'norma_losses_total{what="span"}': '0x600' },
  },
  NormaDrift: {
    series: Object.fromEntries(
      bins.flatMap((bin) => [
        [share(bin), '0.1x600'],
        [values(bin), `0+${bin < 5 ? 200 : 1}x600`],
      ]),
    ),
    well: Object.fromEntries(
      bins.flatMap((bin) => [
        [share(bin), '0.1x600'],
        [values(bin), '0+100x600'],
      ]),
    ),
  },
  NormaOutOfRange: {
    series: { [values(1)]: '0+90x600', [values('above')]: '0+10x600' },
    well: { [values(1)]: '0+99x600', [values('above')]: '0+1x600' },
  },
  NormaMissingValues: {
    series: { [values(1)]: '0+60x600', [values('nan')]: '0+40x600' },
    well: { [values(1)]: '0+99x600', [values('nan')]: '0+1x600' },
  },
};

test('every alert fires when it is provoked, and is silent while all is well', { skip: noPromtool }, async (t) => {
  interface Rules {
    groups: { rules: { alert?: string; annotations: unknown }[] }[];
  }
  const { groups } = parse(readFileSync(rules, 'utf8')) as Rules;
  const alerts = groups.flatMap((group) => group.rules.flatMap(({ alert }) => (alert ? [alert] : [])));
  assert.deepEqual(alerts.toSorted(), Object.keys(provoked).toSorted());
  const folder = mkdtempSync(join(tmpdir(), 'norma-alerts-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const toTest = (series: Record<string, string>, alertname: string, fires: boolean) => ({
    interval: '1m',
    input_series: Object.entries(series).map(([name, points]) => ({ series: name, values: points })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${alertname}", alertstate="firing"}) or vector(0)`,
        eval_time: '9h',
        exp_samples: [{ labels: '{}', value: fires ? 1 : 0 }],
      },
    ],
  });
  const tests = Object.entries(provoked).flatMap(([alert, { series, well }]) => [
    toTest(series, alert, true),
    toTest(well, alert, false),
  ]);
  const file = join(folder, 'test.yaml');
  writeFileSync(file, stringify({ rule_files: [rules], evaluation_interval: '1m', tests }));
  const { stdout } = await promisify(execFile)(promtool, ['check', 'rules', rules]);
  assert.match(stdout, /13 rules found/);
  await promisify(execFile)(promtool, ['test', 'rules', file]).catch(({ stdout: output, stderr }) =>
    assert.fail(`${output}${stderr}`),
  );
});
