import { execFileSync } from 'node:child_process';

/** The value of a series: of one whose labels include those given; the sum where there are several, 0 where none. */
export type Scrape = (name: string, labels?: Record<string, string>) => number;

/** Why a test that scrapes cannot run here; it fails where nothing may be skipped. */
export const noScraper =
  !hasParser() && !process.env.NORMA_CI_STRICT && 'Debian python3-prometheus-client is not installed';

function hasParser(): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import prometheus_client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Reads metrics with the parser of Prometheus' own Python client. */
const program = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families
print(json.dumps([
    [sample.name, sample.labels, sample.value, family.type, family.documentation]
    for family in text_string_to_metric_families(sys.stdin.read()) for sample in family.samples
]))`;

export type Sample = [name: string, labels: Record<string, string>, value: number, type: string, help: string];

export function parseMetrics(text: string): Sample[] {
  const printed = execFileSync('/usr/bin/python3', ['-c', program], { input: text, encoding: 'utf8' });
  return JSON.parse(printed.replaceAll(/\b(NaN|-?Infinity)\b/g, 'null')) as Sample[];
}

export async function scrape(url: string): Promise<Scrape> {
  const samples = parseMetrics(await (await fetch(`${url}/metrics`)).text());
  return (name, labels = {}) =>
    samples
      .filter(([of, has]) => of === name && Object.entries(labels).every(([label, value]) => has[label] === value))
      .reduce((sum, [, , value]) => sum + value, 0);
}
