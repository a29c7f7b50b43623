import { type OnnxOptions, toOnnx } from './onnx/model.ts';
import { toSklearn } from './sklearn/export.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';

/** A fitted normalizer to export, and the format. */
export type ExportTask = { fitted: Fitted } & ({ format: 'onnx'; options: OnnxOptions } | { format: 'sklearn' });

/** @throws Problem not_exportable */
export function exportFitted(task: ExportTask): Uint8Array {
  if (task.format === 'onnx') return toOnnx(task.fitted, task.options);
  // Not a Buffer: a small one would share Node's pool, which cannot be transferred.
  return new TextEncoder().encode(toSklearn(task.fitted));
}
