import { now } from './clock.ts';
import { spend, timelineNow } from './timeline.ts';

/** Told of an operation, such as `versions.find`, when it has ended. */
export type Ended = (operation: string, seconds: number, failed: boolean) => void;

/** An object of asynchronous functions, and of objects of such, whose every call is measured as time in the store. */
export function timed<Api extends object>(api: Api, ended: Ended, within = ''): Api {
  const members = Object.entries(api).map(([name, member]) => {
    if (typeof member === 'function') return [name, timedFunction(within + name, member.bind(api), ended)];
    return [name, typeof member === 'object' && member !== null ? timed(member, ended, `${within}${name}.`) : member];
  });
  return Object.fromEntries(members);
}

function timedFunction(operation: string, call: (...given: unknown[]) => Promise<unknown>, ended: Ended) {
  return async (...given: unknown[]): Promise<unknown> => {
    const timeline = timelineNow();
    const from = now();
    let failed = true;
    try {
      const result = await call(...given);
      failed = false;
      return result;
    } finally {
      const to = now();
      spend(timeline, 'store', from, to);
      ended(operation, (to - from) / 1000, failed);
    }
  };
}
