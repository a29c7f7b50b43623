import { now } from './clock.ts';
import { addPhaseTime, timelineNow } from './timeline.ts';

/** Called when an operation, such as `versions.find`, has ended. */
export type OnOperation = (operation: string, seconds: number, failed: boolean) => void;

/** Wraps an object of asynchronous functions, possibly nested, so that every call is measured as store time. */
export function timeStore<Api extends object>(api: Api, ended: OnOperation, within = ''): Api {
  const members = Object.entries(api).map(([name, member]) => {
    if (typeof member === 'function') return [name, timedFunction(within + name, member.bind(api), ended)];
    return [
      name,
      typeof member === 'object' && member !== null ? timeStore(member, ended, `${within}${name}.`) : member,
    ];
  });
  return Object.fromEntries(members);
}

function timedFunction(operation: string, call: (...given: unknown[]) => Promise<unknown>, ended: OnOperation) {
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
      addPhaseTime(timeline, 'store', from, to);
      ended(operation, (to - from) / 1000, failed);
    }
  };
}
