// Small batches in JSON, with everything that is answered by default. The baseline is a Fastify echo.
import { quantile } from '../quartiles.ts';
import { load } from '../load.ts';
import { l2OfSmallJson } from '../messages.ts';
import { askSteadily } from '../open-loop.ts';
import type { Scenario } from '../scenario.ts';

const connections = 64;

/** Requests a second, and seconds, of a steady stream. */
const rate = 300;
const duration = 3;

const sides: Scenario['sides'] = {
  service: { server: 'service', path: '/v1/normalize' },
  baseline: { server: 'echo', path: '/' },
  peer: { server: 'peer', path: '/v1/normalize' },
};

/** `count` batches a round, as fast as they are answered. */
export function small(rows: number, columns: number, count: number): Scenario {
  return {
    name: `small-${rows}x${columns}`,
    about: `batches of ${rows} x ${columns}, ${connections} connections, statistics on; the baseline is a Fastify echo`,
    rounds: 9,
    quickRounds: 4,
    requests: count,
    sides,
    targets: [{ figure: 'requests/s', ratio: 1.25 }],
    async prepare({ start }, { server: name, path }) {
      const server = await start(name);
      const message = { ...l2OfSmallJson(rows, columns), path };
      const times = name === 'peer' ? count / 8 : count;
      return async () => ({ 'requests/s': await load(server, message, connections, times) });
    },
  };
}

export const steady: Scenario = {
  name: 'steady',
  about: `batches of 32 x 16, ${rate} a second however long they take; the baseline is a Fastify echo`,
  rounds: 7,
  quickRounds: 2,
  requests: rate * duration,
  sides,
  targets: [{ figure: 'p99, ms', ratio: 1.3 }],
  async prepare({ start }, { server: name, path }) {
    const server = await start(name);
    const message = { ...l2OfSmallJson(32, 16), path };
    return async () => {
      const latencies = await askSteadily(server, message, rate, rate * duration);
      return { 'p99, ms': quantile(latencies, 0.99), 'median, ms': quantile(latencies, 0.5) };
    };
  },
};
