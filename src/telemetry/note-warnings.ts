import { type NotedWarning, timelineNow } from './timeline.ts';

/** In a worker: the warnings of the small call under way, which the event loop is told with its outcome. */
let noted: readonly NotedWarning[] | undefined;

/** Notes the warnings of a call for its log line, and for answers that have no room for them. */
export function noteWarnings(warnings: readonly NotedWarning[]): void {
  const timeline = timelineNow();
  if (timeline) timeline.warnings = warnings;
  else noted = warnings;
}

/** What was noted since it was asked last; nothing where a call had no warnings. */
export function takeWarnings(): readonly NotedWarning[] | undefined {
  const warnings = noted;
  noted = undefined;
  return warnings?.length ? warnings : undefined;
}
