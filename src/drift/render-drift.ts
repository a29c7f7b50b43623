import { Problem } from '#errors.ts';
import { eachSlice } from '#statistics/quantiles/quantiles.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { layoutOf } from '#tensor/layout.ts';
import { elementCount, selectedShape } from '#tensor/shape.ts';
import { profiledSlices } from '#normalizers/composition/profiled-slices.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import { readFitted } from '#formats/json/fitted/fitted-document.ts';
import { forEachView } from '#engine/blocks/buffered-tensor.ts';
import { type Call, planCall } from '#engine/plan-call.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { type Profile, pickSlices } from '#statistics/drift/profile.ts';
import type { Sample } from './column.ts';
import { drawDrift } from './drift-picture.ts';
import { writeDriftReport } from './drift-report.ts';
import { findDrift } from './drift.ts';

/** A batch beside the data that a stored normalizer was fitted on. */
export interface DriftTask {
  name: string;
  version: number;
  /** The fitted document as JSON. */
  document: Uint8Array;
  /** The same normalizer for the columns that the data have. */
  applied: Fitted;
  /** Which of the normalized columns these are, where the data have them in another order or not all of them. */
  places?: readonly number[];
  groups: Call['groups'];
  header: TensorHeader & { bigEndian: boolean };
  data: SharedArrayBuffer;
  alpha: number;
  as: 'json' | 'svg' | 'html';
}

/** @throws Problem no_profile, shape_mismatch */
export function renderDrift({
  name,
  version,
  document,
  applied,
  places,
  groups,
  header,
  data,
  alpha,
  as,
}: DriftTask): string {
  const fitted = readFitted(document);
  const { profile, scope } = fitted;
  if (!profile) throw noProfile(name, version, scope);
  const call: Call = { operation: 'transform', fitted: applied, groups, statistics: false, include: ['data'] };
  const { normalization } = planCall(call, header, true);
  if (!normalization) throw new Error('A fitted normalizer applies.');
  const { axis, columns } = profiledSlices(normalization.normalizer);
  const layout = layoutOf(selectedShape(header.shape, columns), reducedAxes(axis, header.shape.length));
  const count = elementCount(header.shape);
  const held = {
    header: { ...header, form: 'binary' as const },
    blocks: [{ offset: 0, count, buffer: data, start: 0 }],
  };
  const samples = Array.from({ length: layout.slices }, (): Sample => {
    return { sorted: new Float64Array(0), nanCount: layout.sliceLength };
  });
  eachSlice(forEachView(held, columns), layout, (values, slice) => {
    samples[slice] = { sorted: values.slice().sort(), nanCount: layout.sliceLength - values.length };
  });
  const compared = pickColumns(fitted, profile, layout.keptShape.length === 1 ? places : undefined);
  const drift = findDrift(compared.fitted, compared.profile, samples, alpha);
  if (as === 'svg') return drawDrift(name, version, drift);
  if (as === 'html') return writeDriftReport(name, version, drift);
  return JSON.stringify({ name, version, ...drift });
}

/** What was fitted of some columns, in another order. */
function pickColumns(fitted: Fitted, profile: Profile, places: readonly number[] | undefined) {
  if (!places) return { fitted, profile };
  const { columns } = fitted.normalizer;
  const normalizer = { ...fitted.normalizer, columns: places.map((place) => columns?.[place] ?? place) };
  return { fitted: { ...fitted, normalizer, keptShape: [places.length] }, profile: pickSlices(profile, places) };
}

function noProfile(name: string, version: number, scope: string): Problem {
  const why =
    scope === 'sample'
      ? 'its parameters belong to single samples'
      : 'it was stored by an earlier release, with profile=false, as a document without one, or with over 10,000 slices';
  return new Problem('no_profile', `Version ${version} of "${name}" has no profile of its data: ${why}.`);
}
