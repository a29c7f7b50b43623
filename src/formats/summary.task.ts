import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { Warning } from '#normalizers/warnings/warning.ts';
import { allParameterArrays, fittedToJson } from './json/fitted/fitted-document.ts';
import { writeNpyHeader } from './npy/header.ts';
import { type StatisticsContent, statisticsToJson } from './json/statistics.ts';
import { concatBytes } from '#memory/concat.ts';
import { defineTask } from '#pool/task.ts';
import { timeEncoding } from '#pool/task-timing.ts';

/** An answer without its data. */
export interface AnswerSummary {
  fitted?: Fitted;
  statistics?: { input?: StatisticsContent; output?: StatisticsContent };
  warnings?: Warning[];
}

interface SummaryTask {
  summary: AnswerSummary;
  /** Whether `statistics` is one object, of the input alone, as in `/v1/describe`. */
  flat: boolean;
}

/** A file of an archive. */
export interface ArchiveFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

const utf8 = new TextEncoder();

/**
 * The members of the answer as JSON text without braces. Runs in a worker, because there may be thousands of
 * parameters.
 */
export function summaryToJson({ fitted, statistics, warnings }: AnswerSummary, flat: boolean): string {
  const members: [string, unknown][] = [];
  if (fitted) members.push(['fitted', fittedToJson(fitted)]);
  if (statistics) {
    const sides = sidesOf(statistics);
    members.push(['statistics', flat ? sides.input : sides]);
  }
  if (warnings) members.push(['warnings', warnings]);
  return members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',');
}

/** The answer as files, each parameter as its own npy file. */
function summaryToFiles({ fitted, statistics, warnings }: AnswerSummary): ArchiveFile[] {
  const parameters = fitted ? allParameterArrays(fitted) : [];
  const files = parameters.map(({ name, values, shape }) => ({
    name: `${name}.npy`,
    bytes: concatBytes([
      writeNpyHeader('float64', shape),
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    ]),
  }));
  if (fitted) files.push(jsonFile('fitted.json', fittedToJson(fitted)));
  if (statistics) files.push(jsonFile('statistics.json', sidesOf(statistics)));
  if (warnings) files.push(jsonFile('warnings.json', warnings));
  return files;
}

function sidesOf(statistics: NonNullable<AnswerSummary['statistics']>) {
  const sides = Object.entries(statistics).flatMap(([side, of]) => (of ? [[side, statisticsToJson(of)]] : []));
  return Object.fromEntries(sides) as { input?: object; output?: object };
}

function jsonFile(name: string, value: unknown): ArchiveFile {
  return { name, bytes: utf8.encode(JSON.stringify(value)) };
}

export const summaryTask = defineTask({
  name: 'summary',
  run: ({ summary, flat }: SummaryTask) => timeEncoding(() => summaryToJson(summary, flat)),
});

export const archiveTask = defineTask({ name: 'archive', run: summaryToFiles, phase: 'encode' });
