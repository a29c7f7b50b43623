import { now } from '#telemetry/clock.ts';
import { phases, type Timeline } from '#telemetry/timeline.ts';

/**
 * What a request has spent its time on, for `Server-Timing` (https://www.w3.org/TR/server-timing/). For a streamed response
 * it covers the time before the first byte.
 */
export function serverTiming({ begun, stretches }: Timeline): string {
  let text = '';
  for (const phase of phases) {
    const stretch = stretches[phase];
    if (stretch) text += `${phase};dur=${stretch.spent.toFixed(3)}, `;
  }
  return text && `${text}total;dur=${(now() - begun).toFixed(3)}`;
}
