import { Problem } from '#errors.ts';
import { advise } from '#evidence/advice.ts';
import type { Candidate } from '#evidence/candidates.ts';
import { findDangers } from '#evidence/dangers.ts';
import { classSignal, type NormSignal, numberSignal } from '#evidence/norm-signal.ts';
import { sampleIndexes } from '#evidence/random.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { leavesOf, learns } from '#normalizers/composition/parts.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { elementCount } from '#tensor/shape.ts';
import type { SharedSource } from '#tensor/source.ts';
import { mapInOrder } from '#pool/map-in-order.ts';
import type { Runner } from '#pool/task.ts';
import { fitRows, inputMatrix, type Room, transformRows } from './candidate-matrix.ts';
import type { Evidence, LabelsSummary, SamplePictures } from './evidence.ts';
import { examineCandidate } from './examine-candidate.ts';
import { type CheckedLabels, type ReadyLabels, readyLabels } from './labels.ts';
import { probeCandidate } from './probe-candidate.ts';
import { imageShapeOf, shownRows, takePictures } from './sample-pictures.ts';
import { runStep } from './run-in-pool.ts';
import type { SharedMatrix } from './steps.ts';

/** Samples that are looked at, at most; more are sampled with a fixed seed. */
const maxSamples = 20_000;

/** Values that are looked at, at most: one matrix of them in float64 is 128 MiB. */
const maxValues = 2 ** 24;

/** Values of a sample beyond which there is no evidence. */
const maxColumns = 4096;

/** Values up to which two candidates are worked on at once. */
const fewValues = 2 ** 20;

const sampleSeed = 0;

/** What evidence is collected about. */
export interface EvidenceCall {
  source: SharedSource;
  /** The normalizers that could be fitted on all the data, and their places in the comparison. */
  fitted: readonly { place: number; fitted: Fitted }[];
  /** The place of the data as they are, where they have one; −1 otherwise. */
  inputPlace: number;
  labels?: CheckedLabels;
  sampleWeight?: Float64Array;
  columnNames?: readonly string[];
}

/** What all candidates have in common. */
interface Setting extends EvidenceCall {
  /** The samples that are looked at. */
  rows: Uint32Array;
  ready?: ReadyLabels;
  room: Room;
}

/** What was found out about one candidate. */
interface Finding {
  place: number;
  candidate: Candidate;
  pictures?: Float32Array[];
}

/**
 * Collects what a recommendation rests on: from the data alone, and with labels from models that are trained on each
 * candidate.
 * @param isWanted asked before each candidate: false when the client is gone
 * @returns undefined for data that are not samples of a few features
 * @throws Problem for labels that nothing can be learned from
 */
export async function collectEvidence(
  call: EvidenceCall,
  run: Runner,
  limit: number,
  isWanted: () => boolean,
): Promise<Evidence | undefined> {
  const started = performance.now();
  const { source } = call;
  const [totalSamples] = source.shape;
  const columns = elementCount(source.shape.slice(1));
  if (source.shape.length < 2 || columns === 0 || columns > maxColumns || totalSamples < 2) return undefined;
  const count = Math.min(maxSamples, Math.floor(maxValues / columns));
  const chosen = sampleIndexes(totalSamples, count, sampleSeed);
  const base = await lookAtInput({ ...call, rows: chosen, room: { run, limit } });
  if (!base) return undefined;
  const { setting, signal } = base;
  const findings = [base.finding];
  const results = mapInOrder(call.fitted, setting.rows.length * columns <= fewValues ? 2 : 1, async (one) => {
    if (!isWanted()) throw new Problem('broken_body', 'The client is gone.');
    return lookAtNormalizer(one, setting);
  });
  for await (const finding of results) if (finding) findings.push(finding);
  const candidates = findings.map(({ candidate }) => candidate);
  // As default-normalizers.ts has it.
  const sharesUnit = source.shape.length > 2 || source.dtype === 'uint8';
  const dangers = findDangers(candidates, signal, sharesUnit);
  const { ready, rows } = setting;
  return {
    samples: rows.length,
    totalSamples,
    notFinite: chosen.length - rows.length,
    columns,
    columnNames: call.columnNames,
    sampleShape: source.shape.slice(1),
    sharesUnit,
    candidates,
    normalizers: findings.map(({ place }) => place),
    labels: ready && signal && summarize(ready, signal, candidates[0]),
    dangers,
    advice: advise(candidates, ready && ready.task === 'classification', dangers, sharesUnit),
    pictures: picturesOf(findings, source, rows),
    seconds: (performance.now() - started) / 1000,
  };
}

/** The data as they are. Samples with NaN or an infinity are left out from here on. */
async function lookAtInput(
  given: Setting,
): Promise<{ finding: Finding; setting: Setting; signal?: NormSignal } | undefined> {
  const { source, room, labels } = given;
  let { rows } = given;
  let x = await inputMatrix(source, rows, room);
  const finite = await runStep(room.run, { name: 'finite_rows', x });
  if (finite.length < 2) return undefined;
  if (finite.length < rows.length) {
    rows = Uint32Array.from(finite, (i) => given.rows[i]);
    x = await inputMatrix(source, rows, room);
  }
  const setting = { ...given, rows, ready: labels && readyLabels(labels, rows) };
  const examined = await examineCandidate(x, room.run);
  if (!examined) return undefined;
  const { rowNorms, ...known } = examined;
  const candidate: Candidate = {
    isInput: true,
    isPerSample: false,
    keepsColumns: true,
    outliersDecide: false,
    ...known,
  };
  if (setting.ready) candidate.probes = await probeCandidate(setting.ready, async () => x, room.run);
  return {
    finding: { place: given.inputPlace, candidate, pictures: imageShapeOf(source.shape) && takePictures(x) },
    setting,
    signal: setting.ready && signalOf(rowNorms, setting.ready),
  };
}

async function lookAtNormalizer(
  { place, fitted }: { place: number; fitted: Fitted },
  setting: Setting,
): Promise<Finding | undefined> {
  const { source, rows, room, ready, sampleWeight } = setting;
  const x = await transformRows(fitted, source, rows, room);
  const examined = await examineCandidate(x, room.run);
  if (!examined) return undefined;
  const { rowNorms: _, ...known } = examined;
  const methods = leavesOf(fitted.normalizer).map(methodOf);
  const isPerSample = fitted.scope === 'sample';
  const keepsColumns = methods.every(({ joint }) => joint === undefined);
  const candidate: Candidate = {
    isInput: false,
    isPerSample,
    keepsColumns,
    outliersDecide: methods.some(({ outlierSensitive }) => outlierSensitive),
    ...known,
  };
  const pictures = keepsColumns && imageShapeOf(source.shape) ? takePictures(x) : undefined;
  if (!ready) return { place, candidate, pictures };
  // What learns nothing from other samples is the same in every fold.
  const isSame = isPerSample || !(learns(fitted.normalizer) || methods.some(({ wholeSlices }) => wholeSlices));
  const matrixOf = async (train: Uint32Array): Promise<SharedMatrix> => {
    if (isSame) return x;
    const own = train.map((i) => rows[i]);
    return transformRows(await fitRows(fitted.normalizer, source, own, sampleWeight, room), source, rows, room);
  };
  try {
    candidate.probes = await probeCandidate(ready, matrixOf, room.run);
  } catch (error) {
    // What can be fitted on all samples need not be on those of a fold: a column may be constant there.
    if (!(error instanceof Problem)) throw error;
  }
  return { place, candidate, pictures };
}

function signalOf(norms: Float64Array, { values, classCount }: ReadyLabels): NormSignal {
  return classCount > 0 ? classSignal(norms, values, classCount) : numberSignal(norms, values);
}

function summarize(ready: ReadyLabels, norms: NormSignal, { probes }: Candidate): LabelsSummary {
  const { task, classes, foldCount, foldsGiven } = ready;
  const nearestTested = probes?.nearest_neighbors?.outcomes.length ?? 0;
  return { task, classes, folds: foldCount, foldsGiven, nearestTested, norms };
}

function picturesOf(
  findings: readonly Finding[],
  { shape }: SharedSource,
  rows: Uint32Array,
): SamplePictures | undefined {
  const image = imageShapeOf(shape);
  if (!image) return undefined;
  const samples = shownRows(rows.length).map((i) => rows[i]);
  return { ...image, samples, pixels: findings.map(({ pictures = [] }) => pictures) };
}
