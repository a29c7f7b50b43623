import type { AnyTaskKind } from '#pool/task.ts';
import { taskFiles } from './task-files.ts';

/** Every kind of task by its name. */
export const taskKinds: ReadonlyMap<string, AnyTaskKind> = new Map(
  taskFiles.flatMap((file) => Object.values(file).filter(isTaskKind)).map((kind) => [kind.name, kind]),
);

function isTaskKind(value: unknown): value is AnyTaskKind {
  return typeof value === 'object' && value !== null && 'name' in value && 'run' in value;
}
